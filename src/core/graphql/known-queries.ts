import type { DocumentNode, GraphQLSchema } from "graphql";
import type { Fitting } from "./fitting.ts";
import type { WrittenQuery } from "./written-fields.ts";

/** A query that fits a schema. */
export interface FittedQuery extends WrittenQuery {
  readonly written: DocumentNode;
  readonly fitting: Fitting;
  /** Whether directives rearrange its answer. */
  readonly isArranged: boolean;
}

/** Of all queries that are kept, of whichever schema; a tree takes a hundred times its text. */
const MOST_CHARACTERS = 200_000;

/** Queries that came before: programs send the same ones again and again, with other variables, and holding them against the schema costs more than many an answer. */
export class KnownQueries {
  readonly #numbers = new Map<GraphQLSchema, number>();
  /** By the number of a schema and the query; the latest are at the end. */
  readonly #known = new Map<string, FittedQuery>();
  #characters = 0;

  /** Of all that are kept. */
  get characters(): number {
    return this.#characters;
  }

  get(schema: GraphQLSchema, query: string): FittedQuery | undefined {
    return this.#known.get(this.#keyOf(schema, query));
  }

  keep(schema: GraphQLSchema, query: string, fitted: FittedQuery): FittedQuery {
    const key = this.#keyOf(schema, query);
    if (!this.#known.delete(key)) this.#characters += key.length;
    this.#known.set(key, fitted);
    for (const [oldest] of this.#known) {
      if (this.#characters <= MOST_CHARACTERS || oldest === key) break;
      this.#known.delete(oldest);
      this.#characters -= oldest.length;
    }
    return fitted;
  }

  #keyOf(schema: GraphQLSchema, query: string): string {
    const number = this.#numbers.get(schema) ?? this.#numbers.size;
    this.#numbers.set(schema, number);
    return `${number} ${query}`;
  }
}
