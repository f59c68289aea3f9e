/** A FHIR date, dateTime or instant as moments that are compared as texts: what keeps and what asks must come to the same. */
import { ALL_PARTS, DAY_PARTS, daysIn, epochOf, MINUTE_MS, parseDateOrDateTime } from "./fhirpath/temporal.ts";

/** The first and the last moment that may be meant, each in UTC as `2026-03-14T09:30:00.000Z`. */
export interface InstantRange {
  readonly first: string;
  readonly last: string;
}

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Without a zone it may be anywhere on earth. */
const WIDEST_ZONE_MS = 14 * HOUR_MS;

/** Undefined for what is no such text. */
export function instantRangeOf(text: string): InstantRange | undefined {
  const temporal = parseDateOrDateTime(text);
  if (!temporal) return undefined;
  const low = epochOf(temporal);
  const { parts, offset } = temporal;
  const [year = 1970, month = 1] = parts;
  const length =
    parts.length >= ALL_PARTS
      ? temporal.fractionDigits > 0
        ? 1
        : 1_000
      : parts.length === ALL_PARTS - 1
        ? MINUTE_MS
        : parts.length === ALL_PARTS - 2
          ? HOUR_MS
          : parts.length === DAY_PARTS
            ? DAY_MS
            : parts.length === DAY_PARTS - 1
              ? daysIn(year, month) * DAY_MS
              : (daysIn(year, 2) === 29 ? 366 : 365) * DAY_MS;
  const [early, late] = offset === undefined ? [-WIDEST_ZONE_MS, WIDEST_ZONE_MS] : [-offset * MINUTE_MS, -offset * MINUTE_MS];
  return { first: momentOf(low + early), last: momentOf(low + length - 1 + late) };
}

/** Years before 0 and after 9999 would not be ordered as texts: they are the first and the last moment that is. */
function momentOf(milliseconds: number): string {
  const text = new Date(milliseconds).toISOString();
  return text.startsWith("-") ? "0000-01-01T00:00:00.000Z" : text.startsWith("+") ? "9999-12-31T23:59:59.999Z" : text;
}
