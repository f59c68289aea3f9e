/** What a query may cost, told before anything is asked for it: fragments are counted wherever they are used, so that a small text cannot ask for much. */
import { GraphQLError, Kind, type DocumentNode, type FieldNode, type SelectionSetNode, type ValueNode } from "graphql";
import { fragmentsOf, type Fragments } from "./fitting.ts";
import { GRAPH_LIMITS } from "./limits.ts";
import { CONNECTION, LIST } from "./names.ts";

/** How many elements the lists of the schema have, on the whole. */
const ELEMENTS: Readonly<Record<string, number>> = { types: 1_000, fields: 22, args: 4, directives: 6, enumValues: 2, possibleTypes: 2 };

interface Weight {
  readonly depth: number;
  /** Fields, within lists as often as those may have matches. */
  readonly cost: number;
  /** Fields that search or read. */
  readonly searches: number;
  /** Fields of the schema, likewise. */
  readonly introspection: number;
  readonly aliases: number;
  readonly directives: number;
}

const NOTHING: Weight = { depth: 0, cost: 0, searches: 0, introspection: 0, aliases: 0, directives: 0 };

/** A field that is more than the value of an element. */
const SEARCH_COST = 10;
/** Matches that a list may have that says nothing of it. */
const USUAL_MATCHES = 50;

/** @throws GraphQLError that says which limit a query is beyond */
export function requireModest(document: DocumentNode, variables: Readonly<Record<string, unknown>>): void {
  const weigher = new Weigher(document, variables);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const { depth, cost, searches, introspection, aliases, directives } = weigher.ofSet(definition.selectionSet);
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

  constructor(document: DocumentNode, variables: Readonly<Record<string, unknown>>) {
    this.#fragments = fragmentsOf(document);
    this.#variables = variables;
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
    const elements = ELEMENTS[name] ?? 1;
    const introspection = 1 + elements * inner.introspection;
    // What stands below is no element of a resource.
    if (name === "__schema" || name === "__type") return { ...inner, depth: inner.depth + 1, cost: 1, searches: 0, introspection };
    const isList = name.endsWith(LIST) || name.endsWith(CONNECTION);
    const isSearch = isList || name === "resource" || /^[A-Z]/.test(name);
    const matches = isList ? this.#count(field) : 1;
    return {
      depth: inner.depth + 1,
      cost: (isSearch ? SEARCH_COST : 1) + matches * inner.cost,
      searches: inner.searches + (isList || /^[A-Z]/.test(name) ? 1 : 0),
      introspection: name.startsWith("__") ? 0 : introspection,
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
      value.kind === Kind.VARIABLE ? this.#variables[value.name.value] : value.kind === Kind.INT ? Number(value.value) : undefined;
    return typeof given === "number" && Number.isFinite(given) ? given : USUAL_MATCHES;
  }
}

function added(one: Weight, other: Weight): Weight {
  return {
    depth: Math.max(one.depth, other.depth),
    cost: one.cost + other.cost,
    searches: one.searches + other.searches,
    introspection: one.introspection + other.introspection,
    aliases: one.aliases + other.aliases,
    directives: one.directives + other.directives,
  };
}
