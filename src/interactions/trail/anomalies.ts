/** What an auditor asks for first, counted from events: documents of other organisations, emergency access, many patients in little time. */
import type { Actor, TrailEvent } from "../../core/formats/audit-trail.ts";
import { actorNames } from "../../pipeline/trail/trail-words.ts";
import type { AnomalyRow } from "../../pipeline/render/pages/audit-shown.ts";

const HOUR = 3_600_000;
/** More patients within an hour stand out. */
export const MANY_PATIENTS = 20;

/** Whose documents are, by their ids (TrailFacts.houses). */
export type Houses = ReadonlyMap<string, ReadonlySet<string>>;

/** Kinds by which something of documents is given; of what else an event tells, nothing is: what is stored, ended, administered, or permitted (broken glass) and perhaps never used. */
const GIVES: ReadonlySet<string> = new Set(["read", "search", "operation"]);

/** Something of documents was given to somebody. */
export function isDisclosure({ outcome, kind, documents = [] }: TrailEvent): boolean {
  return outcome === 0 && GIVES.has(kind) && documents.length > 0;
}

/**
 * Who read documents of other organisations: none for which the reader acts is custodian or an author's. Of a reader who is not known or acts for none, and of a document that names none by an identifier or is gone, it
 * cannot be told: those events are counted.
 */
export function foreignReads(events: readonly TrailEvent[], houses: Houses): { readonly rows: AnomalyRow[]; readonly undecided: number } {
  let undecided = 0;
  const foreign = events.filter(({ who, documents = [] }) => {
    const own = new Set("organisations" in who ? who.organisations : []);
    const known = own.size === 0 ? [] : documents.flatMap(({ id }) => { const of = houses.get(id); return of && of.size > 0 ? [of] : []; }); // prettier-ignore
    const isForeign = known.some((of) => ![...of].some((one) => own.has(one)));
    if (!isForeign && known.length < documents.length) undecided += 1;
    return isForeign;
  });
  return { rows: rowsOf(foreign), undecided };
}

/** By person, the one with most events first. */
export function rowsOf(events: readonly TrailEvent[]): AnomalyRow[] {
  return inOrder([...byActor(events)].map(([agent, own]) => rowOf(agent, own, patientsIn(own))));
}

/** Who came upon more than MANY_PATIENTS within an hour. */
export function manyPatients(events: readonly TrailEvent[]): AnomalyRow[] {
  const rows = [...byActor(events)].flatMap(([agent, own]) => {
    const most = mostWithinAnHour(own);
    return most > MANY_PATIENTS ? [rowOf(agent, own, most)] : [];
  });
  return inOrder(rows, "patients");
}

function mostWithinAnHour(events: readonly TrailEvent[]): number {
  const inTime = events.map(({ at, patient }) => ({ at: Date.parse(at), patient })).toSorted((one, other) => one.at - other.at);
  const within = new Map<string, number>();
  let [most, begin] = [0, 0];
  for (const { at, patient } of inTime) {
    if (patient !== undefined) within.set(patient, (within.get(patient) ?? 0) + 1);
    for (let first = inTime[begin]; first && first.at <= at - HOUR; first = inTime[begin]) {
      begin += 1;
      if (first.patient === undefined) continue;
      const left = (within.get(first.patient) ?? 0) - 1;
      if (left > 0) within.set(first.patient, left);
      else within.delete(first.patient);
    }
    most = Math.max(most, within.size);
  }
  return most;
}

function byActor(events: readonly TrailEvent[]): Map<string, TrailEvent[]> {
  return Map.groupBy(events, ({ who }) => actorNames(who)[0] ?? who.kind);
}

function rowOf(agent: string, events: readonly TrailEvent[], patients: number): AnomalyRow {
  const latest = events.reduce((newest, { at }) => (at > newest ? at : newest), "");
  return { agent, name: nameOf(events[0]?.who) ?? agent, events: events.length, patients, latest };
}

function nameOf(who: Actor | undefined): string | undefined {
  return who && "name" in who ? who.name : undefined;
}

function patientsIn(events: readonly TrailEvent[]): number {
  return new Set(events.flatMap(({ patient }) => patient ?? [])).size;
}

function inOrder(rows: readonly AnomalyRow[], by: "events" | "patients" = "events"): AnomalyRow[] {
  return rows.toSorted((one, other) => other[by] - one[by]);
}
