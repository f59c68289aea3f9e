/** A message (R4 messaging.html) as it was read: data, for any thread. */
import type { Issue } from "../../core/fhir/issue.ts";
import type { Told } from "../admission.ts";
import type { Content, FhirMediaType } from "../document-forms.ts";
import type { CutPiece } from "../submission/submission-forms.ts";

/** What its header says. */
export interface MessageFacts {
  /** Bundle.id and MessageHeader.id: by these a message is known again. */
  readonly bundleId: string;
  readonly id: string;
  /** `eventCoding`, or `eventUri` as its code alone. */
  readonly event: { readonly system: string | undefined; readonly code: string };
  /** `source.endpoint`, to which nothing is ever sent. */
  readonly source: string;
  /** The endpoints of its destinations. */
  readonly destinations: readonly string[];
  /** Whether it answers a message. */
  readonly isResponse: boolean;
}

/** How it wants to be answered (OperationDefinition MessageHeader-process-message). */
export interface MessageAnswering {
  readonly isAsync: boolean;
  readonly responseUrl: string | undefined;
}

/** What a Bundle that was sent alone says of it. */
export const AT_ONCE: MessageAnswering = { isAsync: false, responseUrl: undefined };

/** Where a message stands in what was sent: `Bundle`, or the resource of a parameter. */
export interface ReadMessage extends Told {
  readonly kind: "message";
  readonly facts: MessageFacts;
  readonly answering: MessageAnswering;
  readonly mediaType: FhirMediaType;
  /** Of the body as it was sent. */
  readonly digest: string;
  /** Of what it says, without what changes when it is sent again: two messages of one id say the same when these are equal. */
  readonly canonical: string;
  /** What its focus leads to, in order. */
  readonly focus: readonly MessageFocus[];
  /** What is kept of the body, and where documents stood in it; documents by their place among those of the focus. */
  readonly kept: Uint8Array;
  readonly pieces: readonly CutPiece[];
}

export type MessageFocus =
  | { readonly kind: "document"; readonly content: Content; readonly expression: string }
  /** Some other resource, in FHIR's JSON form. */
  | { readonly kind: "resource"; readonly type: string; readonly text: string; readonly expression: string };

export type UnpackedMessage =
  /** Nothing that can be answered as a message: why. */
  | (Told & { readonly kind: "unreadable" })
  | (Told & { readonly kind: "no-message" })
  /** A message that breaks rules. */
  | (Told & Pick<ReadMessage, "facts" | "answering" | "canonical"> & { readonly kind: "faulty-message" })
  | ReadMessage;

/** An issue about a message. */
export function messageIssue(rule: string, text: string, about: Pick<Issue, "code"> & Partial<Pick<Issue, "expression" | "offset">>): Issue {
  return { severity: "error", rule: `message-${rule}`, text, ...about };
}
