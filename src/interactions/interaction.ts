import type { Asked } from "../core/asked.ts";
import type { Issue } from "../core/fhir/issue.ts";
import type { Source } from "../core/fhir/reading/source-text.ts";
import type { Content, DocumentMediaType } from "../pipeline/document-forms.ts";
import type { WrittenForm } from "../pipeline/serve.ts";

/** A resource that is here, as a client reads it: always version 1, for nothing here is ever updated. Its content is not opened before it is asked for. */
export interface ReadResource {
  readonly lastModified: Date;
  /** About how many bytes are opened for it. */
  readonly weight: number;
  /** Opens the document and writes the resource in UTF-8; not called when a client has it already or wants `content`. */
  write(form: WrittenForm): Promise<Uint8Array>;
  /** What a Binary holds, which is what a client gets unless it asks for the resource. */
  readonly content?: { readonly mediaType: string; bytes(): Promise<Uint8Array> };
  /** The address is that of the content: the resource is not given there. */
  readonly isContentAlone?: boolean;
  /** What took its place, `Type/id`, the newest first; nothing is ever taken away for it. */
  successors(): Promise<readonly string[]>;
}

/** What became of a resource that was sent. */
export interface CreateOutcome {
  /** `created`: new. `repeated`: it was there already; `exists`: what `If-None-Exist` names was. Else nothing was stored. */
  readonly kind: "created" | "repeated" | "exists" | "unreadable" | "invalid" | "conflict";
  /** The id it has; absent when it was refused. */
  readonly id?: string;
  readonly lastModified?: Date;
  /** Everything that was noticed. */
  readonly issues: readonly Issue[];
  /** The text that the issues' places are of, where they have some. */
  readonly source?: Source;
}

/** R4 http.html, "create": 400 what cannot be parsed, 422 what breaks rules. */
export const STATUS_OF: Readonly<Record<CreateOutcome["kind"], number>> = {
  created: 201,
  repeated: 200,
  exists: 200,
  unreadable: 400,
  conflict: 409,
  invalid: 422,
};

/** A resource as it was sent, and when it was received. */
export interface Sent extends Content<DocumentMediaType> {
  readonly receivedAt: Date;
  /** `If-None-Exist`: a search. AppErrors of `handle`: `bad-query`, `unsupported`; `precondition-failed` when it finds several. */
  readonly ifNoneExist?: string | undefined;
}

/** One interaction of R4's RESTful interface (http.html) upon one type of resource: what the routes are mounted from and the CapabilityStatement is made of. */
export type FhirInteraction = CreateInteraction | ReadInteraction;

export interface CreateInteraction extends Described {
  readonly code: "create";
  handle(asked: Asked, sent: Sent): Promise<CreateOutcome>;
  /** Writes what was created, in UTF-8, for an answer that holds it whatever the client prefers. */
  writeCreated?(asked: Asked, id: string, form: WrittenForm): Promise<Uint8Array>;
}

export interface ReadInteraction extends Described {
  readonly code: "read" | "vread";
  handle(asked: Asked, id: string): Promise<ReadResource>;
}

interface Described {
  readonly type: string;
  /** For the CapabilityStatement: markdown, one or two sentences. */
  readonly documentation: string;
}
