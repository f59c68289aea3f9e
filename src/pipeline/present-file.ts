import { digestOf } from "../core/crypto/digest.ts";
import { answerHere } from "../core/signatures/document-signature.ts";
import { NOTHING_CHECKED } from "../core/signatures/signature-check.ts";
import { canonicalDocument } from "../core/fhir/canonical.ts";
import type { Issue } from "../core/fhir/issue.ts";
import type { ReadLimits } from "../core/fhir/reading/read-limits.ts";
import type { SourceText } from "../core/fhir/reading/source-text.ts";
import { receive } from "./intake/receive.ts";
import type { DocumentMediaType, SignatureCheck } from "./document-forms.ts";
import type { PresentedDocument } from "./render/pages/presented.ts";
import { admit } from "./validate/admit.ts";
import type { Validator } from "./validate/validate.ts";

/** A file as it would be shown, or why it is not. */
export type PresentedFile =
  | { readonly kind: "presented"; readonly presented: PresentedDocument }
  | { readonly kind: "refused"; readonly issues: readonly Issue[]; readonly source: SourceText };

/** Presents a document that was not deposited: the same view, which says of itself that nothing is proved. Only what may be deposited is shown. */
export async function presentFile(
  bytes: Uint8Array,
  mediaType: DocumentMediaType,
  using: { readonly limits: ReadLimits; readonly validator: Validator },
): Promise<PresentedFile> {
  const receivedAt = new Date();
  const { definitions } = using.validator;
  const intake = receive({ bytes, mediaType }, using.limits, definitions);
  if (intake.kind === "unreadable") return { ...intake, kind: "refused" };
  const { source } = intake.received;
  const admission = admit(intake.received, using.validator);
  if (admission.kind === "refused") return { kind: "refused", issues: admission.issues, source };
  const { document, resource, issues, policy, relaxed, decided, profiles } = admission.validated;
  const presented: PresentedDocument = {
    isUndeposited: true,
    id: "",
    document,
    receivedAt: receivedAt.toISOString(),
    mediaType,
    submitter: "",
    bytesDigest: digestOf(bytes),
    canonicalDigest: digestOf(canonicalDocument(resource)),
    position: { index: 0, treeSize: 0, checkpoint: "" },
    signatures: await answerHere(definitions)({ bundle: resource, bytes, isXml: mediaType === "application/fhir+xml", trust: undefined, receivedAt }),
    seal: NO_SEAL,
    relations: [],
    warnings: issues.filter((issue) => issue.severity === "warning").map(({ rule, text }) => ({ rule, text })),
    accepted: relaxed.length + decided.length === 0 ? undefined : { policy: policy.version, relaxed, decided },
    profiles,
    url: "",
  };
  return { kind: "presented", presented };
}

const NO_SEAL: SignatureCheck = {
  ...NOTHING_CHECKED,
  place: "seal",
  form: "other",
  standing: "none",
  role: "unknown",
  explanation: "This document was not deposited: nothing seals it.",
};
