import type { GraphQLFieldConfig } from "graphql";
import { AppError } from "../errors.ts";
import type { GraphContext } from "./context.ts";
import { GRAPH_LIMITS } from "./limits.ts";

/** What a query has cost while it is worked out. */
export class Effort {
  #values = 0;
  /** Whether the query failed: no part of an answer is given then, and nothing more is worked out. */
  hasFailed = false;
  readonly #until: number;

  constructor(now: number = performance.now()) {
    this.#until = now + GRAPH_LIMITS.time;
  }

  /** @param values that were looked at. AppError `too-costly` */
  spend(values: number): void {
    this.#values += values;
    if (this.#values > GRAPH_LIMITS.values)
      throw new AppError(
        "too-costly",
        `The answer would have more than ${GRAPH_LIMITS.values} values: ask for less, or for lists in parts (_count, _offset).`,
      );
    this.checkTime();
  }

  /** AppError `too-costly` */
  checkTime(): void {
    if (performance.now() > this.#until)
      throw new AppError("too-costly", `The query took more than ${GRAPH_LIMITS.time / 1_000} seconds: ask for less.`);
  }
}

/** A field that nothing is worked out of any more once the query failed. */
export function guarded<Source>(field: GraphQLFieldConfig<Source, GraphContext>): GraphQLFieldConfig<Source, GraphContext> {
  const { resolve } = field;
  if (!resolve) return field;
  return {
    ...field,
    resolve: (source, args, context, info): unknown => {
      const { effort } = context;
      if (effort.hasFailed) return undefined;
      const fail = (error: unknown): never => {
        effort.hasFailed = true;
        throw error;
      };
      try {
        const resolved: unknown = resolve(source, args, context, info);
        return resolved instanceof Promise ? resolved.catch(fail) : resolved;
      } catch (error) {
        return fail(error);
      }
    },
  };
}

export function guardedAll<Source>(
  fields: Readonly<Record<string, GraphQLFieldConfig<Source, GraphContext>>>,
): Record<string, GraphQLFieldConfig<Source, GraphContext>> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, guarded(field)]));
}
