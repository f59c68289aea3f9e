/** Auditors' questions to the audit trail (IHE ITI-81). Only whoever has the right `audit` may ask, and that they asked is an event too. */
import type { Asked } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import type { TrailEvent } from "../../core/formats/audit-trail.ts";
import { treeOf, type JsonObject } from "../../core/fhir/tree/tree.ts";
import type { EventCursor, EventPage, EventQuestion, TrailReading } from "../../pipeline/trail/read-trail.ts";
import { actionWord, consentWord, documentWord, eventWord, kindWord, outcomeWord, patientWord } from "../../pipeline/trail/trail-words.ts";
import type { TrailFacts } from "../../reader/trail-facts.ts";
import { isPersonId } from "../../search/derived/person.ts";
import { pathOf } from "../../search/query/resource-id.ts";
import { requireScope, requireTrail, type Access } from "../../security/access.ts";
import { auditEvent, codesOf, RARE_KINDS } from "./audit-event.ts";
import { ofPatient } from "./audit-fields.ts";
import { cursorOf, cursorText, ofActor, ofDate, ofPurpose, questionBy, type Narrowing } from "./narrowing.ts";

export interface TrailQuestions {
  /** A searchset. AppErrors `forbidden`, `bad-query`, `unsupported`. */
  search(asked: Asked, parameters: readonly (readonly [string, string])[]): Promise<JsonObject>;
  /** AppErrors `forbidden`, `not-found`. */
  read(asked: Asked, id: string): Promise<JsonObject>;
}

export interface TrailQuestionNeeds {
  readonly reading: Pick<TrailReading, "find">;
  readonly access: Access;
  readonly facts: Pick<TrailFacts, "patient">;
  /** Absolute address of the FHIR interface. */
  readonly fhirBase: string;
}

/** Nobody narrows a question by more; each word is looked up by itself. */
const MOST_NARROWINGS = 20;
const COUNT = 50;
const MOST = 500;

export function trailQuestions({ reading, access, facts, fhirBase }: TrailQuestionNeeds): TrailQuestions {
  const admit = async (asked: Asked, right: "r" | "s"): Promise<void> => {
    await requireTrail(access, asked);
    await requireScope(access, asked, "AuditEvent", [right]);
  };
  return {
    search: async (asked, parameters) => {
      await admit(asked, "s");
      const { question, count, from } = await questionOf(parameters, facts);
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

async function questionOf(
  parameters: readonly (readonly [string, string])[],
  facts: TrailQuestionNeeds["facts"],
): Promise<{ readonly question: EventQuestion; readonly count: number; readonly from?: EventCursor }> {
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
    else narrowings.push(await narrowingOf(name, value, facts));
  }
  const question = questionBy(narrowings);
  return { question, count, ...(from && { from }) };
}

const IGNORED: ReadonlySet<string> = new Set(["_format", "_pretty", "_sort", "_total"]);

async function narrowingOf(name: string, value: string, facts: TrailQuestionNeeds["facts"]): Promise<Narrowing> {
  if (value === "") throw new AppError("bad-query", `${name} has no value.`);
  if (/(?<!\\),/.test(value)) throw new AppError("unsupported", `${name} has several values: AuditEvent is searched by one at a time.`);
  const token = value.slice(value.lastIndexOf("|") + 1);
  switch (name) {
    case "_id":
      return { words: [eventWord(value)], matches: ({ id }) => id === value };
    case "patient":
    case "patient:Patient":
      return ofReference(value, facts);
    case "patient.identifier":
    case "patient:identifier":
      return ofPatient(await facts.patient(value));
    case "entity":
      return ofEntity(value, facts);
    case "agent":
    case "agent.identifier":
      return ofActor(value);
    case "purpose":
      return ofPurpose(token);
    case "outcome":
      return { words: token === "0" ? [] : [outcomeWord(Number(token))], matches: ({ outcome }) => String(outcome) === token };
    case "action":
      return { words: token === "R" || token === "E" ? [] : [actionWord(token)], matches: ({ action }) => action === token };
    case "type":
    case "subtype":
      return ofCode(name, value);
    case "date":
      return ofDate(value);
    default:
      throw new AppError(
        "unsupported",
        `AuditEvent is not searched by ${name}: by _id, action, agent, date, entity, outcome, patient, purpose, subtype and type it is.`,
      );
  }
}

/** By what the events are called that are shown, a token of R4; a subtype also by our own word for its kind. */
function ofCode(name: "type" | "subtype", value: string): Narrowing {
  const [, system, code = ""] = /^(?:([^|]*)\|)?(.*)$/s.exec(value) ?? [];
  const isCalled = (event: Pick<TrailEvent, "kind" | "action">): boolean => {
    const coding = codesOf(event)[name];
    return coding.code === code && (system === undefined || coding.system === system);
  };
  const isOf = (event: Pick<TrailEvent, "kind" | "action">): boolean => isCalled(event) || (name === "subtype" && event.kind === value);
  // Their codes are the same for every action.
  const rare = RARE_KINDS.filter((kind) => isOf({ kind, action: "E" }));
  return { ...(rare.length > 0 && { anyOf: rare.map(kindWord) }), matches: isOf };
}

/** A Patient by any id that they have here: events name them by one alone. */
async function ofReference(reference: string, facts: TrailQuestionNeeds["facts"]): Promise<Narrowing> {
  const id = reference.replace(/^.*Patient\//, "");
  if (!isPersonId(id) && pathOf(id) === undefined) return { words: [patientWord(id)], matches: () => false };
  return ofPatient(await facts.patient(id));
}

async function ofEntity(value: string, facts: TrailQuestionNeeds["facts"]): Promise<Narrowing> {
  const [, type, id = ""] = /(?:^|\/)([A-Z]\w+)\/([A-Za-z0-9.-]+)(?:\/|$)/.exec(value) ?? [];
  if (type === "Patient") return ofReference(id, facts);
  // One that stands in a document has an id with a point, and is known by the document.
  if (type === "Consent" && !id.includes("."))
    return { words: [consentWord(id)], matches: ({ consents = [] }) => consents.some((one) => one.id === id) };
  const [document = ""] = id.split(".");
  if (document === "") throw new AppError("bad-query", "entity is a reference, such as Bundle/{id}.");
  return { words: [documentWord(document)], matches: ({ documents = [] }) => documents.some((one) => one.id === document) };
}

function countOf(value: string): number {
  const count = Number(value);
  if (!/^\d{1,6}$/.test(value)) throw new AppError("bad-query", `_count=${value} is no count.`);
  return Math.min(MOST, Math.max(1, count));
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
