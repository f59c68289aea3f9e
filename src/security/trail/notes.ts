/** What is taken down while a request is answered, and the events that come of it. */
import { isKnown, type Caller, type Noted, type NotedConsent, type NotedDeed, type NotedDocument, type NotedRefusal } from "../../core/asked.ts";
import { BREAK_GLASS } from "../glass/broken-glass.ts";
import type { Actor, NewTrailEvent, Outcome, TrailConsent, TrailDocument, TrailEvent, TrailKind } from "../../core/formats/audit-trail.ts";

/** What one request did, but for the documents. */
export interface Told extends Omit<NewTrailEvent, "documents" | "consents" | "patient" | "who"> {
  readonly caller: Caller;
  /** The id that a deposit got, where the answer names one: of what was here already it is that of the first. */
  readonly storedAs?: string;
}

/** The logical id of the Patient whom keys of same-person.ts name; undefined where they name none. */
export type PatientOf = (keys: readonly string[]) => Promise<string | undefined>;

interface Refused extends NotedRefusal {
  readonly document: NotedDocument;
  readonly deed: NotedDeed;
}

type ConsentPatient = Parameters<Noted["consent"]>[1];

/** What one event is about. */
interface Group {
  readonly patient: string | undefined;
  readonly isDeposit: boolean;
  readonly glass: string | undefined;
  readonly documents: TrailDocument[];
  readonly consents: TrailConsent[];
}

interface Note {
  readonly document: NotedDocument;
  readonly deeds: Set<NotedDeed>;
  /** The broken glass that it was permitted by. */
  readonly glass: string | undefined;
}

/** Confidentiality and labels as Coding has them. */
const CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
/** A request tells of so many documents at most, each by itself; of more it would be no page of a search. */
const MOST = 10_000;

/** One request's notes. */
export class Notes implements Noted {
  readonly #permitted = new Map<string, Note>();
  readonly #refused = new Map<string, Refused>();
  #isProvided = false;
  readonly #resources = new Set<string>();
  readonly #consents = new Map<string, { readonly consent: NotedConsent; readonly patient: ConsentPatient }>();

  decided(deed: NotedDeed, document: NotedDocument, refusal?: NotedRefusal, glass?: string): void {
    if (refusal) return void (this.#refused.size < MOST && this.#refused.set(document.id, { document, deed, ...refusal }));
    const known = this.#permitted.get(document.id);
    if (known) known.deeds.add(deed);
    else if (this.#permitted.size < MOST) this.#permitted.set(document.id, { document, deeds: new Set([deed]), glass });
  }

  provided(): void {
    this.#isProvided = true;
  }

  consent({ id, version }: NotedConsent, patient: ConsentPatient): void {
    if (this.#consents.size < MOST) this.#consents.set(id, { consent: { id, version }, patient });
  }

  resource(reference: string): void {
    if (this.#resources.size < MOST) this.#resources.add(reference);
  }

  /**
   * The events of a request: one for each patient of whom something was disclosed or stored, and apart by which of the two it was and by whether it took broken glass; one where there is nobody. Of a request that was refused the documents
   * that it was refused are told, with the decision's reason, which the caller was not told. Where consents decided so, that is an event of its own for each patient (IHE PCF, BALP's AuthZconsent).
   */
  async events(given: Told, patientOf: PatientOf): Promise<NewTrailEvent[]> {
    const told = this.#isProvided ? provided(given) : given;
    const { caller, storedAs, ...facts } = told;
    const isRefused = told.outcome !== 0;
    const resources = isRefused ? [] : [...this.#resources];
    const base = { ...facts, who: actorOf(caller), ...(resources.length > 0 && { resources }) };
    const refused = [...this.#refused.values()];
    const reason = isRefused ? (refused[0]?.reason ?? told.reason) : told.reason;
    // A document that another one's page only names is no disclosure of its content, unless nothing else is told.
    const notes = [...this.#permitted.values()].filter(({ deeds }) => deeds.size > 1 || !deeds.has("relate"));
    const deposits = notes.filter(({ deeds }) => deeds.has("deposit")).length;
    const documents =
      isRefused && refused.length > 0 ? refused.map(({ document }) => ({ document, isDeposit: false, glass: undefined })) : notes.map(placed);
    const groups = new Map<string, Group>();
    const decisions = await this.#decisions({ ...base, ...(reason !== undefined && { reason }) }, patientOf);
    for (const { document, isDeposit, glass } of documents) {
      const person = await patientOf(document.patient);
      // What was not stored has no id that anybody will ever see again.
      const isStored = !isDeposit || !isRefused;
      const patient = person ?? (isStored ? `of:${document.id}` : undefined);
      const key = `${String(isDeposit)} ${glass ?? ""} ${patient ?? ""}`;
      const group = groups.get(key) ?? { patient, isDeposit, glass, documents: [], consents: [] };
      if (isStored) group.documents.push(trailDocument(document, deposits === 1 && isDeposit ? storedAs : undefined));
      groups.set(key, group);
    }
    for (const { consent, patient: about } of isRefused ? [] : this.#consents.values()) {
      const patient = await consentPatient(about, patientOf);
      const key = `false  ${patient ?? ""}`;
      const group = groups.get(key) ?? { patient, isDeposit: false, glass: undefined, documents: [], consents: [] };
      group.consents.push(consent);
      groups.set(key, group);
    }
    // Of what was here already nothing is decided: it is told by its id alone.
    const known = storedAs === undefined ? {} : { documents: [{ id: storedAs }] };
    if (groups.size === 0) return [{ ...base, ...known, ...(reason !== undefined && { reason }) }, ...decisions];
    const events = [...groups.values()].map(({ patient, isDeposit, glass, documents: own, consents }) => ({
      ...base,
      ...deedOf(told, isDeposit),
      ...(own.length > 0 && { documents: own }),
      ...(consents.length > 0 && { consents }),
      ...(patient !== undefined && { patient }),
      ...(reason !== undefined && { reason }),
      ...(glass !== undefined && { purpose: BREAK_GLASS, text: `through broken glass ${glass}` }),
    }));
    return [...events, ...decisions];
  }

  /** What consents decided against the caller. That another document may not even be named beside one that is shown is no refusal of what was asked for. */
  async #decisions(base: Omit<NewTrailEvent, "kind" | "action">, patientOf: PatientOf): Promise<NewTrailEvent[]> {
    const isRefused = base.outcome !== 0;
    const groups = new Map<string, Group & { readonly reason: string }>();
    for (const { document, deed, reason, consents = [] } of this.#refused.values()) {
      if (consents.length === 0 || (deed !== "read" && !isRefused)) continue;
      const patient = (await patientOf(document.patient)) ?? `of:${document.id}`;
      const group = groups.get(patient) ?? { patient, isDeposit: false, glass: undefined, documents: [], consents: [], reason };
      group.documents.push(trailDocument(document));
      group.consents.push(...consents.filter(({ id }) => group.consents.every((one) => one.id !== id)));
      groups.set(patient, group);
    }
    return [...groups.values()].map(({ patient, documents, consents, reason }) => ({
      ...{ ...base, kind: "decision", action: "E", outcome: 4, reason, documents, consents },
      ...(patient !== undefined && { patient }),
    }));
  }
}

function placed({ document, deeds, glass }: Note): Pick<Note, "document" | "glass"> & { readonly isDeposit: boolean } {
  return { document, glass, isDeposit: deeds.has("deposit") };
}

/** A transaction is no search, whatever becomes of it; of a DocumentReference that is published by itself the address says so (ITI-105). */
function provided(told: Told): Told {
  const { request } = told;
  if (request?.route !== "/fhir") return told;
  return { ...told, kind: "create", action: "C", request: { ...request, transaction: "ITI-65" } };
}

async function consentPatient({ keys, documents: [first] }: ConsentPatient, patientOf: PatientOf): Promise<string | undefined> {
  const person = keys.length > 0 ? await patientOf(keys) : undefined;
  return person ?? (first === undefined ? undefined : `of:${first}`);
}

/** In a batch what is stored and what is read stand beside each other. */
function deedOf({ kind, action }: Told, isDeposit: boolean): { readonly kind: TrailKind; readonly action: TrailEvent["action"] } {
  if (isDeposit) return { kind: kind === "update" ? kind : "create", action: kind === "update" ? "U" : "C" };
  return kind === "create" ? { kind: "read", action: "R" } : { kind, action };
}

function trailDocument({ id, confidentiality, labels }: NotedDocument, storedAs?: string): TrailDocument {
  const all = [...confidentiality.map((code) => `${CONFIDENTIALITY}|${code}`), ...labels];
  return { id: storedAs ?? id, ...(all.length > 0 && { labels: [...new Set(all)] }) };
}

/** A caller, as the trail keeps it. Scopes and clearance are the policy's business; the token is named, so that its issuer can be asked. */
export function actorOf(caller: Caller): Actor {
  if (!isKnown(caller)) return caller;
  const { kind, issuer, subject, name, client, roles, organisations, token } = caller;
  return { kind, issuer, subject, name, roles, organisations, ...(client !== undefined && { client }), ...(token !== undefined && { token }) };
}

/** What a status says of the outcome: refused is a minor failure, a fault of ours a serious one. */
export function outcomeOf(status: number): Outcome {
  return status < 400 ? 0 : status < 500 ? 4 : 8;
}
