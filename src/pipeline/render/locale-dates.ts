/** Dates and times in the words of a language: never an order of digits that two countries read differently. */
import { readDate, type DateParts } from "../../core/fhir/dates.ts";

/** How the days and times of a language are written. */
export class DateWords {
  readonly #language: string;
  readonly #months: readonly string[] | undefined;
  readonly #isRightToLeft: boolean;
  /** They are costly to make. */
  readonly #formats = new Map<string, Intl.DateTimeFormat>();

  /**
   * @param language BCP 47
   * @param months twelve names for `04-Mar-2026`; without them the language's own long form (Intl)
   */
  constructor(language: string, months: readonly string[] | undefined, isRightToLeft: boolean) {
    this.#language = language;
    this.#months = months;
    this.#isRightToLeft = isRightToLeft;
  }

  /**
   * A date, dateTime or instant of FHIR, with the zone that was sent (`UTC` for Z) unless it is `knownZone`, and without seconds. Between day and time, and between time and zone, is
   * the only kind of blank at which it may be parted. What is no FHIR date is given back as it is.
   */
  text(value: string, knownZone: string | undefined): string {
    const parts = readDate(value);
    if (parts === undefined) return value;
    const day = this.#months === undefined ? this.#longDay(parts) : dashedDay(parts, this.#months);
    if (parts.time === undefined) return day;
    const zone = parts.zone === knownZone ? undefined : parts.zone;
    // Among letters from right to left, the sign of a zone would move to its other end; and so it would if it began a line.
    if (this.#isRightToLeft) return `${day} \u2066${[parts.time, zone].filter((part) => part !== undefined).join("\u00A0")}\u2069`;
    return zone === undefined ? `${day} ${parts.time}` : `${day} ${parts.time} ${zone}`;
  }

  /** `4 مارس 2026`, `2026年3月4日`: with the month as a word or a sign, in Latin digits, as results and doses beside it. */
  #longDay({ year, month, day }: DateParts): string {
    const date = new Date(`${year}-${month ?? "01"}-${day ?? "01"}T00:00:00Z`);
    // The thirty-first of a short month is not the first of the next.
    if (Number.isNaN(date.getTime()) || (day !== undefined && date.getUTCDate() !== Number(day))) return [year, month, day].join("-");
    return this.#format(month !== undefined, day !== undefined)
      .format(date)
      .replace(/\s+/g, "\u00A0");
  }

  #format(hasMonth: boolean, hasDay: boolean): Intl.DateTimeFormat {
    const name = `${hasMonth ? "month" : ""} ${hasDay ? "day" : ""}`;
    const kept = this.#formats.get(name);
    if (kept) return kept;
    const format = new Intl.DateTimeFormat(this.#language, {
      year: "numeric",
      ...(hasMonth && { month: "long" }),
      ...(hasDay && { day: "numeric" }),
      calendar: "gregory",
      numberingSystem: "latn",
      timeZone: "UTC",
    });
    this.#formats.set(name, format);
    return format;
  }
}

function dashedDay({ year, month, day }: DateParts, months: readonly string[]): string {
  return [day, month === undefined ? undefined : months[Number(month) - 1], year].filter((part) => part !== undefined).join("-");
}
