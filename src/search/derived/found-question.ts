import type { SubmittedMetadata } from "../../core/formats/submitted.ts";
import type { Shown } from "../../core/fhir/subset.ts";
import type { PersonFacts } from "./derived-patient.ts";
import type { ProjectionFacts } from "./project.ts";

/** Which resources of one document are wanted, by type and path (query/resource-id.ts), and how. */
export interface FoundQuestion extends ProjectionFacts {
  readonly wanted: readonly WantedResource[];
  /** `Patient/{id}`: the derived Patient that the document is about; undefined when there is none. */
  readonly subject?: string | undefined;
  /** Documents here that it replaces, appends to, transforms or signs, as far as that is beyond doubt; by the code of relatesTo. */
  readonly related?: readonly { readonly code: string; readonly documentId: string }[] | undefined;
  /** What its source said of it (IHE MHD). */
  readonly submitted?: SubmittedMetadata | undefined;
  readonly shown: Shown;
  readonly form: "json" | "xml";
  readonly pretty: boolean;
}

export interface WantedResource {
  readonly type: string;
  readonly path: string;
  /** Of a derived Patient. */
  readonly person?: PersonFacts;
}

export interface FoundRequest extends FoundQuestion {
  /** The submitted bytes, and what they are. */
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}
