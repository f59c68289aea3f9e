import type { DecidedReference, DocumentBundle } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { HeldAgainst } from "./held-against.ts";
import type { DocumentSummary, LogPosition, RelaxedRule, SignatureCheck, XmlSealShown } from "../../document-forms.ts";

/** What a later or earlier document says about this one, or this one about another (docs/design.md, Supersession). */
export interface Relation {
  /**
   * `superseded-by`: a confirmed replacement of this one. `newer-version`: same Composition.identifier, no relatesTo, later. `appended-by`,
   * `transformed-by`, `signed-by`: an addition, a transformation, a signature. `replaces`, `appends`, `transforms`, `signs`: what this one says of an earlier one that we hold.
   * `claims-missing`: this one relates to a document that has not arrived.
   */
  readonly kind:
    | "superseded-by"
    | "newer-version"
    | "appended-by"
    | "transformed-by"
    | "signed-by"
    | "replaces"
    | "appends"
    | "transforms"
    | "signs"
    | "claims-missing";
  /** False when subject or custodian differ: the claim is shown as unconfirmed on both documents. */
  readonly isConfirmed: boolean;
  /** The other document; absent for `claims-missing`. */
  readonly other?: DocumentSummary;
  /** The identifier or reference named, for `claims-missing`. */
  readonly target?: string;
}

/** The broken glass but for which somebody would not be given a document. */
export interface SeenThroughGlass {
  /** Who broke it, as people read it. */
  readonly by: string;
  /** A code of v3-ActReason, and why in their own words. */
  readonly reason: string;
  readonly text: string;
  /** An instant. */
  readonly until: string;
}

/** The policy that let a document pass, which rules it let pass, and how many references it decided about. */
export interface AcceptedUnder {
  readonly policy: string;
  readonly relaxed: readonly RelaxedRule[];
  readonly decided: readonly DecidedReference[];
}

/** A warning under which a document was accepted: its rule, and in words what was found. */
export interface Remark {
  readonly rule: string;
  readonly text: string;
}

/** Everything that the document view shows: what was attested, and what the repository knows about it. */
export interface PresentedDocument {
  /** A file that is shown without having been deposited: id, url and position are empty, and nothing is sealed. */
  readonly isUndeposited?: true;
  readonly id: string;
  readonly document: DocumentBundle;
  /** By what whoever it is shown to is given it; absent where they may read it anyhow. */
  readonly glass?: SeenThroughGlass | undefined;
  /** An instant in UTC. */
  readonly receivedAt: string;
  readonly mediaType: string;
  /** Who submitted it, as the record names them: for a known one its issuer and its id there. */
  readonly submitter: string;
  /** `person`, `system`, `program`, `unauthenticated`; absent for a file that was not deposited. */
  readonly submitterKind?: string;
  /** The submitter's name as people read it; undefined where the record holds none. */
  readonly submitterTitle?: string | undefined;
  /** `sha256:` + hex. */
  readonly bytesDigest: string;
  readonly canonicalDigest: string;
  readonly position: LogPosition;
  /** The results about `Bundle.signature` (theirs); empty when it came unsigned. */
  readonly signatures: readonly SignatureCheck[];
  /** The result about our seal, checked now. */
  readonly seal: SignatureCheck;
  /** Digest (`sha256:` + hex) of the certificate by which it was sealed; absent of what is not sealed. */
  readonly sealCertificate?: string | undefined;
  /** What is told of the XML seal; absent of what is not sealed. */
  readonly xmlSeal?: XmlSealShown | undefined;
  readonly relations: readonly Relation[];
  /** False when its index rows are lost, so that nothing can be said about relations; absent counts as true. */
  readonly isIndexed?: boolean;
  /** How many entries the log had when the relations were looked up: what is said of its state holds for them. Absent when nobody looked. */
  readonly logSize?: number | undefined;
  /** Labels of the DocumentReference that its source sent with it (IHE MHD): they count as the document's own. Absent counts as none. */
  readonly submittedLabels?: readonly JsonObject[];
  /** Warnings under which it was accepted. */
  readonly warnings: readonly Remark[];
  /** Under what it was accepted though it does not keep R4; absent of one that does. */
  readonly accepted?: AcceptedUnder | undefined;
  /** Against which profiles it was held at its deposit; absent where none was asked, and in older records. */
  readonly profiles?: HeldAgainst | undefined;
  /** Absolute address of the document's page. */
  readonly url: string;
}
