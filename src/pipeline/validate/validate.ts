import type { Issue } from "../../core/fhir/issue.ts";
import type { JsonObject } from "../../core/fhir/json/tree.ts";
import { checkDocument } from "./documents/check-document.ts";
import { Findings } from "./findings.ts";
import type { Policy } from "./policy.ts";
import { checkResources } from "./resources/check-resources.ts";
import { checkStructure } from "./structure/check-structure.ts";

/**
 * Everything that is to be said of a resource of any type, in the order of its rule sets: what its reader noticed, structure, rules about single resources and the profiles that they declare and,
 * for a Bundle of type document, the document rules. All rules are asked, whatever the earlier ones found: the sender learns of everything at once.
 */
export function validate(resource: JsonObject, readingIssues: readonly Issue[], policy: Policy): Issue[] {
  const findings = new Findings(policy);
  for (const issue of readingIssues) findings.addRead(issue);
  checkStructure(resource, findings);
  checkResources(resource, findings);
  if (resource.string("resourceType") === "Bundle" && resource.string("type") === "document") checkDocument(resource, findings);
  return findings.list();
}
