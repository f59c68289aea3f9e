import { order } from "../ordering.ts";
import { EMPTY, type Collection, type Item } from "../item.ts";
import { fromItem, fromItems, type Frame, type Operation } from "../operation.ts";
import { addAllChildren, descendantsOf } from "../path.ts";
import { SECOND, Temporal } from "../temporal.ts";
import { typeOf } from "../types.ts";
import { asString } from "../values.ts";
import { define, forEachItem, type Call, type FunctionTable } from "./definition.ts";

/** FHIRPath, tree navigation, utility functions, aggregates and reflection. */
export const UTILITY: FunctionTable = {
  children: define(0, 0, ({ source, definitions }) =>
    fromItems((frame) => {
      const found: Item[] = [];
      for (const item of source.items(frame)) addAllChildren(item, definitions, found);
      return found;
    }),
  ),
  descendants: define(0, 0, ({ source, definitions }) => fromItems((frame) => descendantsOf(source.items(frame), definitions))),
  type: define(0, 0, ({ source }) => fromItems((frame) => source.items(frame).map(typeOf))),
  trace: define(1, 2, ({ source, args: [name, projection] }) => {
    const traced = fromItems((frame) => {
      const items = source.items(frame);
      frame.environment.trace?.(asString(name?.items(frame)[0]) ?? "", projection ? projected(frame, items, projection) : items);
      return items;
    });
    // Where nobody listens it costs nothing: R4's invariants are full of it.
    return {
      items: (frame) => (frame.environment.trace ? traced.items(frame) : source.items(frame)),
      truth: (frame) => (frame.environment.trace ? traced.truth(frame) : source.truth(frame)),
      some: (frame) => (frame.environment.trace ? traced.some(frame) : source.some(frame)),
    };
  }),
  now: define(0, 0, () => fromItem((frame) => dateTimeOf(momentOf(frame)))),
  today: define(0, 0, () => fromItem((frame) => new Temporal("Date", dateTimeOf(momentOf(frame)).parts.slice(0, 3)))),
  timeOfDay: define(0, 0, () => fromItem((frame) => new Temporal("Time", dateTimeOf(momentOf(frame)).parts.slice(3), 3))),
  aggregate: define(1, 2, ({ source, args }) => {
    const [aggregator, initial] = args as readonly [Operation, Operation?];
    return fromItems((frame) => {
      const outer = frame.total;
      let total = initial?.items(frame) ?? EMPTY;
      forEachItem(frame, source.items(frame), () => {
        frame.total = total;
        total = aggregator.items(frame);
        return true;
      });
      frame.total = outer;
      return total;
    });
  }),
  sort: define(0, 9, (call) => {
    const keys = sortKeys(call);
    return fromItems((frame) => sorted(frame, call.source.items(frame), keys));
  }),
};

function projected(frame: Frame, items: Collection, projection: Operation): Collection {
  const found: Item[] = [];
  forEachItem(frame, items, () => {
    found.push(...projection.items(frame));
    return true;
  });
  return found;
}

/** The same moment for the whole evaluation (FHIRPath, deterministic functions). In UTC, for no zone is more right than another. */
function momentOf(frame: Frame): Date {
  return (frame.moment ??= frame.environment.now ?? new Date());
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

function sorted(frame: Frame, items: Collection, keys: readonly SortKey[]): Collection {
  const rows: { readonly item: Item; readonly values: readonly (Item | undefined)[] }[] = [];
  forEachItem(frame, items, (item) => {
    rows.push({ item, values: keys.length === 0 ? [item] : keys.map(({ operation }) => operation.items(frame)[0]) });
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
