/** What the pages about the audit trail show. */
import type { TrailEvent, TrailKind } from "../../../core/formats/audit-trail.ts";

/** The fields by which events are found, by the names that they have in the address. */
export const AUDIT_FIELDS = ["patient", "agent", "document", "from", "to", "purpose", "outcome", "kind"] as const;
export type AuditField = (typeof AUDIT_FIELDS)[number];

/** What was typed into them; those that were left empty are absent. */
export type AuditFields = Readonly<Partial<Record<AuditField, string>>>;

/** What `outcome` may be. */
export const AUDIT_OUTCOMES = ["success", "refused", "failed"] as const;
/** What `kind` may be. */
export const AUDIT_KINDS: readonly TrailKind[] = [
  ...(["read", "search", "create", "update", "operation", "sign-in", "sign-out", "token", "consent", "decision"] as const),
  ...(["emergency", "emergency-over", "erasure", "hold", "release", "policy", "settings", "command"] as const),
];
/** What `purpose` may be chosen as: v3-PurposeOfUse has more, and an address may name any. */
export const AUDIT_PURPOSES = ["TREAT", "ETREAT", "BTG", "PATRQT", "HPAYMT", "HOPERAT", "HRESCH", "PUBHLTH"] as const;

/** A page of events, the newest first. */
export interface AuditListing {
  readonly kind: "events";
  readonly fields: AuditFields;
  readonly events: readonly TrailEvent[];
  /** Where the next page begins; absent on the last one. */
  readonly next?: string;
  /** An instant: the page is not full, but what is older was not looked at yet. */
  readonly reached?: string;
  /** Of whom they are, where that was asked. */
  readonly patientId?: string;
}

/** Days, `YYYY-MM-DD` in UTC, both of them within. */
export interface AuditPeriod {
  readonly from?: string;
  readonly to?: string;
}

/** A document of which something was disclosed; what it is, where whoever asks may read it. */
export interface DisclosedDocument {
  readonly id: string;
  readonly title?: string;
  readonly date?: string;
}

export interface Disclosure {
  readonly event: TrailEvent;
  readonly documents: readonly DisclosedDocument[];
}

/** The account of disclosures of one patient, or a part of it. */
export interface Disclosures {
  readonly kind: "disclosures";
  readonly patient: { readonly id: string; readonly name?: string; readonly birthDate?: string; readonly identifiers: readonly string[] };
  readonly period: AuditPeriod;
  /** An instant: as of when. */
  readonly at: string;
  /** The newest first. */
  readonly disclosures: readonly Disclosure[];
  /** Where this part begins, and the next one; absent on the first and the last. */
  readonly page?: string;
  readonly next?: string;
  /** False where the patient may be known by others than the names that were looked for. */
  readonly isWhole: boolean;
  /** Whether events wait that could not be written into the trail yet. */
  readonly isWaiting: boolean;
  /** Whether other instances write into the trail too: what waits on their machines is not known here. */
  readonly hasOthers: boolean;
  /** Days of the period, in their order, of which nobody can say anything any more: their keys were destroyed. */
  readonly endedDays: readonly string[];
  /** Whether whoever asks may see all of the trail: links lead there. */
  readonly isAuditor: boolean;
}

/** What somebody did of a kind that stands out. */
export interface AnomalyRow {
  readonly name: string;
  /** What `agent` of AUDIT_FIELDS is to be. */
  readonly agent: string;
  readonly events: number;
  readonly patients: number;
  /** An instant. */
  readonly latest: string;
}

export interface Anomalies {
  readonly kind: "anomalies";
  readonly period: Required<AuditPeriod>;
  /** How many events were looked at, and back to when (an instant), if not all of the period. */
  readonly looked: number;
  readonly reached?: string;
  /** Where the next part begins. */
  readonly next?: string;
  /** Documents of other organisations' that were read; and of how many events that cannot be told. */
  readonly foreign: readonly AnomalyRow[];
  readonly undecided: number;
  readonly emergency: readonly AnomalyRow[];
  /** False where there was more of it than is looked at. */
  readonly isEmergencyWhole: boolean;
  /** More patients than `many` within an hour; `patients` of a row: the most within one. */
  readonly manyPatients: readonly AnomalyRow[];
  readonly many: number;
}

export type AuditPage = AuditListing | Disclosures | Anomalies;
