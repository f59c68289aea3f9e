import {
  getNamedType,
  isObjectType,
  GraphQLInterfaceType,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLSchema,
  GraphQLString,
  type GraphQLFieldMap,
  type GraphQLInterfaceTypeConfig,
  type GraphQLNamedType,
  type GraphQLObjectTypeConfig,
  type GraphQLOutputType,
} from "graphql";
import type { Definitions, PropertyDefinition, TypeDefinition } from "../fhir/r4/definitions.ts";
import { isSearchable, type SearchParameters } from "../fhir/r4/search-parameters.ts";
import type { Field, GraphContext } from "./context.ts";
import { DIRECTIVES } from "./directives.ts";
import { guarded, guardedAll } from "./guard.ts";
import { elementFields, type FieldNeeds, type Fields } from "./element-fields.ts";
import { ELEMENT_BASE, typeName } from "./names.ts";
import type { GraphNode } from "./node.ts";
import { referenceField } from "./reference-field.ts";
import { Scalars } from "./scalars.ts";
import { connectionType, mayReferTo, readField, reverseFields, searchFields, type SearchFieldNeeds } from "./search-fields.ts";
import { DEFINITION, WritingSchema } from "./written-fields.ts";

export interface GraphSchemaNeeds {
  readonly definitions: Definitions;
  readonly parameters: SearchParameters;
}

/** Types are made for so long at once, in milliseconds. */
const PIECE = 8;

type FieldMap = GraphQLFieldMap<GraphNode, GraphContext>;

/**
 * The schemas of FHIR's graph: one for the service, and one for each type of resource, whose instance is the root of a query at its address. They are made of the definitions when they are first asked for, and share
 * their types. There are no mutations: nothing here is ever changed.
 */
export class GraphSchemas {
  readonly #needs: GraphSchemaNeeds;
  readonly #scalars = new Scalars();
  readonly #objects = new Map<TypeDefinition, GraphQLObjectType<GraphNode, GraphContext>>();
  readonly #connections = new Map<string, GraphQLObjectType>();
  readonly #reverse = new Map<string, FieldMap>();
  readonly #schemas = new Map<string, GraphQLSchema>();
  #made: Promise<void> | undefined;
  #root: GraphQLObjectType | undefined;
  #resourceInterface: GraphQLInterfaceType | undefined;
  #elementBase: GraphQLObjectType<GraphNode, GraphContext> | undefined;

  constructor(needs: GraphSchemaNeeds) {
    this.#needs = needs;
  }

  /**
   * The first time all types are made, which takes half a second of a processor: in pieces, so that others are answered meanwhile.
   * @param type of the instance that a query is about; undefined: of the service
   */
  async of(type: string | undefined): Promise<GraphQLSchema> {
    await (this.#made ??= this.#make());
    return this.#schemaOf(type);
  }

  async #make(): Promise<void> {
    let begun = performance.now();
    for (const _ of this.#steps()) {
      if (performance.now() - begun < PIECE) continue;
      await new Promise((resolve) => setImmediate(resolve));
      begun = performance.now();
    }
  }

  /** Makes all types, one after the other. */
  *#steps(): Generator<void> {
    const types = this.#needs.definitions.resourceTypes();
    for (const type of types.filter(isSearchable))
      for (const isNarrow of [true, false]) {
        this.#reverseOf(type, isNarrow);
        yield;
      }
    const open: GraphQLOutputType[] = [this.#query(), ...types.map((type) => this.#resource(type))];
    const seen = new Set<GraphQLNamedType>();
    for (let next = open.pop(); next; next = open.pop()) {
      const named = getNamedType(next);
      if (seen.has(named) || !isObjectType(named)) continue;
      seen.add(named);
      for (const field of Object.values(named.getFields())) open.push(field.type);
      yield;
    }
  }

  #schemaOf(type: string | undefined): GraphQLSchema {
    const key = type ?? "";
    const known = this.#schemas.get(key);
    if (known) return known;
    const schema = new WritingSchema({
      query: type === undefined ? this.#query() : this.#resource(type),
      types: this.#needs.definitions.resourceTypes().map((one) => this.#resource(one)),
      directives: DIRECTIVES,
      assumeValid: true,
    });
    this.#schemas.set(key, schema);
    return schema;
  }

  #query(): GraphQLObjectType {
    return (this.#root ??= this.#makeQuery());
  }

  #makeQuery(): GraphQLObjectType {
    const { definitions } = this.#needs;
    const types = definitions.resourceTypes().filter((type) => type !== "Parameters");
    const needs = this.#searching();
    return new GraphQLObjectType<unknown, GraphContext>({
      name: "Query",
      fields: () =>
        Object.fromEntries<Field<unknown>>(
          types.flatMap((type) => [
            [type, guarded(readField(type, needs))] as const,
            ...(isSearchable(type) ? Object.entries(guardedAll(searchFields(type, needs, this.#connection(type)))) : []),
          ]),
        ),
    });
  }

  #searching(): SearchFieldNeeds {
    return { scalars: this.#scalars, parameters: this.#needs.parameters, resource: (type) => this.#resource(type) };
  }

  #connection(type: string): GraphQLObjectType {
    const known = this.#connections.get(type) ?? connectionType(type, this.#searching());
    this.#connections.set(type, known);
    return known;
  }

  #resource(type: string): GraphQLObjectType<GraphNode, GraphContext> {
    const definition = this.#needs.definitions.definitionOf(type);
    if (!definition) throw new TypeError(`there is no type ${type}`);
    return this.#object(definition);
  }

  #object(definition: TypeDefinition): GraphQLObjectType<GraphNode, GraphContext> {
    const known = this.#objects.get(definition);
    if (known) return known;
    const isResource = definition.kind === "resource";
    const config: GraphQLObjectTypeConfig<GraphNode, GraphContext> = {
      name: typeName(definition.name),
      fields: () => this.#fieldsOf(definition),
      extensions: { [DEFINITION]: definition },
      ...(isResource && { interfaces: () => [this.#anyResource()] }),
    };
    const made = isResource ? new ResourceType(config, () => this.#referring(definition.name)) : new GraphQLObjectType(config);
    this.#objects.set(definition, made);
    return made;
  }

  #fieldsOf(definition: TypeDefinition): Fields {
    const fields = guardedAll(elementFields(definition, this.#fieldNeeds()));
    if (definition.kind === "resource") return { resourceType: RESOURCE_TYPE, ...fields };
    return definition.name === "Reference" ? { ...fields, resource: guarded(referenceField(this.#anyResource(), this.#scalars)) } : fields;
  }

  #fieldNeeds(): FieldNeeds {
    const { definitions } = this.#needs;
    return {
      scalars: this.#scalars,
      typeOf: (property) => this.#typeOf(property),
      elementBase: this.#base(),
      element: definitions.definitionOf("Element") as TypeDefinition,
    };
  }

  #typeOf({ isResource, content, type }: PropertyDefinition): GraphQLOutputType {
    if (isResource) return this.#anyResource();
    const definition = content ?? this.#needs.definitions.definitionOf(type);
    if (!definition) throw new TypeError(`there is no type ${type}`);
    return this.#object(definition);
  }

  /** What may stand beside a primitive. */
  #base(): GraphQLObjectType<GraphNode, GraphContext> {
    return (this.#elementBase ??= new GraphQLObjectType<GraphNode, GraphContext>({
      name: ELEMENT_BASE,
      fields: () => guardedAll(elementFields(this.#needs.definitions.definitionOf("Element") as TypeDefinition, this.#fieldNeeds())),
    }));
  }

  #anyResource(): GraphQLInterfaceType {
    const resource = this.#needs.definitions.definitionOf("Resource") as TypeDefinition;
    const config: GraphQLInterfaceTypeConfig<GraphNode, GraphContext> = {
      name: "Resource",
      description:
        "A resource of any type. Where a query stands at one, it may also name elements of the type that it expects, without a fragment (R4 graphql.html).",
      fields: () => ({ resourceType: RESOURCE_TYPE, ...elementFields(resource, this.#fieldNeeds()) }),
      resolveType: ({ held }, context, info) => {
        context.requireFit(info, held.type);
        return held.type;
      },
    };
    return (this.#resourceInterface ??= new GraphQLInterfaceType(config));
  }

  /** Fields of a resource that search among what refers to it; the same for all types to which the same may refer. */
  #referring(target: string): FieldMap {
    const { parameters, definitions } = this.#needs;
    const fields = definitions
      .resourceTypes()
      .filter(isSearchable)
      .map((type) => {
        const ways = new Set([...parameters.of(type).values()].map((parameter) => mayReferTo(parameter, target)));
        return ways.has(true) || ways.has("anything") ? this.#reverseOf(type, !ways.has(true)) : {};
      });
    return Object.assign({}, ...fields) as FieldMap;
  }

  #reverseOf(type: string, isNarrow: boolean): FieldMap {
    const key = `${type} ${String(isNarrow)}`;
    const known = this.#reverse.get(key);
    if (known) return known;
    // Fields are made by a type alone; messages name it.
    const fields = (): Fields => guardedAll(reverseFields(type, this.#searching(), { connection: this.#connection(type), isNarrow }));
    const made = new GraphQLObjectType<GraphNode, GraphContext>({ name: "ReferredResource", fields }).getFields();
    this.#reverse.set(key, made);
    return made;
  }
}

const RESOURCE_TYPE: Field<GraphNode> = { type: new GraphQLNonNull(GraphQLString), resolve: ({ held }) => held.type };

/** A type with fields that it shares with others: made for each, they would be a hundred thousand arguments. */
class ResourceType extends GraphQLObjectType<GraphNode, GraphContext> {
  readonly #shared: () => FieldMap;
  #all: FieldMap | undefined;

  constructor(config: GraphQLObjectTypeConfig<GraphNode, GraphContext>, shared: () => FieldMap) {
    super(config);
    this.#shared = shared;
  }

  override getFields(): FieldMap {
    return (this.#all ??= { ...super.getFields(), ...this.#shared() });
  }
}
