/** Resources of a kept document, written out in whichever thread: there it is opened and held against its leaf, so that nothing that was altered is written. */
import type { KnownCertificates } from "../core/crypto/certificate.ts";
import type { DocumentBundle } from "../core/fhir/document-bundle.ts";
import { STORED_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import type { Definitions } from "../core/fhir/r4/definitions.ts";
import type { DepositRecord } from "../core/formats/deposit-record.ts";
import type { Leaf } from "../core/formats/leaf.ts";
import { failureOf, type Failure } from "../core/threads/failure.ts";
import { compactServed } from "./compact-served.ts";
import { openClosed, readKept, readKeptDocument, type ClosedDocument, type Kept } from "./opening.ts";
import { servedResource } from "./present.ts";
import { servedBinary } from "./serve.ts";
import { sealProvenance, servedSignature } from "./sign/seal-resources.ts";

/** What of a document's resources is served as the pipeline writes it. */
export interface ServedResources {
  bundle(): JsonObject;
  /** As compact JSON, written without reading it; undefined of one that must be read. */
  bundleText(): string | undefined;
  /** The submitted bytes. */
  binary(): JsonObject;
  /** The Provenance of our seals, under this id. */
  sealProvenance(documentId: string): JsonObject;
  /** Whether a seal stands in it that was made behind the deposit. */
  readonly hasLaterSeal: boolean;
}

/** What is wanted of a document; what more there is to say is the index's business. */
interface Wanted {
  /** The XML seal, where it is wanted and there is one. */
  readonly xmlSeal?: string | undefined;
  readonly question: object;
}

/** Such a document as it is kept. */
export interface ProjectRequest extends ClosedDocument, Wanted {}

/** And opened. */
export interface OpenedForProjection extends Kept, Wanted {
  readonly leaf: Leaf;
  readonly deposit: DepositRecord;
}

/** What came of one: its resources as texts, or why it could not be opened. */
export type Projected = { readonly texts: readonly (string | undefined)[] } | { readonly failure: Failure };

export interface ProjectionTools {
  readonly validator: { readonly definitions: Definitions };
  /** Resources of a document, written out; undefined for what it does not have. `whole`: reads all of it. */
  project(document: OpenedForProjection, served: ServedResources, whole: () => DocumentBundle): (string | undefined)[];
}

/** Never throws: what is wrong with one document is said of it alone. @param known certificates of seals that were read before */
export function projectKept(request: ProjectRequest, tools: ProjectionTools, known: KnownCertificates): Projected {
  try {
    return { texts: projected(request, tools, known) };
  } catch (error) {
    return { failure: failureOf(error) };
  }
}

function projected(
  { question, xmlSeal, ...closed }: ProjectRequest,
  tools: ProjectionTools,
  known: KnownCertificates,
): readonly (string | undefined)[] {
  const { definitions } = tools.validator;
  const { bytes, mediaType, leaf, deposit, evidence } = openClosed(closed);
  const { seal } = evidence;
  const kept = { bytes, mediaType, leaf };
  const served: ServedResources = {
    bundle: () => servedResource({ resource: readKept(kept, STORED_READ_LIMITS, definitions), leaf }, servedSignature(seal, known)),
    bundleText: () => (mediaType === "application/fhir+json" ? compactServed({ bytes, leaf, seal }, known) : undefined),
    binary: () => servedBinary(kept),
    sealProvenance: (documentId) => sealProvenance(documentId, seal, xmlSeal, known),
    hasLaterSeal: xmlSeal !== undefined,
  };
  return tools.project({ ...kept, deposit, xmlSeal, question }, served, () => readKeptDocument(kept, deposit, definitions));
}
