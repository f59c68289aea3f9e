/** What the pages for auditors ask: events as they were written down, the account of disclosures of one patient, and what stands out. Nothing is kept for it: the trail is read in bounded steps. */
import type { Asked } from "../../core/asked.ts";
import { isKnown } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import type { TrailEvent } from "../../core/formats/audit-trail.ts";
import { UUID } from "../../core/formats/fields.ts";
import type { DocumentSummary } from "../../pipeline/document-forms.ts";
import type { Anomalies, AuditFields, AuditListing, AuditPeriod, Disclosures } from "../../pipeline/render/pages/audit-shown.ts";
import type { EventPage, TrailReading } from "../../pipeline/trail/read-trail.ts";
import type { TrailFacts, TrailPatient } from "../../reader/trail-facts.ts";
import { isPersonId } from "../../search/derived/person.ts";
import { pathOf } from "../../search/query/resource-id.ts";
import { requireScope, requireTrail, type Access } from "../../security/access.ts";
import { foreignReads, isDisclosure, MANY_PATIENTS, manyPatients, rowsOf, type Houses } from "./anomalies.ts";
import { narrowingsOf, ofPatient, ofPeriod, type Find } from "./audit-fields.ts";
import { cursorOf, cursorText, ofPurpose, questionBy } from "./narrowing.ts";

/** Events of a page, and of a part of an account or of what stands out. */
const PAGE = 50;
const PART = 500;
const LOOKED_AT = 5_000;
/** Batches that are opened for a page, or for a part. */
const OPENED = 5_000;
/** Documents whose organisations are looked up together, and for one page. */
const TOGETHER = 500;
const MOST_DOCUMENTS = 5_000;
/** Days that are looked at for what stands out unless others are asked for. */
const DAYS = 7;
const DAY = 86_400_000;

/** AppErrors of all: `forbidden` for whoever lacks the right, `bad-query`, `unavailable`. `page`: what `next` of the page before was. */
export interface AuditPages {
  events(asked: Asked, fields: AuditFields, page: string | undefined): Promise<AuditListing>;
  /** @throws AppError `not-found` also for somebody else than the own patient of whoever may see theirs alone */
  disclosures(asked: Asked, patientId: string, period: AuditPeriod, page: string | undefined): Promise<Disclosures>;
  anomalies(asked: Asked, period: AuditPeriod, page: string | undefined): Promise<Anomalies>;
}

export interface AuditPagesNeeds {
  readonly reading: Pick<TrailReading, "find">;
  /** The days whose events nobody can read any more. */
  endedDays(): Promise<readonly string[]>;
  readonly access: Access;
  readonly facts: TrailFacts;
  /** Whether other instances write into the trail: what waits on their machines cannot be known. */
  hasOthers(): Promise<boolean>;
  /** Batches of events that wait on this machine until they can be written into the trail. */
  waiting(): number;
  /** Those of the documents that whoever asks may read. */
  listed(asked: Asked, ids: readonly string[]): Promise<readonly { readonly summary: DocumentSummary }[]>;
}

export function auditPages(using: AuditPagesNeeds): AuditPages {
  return {
    events: (asked, fields, page) => listEvents(asked, fields, page, using),
    disclosures: (asked, patientId, period, page) => accountOf(asked, patientId, { period, page }, using),
    anomalies: (asked, period, page) => countAnomalies(asked, { period, page }, using),
  };
}

async function admitAuditor(asked: Asked, access: Access): Promise<void> {
  await requireTrail(access, asked);
  await requireScope(access, asked, "AuditEvent", ["s"]);
}

async function listEvents(
  asked: Asked,
  fields: AuditFields,
  page: string | undefined,
  { reading, access, facts }: AuditPagesNeeds,
): Promise<AuditListing> {
  await admitAuditor(asked, access);
  const find: Find = (question, count) => reading.find(question, count, undefined, OPENED);
  const patient = fields.patient === undefined ? undefined : await facts.patient(fields.patient);
  const question = questionBy(await narrowingsOf(fields, { patient, find }));
  const found = await reading.find(question, PAGE, page === undefined ? undefined : cursorOf(page), OPENED);
  return { kind: "events", fields, events: found.events, ...moreOf(found, PAGE), ...(patient && { patientId: patient.id }) };
}

async function accountOf(
  asked: Asked,
  patientId: string,
  { period, page }: { readonly period: AuditPeriod; readonly page: string | undefined },
  using: AuditPagesNeeds,
): Promise<Disclosures> {
  const { isAuditor, patient } = await admitTo(asked, patientId, using);
  const at = new Date().toISOString();
  const given = questionBy([ofPatient(patient), ...ofPeriod(period), { matches: isDisclosure }]);
  const found = await using.reading.find(given, PART, page === undefined ? undefined : cursorOf(page), OPENED);
  const ids = new Set(found.events.flatMap(({ documents = [] }) => documents.map(({ id }) => id)));
  const known = new Map<string, DocumentSummary>();
  for (const some of inGroups([...ids].slice(0, MOST_DOCUMENTS)))
    for (const { summary } of await using.listed(asked, some)) known.set(summary.id, summary);
  const disclosures = found.events.map((event) => ({
    event,
    documents: (event.documents ?? []).map(({ id }) => {
      const { title, type, date, timestamp } = known.get(id) ?? {};
      return { id, ...(title !== undefined && { title: title || type || "" }), ...(date !== undefined && { date: date || timestamp || "" }) };
    }),
  }));
  const { isWhole } = patient;
  const { from = "", to = at } = period;
  const endedDays = (await using.endedDays()).filter((day) => day >= from && day <= to);
  return {
    kind: "disclosures",
    patient: { id: patient.id, ...calledBy([...known.values()].toSorted((one, other) => (one.receivedAt < other.receivedAt ? 1 : -1))[0]) },
    ...{ period, at, disclosures, isWhole, isAuditor, isWaiting: using.waiting() > 0, hasOthers: await using.hasOthers(), endedDays },
    ...(page !== undefined && { page }),
    ...(found.next && { next: cursorText(found.next) }),
  };
}

/** Whoever may see the whole trail may ask about everybody; whoever may see their own patient's, about them: others do not exist. */
async function admitTo(
  asked: Asked,
  patientId: string,
  { access, facts }: AuditPagesNeeds,
): Promise<{ readonly isAuditor: boolean; readonly patient: TrailPatient }> {
  const { trailOf } = await access.grantOf(asked);
  if (trailOf === "none") await requireTrail(access, asked);
  await requireScope(access, asked, "AuditEvent", ["s"]);
  const missing = new AppError("not-found", `There is no patient ${patientId} here.`);
  if (!isPersonId(patientId) && !UUID.test(patientId) && pathOf(patientId) === undefined) throw missing;
  const patient = await facts.patient(patientId);
  if (trailOf === "all") return { isAuditor: true, patient };
  const own = isKnown(asked.caller) && asked.caller.patient !== undefined ? await facts.patient(asked.caller.patient) : undefined;
  if (own?.id !== patient.id) throw missing;
  return { isAuditor: false, patient };
}

/** As the newest document calls the patient that whoever asks may read. */
function calledBy(summary: DocumentSummary | undefined): Omit<Disclosures["patient"], "id"> {
  const { patientName, patientBirthDate, patientIdentifiers = [] } = summary ?? {};
  return {
    ...(patientName !== undefined && { name: patientName }),
    ...(patientBirthDate !== undefined && { birthDate: patientBirthDate }),
    identifiers: patientIdentifiers.map(({ system, value }) => (system === undefined ? value : `${system}|${value}`)),
  };
}

async function countAnomalies(
  asked: Asked,
  { period, page }: { readonly period: AuditPeriod; readonly page: string | undefined },
  { reading, access, facts }: AuditPagesNeeds,
): Promise<Anomalies> {
  await admitAuditor(asked, access);
  ofPeriod(period);
  const to = period.to ?? new Date().toISOString().slice(0, 10);
  const within = { to, from: period.from ?? new Date(Date.parse(to) - (DAYS - 1) * DAY).toISOString().slice(0, 10) };
  const during = ofPeriod(within);
  const found = await reading.find(
    questionBy([...during, { matches: isDisclosure }]),
    LOOKED_AT,
    page === undefined ? undefined : cursorOf(page),
    OPENED,
  );
  // Few of all events: they are found by their purpose, whatever else there is.
  const emergencies = await reading.find(questionBy([...during, ofPurpose("BTG")]), LOOKED_AT, undefined, OPENED);
  const { rows: foreign, undecided } = foreignReads(found.events, await housesOf(found.events, facts));
  const { next, reached } = moreOf(found, 0);
  return {
    ...{ kind: "anomalies", period: within, looked: found.events.length, foreign, undecided },
    emergency: rowsOf(emergencies.events),
    isEmergencyWhole: emergencies.next === undefined,
    manyPatients: manyPatients(found.events),
    many: MANY_PATIENTS,
    ...(next !== undefined && { next, reached: reached ?? found.events.at(-1)?.at ?? "" }),
  };
}

async function housesOf(events: readonly TrailEvent[], facts: TrailFacts): Promise<Houses> {
  const ids = new Set(events.flatMap(({ documents = [] }) => documents.map(({ id }) => id)));
  const houses = new Map<string, ReadonlySet<string>>();
  for (const some of inGroups([...ids].slice(0, MOST_DOCUMENTS))) for (const [id, own] of await facts.houses(some)) houses.set(id, own);
  return houses;
}

function inGroups(ids: readonly string[]): (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / TOGETHER) }, (_, at) => ids.slice(at * TOGETHER, (at + 1) * TOGETHER));
}

/** Where the next page begins; and back to when was looked, where this one is not full. */
function moreOf({ events, next }: EventPage, full: number): { readonly next?: string; readonly reached?: string } {
  if (!next) return {};
  return { next: cursorText(next), ...(events.length < full && next.batch && { reached: next.batch.to }) };
}
