export type TemporalKind = "Date" | "DateTime" | "Time";

/**
 * A Date, DateTime or Time (FHIRPath, types), with as much of it as was said. `parts` are year, month (1 to 12), day, hour, minute and nanoseconds of the minute; a Time begins with the
 * hour. Seconds and their fraction are one part (FHIRPath, date/time comparison).
 */
export class Temporal {
  readonly kind: TemporalKind;
  readonly parts: readonly number[];
  /** How many digits of its seconds stand behind the point. */
  readonly fractionDigits: number;
  /** Minutes east of UTC; undefined when no zone was said. */
  readonly offset: number | undefined;

  constructor(kind: TemporalKind, parts: readonly number[], fractionDigits = 0, offset?: number) {
    this.kind = kind;
    this.parts = parts;
    this.fractionDigits = fractionDigits;
    this.offset = offset;
  }

  /** As FHIR and FHIRPath write it, without `@`. */
  toString(): string {
    const { parts, kind } = this;
    const date = kind === "Time" ? [] : parts.slice(0, 3);
    const [hour, minute, nanoseconds] = kind === "Time" ? parts : parts.slice(3);
    const day = date.map((part, at) => padded(part, at === 0 ? 4 : 2)).join("-");
    if (hour === undefined) return day;
    let time = padded(hour, 2);
    if (minute !== undefined) time += `:${padded(minute, 2)}`;
    if (nanoseconds !== undefined) {
      time += `:${padded(Math.floor(nanoseconds / SECOND), 2)}`;
      if (this.fractionDigits > 0) time += `.${padded(nanoseconds % SECOND, 9).slice(0, this.fractionDigits)}`;
    }
    return kind === "Time" ? time : `${day}T${time}${this.#zone()}`;
  }

  #zone(): string {
    const { offset } = this;
    if (offset === undefined) return "";
    const size = Math.abs(offset);
    return offset === 0 ? "Z" : `${offset < 0 ? "-" : "+"}${padded(Math.floor(size / 60), 2)}:${padded(size % 60, 2)}`;
  }
}

/** Nanoseconds in a second, and milliseconds in a minute. */
export const SECOND = 1_000_000_000;
export const MINUTE_MS = 60_000;
/** How many parts a whole date has, and a date with its time. */
export const DAY_PARTS = 3;
export const ALL_PARTS = 6;

function padded(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

const DATE_TIME = /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(T(?:(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z|[+-]\d\d:\d\d)?)?)?$/;
const TIME = /^T?(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?$/;

/** A Date, or a DateTime where a `T` says so; undefined for what is neither, or does not exist (2023-02-30). */
export function parseDateOrDateTime(text: string): Temporal | undefined {
  const [, year, month, day, time, hour, minute, second, fraction = "", zone] = DATE_TIME.exec(text) ?? [];
  if (year === undefined || (hour !== undefined && day === undefined)) return undefined;
  const parts = numbers(year, month, day, hour, minute);
  if (second !== undefined) parts.push(nanosecondsOf(second, fraction));
  const temporal = new Temporal(time === undefined ? "Date" : "DateTime", parts, Math.min(fraction.length, 9), offsetOf(zone));
  return exists(temporal) ? temporal : undefined;
}

/** A DateTime from a date or a date with time. */
export function parseDateTime(text: string): Temporal | undefined {
  const temporal = parseDateOrDateTime(text);
  return temporal && asDateTime(temporal);
}

export function parseTime(text: string): Temporal | undefined {
  const [, hour, minute, second, fraction = ""] = TIME.exec(text) ?? [];
  if (hour === undefined) return undefined;
  const parts = numbers(hour, minute);
  if (second !== undefined) parts.push(nanosecondsOf(second, fraction));
  const temporal = new Temporal("Time", parts, Math.min(fraction.length, 9));
  return exists(temporal) ? temporal : undefined;
}

export function asDateTime(temporal: Temporal): Temporal {
  return temporal.kind === "DateTime" ? temporal : new Temporal("DateTime", temporal.parts, temporal.fractionDigits, temporal.offset);
}

function numbers(...texts: readonly (string | undefined)[]): number[] {
  return texts.filter((text) => text !== undefined).map(Number);
}

function nanosecondsOf(second: string, fraction: string): number {
  return Number(second) * SECOND + Number(fraction.slice(0, 9).padEnd(9, "0"));
}

function offsetOf(zone: string | undefined): number | undefined {
  if (zone === undefined) return undefined;
  if (zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4));
  return zone.startsWith("-") ? -minutes : minutes;
}

function exists({ kind, parts }: Temporal): boolean {
  const [year = 0, month = 1, day = 1] = kind === "Time" ? [] : parts;
  const [hour = 0, minute = 0, nanoseconds = 0] = kind === "Time" ? parts : parts.slice(3);
  const isDay = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
  return isDay && hour < 24 && minute < 60 && nanoseconds < 61 * SECOND;
}

export function daysIn(year: number, month: number): number {
  return month === 2 ? (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Milliseconds since 1970, UTC, of the first moment of what is said, as if it were said in UTC. */
export function epochOf({ kind, parts }: Temporal): number {
  const [year = 1970, month = 1, day = 1] = kind === "Time" ? [] : parts;
  const [hour = 0, minute = 0, nanoseconds = 0] = kind === "Time" ? parts : parts.slice(3);
  // Date.UTC takes a year below 100 for one of the twentieth century.
  return new Date(0).setUTCFullYear(year, month - 1, day) + (hour * 60 + minute) * MINUTE_MS + Math.floor(nanoseconds / 1_000_000);
}
