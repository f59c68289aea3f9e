/** What a query may cost, told before anything is asked for it: fragments are counted wherever they are used, so that a small text cannot ask for much. */
import { GraphQLError, Kind, type DocumentNode, type FieldNode, type OperationDefinitionNode, type SelectionSetNode, type ValueNode } from "graphql";
import { fragmentsOf, type Fragments } from "./fitting.ts";
import { GRAPH_LIMITS } from "./limits.ts";
import { CONNECTION, LIST } from "./names.ts";

/** How many elements the lists of the schema have: those of all types together, and of the one type (the Query, a resource) that has most. */
export const ELEMENTS = {
  ofAll: { types: 1_000, fields: 22, args: 4, directives: 6, enumValues: 2, possibleTypes: 2 },
  ofOne: { types: 1_000, fields: 450, args: 20, directives: 6, enumValues: 20, possibleTypes: 150 },
} as const satisfies Readonly<Record<string, Readonly<Record<string, number>>>>;
/** Lists by which a type leads to others: within each other they would grow without end. */
const TYPE_LISTS: ReadonlySet<string> = new Set(["fields", "inputFields", "interfaces", "possibleTypes"]);

interface Weight {
  readonly depth: number;
  /** Fields, within lists as often as those may have matches. */
  readonly cost: number;
  /** Fields that search or read. */
  readonly searches: number;
  /** Fields of the schema, likewise: of one type, and of all. */
  readonly introspection: number;
  readonly introspectionOfAll: number;
  /** Lists of types within each other. */
  readonly typeLists: number;
  readonly aliases: number;
  readonly directives: number;
}

const NOTHING: Weight = { depth: 0, cost: 0, searches: 0, introspection: 0, introspectionOfAll: 0, typeLists: 0, aliases: 0, directives: 0 };

/** A field that is more than the value of an element. */
const SEARCH_COST = 10;
/** Matches that a list may have that says nothing of it. */
const USUAL_MATCHES = 50;

/** @throws GraphQLError that says which limit a query is beyond */
export function requireModest(document: DocumentNode, variables: Readonly<Record<string, unknown>>): void {
  const fragments = fragmentsOf(document);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const { depth, cost, searches, introspection, aliases, directives } = new Weigher(definition, fragments, variables).ofSet(
      definition.selectionSet,
    );
    refuse("depth", depth, "has fields within fields");
    refuse("aliases", aliases, "gives fields names of its own");
    refuse("directives", directives, "has directives");
    refuse("searches", searches, "asks for resources");
    refuse("introspection", introspection, "asks for the schema, in its fields,");
    refuse("cost", cost, "may cost, in fields with those of lists as often as they may have matches,");
  }
}

function refuse(name: "depth" | "aliases" | "directives" | "searches" | "introspection" | "cost", value: number, what: string): void {
  const most = GRAPH_LIMITS[name];
  if (value > most)
    throw new GraphQLError(
      `A query that ${what} ${value > 1e12 ? "without end" : String(value)} is not answered: at most ${most} (limit "${name}").`,
    );
}

class Weigher {
  readonly #fragments: Fragments;
  readonly #known = new Map<string, Weight>();
  readonly #open = new Set<string>();
  readonly #variables: Readonly<Record<string, unknown>>;
  readonly #defaults: ReadonlyMap<string, ValueNode | undefined>;

  constructor({ variableDefinitions = [] }: OperationDefinitionNode, fragments: Fragments, variables: Readonly<Record<string, unknown>>) {
    this.#fragments = fragments;
    this.#variables = variables;
    this.#defaults = new Map(variableDefinitions.map(({ variable, defaultValue }) => [variable.name.value, defaultValue]));
  }

  ofSet({ selections }: SelectionSetNode): Weight {
    return selections.reduce<Weight>((sum, one) => {
      const inner =
        one.kind === Kind.FIELD
          ? this.#ofField(one)
          : one.kind === Kind.INLINE_FRAGMENT
            ? this.ofSet(one.selectionSet)
            : this.#ofFragment(one.name.value);
      return added(sum, { ...inner, directives: inner.directives + (one.directives?.length ?? 0) });
    }, NOTHING);
  }

  #ofField(field: FieldNode): Weight {
    const inner = field.selectionSet ? this.ofSet(field.selectionSet) : NOTHING;
    const name = field.name.value;
    const introspection = introspectionOf(name, inner);
    // What stands below is no element of a resource.
    if (name === "__schema" || name === "__type") return { ...inner, ...introspection, depth: inner.depth + 1, cost: 1, searches: 0 };
    const isList = name.endsWith(LIST) || name.endsWith(CONNECTION);
    const isSearch = isList || name === "resource" || /^[A-Z]/.test(name);
    const matches = isList ? this.#count(field) : 1;
    return {
      depth: inner.depth + 1,
      cost: (isSearch ? SEARCH_COST : 1) + matches * inner.cost,
      searches: inner.searches + (isList || /^[A-Z]/.test(name) ? 1 : 0),
      ...(name.startsWith("__") ? { introspection: 0, introspectionOfAll: 0, typeLists: 0 } : introspection),
      aliases: inner.aliases + (field.alias ? 1 : 0),
      directives: inner.directives,
    };
  }

  /** A fragment within itself is without end; validation tells it by name. */
  #ofFragment(name: string): Weight {
    const known = this.#known.get(name);
    if (known) return known;
    const fragment = this.#fragments.get(name);
    if (!fragment || this.#open.has(name)) return NOTHING;
    this.#open.add(name);
    const weight = this.ofSet(fragment.selectionSet);
    this.#open.delete(name);
    this.#known.set(name, weight);
    return weight;
  }

  #count({ arguments: args = [] }: FieldNode): number {
    const value = args.find(({ name }) => name.value === "_count")?.value;
    const count = value === undefined ? USUAL_MATCHES : this.#numberOf(value);
    return Math.max(1, Math.min(count, GRAPH_LIMITS.matches));
  }

  #numberOf(value: ValueNode): number {
    const given: unknown =
      value.kind === Kind.VARIABLE ? (this.#variables[value.name.value] ?? literal(this.#defaults.get(value.name.value))) : literal(value);
    return typeof given === "number" && Number.isFinite(given) ? given : USUAL_MATCHES;
  }
}

function literal(value: ValueNode | undefined): number | undefined {
  return value?.kind === Kind.INT ? Number(value.value) : undefined;
}

/** Below `types` what all types have on the whole counts, elsewhere what one of them may have. */
function introspectionOf(name: string, inner: Weight): Pick<Weight, "introspection" | "introspectionOfAll" | "typeLists"> {
  const typeLists = inner.typeLists + (TYPE_LISTS.has(name) ? 1 : 0);
  const { ofAll, ofOne }: Readonly<Record<"ofAll" | "ofOne", Readonly<Record<string, number>>>> = ELEMENTS;
  const introspectionOfAll = typeLists > 1 ? Infinity : 1 + (ofAll[name] ?? 1) * inner.introspectionOfAll;
  const introspection = name === "types" || typeLists > 1 ? introspectionOfAll : 1 + (ofOne[name] ?? 1) * inner.introspection;
  return { introspection, introspectionOfAll, typeLists };
}

function added(one: Weight, other: Weight): Weight {
  return {
    depth: Math.max(one.depth, other.depth),
    cost: one.cost + other.cost,
    searches: one.searches + other.searches,
    introspection: one.introspection + other.introspection,
    introspectionOfAll: one.introspectionOfAll + other.introspectionOfAll,
    typeLists: Math.max(one.typeLists, other.typeLists),
    aliases: one.aliases + other.aliases,
    directives: one.directives + other.directives,
  };
}
