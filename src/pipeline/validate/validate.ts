import { isDocument } from "../../core/fhir/document-bundle.ts";
import type { Issue } from "../../core/fhir/issue.ts";
import type { JsonObject } from "../../core/fhir/json/tree.ts";
import { checkDocument, documentIn } from "./documents/check-document.ts";
import { Findings } from "./findings.ts";
import type { Policy } from "./policy.ts";
import { PLANS, RULES, RuleState } from "./rule-table.ts";
import { Walk } from "./walk.ts";

/**
 * Everything that is to be said of a resource of any type: what its reader noticed; then, in one walk through it, structure and the rules about single resources and the profiles that they
 * declare; and, for a Bundle of type document, the document rules. All rules are asked, whatever the earlier ones found: the sender learns of everything at once.
 */
export function validate(resource: JsonObject, readingIssues: readonly Issue[], policy: Policy): Issue[] {
  const findings = new Findings(policy);
  for (const issue of readingIssues) findings.addRead(issue);
  const document = documentIn(resource);
  const state = new RuleState(resource, document, findings);
  new Walk(RULES, PLANS, state, findings, resource).through();
  state.narratives.tell(findings);
  if (isDocument(resource)) checkDocument(resource, document, state.links, findings);
  return findings.list();
}
