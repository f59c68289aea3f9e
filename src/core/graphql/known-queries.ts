import type { DocumentNode, GraphQLSchema } from "graphql";
import type { Fitting } from "./fitting.ts";

/** A query that fits a schema. */
export interface FittedQuery {
  readonly written: DocumentNode;
  /** As it is worked out. */
  readonly document: DocumentNode;
  readonly fitting: Fitting;
  /** Whether directives rearrange its answer. */
  readonly isArranged: boolean;
}

/** Of all queries that are kept; a tree takes a hundred times its text. */
const MOST_CHARACTERS = 200_000;

/** Queries that came before: programs send the same ones again and again, with other variables, and holding them against the schema costs more than many an answer. */
export class KnownQueries {
  readonly #bySchema = new WeakMap<GraphQLSchema, Map<string, FittedQuery>>();
  #characters = 0;

  get(schema: GraphQLSchema, query: string): FittedQuery | undefined {
    return this.#bySchema.get(schema)?.get(query);
  }

  keep(schema: GraphQLSchema, query: string, fitted: FittedQuery): FittedQuery {
    const known = this.#bySchema.get(schema) ?? new Map<string, FittedQuery>();
    this.#bySchema.set(schema, known);
    // The latest are at the end.
    if (!known.delete(query)) this.#characters += query.length;
    known.set(query, fitted);
    for (const [oldest] of known) {
      if (this.#characters <= MOST_CHARACTERS || oldest === query) break;
      known.delete(oldest);
      this.#characters -= oldest.length;
    }
    return fitted;
  }
}
