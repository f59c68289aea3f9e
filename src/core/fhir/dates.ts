/** FHIR's dates and times taken apart (R4 datatypes.html, date, dateTime, instant), and ages. */
const DATE_TIME = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d)(:\d\d)?(?:\.\d+)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/** The parts of a date, dateTime or instant that it has, as they were written; `zone` is `UTC` for Z. */
export interface DateParts {
  readonly year: string;
  readonly month: string | undefined;
  readonly day: string | undefined;
  /** Hours and minutes. */
  readonly time: string | undefined;
  readonly zone: string | undefined;
}

/** Undefined for what is no FHIR date. */
export function readDate(value: string): DateParts | undefined {
  const [, year, month, day, time, , zone] = DATE_TIME.exec(value) ?? [];
  if (year === undefined || (month !== undefined && (Number(month) < 1 || Number(month) > 12))) return undefined;
  return { year, month, day, time, zone: zone === "Z" || zone === "+00:00" ? "UTC" : zone };
}

/** The day of now, in UTC: `2024-12-24`. */
export function today(): string {
  return new Date().toISOString().slice(0, 10);
}

const TO_THE_MINUTE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(Z|[+-]\d\d:\d\d)$/;

/** A moment to the minute, which a policy lets pass, with seconds of zero as R4 has it; any other text as it is. */
export function withSeconds(text: string): string {
  return text.replace(TO_THE_MINUTE, "$1:00$2");
}

export interface Age {
  readonly value: number;
  readonly unit: "years" | "months" | "weeks" | "days";
}

/**
 * The age on the day `at` (a FHIR date or dateTime), in the unit that clinicians use: days below 4 weeks, weeks below a year, months below two years, then
 * years. Undefined when either date is less than a whole day, or the birth lies after `at`.
 */
export function ageAt(birthDate: string, at: string): Age | undefined {
  const birth = partsOf(birthDate);
  const day = partsOf(at);
  if (!birth || !day) return undefined;
  const [birthYear, birthMonth, birthDay] = birth;
  const [year, month, date] = day;
  if (birthMonth === undefined || month === undefined || birthDay === undefined || date === undefined) return undefined;
  const months = (year - birthYear) * 12 + (month - birthMonth) - (date < birthDay ? 1 : 0);
  const days = Math.round((Date.UTC(year, month - 1, date) - Date.UTC(birthYear, birthMonth - 1, birthDay)) / 86_400_000);
  if (days < 0) return undefined;
  if (days < 28) return { value: days, unit: "days" };
  if (months < 12) return { value: Math.floor(days / 7), unit: "weeks" };
  return months < 24 ? { value: months, unit: "months" } : { value: Math.floor(months / 12), unit: "years" };
}

function partsOf(value: string): [number, number | undefined, number | undefined] | undefined {
  const [, year, month, day] = DATE_TIME.exec(value) ?? [];
  if (year === undefined) return undefined;
  return [Number(year), month === undefined ? undefined : Number(month), day === undefined ? undefined : Number(day)];
}
