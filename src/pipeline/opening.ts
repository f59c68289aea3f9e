/** What is kept of a document, opened: functions from data to data, for any thread. */
import { digestOf } from "../core/crypto/digest.ts";
import { AppError } from "../core/errors.ts";
import { openDocument, type DocumentBundle } from "../core/fhir/document-bundle.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import type { Definitions } from "../core/fhir/r4/definitions.ts";
import { SIGNED_MESSAGE } from "../core/fhir/reading/fhir-media-type.ts";
import { STORED_READ_LIMITS, type ReadLimits } from "../core/fhir/reading/read-limits.ts";
import { readResource } from "../core/fhir/reading/read-resource.ts";
import type { DepositRecord } from "../core/formats/deposit-record.ts";
import { openKeptContent, openKeptEvidence, type KeptDocument, type OpenedDocument, type OpenedEvidence } from "../core/formats/kept-document.ts";
import type { Leaf } from "../core/formats/leaf.ts";
import type { DocumentMediaType } from "./document-forms.ts";

/** The content of a document that is kept, and the digest that it must have. */
export interface OpeningRequest {
  readonly id: string;
  readonly encryptedContent: Uint8Array;
  readonly documentKey: Uint8Array;
  readonly digest: string;
}

/** The submitted bytes. AppError `damaged`. */
export function openKept({ id, encryptedContent, documentKey, digest }: OpeningRequest): { readonly bytes: Uint8Array } {
  const bytes = openKeptContent(id, encryptedContent, documentKey);
  if (digestOf(bytes) !== digest)
    throw new AppError("damaged", `Document ${id} is not what was deposited: its digest differs from the one in the log.`);
  return { bytes };
}

/** A document as it is kept, of which the leaf stands in the log. */
export interface ClosedDocument extends KeptDocument {
  readonly leaf: Leaf;
  readonly documentKey: Uint8Array;
}

/** All of it, found to be what its leaf says. AppError `damaged`. */
export function openClosed({
  leaf,
  documentKey,
  encryptedContent,
  encryptedEvidence,
}: ClosedDocument): OpenedDocument & Kept & { readonly leaf: Leaf } {
  const opened = evidenceOf(leaf, openKeptEvidence(leaf.id, encryptedEvidence, documentKey));
  const { bytes } = openKept({ id: leaf.id, encryptedContent, documentKey, digest: leaf.submittedDigest });
  return { ...opened, bytes, leaf, mediaType: mediaTypeOf(opened.deposit) };
}

/** The evidence of the document that a leaf is about. AppError `damaged` when it is not what was committed. */
export function evidenceOf({ id, depositDigest }: Pick<Leaf, "id" | "depositDigest">, opened: OpenedEvidence): OpenedEvidence {
  if (digestOf(opened.evidence.deposit) !== depositDigest) throw alteredEvidence(id);
  return opened;
}

export function alteredEvidence(id: string): AppError {
  return new AppError("damaged", `The evidence of document ${id} is not what was committed: its digest differs from the one in the log.`);
}

/** The form in which a document was submitted, as its deposit record says. */
export function mediaTypeOf({ mediaType }: Pick<DepositRecord, "mediaType">): DocumentMediaType {
  return mediaType === "application/fhir+xml" || mediaType === SIGNED_MESSAGE ? mediaType : "application/fhir+json";
}

/** Submitted bytes, of which document. */
export interface Kept {
  readonly bytes: Uint8Array;
  readonly mediaType: DocumentMediaType;
  readonly leaf: Pick<Leaf, "id">;
}

/** The Bundle that stored bytes hold. AppError `damaged`. */
export function readKept({ bytes, mediaType, leaf }: Kept, limits: ReadLimits, definitions: Definitions): JsonObject {
  const { resource } = readResource(bytes, mediaType, limits, definitions);
  if (resource === undefined) throw new AppError("damaged", `Document ${leaf.id} can no longer be read as a resource.`);
  return resource;
}

/**
 * A kept document as it is understood ever after: its references lead where its deposit record says.
 *
 * @throws AppError `damaged`; `invalid` when it is no document
 */
export function readKeptDocument(kept: Kept, { decisions }: Pick<DepositRecord, "decisions">, definitions: Definitions): DocumentBundle {
  return openDocument(readKept(kept, STORED_READ_LIMITS, definitions), decisions);
}
