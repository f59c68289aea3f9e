import type { Issue } from "../../core/fhir/issue.ts";
import { isError } from "../../core/fhir/issue.ts";
import type { ReadingRule } from "../../core/fhir/reading/reading-rules.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import type { ReadLimits } from "../../core/fhir/reading/read-limits.ts";
import { readResource } from "../../core/fhir/reading/read-resource.ts";
import type { SourceText } from "../../core/fhir/reading/source-text.ts";
import type { Content, DocumentMediaType, FhirMediaType, Received } from "../document-forms.ts";

/** What intake says of bytes: a resource that could be read, or why they could not. */
export type Intake<MediaType extends DocumentMediaType = FhirMediaType> =
  | { readonly kind: "received"; readonly received: Received<MediaType> }
  /** Not well-formed: nothing about rules can be said. */
  | { readonly kind: "unreadable"; readonly issues: readonly Issue[]; readonly source: SourceText };

/**
 * Reads submitted bytes as a resource, within limits. Faults of encoding and syntax make them unreadable; what is merely wrong for FHIR
 * (an unknown element, wrong order) is kept in `readingIssues` for validation, so that the sender learns of everything at once.
 */
export function receive<MediaType extends DocumentMediaType>(
  { bytes, mediaType }: Content<MediaType>,
  limits: ReadLimits,
  definitions: Definitions,
): Intake<MediaType> {
  const { source, resource, issues } = readResource(bytes, mediaType, limits, definitions);
  if (resource === undefined) return { kind: "unreadable", issues: issues.filter(isError).length > 0 ? issues : [...issues, UNREADABLE], source };
  return { kind: "received", received: { bytes, mediaType, source, resource, readingIssues: issues } };
}

const UNREADABLE: Issue = {
  severity: "fatal",
  code: "structure",
  rule: "unreadable" satisfies ReadingRule<"fatal">,
  text: "The content could not be read as a FHIR resource.",
};
