import { ALL_PARTS, epochOf, MINUTE_MS, Temporal } from "./temporal.ts";

const HOUR_MS = 60 * MINUTE_MS;
/** The zones that there are: UTC-12 to UTC+14. */
const EARLIEST_ZONE_MS = 14 * HOUR_MS;
const LATEST_ZONE_MS = 12 * HOUR_MS;

/**
 * Negative, zero or positive; undefined where that is not known: one says less than the other and they agree so far, or one has no zone and they are less than a day apart
 * (FHIRPath, equality and comparison of dates). A Time can be compared with a Time only; others give undefined.
 */
export function compareTemporals(left: Temporal, right: Temporal): number | undefined {
  if ((left.kind === "Time") !== (right.kind === "Time")) return undefined;
  if (left.offset === right.offset) return compareParts(left.parts, right.parts);
  if (left.offset !== undefined && right.offset !== undefined) return compareParts(utcParts(left), utcParts(right));
  const [from, to] = span(left);
  const [otherFrom, otherTo] = span(right);
  return to <= otherFrom ? -1 : otherTo <= from ? 1 : undefined;
}

function compareParts(left: readonly number[], right: readonly number[]): number | undefined {
  const common = Math.min(left.length, right.length);
  for (let at = 0; at < common; at++) {
    const difference = (left[at] ?? 0) - (right[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length === right.length ? 0 : undefined;
}

/** The same for all temporals that are equal, as far as one says no less than the other. */
export function temporalKey(temporal: Temporal): string {
  const isMoment = temporal.offset !== undefined && temporal.offset !== 0;
  return `${temporal.kind === "Time" ? "t" : "d"}${temporal.offset === undefined ? "" : "z"}:${(isMoment ? utcParts(temporal) : temporal.parts).join(",")}`;
}

function utcParts(temporal: Temporal): readonly number[] {
  const { parts, offset = 0 } = temporal;
  if (offset === 0 || parts.length < 4) return parts;
  const moment = new Date(epochOf(temporal) - offset * MINUTE_MS);
  const shifted = [moment.getUTCFullYear(), moment.getUTCMonth() + 1, moment.getUTCDate(), moment.getUTCHours(), moment.getUTCMinutes()];
  // A zone is whole minutes, so the seconds stay what they are.
  return parts.length === ALL_PARTS ? [...shifted, parts[5] ?? 0] : shifted.slice(0, parts.length);
}

/** The first moment that it may mean, and the first behind the last. */
function span(temporal: Temporal): readonly [number, number] {
  const start = epochOf(temporal);
  const end = epochOf(next(temporal));
  const { offset } = temporal;
  if (offset !== undefined) return [start - offset * MINUTE_MS, end - offset * MINUTE_MS];
  return [start - EARLIEST_ZONE_MS, end + LATEST_ZONE_MS];
}

/** Its last part one higher; epochs count overflowing parts on. */
function next(temporal: Temporal): Temporal {
  const { parts, kind } = temporal;
  const last = parts.length - 1;
  const step = (kind === "Time" ? last === 2 : last === 5) ? 1_000_000 : 1;
  return new Temporal(
    kind,
    parts.map((part, at) => (at === last ? part + step : part)),
  );
}
