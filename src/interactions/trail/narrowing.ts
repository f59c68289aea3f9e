/** What narrows a question to the audit trail, whoever asks it: by a search of AuditEvents or by a page. */
import { AppError } from "../../core/errors.ts";
import { parseDateOrDateTime } from "../../core/fhir/fhirpath/temporal.ts";
import type { TrailEvent } from "../../core/formats/audit-trail.ts";
import type { EventCursor, EventQuestion } from "../../pipeline/trail/read-trail.ts";
import { actorNames, actorWord, purposeWord } from "../../pipeline/trail/trail-words.ts";

/** R4's search parameters of AuditEvents that are answered of the audit trail: the CapabilityStatement names them, and no others. */
export const TRAIL_PARAMETERS: ReadonlySet<string> = new Set(["action", "agent", "date", "entity", "outcome", "patient", "subtype", "type"]);

/** One condition: what an event must have (as in EventQuestion), and whether it fits. */
export interface Narrowing {
  readonly words?: readonly string[];
  /** A group, of which an event must have one. */
  readonly anyOf?: readonly string[];
  readonly since?: string;
  readonly until?: string;
  matches(event: TrailEvent): boolean;
}

/** All of them together. */
export function questionBy(narrowings: readonly Narrowing[]): EventQuestion {
  const instants = (of: "since" | "until"): string[] => narrowings.flatMap((one) => one[of] ?? []).sort();
  const [since, until] = [instants("since").at(-1), instants("until")[0]];
  return {
    words: narrowings.flatMap(({ words = [] }) => words),
    anyOf: narrowings.flatMap(({ anyOf }) => (anyOf ? [anyOf] : [])),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    matches: (event: TrailEvent) => narrowings.every((one) => one.matches(event)),
  };
}

/** @param name as `actorNames` has it */
export function ofActor(name: string): Narrowing {
  return { words: [actorWord(name)], matches: ({ who }) => actorNames(who).includes(name) };
}

/** @param code of v3-PurposeOfUse */
export function ofPurpose(code: string): Narrowing {
  return { words: [purposeWord(code)], matches: ({ purpose }) => purpose === code };
}

/** R4 search.html, date: what is written covers all that it leaves open. */
export function ofDate(text: string): Narrowing {
  const [, prefix = "eq", date = ""] =
    /^(eq|ne|ge|gt|le|lt|sa|eb)?(\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?)?)?)$/.exec(text) ?? [];
  const begin = date === "" ? Number.NaN : Date.parse(date.length === 4 ? `${date}-01-01` : date.length === 7 ? `${date}-01` : date);
  // The clock of JavaScript takes the 31st of November for the 1st of December.
  if (Number.isNaN(begin) || !parseDateOrDateTime(date)) throw new AppError("bad-query", `date=${text} is no date of FHIR.`);
  const first = new Date(begin).toISOString();
  const last = new Date(endOf(begin, date) - 1).toISOString();
  switch (prefix) {
    case "ge":
      return { since: first, matches: ({ at }) => at >= first };
    case "gt":
    case "sa":
      return { since: last, matches: ({ at }) => at > last };
    case "le":
      return { until: last, matches: ({ at }) => at <= last };
    case "lt":
    case "eb":
      return { until: first, matches: ({ at }) => at < first };
    case "ne":
      return { matches: ({ at }) => at < first || at > last };
    default:
      return { since: first, until: last, matches: ({ at }) => at >= first && at <= last };
  }
}

function endOf(begin: number, date: string): number {
  const end = new Date(begin);
  if (date.length === 4) end.setUTCFullYear(end.getUTCFullYear() + 1);
  else if (date.length === 7) end.setUTCMonth(end.getUTCMonth() + 1);
  else if (date.length === 10) end.setUTCDate(end.getUTCDate() + 1);
  else if (/\.\d+/.test(date)) return begin + 1;
  else return begin + (/T\d{2}:\d{2}:\d{2}/.test(date) ? 1_000 : 60_000);
  return end.getTime();
}

/** Where a page begins, as it stands in an address. AppError `bad-query`. */
export function cursorOf(value: string): EventCursor {
  const [, skipped, index, log, to] = /^(\d{1,9})(?:~(\d{1,15})~([a-z0-9-]+)~([0-9TZ:.-]+))?$/.exec(value) ?? [];
  if (skipped === undefined) throw new AppError("bad-query", "There is no such page.");
  return { skipped: Number(skipped), batch: log === undefined || to === undefined ? undefined : { index: Number(index), log, to } };
}

/** The same, to be read back. */
export function cursorText({ batch, skipped }: EventCursor): string {
  return batch === undefined ? String(skipped) : `${skipped}~${batch.index}~${batch.log}~${batch.to}`;
}
