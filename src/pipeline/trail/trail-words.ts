import type { Actor, TrailEvent } from "../../core/formats/audit-trail.ts";

/**
 * The words that an event is found by, each of which becomes a token. What most events have in common has none: to look for it is to look through all of them.
 */
export function wordsOf({ kind, action, outcome, who, documents = [], consents = [], patient, purpose, id }: TrailEvent): string[] {
  return [
    eventWord(id),
    ...documents.map((document) => documentWord(document.id)),
    ...consents.map((consent) => consentWord(consent.id)),
    ...(patient === undefined ? [] : [patientWord(patient)]),
    ...actorWords(who),
    ...(purpose === undefined ? [] : [purposeWord(purpose)]),
    ...(COMMON_KINDS.has(kind) ? [] : [kindWord(kind)]),
    ...(action === "R" || action === "E" ? [] : [actionWord(action)]),
    ...(outcome === 0 ? [] : [outcomeWord(outcome)]),
  ];
}

export const COMMON_KINDS: ReadonlySet<string> = new Set(["read", "search"]);

const OF_BATCH = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-[0-9]+$/;

/** The id of a batch's event, from 0 on: whoever knows it knows the batch, so that no event needs a token of its own. No full stop: an id that has one is that of a resource in a document. */
export const eventId = (batch: string, n: number): string => `${batch}-${n}`;
/** By what an event is found; what earlier versions wrote has ids that name no batch. */
export function eventWord(id: string): string {
  const batch = OF_BATCH.exec(id)?.[1];
  return batch === undefined ? `event ${id}` : batchWord(batch);
}
export const batchWord = (id: string): string => `batch ${id}`;
export const documentWord = (id: string): string => `document ${id}`;
export const consentWord = (id: string): string => `consent ${id}`;
export const patientWord = (id: string): string => `patient ${id}`;
/** @param name of a person or system `{issuer}|{subject}`; a client's id, a user's name, as they are */
export const actorWord = (name: string): string => `actor ${name}`;
export const purposeWord = (code: string): string => `purpose ${code}`;
export const kindWord = (kind: string): string => `kind ${kind}`;
export const actionWord = (action: string): string => `action ${action}`;
export const outcomeWord = (outcome: number): string => `outcome ${outcome}`;

/** By what somebody is looked for: subject with and without its issuer, and the client that asked for them. */
export function actorNames(who: Actor): string[] {
  switch (who.kind) {
    case "unauthenticated":
    case "anonymous":
      return [who.kind];
    case "program":
    case "operator":
      return [who.name];
    case "person":
    case "system":
      return [...new Set([`${who.issuer}|${who.subject}`, who.subject, ...(who.client === undefined ? [] : [who.client])])];
  }
}

function actorWords(who: Actor): string[] {
  return actorNames(who).map(actorWord);
}
