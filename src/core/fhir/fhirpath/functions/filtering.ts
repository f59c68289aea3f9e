import { keyOf } from "../equality.ts";
import { FhirPathError } from "../errors.ts";
import { EMPTY, type Collection, type Item } from "../item.ts";
import { fromItems, fromTruth, single, type Evaluation, type Operation } from "../operation.ts";
import { testsOf, typeNameOf, type TypeTest } from "../types.ts";
import { define, forEachItem, type FunctionTable } from "./definition.ts";
import { someFulfils } from "./existence.ts";

/** FHIRPath, filtering and projection; types (`is` and `as` as functions). */
export const FILTERING: FunctionTable = {
  where: define(1, 1, ({ source, args }) => {
    const criterion = args[0] as Operation;
    return fromItems(
      (evaluation) => {
        const items = source.items(evaluation);
        if (items.length === 0) return EMPTY;
        const found: Item[] = [];
        forEachItem(evaluation, items, (item) => {
          if (criterion.truth(evaluation) === true) found.push(item);
          return true;
        });
        return found;
      },
      someFulfils(source, criterion),
    );
  }),
  select: define(1, 1, ({ source, args }) => {
    const projection = args[0] as Operation;
    return fromItems(
      (evaluation) => {
        const items = source.items(evaluation);
        if (items.length === 0) return EMPTY;
        const found: Item[] = [];
        forEachItem(evaluation, items, () => {
          for (const item of projection.items(evaluation)) found.push(item);
          return true;
        });
        return found;
      },
      (evaluation) => {
        let isFound = false;
        forEachItem(evaluation, source.items(evaluation), () => !(isFound = projection.some(evaluation)));
        return isFound;
      },
    );
  }),
  repeat: define(1, 1, ({ source, args }) => fromItems((evaluation) => repeated(evaluation, source.items(evaluation), args[0] as Operation))),
  ofType: define(1, 1, ({ source, syntax: [type], mode, definitions }) =>
    ofType(source, testsOf(typeNameOf(type ?? nothing()), mode === "lenient", definitions).as),
  ),
  is: define(1, 1, ({ source, syntax: [type], mode, definitions }) =>
    isOfType(source, testsOf(typeNameOf(type ?? nothing()), mode === "lenient", definitions).is),
  ),
  as: define(1, 1, ({ source, syntax: [type], mode, definitions }) =>
    asType(source, testsOf(typeNameOf(type ?? nothing()), mode === "lenient", definitions).as, mode === "lenient"),
  ),
};

function nothing(): never {
  throw new FhirPathError("A type is missing.");
}

/** Each item is projected once; what was found before is not gone into again, so that a circle ends. */
function repeated(evaluation: Evaluation, start: Collection, projection: Operation): Collection {
  const found: Item[] = [];
  const seen = new Set<string>();
  let level = start;
  while (level.length > 0) {
    const next: Item[] = [];
    forEachItem(evaluation, level, () => {
      for (const item of projection.items(evaluation)) {
        const key = keyOf(item);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push(item);
      }
      return true;
    });
    for (const item of next) found.push(item);
    level = next;
  }
  return found;
}

function ofType(source: Operation, test: TypeTest): Operation {
  return fromItems(
    (evaluation) => source.items(evaluation).filter(test),
    (evaluation) => source.items(evaluation).some(test),
  );
}

/** `is`: empty for nothing, an error for several items. */
export function isOfType(source: Operation, test: TypeTest): Operation {
  return fromTruth((evaluation) => {
    const item = single(source.items(evaluation), "'is'");
    return item === undefined ? undefined : test(item);
  });
}

/** `as`: the item if it is of the type. R4's own invariants ask it of collections, which the language does not allow; then it filters. */
export function asType(source: Operation, test: TypeTest, isLenient: boolean): Operation {
  if (isLenient) return ofType(source, test);
  return fromItems((evaluation) => {
    const item = single(source.items(evaluation), "'as'");
    return item !== undefined && test(item) ? [item] : EMPTY;
  });
}
