/** FHIR's dates and times as people read them (R4 datatypes.html, date, dateTime, instant): never an order of digits that two countries read differently. */
const ENGLISH_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

const DATE_TIME = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d:\d\d)(:\d\d)?(?:\.\d+)?(Z|[+-]\d\d:\d\d)?)?)?)?$/;

/**
 * A date, dateTime or instant: `2026`, `Mar-2026`, `14-Mar-2026`, `14-Mar-2026 09:31 +01:00`. The zone is the one that was sent; `Z` reads `UTC`. Seconds are left
 * out. What is no FHIR date is given back as it is.
 */
export function formatDate(value: string, months: readonly string[] = ENGLISH_MONTHS): string {
  const [, year, month, day, time, , zone] = DATE_TIME.exec(value) ?? [];
  if (year === undefined) return value;
  const name = month === undefined ? undefined : months[Number(month) - 1];
  if (month !== undefined && name === undefined) return value;
  const date = [day, name, year].filter((part) => part !== undefined).join("-");
  if (time === undefined) return date;
  return zone === undefined ? `${date} ${time}` : `${date} ${time} ${zone === "Z" || zone === "+00:00" ? "UTC" : zone}`;
}

/** A Period: from – to, or the one that is known. */
export function formatPeriod(start: string | undefined, end: string | undefined, months?: readonly string[]): string | undefined {
  if (start !== undefined && end !== undefined)
    return start === end ? formatDate(start, months) : `${formatDate(start, months)} – ${formatDate(end, months)}`;
  return start !== undefined ? `${formatDate(start, months)} –` : end !== undefined ? `– ${formatDate(end, months)}` : undefined;
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
