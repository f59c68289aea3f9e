/** Auditors' questions to the audit trail (IHE ITI-81). Only whoever has the right `audit` may ask, and that they asked is an event too. */
import type { Asked } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import { treeOf, type JsonObject } from "../../core/fhir/tree/tree.ts";
import type { TrailEvent } from "../../core/formats/audit-trail.ts";
import type { EventCursor, EventPage, EventQuestion, TrailReading } from "../../pipeline/trail/read-trail.ts";
import {
  actionWord,
  actorNames,
  actorWord,
  documentWord,
  eventWord,
  outcomeWord,
  patientWord,
  purposeWord,
} from "../../pipeline/trail/trail-words.ts";
import { requireRight, requireScope, type Access } from "../../security/access.ts";
import { auditEvent } from "./audit-event.ts";

export interface TrailQuestions {
  /** A searchset. AppErrors `forbidden`, `bad-query`, `unsupported`. */
  search(asked: Asked, parameters: readonly (readonly [string, string])[]): Promise<JsonObject>;
  /** AppErrors `forbidden`, `not-found`. */
  read(asked: Asked, id: string): Promise<JsonObject>;
}

export interface TrailQuestionNeeds {
  readonly reading: Pick<TrailReading, "find">;
  readonly access: Access;
  /** Absolute address of the FHIR interface. */
  readonly fhirBase: string;
}

/** Nobody narrows a question by more; each word is looked up by itself. */
const MOST_NARROWINGS = 20;
const COUNT = 50;
const MOST = 500;

interface Narrowing {
  readonly words?: readonly string[];
  readonly since?: string;
  readonly until?: string;
  matches(event: TrailEvent): boolean;
}

export function trailQuestions({ reading, access, fhirBase }: TrailQuestionNeeds): TrailQuestions {
  const admit = async (asked: Asked, right: "r" | "s"): Promise<void> => {
    await requireRight(access, asked, "audit");
    await requireScope(access, asked, "AuditEvent", [right]);
  };
  return {
    search: async (asked, parameters) => {
      await admit(asked, "s");
      const { question, count, from } = questionOf(parameters);
      const page = await reading.find(question, count, from);
      return treeOf(bundleOf(page, parameters, fhirBase)) as JsonObject;
    },
    read: async (asked, id) => {
      await admit(asked, "r");
      const { events } = await reading.find({ words: [eventWord(id)], matches: (event) => event.id === id }, 1);
      if (!events[0]) throw new AppError("not-found", `There is no AuditEvent/${id} here.`);
      return treeOf(auditEvent(events[0], fhirBase)) as JsonObject;
    },
  };
}

function questionOf(parameters: readonly (readonly [string, string])[]): {
  readonly question: EventQuestion;
  readonly count: number;
  readonly from?: EventCursor;
} {
  const narrowings: Narrowing[] = [];
  // The same asked twice is asked once.
  const distinct = [...new Map(parameters.map((one) => [JSON.stringify(one), one])).values()];
  if (distinct.length > MOST_NARROWINGS) throw new AppError("bad-query", `A search of AuditEvents has at most ${MOST_NARROWINGS} parameters.`);
  let count = COUNT;
  let from: EventCursor | undefined;
  for (const [name, value] of distinct) {
    if (IGNORED.has(name)) continue;
    if (name === "_count") count = countOf(value);
    else if (name === "page") from = cursorOf(value);
    else narrowings.push(narrowingOf(name, value));
  }
  const instants = (of: "since" | "until"): string[] => narrowings.flatMap((one) => one[of] ?? []).sort();
  const [since, until] = [instants("since").at(-1), instants("until")[0]];
  const question = {
    words: narrowings.flatMap(({ words = [] }) => words),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    matches: (event: TrailEvent) => narrowings.every((one) => one.matches(event)),
  };
  return { question, count, ...(from && { from }) };
}

const IGNORED: ReadonlySet<string> = new Set(["_format", "_pretty", "_sort", "_total"]);

function narrowingOf(name: string, value: string): Narrowing {
  if (value === "") throw new AppError("bad-query", `${name} has no value.`);
  const token = value.slice(value.lastIndexOf("|") + 1);
  switch (name) {
    case "_id":
      return { words: [eventWord(value)], matches: ({ id }) => id === value };
    case "patient":
    case "patient.identifier":
      return ofPatient(value.replace(/^.*Patient\//, ""));
    case "entity":
      return ofEntity(value);
    case "agent":
    case "agent.identifier":
      return { words: [actorWord(value)], matches: ({ who }) => actorNames(who).includes(value) };
    case "purpose":
      return { words: [purposeWord(token)], matches: ({ purpose }) => purpose === token };
    case "outcome":
      return { words: token === "0" ? [] : [outcomeWord(Number(token))], matches: ({ outcome }) => String(outcome) === token };
    case "action":
      return { words: token === "R" || token === "E" ? [] : [actionWord(token)], matches: ({ action }) => action === token };
    case "subtype":
      return { matches: ({ kind }) => kind === token };
    case "date":
      return ofDate(value);
    default:
      throw new AppError(
        "unsupported",
        `AuditEvent is not searched by ${name}: by _id, action, agent, date, entity, outcome, patient, purpose and subtype it is.`,
      );
  }
}

/** A Patient in a document, `{document}.{entry}`, stands alone: it is known by the document. */
function ofPatient(id: string): Narrowing {
  const [document = ""] = id.split(".");
  const wanted = id.includes(".") ? `of:${document}` : id;
  return { words: [patientWord(wanted)], matches: ({ patient }) => patient === wanted };
}

function ofEntity(value: string): Narrowing {
  const [, type, id = ""] = /(?:^|\/)([A-Z]\w+)\/([A-Za-z0-9.-]+)(?:\/|$)/.exec(value) ?? [];
  if (type === "Patient") return ofPatient(id);
  const [document = ""] = id.split(".");
  if (document === "") throw new AppError("bad-query", "entity is a reference, such as Bundle/{id}.");
  return { words: [documentWord(document)], matches: ({ documents = [] }) => documents.some((one) => one.id === document) };
}

/** R4 search.html, date: what is written covers all that it leaves open. */
function ofDate(text: string): Narrowing {
  const [, prefix = "eq", date = ""] =
    /^(eq|ne|ge|gt|le|lt|sa|eb)?(\d{4}(?:-\d{2}(?:-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?)?)?)$/.exec(text) ?? [];
  const begin = date === "" ? Number.NaN : Date.parse(date.length === 4 ? `${date}-01-01` : date.length === 7 ? `${date}-01` : date);
  if (Number.isNaN(begin)) throw new AppError("bad-query", `date=${text} is no date of FHIR.`);
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

function countOf(value: string): number {
  const count = Number(value);
  if (!/^\d{1,6}$/.test(value)) throw new AppError("bad-query", `_count=${value} is no count.`);
  return Math.min(MOST, Math.max(1, count));
}

function cursorOf(value: string): EventCursor {
  const [, skipped, index, log, to] = /^(\d{1,9})(?:~(\d{1,15})~([a-z0-9-]+)~([0-9TZ:.-]+))?$/.exec(value) ?? [];
  if (skipped === undefined) throw new AppError("bad-query", "There is no such page.");
  return { skipped: Number(skipped), batch: log === undefined || to === undefined ? undefined : { index: Number(index), log, to } };
}

function cursorText({ batch, skipped }: EventCursor): string {
  return batch === undefined ? String(skipped) : `${skipped}~${batch.index}~${batch.log}~${batch.to}`;
}

function bundleOf({ events, next }: EventPage, parameters: readonly (readonly [string, string])[], fhirBase: string): object {
  const address = (page?: EventCursor): string => {
    const query = new URLSearchParams(parameters.filter(([name]) => name !== "page").map(([name, value]) => [name, value]));
    if (page) query.set("page", cursorText(page));
    return `${fhirBase}/AuditEvent${query.size > 0 ? `?${query.toString()}` : ""}`;
  };
  const isWhole = next === undefined && !parameters.some(([name]) => name === "page");
  return {
    resourceType: "Bundle",
    type: "searchset",
    ...(isWhole && { total: events.length }),
    link: [{ relation: "self", url: address() }, ...(next ? [{ relation: "next", url: address(next) }] : [])],
    ...(events.length > 0 && {
      entry: events.map((event) => ({
        fullUrl: `${fhirBase}/AuditEvent/${event.id}`,
        resource: auditEvent(event, fhirBase),
        search: { mode: "match" },
      })),
    }),
  };
}
