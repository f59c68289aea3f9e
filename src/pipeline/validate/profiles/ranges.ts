import { FhirPathNode } from "../../../core/fhir/fhirpath/node.ts";
import { FhirPathError } from "../../../core/fhir/fhirpath/errors.ts";
import { order } from "../../../core/fhir/fhirpath/ordering.ts";
import { Quantity } from "../../../core/fhir/fhirpath/quantity.ts";
import { addDuration } from "../../../core/fhir/fhirpath/temporal-arithmetic.ts";
import { parseDateOrDateTime, Temporal } from "../../../core/fhir/fhirpath/temporal.ts";
import { systemValue } from "../../../core/fhir/fhirpath/values.ts";
import type { Item } from "../../../core/fhir/fhirpath/item.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { treeOf } from "../../../core/fhir/tree/tree.ts";
import type { RangePlan } from "./plan.ts";

/** Whether a value is less than the least, or more than the most that a profile allows (R4 elementdefinition.html, minValue[x], maxValue[x]). False where they have no order between them. */
export function isBeyond({ kind, type, value }: RangePlan, node: FhirPathNode, { definitionOf }: Definitions): boolean {
  const name = type.charAt(0).toLowerCase() + type.slice(1);
  const own = definitionOf(type) ? type : name;
  const limit = new FhirPathNode(own, definitionOf(own), treeOf(value), undefined);
  try {
    const ordered = order(node, limitFor(node, limit, kind));
    return ordered !== undefined && (kind === "min" ? ordered < 0 : ordered > 0);
  } catch (error) {
    if (error instanceof FhirPathError) return false;
    throw error;
  }
}

/** A duration limits a date from now on: the least is so long ago, the most so far ahead. */
function limitFor(node: FhirPathNode, limit: FhirPathNode, kind: RangePlan["kind"]): Item {
  const [date, duration] = [systemValue(node), systemValue(limit)];
  if (!(date instanceof Temporal) || date.kind === "Time" || !(duration instanceof Quantity)) return limit;
  const now = new Date().toISOString();
  const moment = parseDateOrDateTime(date.kind === "Date" ? now.slice(0, "2000-01-01".length) : now);
  const unit = CALENDAR[duration.unit] ?? duration.unit;
  return (moment && addDuration(moment, new Quantity(duration.value, unit, true), kind === "min" ? -1 : 1)) ?? limit;
}

/** UCUM's year and month, which have a mean length, are those of the calendar in a limit: nobody is a hundred mean years old. */
const CALENDAR: Readonly<Record<string, string>> = { a: "year", mo: "month" };
