/** Fields whose value is written at once: to GraphQL's executor they are leaves. What is asked of a source, what has arguments or directives within, and all that is rearranged, it works out itself. */
import {
  getNamedType,
  GraphQLScalarType,
  GraphQLSchema,
  isInterfaceType,
  isObjectType,
  Kind,
  visit,
  type DocumentNode,
  type FieldNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLNamedOutputType,
  type SelectionSetNode,
} from "graphql";
import type { Definitions, TypeDefinition } from "../fhir/r4/definitions.ts";
import type { Field, GraphContext } from "./context.ts";
import { planOf, type ElementWriter, type FieldWriters, type PlanNeeds } from "./element-plan.ts";
import { fragmentsOf, type Fragments } from "./fitting.ts";
import type { GraphNode } from "./node.ts";

/** JSON that an answer is made of. */
export class WrittenText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Stands behind the name of a field that is written at once: no name of GraphQL has it. */
const AT_ONCE = "!";

const WRITTEN = new GraphQLScalarType<unknown>({ name: "Written", coerceOutputValue: (value) => value });

type Resolve = NonNullable<Field<unknown>["resolve"]>;

/** A schema that knows each field a second time, as one that is written at once; it tells nobody. */
export class WritingSchema extends GraphQLSchema {
  readonly #written = new WeakMap<GraphQLField<unknown, unknown>, GraphQLField<unknown, unknown>>();

  override getField(parentType: GraphQLCompositeType, name: string): GraphQLField<unknown, unknown> | undefined {
    if (!name.endsWith(AT_ONCE)) return super.getField(parentType, name);
    const field = super.getField(parentType, name.slice(0, -AT_ONCE.length));
    if (!field) return undefined;
    const known = this.#written.get(field) ?? writtenField(field);
    this.#written.set(field, known);
    return known;
  }
}

function writtenField(field: GraphQLField<unknown, unknown>): GraphQLField<unknown, unknown> {
  const resolve = field.resolve as Resolve;
  const write: Resolve = (source, args, context, info) => {
    const [node] = info.fieldNodes;
    const writer = node && context.writers.get(node);
    if (!writer) throw new TypeError(`nothing says how ${field.name} is written`);
    const found: unknown = resolve(source, args, context, info);
    return found instanceof Promise
      ? found.then((nodes) => writtenNodes(nodes as Nodes, writer, context))
      : writtenNodes(found as Nodes, writer, context);
  };
  return Object.assign(Object.create(field) as GraphQLField<unknown, unknown>, { type: WRITTEN, resolve: write });
}

type Nodes = GraphNode | readonly GraphNode[] | undefined;

function writtenNodes(nodes: Nodes, write: ElementWriter, { effort }: GraphContext): WrittenText | undefined {
  if (nodes === undefined) return undefined;
  if (!isList(nodes)) return new WrittenText(write(nodes.value, effort));
  return new WrittenText(`[${nodes.map(({ value }) => write(value, effort)).join(",")}]`);
}

function isList(nodes: NonNullable<Nodes>): nodes is readonly GraphNode[] {
  return Array.isArray(nodes);
}

/** A query as it is worked out. */
export interface WrittenQuery {
  readonly document: DocumentNode;
  readonly writers: FieldWriters;
  /** Fields as the query has them, of those that were changed within. */
  readonly originals: ReadonlyMap<FieldNode, FieldNode>;
}

/** Under this name a type of GraphQL tells the definition that it is made of. */
export const DEFINITION = Symbol("definition");

/** @param document fits the schema, and no directive rearranges it */
export function writtenQuery(document: DocumentNode, schema: GraphQLSchema, definitions: Definitions): WrittenQuery {
  const writing = new Writing(schema, definitions, fragmentsOf(document));
  const root = schema.getQueryType();
  const { writers, originals } = writing;
  if (!root) return { document, writers, originals };
  return {
    document: visit(document, {
      OperationDefinition: (operation) => ({ ...operation, selectionSet: writing.within(operation.selectionSet, root) }),
      FragmentDefinition: () => false,
    }),
    writers,
    originals,
  };
}

/** Selections that are looked at for one query, fragments counted wherever they are used: what plans take is kept beside the query. */
const MOST_SELECTIONS = 5_000;

class Writing {
  readonly writers = new Map<FieldNode, ElementWriter>();
  readonly originals = new Map<FieldNode, FieldNode>();
  readonly #schema: GraphQLSchema;
  readonly #needs: PlanNeeds;

  constructor(schema: GraphQLSchema, definitions: Definitions, fragments: Fragments) {
    this.#schema = schema;
    this.#needs = { definitions, fragments, left: MOST_SELECTIONS };
  }

  /** A selection of a type's fields in which those are leaves that can be written at once. */
  within(set: SelectionSetNode, type: GraphQLNamedOutputType): SelectionSetNode {
    // What stands twice is merged, and is no selection by itself.
    if (hasRepeated(set, this.#needs.fragments)) return set;
    const selections = set.selections.map((one) => {
      if (one.kind === Kind.FIELD) return this.#field(one, type);
      if (one.kind === Kind.FRAGMENT_SPREAD) return one;
      const named = one.typeCondition && this.#schema.getType(one.typeCondition.name.value);
      return { ...one, selectionSet: this.within(one.selectionSet, isObjectType(named) ? named : type) };
    });
    return { ...set, selections };
  }

  #field(field: FieldNode, parent: GraphQLNamedOutputType): FieldNode {
    const definition = isObjectType(parent) ? parent.getFields()[field.name.value] : undefined;
    if (!definition || !field.selectionSet) return field;
    const type = getNamedType(definition.type);
    const isAny = isInterfaceType(type);
    const own = isObjectType(type) ? (type.extensions[DEFINITION] as TypeDefinition | undefined) : undefined;
    const writer = isAny || own ? planOf(field.selectionSet, own, this.#needs) : undefined;
    if (!writer) return this.#changed(field, type);
    const { selectionSet: _, ...rest } = field;
    const written: FieldNode = { ...rest, alias: field.alias ?? field.name, name: { ...field.name, value: field.name.value + AT_ONCE } };
    this.writers.set(written, writer);
    return written;
  }

  #changed(field: FieldNode, type: GraphQLNamedOutputType): FieldNode {
    if (!field.selectionSet) return field;
    const changed = { ...field, selectionSet: this.within(field.selectionSet, type) };
    this.originals.set(changed, field);
    return changed;
  }
}

/** Whether two fields that lead further may be of one name in an answer. */
function hasRepeated(set: SelectionSetNode, fragments: Fragments): boolean {
  const names = new Map<string, Set<string>>();
  const walk = ({ selections }: SelectionSetNode, condition: string): boolean =>
    selections.some((one) => {
      if (one.kind !== Kind.FIELD) {
        const fragment = one.kind === Kind.INLINE_FRAGMENT ? one : fragments.get(one.name.value);
        const named = fragment?.typeCondition?.name.value;
        return fragment !== undefined && walk(fragment.selectionSet, named === undefined || named === ANY ? condition : named);
      }
      if (!one.selectionSet) return false;
      const name = (one.alias ?? one.name).value;
      const conditions = names.get(name) ?? new Set();
      names.set(name, conditions);
      const isThere = conditions.has(condition) || conditions.has(ANY) || (condition === ANY && conditions.size > 0);
      conditions.add(condition);
      return isThere;
    });
  return walk(set, ANY);
}

/** The interface of all resources: whatever is selected of it is selected of each. */
const ANY = "Resource";
