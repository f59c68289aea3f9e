/** What an auditor typed, as a question to the trail. */
import { AppError } from "../../core/errors.ts";
import type { TrailEvent } from "../../core/formats/audit-trail.ts";
import { uuidIn } from "../../core/formats/fields.ts";
import type { EventPage, EventQuestion } from "../../pipeline/trail/read-trail.ts";
import { actorNames, actorWord, COMMON_KINDS, documentWord, kindWord, outcomeWord, patientWord } from "../../pipeline/trail/trail-words.ts";
import { AUDIT_KINDS, type AuditFields, type AuditPeriod } from "../../pipeline/render/pages/audit-shown.ts";
import type { TrailPatient } from "../../reader/trail-facts.ts";
import { ofActor, ofDate, ofPurpose, type Narrowing } from "./narrowing.ts";

/** Asks the trail for one page. */
export type Find = (question: EventQuestion, count: number) => Promise<EventPage>;

/** What each field narrows. AppError `bad-query`. */
export async function narrowingsOf(
  fields: AuditFields,
  { patient, find }: { readonly patient: TrailPatient | undefined; readonly find: Find },
): Promise<Narrowing[]> {
  const { agent, document, purpose, outcome, kind } = fields;
  return [
    ...(patient ? [ofPatient(patient)] : []),
    ...(agent === undefined ? [] : [await ofAgent(agent, find)]),
    ...(document === undefined ? [] : [ofDocument(document)]),
    ...ofPeriod(fields),
    ...(purpose === undefined ? [] : [ofPurpose(purpose)]),
    ...(outcome === undefined ? [] : [ofOutcome(outcome)]),
    ...(kind === undefined ? [] : [ofKind(kind)]),
  ];
}

/** Of a patient, whatever name an event has for them. */
export function ofPatient({ names }: Pick<TrailPatient, "names">): Narrowing {
  const wanted = new Set(names);
  return { anyOf: names.map(patientWord), matches: ({ patient }) => patient !== undefined && wanted.has(patient) };
}

/** Both days are within. AppError `bad-query`. */
export function ofPeriod({ from, to }: AuditPeriod): Narrowing[] {
  for (const day of [from, to])
    if (day !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new AppError("bad-query", `${day} is no day: write it as 2026-03-14.`);
  return [...(from === undefined ? [] : [ofDate(`ge${from}`)]), ...(to === undefined ? [] : [ofDate(`le${to}`)])];
}

/** By what identifies somebody, which the trail is found by; nobody having that, by a part of the name as people read it, which is looked for event by event. */
async function ofAgent(text: string, find: Find): Promise<Narrowing> {
  const exact = ofActor(text);
  if (text.includes("|")) return exact;
  const { events } = await find({ words: [actorWord(text)], matches: exact.matches }, 1);
  if (events.length > 0) return exact;
  const wanted = text.toLowerCase();
  return { matches: ({ who }) => [...actorNames(who), "name" in who ? who.name : ""].some((name) => name.toLowerCase().includes(wanted)) };
}

function ofDocument(text: string): Narrowing {
  const id = uuidIn(text);
  if (id === undefined) throw new AppError("bad-query", "A document is named by its id or its address.");
  return { words: [documentWord(id)], matches: ({ documents = [] }) => documents.some((one) => one.id === id) };
}

function ofOutcome(outcome: string): Narrowing {
  if (outcome === "success") return { matches: (event) => event.outcome === 0 };
  if (outcome === "refused") return { words: [outcomeWord(4)], matches: (event) => event.outcome === 4 };
  if (outcome === "failed") return { anyOf: [outcomeWord(8), outcomeWord(12)], matches: (event) => event.outcome > 4 };
  throw new AppError("bad-query", "outcome is success, refused or failed.");
}

function ofKind(kind: string): Narrowing {
  if (!AUDIT_KINDS.some((one) => one === kind)) throw new AppError("bad-query", `kind is one of ${AUDIT_KINDS.join(", ")}.`);
  return { ...(!COMMON_KINDS.has(kind) && { words: [kindWord(kind)] }), matches: (event: TrailEvent) => event.kind === kind };
}
