import { roundTo, type Decimal } from "./decimal.ts";
import { FhirPathError } from "./errors.ts";
import type { Quantity } from "./quantity.ts";
import { calendarUnit } from "./syntax.ts";
import { ALL_PARTS, daysIn, DAY_PARTS, epochOf, MINUTE_MS, SECOND, Temporal } from "./temporal.ts";

const DAY_NS = 86_400n * BigInt(SECOND);
/** Nanoseconds of the durations that have a length; a calendar month or year has none. */
const LENGTHS: Readonly<Record<string, bigint>> = {
  ms: 1_000_000n,
  millisecond: 1_000_000n,
  s: BigInt(SECOND),
  second: BigInt(SECOND),
  min: 60n * BigInt(SECOND),
  minute: 60n * BigInt(SECOND),
  h: 3_600n * BigInt(SECOND),
  hour: 3_600n * BigInt(SECOND),
  d: DAY_NS,
  day: DAY_NS,
  wk: 7n * DAY_NS,
  week: 7n * DAY_NS,
};
/** What one step of a part is, by how many parts a date has: a duration is cut down to what the date says (FHIRPath, date/time arithmetic). */
const PART_LENGTHS: readonly bigint[] = [365n * DAY_NS, 30n * DAY_NS, DAY_NS, 3_600n * BigInt(SECOND), 60n * BigInt(SECOND), 1n];
const TIME_PARTS_BEFORE = 3;
/** From here on, fractions of a unit count: of anything longer than a second they are cut off. */
const FRACTIONS_COUNT_UP_TO = BigInt(SECOND);

/**
 * A date, time or both, later or earlier by a duration (FHIRPath, date/time arithmetic). The result says as much as the date did.
 * @throws FhirPathError for a quantity that is no duration; UCUM's mean month and year (`mo`, `a`) are none that a calendar can add
 */
export function addDuration(temporal: Temporal, { value, unit }: Quantity, sign: 1 | -1): Temporal | undefined {
  const name = calendarUnit(unit) ?? unit;
  if ((name === "year" || name === "month") && temporal.kind !== "Time") {
    return plusMonths(temporal, sign * Number(wholeOf(value)) * (name === "year" ? 12 : 1));
  }
  const length = LENGTHS[name];
  if (length === undefined) throw new FhirPathError(`'${unit}' is not a duration that can be added to a ${temporal.kind}.`);
  const amount = length <= FRACTIONS_COUNT_UP_TO ? (value.digits * length) / 10n ** BigInt(value.scale) : wholeOf(value) * length;
  const parts = temporal.parts.length + (temporal.kind === "Time" ? TIME_PARTS_BEFORE : 0);
  const step = PART_LENGTHS[parts - 1] ?? 1n;
  const steps = (amount / step) * BigInt(sign);
  if (parts < DAY_PARTS) return plusMonths(temporal, Number(steps) * (parts === 1 ? 12 : 1));
  return plusNanoseconds(temporal, steps * step, parts);
}

function wholeOf(value: Decimal): bigint {
  return roundTo(value, 0, "towards-zero").digits;
}

/** The last day of the month, where the day does not exist in it. */
function plusMonths(temporal: Temporal, months: number): Temporal | undefined {
  const [year = 0, month = 1, day] = temporal.parts;
  const total = year * 12 + month - 1 + (temporal.parts.length === 1 ? Math.trunc(months / 12) * 12 : months);
  const [newYear, newMonth] = [Math.floor(total / 12), (total % 12) + 1];
  if (newYear < 1 || newYear > 9999) return undefined;
  const parts = [newYear, newMonth, ...(day === undefined ? [] : [Math.min(day, daysIn(newYear, newMonth))]), ...temporal.parts.slice(DAY_PARTS)];
  return new Temporal(temporal.kind, parts.slice(0, temporal.parts.length), temporal.fractionDigits, temporal.offset);
}

function plusNanoseconds(temporal: Temporal, nanoseconds: bigint, count: number): Temporal | undefined {
  const isTime = temporal.kind === "Time";
  const last = temporal.parts[isTime ? 2 : 5] ?? 0;
  const start = BigInt(epochOf(temporal)) * 1_000_000n + BigInt(count === ALL_PARTS ? last % 1_000_000 : 0);
  const total = start + nanoseconds;
  const wrapped = isTime ? ((total % DAY_NS) + DAY_NS) % DAY_NS : total;
  const inMinute = ((wrapped % 60_000_000_000n) + 60_000_000_000n) % 60_000_000_000n;
  const minutes = Number((wrapped - inMinute) / 1_000_000n) / MINUTE_MS;
  const moment = new Date(minutes * MINUTE_MS);
  if (Number.isNaN(moment.getTime()) || moment.getUTCFullYear() < 1 || moment.getUTCFullYear() > 9999) return undefined;
  const date = [moment.getUTCFullYear(), moment.getUTCMonth() + 1, moment.getUTCDate()];
  const parts = [...(isTime ? [] : date), moment.getUTCHours(), moment.getUTCMinutes(), Number(inMinute)].slice(0, temporal.parts.length);
  const hasFraction = count === ALL_PARTS && Number(inMinute) % SECOND !== 0;
  return new Temporal(temporal.kind, parts, hasFraction ? Math.max(temporal.fractionDigits, 3) : temporal.fractionDigits, temporal.offset);
}
