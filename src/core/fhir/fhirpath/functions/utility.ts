import { order } from "../ordering.ts";
import { EMPTY, type Collection, type Item } from "../item.ts";
import { fromItem, fromItems, type Evaluation, type Operation } from "../operation.ts";
import { addAllChildren, descendantsOf } from "../path.ts";
import { SECOND, Temporal } from "../temporal.ts";
import { typeOf } from "../types.ts";
import { asString } from "../values.ts";
import { define, forEachItem, type Call, type FunctionTable } from "./definition.ts";

/** FHIRPath, tree navigation, utility functions, aggregates and reflection. */
export const UTILITY: FunctionTable = {
  children: define(0, 0, ({ source, definitions }) =>
    fromItems((evaluation) => {
      const found: Item[] = [];
      for (const item of source.items(evaluation)) addAllChildren(item, definitions, found);
      return found;
    }),
  ),
  descendants: define(0, 0, ({ source, definitions }) => fromItems((evaluation) => descendantsOf(source.items(evaluation), definitions))),
  type: define(0, 0, ({ source }) => fromItems((evaluation) => source.items(evaluation).map(typeOf))),
  trace: define(1, 2, ({ source, args: [name, projection] }) => {
    const traced = fromItems((evaluation) => {
      const items = source.items(evaluation);
      evaluation.environment.trace?.(asString(name?.items(evaluation)[0]) ?? "", projection ? projected(evaluation, items, projection) : items);
      return items;
    });
    // Where nobody listens it costs nothing: R4's invariants are full of it.
    return {
      items: (evaluation) => (evaluation.environment.trace ? traced.items(evaluation) : source.items(evaluation)),
      truth: (evaluation) => (evaluation.environment.trace ? traced.truth(evaluation) : source.truth(evaluation)),
      some: (evaluation) => (evaluation.environment.trace ? traced.some(evaluation) : source.some(evaluation)),
    };
  }),
  now: define(0, 0, () => fromItem((evaluation) => dateTimeOf(momentOf(evaluation)))),
  today: define(0, 0, () => fromItem((evaluation) => new Temporal("Date", dateTimeOf(momentOf(evaluation)).parts.slice(0, 3)))),
  timeOfDay: define(0, 0, () => fromItem((evaluation) => new Temporal("Time", dateTimeOf(momentOf(evaluation)).parts.slice(3), 3))),
  aggregate: define(1, 2, ({ source, args }) => {
    const [aggregator, initial] = args as readonly [Operation, Operation?];
    return fromItems((evaluation) => {
      const outer = evaluation.total;
      let total = initial?.items(evaluation) ?? EMPTY;
      forEachItem(evaluation, source.items(evaluation), () => {
        evaluation.total = total;
        total = aggregator.items(evaluation);
        return true;
      });
      evaluation.total = outer;
      return total;
    });
  }),
  sort: define(0, 9, (call) => {
    const keys = sortKeys(call);
    return fromItems((evaluation) => sorted(evaluation, call.source.items(evaluation), keys));
  }),
};

function projected(evaluation: Evaluation, items: Collection, projection: Operation): Collection {
  const found: Item[] = [];
  forEachItem(evaluation, items, () => {
    found.push(...projection.items(evaluation));
    return true;
  });
  return found;
}

/** The same moment for the whole evaluation (FHIRPath, deterministic functions). In UTC, for no zone is more right than another. */
function momentOf(evaluation: Evaluation): Date {
  return (evaluation.moment ??= evaluation.environment.now ?? new Date());
}

function dateTimeOf(moment: Date): Temporal {
  const nanoseconds = moment.getUTCSeconds() * SECOND + moment.getUTCMilliseconds() * 1_000_000;
  const date = [moment.getUTCFullYear(), moment.getUTCMonth() + 1, moment.getUTCDate()];
  return new Temporal("DateTime", [...date, moment.getUTCHours(), moment.getUTCMinutes(), nanoseconds], 3, 0);
}

interface SortKey {
  readonly operation: Operation;
  readonly isDescending: boolean;
}

/** A minus before a key means descending, whatever the type of the key. */
function sortKeys({ syntax, compile }: Call): SortKey[] {
  return syntax.map((key) =>
    key.kind === "sign" && key.sign === "-"
      ? { operation: compile(key.operand), isDescending: true }
      : { operation: compile(key), isDescending: false },
  );
}

function sorted(evaluation: Evaluation, items: Collection, keys: readonly SortKey[]): Collection {
  const rows: { readonly item: Item; readonly values: readonly (Item | undefined)[] }[] = [];
  forEachItem(evaluation, items, (item) => {
    rows.push({ item, values: keys.length === 0 ? [item] : keys.map(({ operation }) => operation.items(evaluation)[0]) });
    return true;
  });
  rows.sort((left, right) => {
    for (let at = 0; at < left.values.length; at++) {
      const difference = compareKeys(left.values[at], right.values[at]);
      if (difference !== 0) return keys[at]?.isDescending ? -difference : difference;
    }
    return 0;
  });
  return rows.map(({ item }) => item);
}

/** Nothing stands behind everything. */
function compareKeys(left: Item | undefined, right: Item | undefined): number {
  if (left === undefined || right === undefined) return left === right ? 0 : left === undefined ? 1 : -1;
  return order(left, right) ?? 0;
}
