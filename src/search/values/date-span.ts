import { ALL_PARTS, DAY_PARTS, daysIn, epochOf, MINUTE_MS, type Temporal } from "../../core/fhir/fhirpath/temporal.ts";

/** From a moment to another, the latter excluded, in milliseconds since 1970. */
export interface Span {
  readonly low: number;
  readonly high: number;
}

/** When a date or time is, as far as it says. */
export interface DateSpan {
  /** As clocks where it was written show it. */
  readonly local: Span;
  /** In UTC; undefined without a zone: R4 takes no zone into account then (search.html, date). */
  readonly zoned: Span | undefined;
}

/** Before and after every date that can be written. */
export const BEGINNING = -8_640_000_000_000_000;
export const END = 8_640_000_000_000_000;

/**
 * The scales of dates: `zoned` of values with a zone, in UTC; `local` of the same, as clocks showed; `date` of values without a zone. A question with a zone compares `zoned` with it and
 * `date` with its clock's time; one without compares `local` and `date`.
 */
export const DATE_SCALES = { zoned: "zoned", local: "local", plain: "date" } as const;

/** The whole second, minute, day, month or year that is said; an instant with fractions of a second is as long as they are exact, but no shorter than a millisecond. */
export function spanOf(temporal: Temporal): DateSpan {
  const low = epochOf(temporal);
  const local = { low, high: endOf(temporal, low) };
  const { offset } = temporal;
  if (offset === undefined) return { local, zoned: undefined };
  const shift = offset * MINUTE_MS;
  return { local, zoned: { low: local.low - shift, high: local.high - shift } };
}

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SECOND_MS = 1_000;

function endOf({ parts, fractionDigits }: Temporal, low: number): number {
  const [year = 1970, month = 1] = parts;
  switch (parts.length) {
    case 1:
      return new Date(0).setUTCFullYear(year + 1, 0, 1);
    case 2:
      return low + daysIn(year, month) * DAY_MS;
    case DAY_PARTS:
      return low + DAY_MS;
    case DAY_PARTS + 1:
      return low + HOUR_MS;
    case ALL_PARTS - 1:
      return low + MINUTE_MS;
    default:
      return low + (fractionDigits === 0 ? SECOND_MS : Math.max(1, SECOND_MS / 10 ** Math.min(fractionDigits, 3)));
  }
}
