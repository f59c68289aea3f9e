import type { JsonObject } from "../core/fhir/json/tree.ts";
import type { Submission } from "../pipeline/record.ts";
import type { InteractionContext } from "./context.ts";

/** A resource that is here, as a client reads it: always version 1, for nothing here is ever updated. Its content is not opened before it is asked for. */
export interface ReadResource {
  readonly lastModified: Date;
  /** About how many bytes are opened for it. */
  readonly weight: number;
  /** Opens the document and makes the resource; not called when a client has it already or wants `content`. */
  resource(): Promise<JsonObject>;
  /** What a Binary holds, which is what a client gets unless it asks for the resource. */
  readonly content?: { readonly mediaType: string; bytes(): Promise<Uint8Array> };
}

/** What became of a resource that was sent. */
export interface CreateOutcome {
  /** `created`: new. `repeated`: it was there already. `refused`: nothing was stored. */
  readonly kind: "created" | "repeated" | "unreadable" | "invalid" | "conflict";
  /** The id it has; absent when it was refused. */
  readonly id?: string;
  readonly lastModified?: Date;
  /** Everything that was noticed, as an OperationOutcome. */
  readonly outcome: JsonObject;
}

/** One interaction of R4's RESTful interface (http.html) upon one type of resource: what the routes are mounted from and the CapabilityStatement is made of. */
export type FhirInteraction =
  | (Described & { readonly code: "create"; handle(submission: Submission, context: InteractionContext): Promise<CreateOutcome> })
  | (Described & { readonly code: "read" | "vread"; handle(id: string, context: InteractionContext): Promise<ReadResource> });

interface Described {
  readonly type: string;
  /** For the CapabilityStatement: markdown, one or two sentences. */
  readonly documentation: string;
}
