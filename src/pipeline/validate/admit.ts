import { openDocument } from "../../core/fhir/document-bundle.ts";
import { isError, type Issue } from "../../core/fhir/issue.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { recordedProfiles, type RecordedProfiles } from "../../core/formats/deposit-profiles.ts";
import type { DocumentMediaType, Received, Validated } from "../document-forms.ts";
import { CATALOGUE } from "./catalogue/catalogue.ts";
import { policyFor } from "./policy.ts";
import { shown } from "./shown.ts";
import type { Validator } from "./validate.ts";

/** The gate's verdict: a document that breaks no rule of severity error, or every issue found. */
export type Admission =
  | { readonly kind: "validated"; readonly validated: Validated }
  | { readonly kind: "refused"; readonly issues: readonly Issue[]; readonly profiles?: RecordedProfiles | undefined };

/**
 * Decides whether what was received may be deposited: it must be a document Bundle, and valid.
 *
 * @param submitter the names of whoever submits it, by which a policy may tell it from others
 */
export function admit(received: Received<DocumentMediaType>, validator: Validator, submitter?: readonly string[]): Admission {
  const { resource, readingIssues } = received;
  const policy = policyFor(validator.policy, resource, submitter);
  const { relaxed, decided, verdicts, set, ...judged } = validator.under(policy).judge(resource, readingIssues);
  const issues = [...notADocument(received, validator.definitions), ...judged.issues];
  const profiles = recordedProfiles(set, verdicts);
  if (issues.some(isError)) return { kind: "refused", issues, profiles };
  // A policy may let a Bundle without a type pass; what becomes of it here is a document or nothing.
  if (resource.string("type") !== "document") return { kind: "refused", issues: [...issues, withoutType(resource)], profiles };
  return { kind: "validated", validated: { ...received, issues, policy, relaxed, decided, profiles, document: openDocument(resource, decided) } };
}

function notADocument({ resource }: Received<DocumentMediaType>, { isResourceType }: Definitions): Issue[] {
  const resourceType = resource.string("resourceType");
  if (resourceType === undefined) return []; // the structure rules say so
  if (resourceType !== "Bundle")
    return [
      {
        ...NOT_A_DOCUMENT,
        text: `Only documents are deposited here: a Bundle of type document, not a ${shown(resourceType)}.`,
        ...(isResourceType(resourceType) && { expression: resourceType }),
        offset: resource.offset,
      },
    ];
  const type = resource.string("type");
  if (type === "document" || type === undefined) return [];
  return [
    {
      ...NOT_A_DOCUMENT,
      text: `Only Bundles of type document are deposited here, not of type ${shown(type)}.`,
      expression: "Bundle.type",
      offset: resource.offsetOf("type"),
    },
  ];
}

function withoutType(resource: JsonObject): Issue {
  const text = "Only Bundles of type document are deposited here: add its type.";
  return { ...NOT_A_DOCUMENT, text, expression: "Bundle", offset: resource.offset };
}

const { severity, code } = CATALOGUE["document-only"];
const NOT_A_DOCUMENT = { severity, code, rule: "document-only" } as const;
