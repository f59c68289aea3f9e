/**
 * What the audit trail keeps (docs/formats.md, *Audit trail*): events in batches. A batch is one leaf of an audit log; the leaf is for everybody who may see that log and tells how many events there
 * were and when, the events themselves are encrypted under the day's key.
 */
import { utf8, utf8Text } from "../crypto/bytes.ts";
import { AppError } from "../errors.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { treeOf } from "../fhir/tree/tree.ts";
import { countField, DIGEST, INSTANT, readOpenFormat, textField, UUID } from "./fields.ts";

/** Who did it, as far as it was proved. */
export type Actor =
  /** Nobody was asked who they are, or proved nothing. */
  | { readonly kind: "unauthenticated" | "anonymous" }
  /** A part of the program. */
  | { readonly kind: "program"; readonly name: string }
  /** Whoever called the command line: the operating system's user, and on which machine. */
  | { readonly kind: "operator"; readonly name: string; readonly host: string }
  | {
      readonly kind: "person" | "system";
      readonly issuer: string;
      readonly subject: string;
      readonly name: string;
      readonly client?: string;
      readonly roles: readonly string[];
      readonly organisations: readonly string[];
      readonly token?: string;
    };

/**
 * What was done. `read`, `search`, `create`, `update`, `operation`: by R4's interactions, pages among them; the others are not about a request for a document. Later programs may have others.
 */
export type TrailKind =
  | "read"
  | "search"
  | "create"
  | "update"
  | "operation"
  | "sign-in"
  | "sign-out"
  | "token"
  /** A patient's consent was entered, or a later version of it. */
  | "consent"
  /** Consents decided that somebody is not given something. */
  | "decision"
  | "emergency"
  | "emergency-over"
  | "erasure"
  | "hold"
  | "release"
  | "policy"
  | "settings"
  | "command";

/** What was given of it. */
export type TrailForm = "resource" | "page" | "pdf" | "original" | "receipt" | "export";

/** R4 audit-event-outcome: 0 success, 4 minor failure (refused), 8 serious failure (ours), 12 major failure. */
export type Outcome = 0 | 4 | 8 | 12;

/** A document that an event is about. */
export interface TrailDocument {
  readonly id: string;
  /** Security labels, `system|code`. */
  readonly labels?: readonly string[];
}

/** A version of a consent that was entered here, which an event is about or follows from. */
export interface TrailConsent {
  readonly id: string;
  readonly version: number;
}

/** One event: what one AuditEvent says. Absent is what is not known. */
export interface TrailEvent {
  /** The batch's UUID, a hyphen and the event's place in it, from 0; before that there was such a form, a UUID of its own. */
  readonly id: string;
  /** An instant. */
  readonly at: string;
  readonly kind: TrailKind;
  /** R4 audit-event-action. */
  readonly action: "C" | "R" | "U" | "D" | "E";
  readonly outcome: Outcome;
  /** Why it was refused or failed: a code, or a sentence of ours. */
  readonly reason?: string;
  readonly who: Actor;
  readonly from?: { readonly address: string; readonly agent?: string };
  readonly request?: TrailRequest;
  readonly form?: TrailForm;
  readonly documents?: readonly TrailDocument[];
  readonly consents?: readonly TrailConsent[];
  /** Other resources of our own, which are about no patient: `Type/id/_history/version`. */
  readonly resources?: readonly string[];
  /** The logical id of the Patient, or `of:` and the id of the document whose patient stands alone. */
  readonly patient?: string;
  /** A code of v3-PurposeOfUse. */
  readonly purpose?: string;
  /** What a person gave as their reason (emergency access), or what was changed. */
  readonly text?: string;
}

/** An event before the trail has given it a place. */
export type NewTrailEvent = Omit<TrailEvent, "id">;

/** By which request it came. */
export interface TrailRequest {
  readonly id: string;
  readonly method: string;
  /** The pattern of the route; `-` for none. */
  readonly route: string;
  /** The address below our own, as it was sent, base64. */
  readonly raw: string;
  /** Of a search by POST: the form as it was sent, base64. */
  readonly body?: string;
  readonly status: number;
  /** The transaction of IHE, where the address does not say it: `ITI-65`. */
  readonly transaction?: string;
}

/** What the audit log holds of a batch. No patient data. */
export interface BatchLeaf {
  /** A UUID. */
  readonly id: string;
  /** When it was written: an instant. */
  readonly at: string;
  /** `YYYY-MM-DD` (UTC): under which day's key it is encrypted. */
  readonly day: string;
  /** How many events it has. */
  readonly events: number;
  /** Of the encrypted events, as they are kept. */
  readonly sealedDigest: string;
}

const FORMAT = "chartulary-audit/1";
const LEAF = { format: FORMAT, required: ["kind", "id", "at", "day", "events", "sealedDigest"] };
const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

/** The leaf's bytes: canonical JSON in UTF-8. */
export function formatBatchLeaf({ id, at, day, events, sealedDigest }: BatchLeaf): Uint8Array {
  return utf8(canonicalJson(treeOf({ format: FORMAT, kind: "batch", id, at, day, events, sealedDigest })));
}

/** Reads a leaf; properties that it does not know it passes over. AppError `malformed`. */
export function parseBatchLeaf(bytes: Uint8Array): BatchLeaf {
  const object = readOpenFormat(utf8Text(bytes), LEAF);
  textField(object, "kind", /^batch$/);
  return {
    id: textField(object, "id", UUID),
    at: textField(object, "at", INSTANT),
    day: textField(object, "day", DAY),
    events: countField(object, "events"),
    sealedDigest: textField(object, "sealedDigest", DIGEST),
  };
}

/** The events of a batch as JSON in UTF-8. */
export function formatEvents(events: readonly TrailEvent[]): Uint8Array {
  return utf8(JSON.stringify({ format: FORMAT, events }));
}

/** Reads them. What was written by a later program has more than this one knows, and is given as it is. AppError `damaged`: they were authentic when they were opened. */
export function parseEvents(bytes: Uint8Array): TrailEvent[] {
  const read = jsonIn(utf8Text(bytes));
  if (!isBatch(read)) throw new AppError("damaged", `a batch of the audit trail is no ${FORMAT}`);
  return [...read.events];
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError("damaged", `a batch of the audit trail is no ${FORMAT}: it is no JSON`, { cause });
  }
}

function isBatch(value: unknown): value is { readonly events: readonly TrailEvent[] } {
  if (typeof value !== "object" || value === null) return false;
  const { format, events } = value as { readonly format?: unknown; readonly events?: unknown };
  return format === FORMAT && Array.isArray(events);
}
