/**
 * Glass that a person broke: for a reason that they gave, the documents of one patient are open to them until a moment that was fixed when they did. Source: R4 security-labels.html, "Break the Glass"; issue
 * "Let the right people in". docs/design/break-glass.md.
 */
import type { KnownCaller, OpenGlass } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";

/** The purpose of use under which everything is that broken glass opens (v3-ActReason). */
export const BREAK_GLASS = "BTG";

/** Why somebody breaks it (v3-ActReason): an emergency, treatment that nobody gave access for in time, a threat to somebody's safety. */
export const GLASS_REASONS = ["ETREAT", "TREAT", "THREAT"] as const;
export type GlassReason = (typeof GLASS_REASONS)[number];

/** Characters of what a person writes as their reason. */
export const SHORTEST_REASON = 10;
export const LONGEST_REASON = 500;

/** Who broke it, as the audit trail names them. */
export type GlassPerson = Pick<KnownCaller, "issuer" | "subject" | "name" | "roles" | "organisations">;

export interface BrokenGlass extends OpenGlass {
  readonly person: GlassPerson;
  /** The logical id of the Patient, or `of:` and the id of the document whose patient stands alone. */
  readonly about: string;
  /** How the person named the patient: an identifier's value, or a document's id. */
  readonly named: string;
  /** That it is a document's id; absent in what was broken before this was kept. */
  readonly byDocument?: boolean | undefined;
  readonly reason: GlassReason;
  /** An instant. */
  readonly from: string;
  /** How it ended, where somebody noticed; without it, `until` says. `person`: they ended it themselves. */
  readonly ended?: { readonly at: string; readonly by: "person" | "time" } | undefined;
}

/** Whether it is open at a moment. */
export function isOpenAt({ until, ended }: Pick<BrokenGlass, "until" | "ended">, now: Date): boolean {
  return ended === undefined && now.getTime() < Date.parse(until);
}

/** Whether it was this caller who broke it. */
export function isOf({ person }: Pick<BrokenGlass, "person">, { issuer, subject }: Pick<KnownCaller, "issuer" | "subject">): boolean {
  return person.issuer === issuer && person.subject === subject;
}

/** As it is kept: JSON. */
export function formatGlass({ id: _id, ...glass }: BrokenGlass): string {
  return JSON.stringify(glass);
}

/** Reads what was kept; properties that it does not know it passes over. AppError `damaged`. */
export function readGlass(id: string, value: string): BrokenGlass {
  const damaged = (): AppError => new AppError("damaged", `what was entered as broken glass ${id} is none`);
  const texts = (list: unknown): list is string[] => Array.isArray(list) && list.every((one) => typeof one === "string");
  const read = JSON.parse(value) as Partial<Record<keyof BrokenGlass, unknown>>;
  const { person, patient, about, named, byDocument, reason, text, from, until, ended } = read as Partial<BrokenGlass>;
  const isWhole =
    person !== undefined &&
    [person.issuer, person.subject, person.name, about, named, reason, text, from, until].every((one) => typeof one === "string") &&
    texts(person.roles) &&
    texts(person.organisations) &&
    patient !== undefined &&
    texts(patient.keys) &&
    texts(patient.documents) &&
    (byDocument === undefined || typeof byDocument === "boolean") &&
    Number.isFinite(Date.parse(until ?? ""));
  if (!isWhole) throw damaged();
  return { ...(read as Omit<BrokenGlass, "id">), id, ...(ended && { ended }) };
}
