import type { BundleEntry } from "../../../core/fhir/document-bundle.ts";
import { keepingText, labelsAgainstKeeping } from "../../../core/fhir/label-codes.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Findings } from "../findings.ts";

/** Labels that forbid what a repository is for: to keep what it was given, for ever (docs/design/labels.md). */
export function checkLabels(bundle: JsonObject, entries: readonly BundleEntry[], findings: Findings): void {
  check(bundle, "Bundle", "", findings);
  for (const { index, resource } of entries) {
    check(resource, "Bundle.entry", `[${index}].resource`, findings);
    resource.objects("contained").forEach((contained, at) => check(contained, "Bundle.entry", `[${index}].resource.contained[${at}]`, findings));
  }
}

function check(resource: JsonObject, place: string, within: string, findings: Findings): void {
  const labels = resource.object("meta")?.objects("security");
  if (labels === undefined || labels.length === 0) return;
  for (const { at, code, offset } of labelsAgainstKeeping(labels))
    findings.add({ rule: "label-against-keeping", text: keepingText(code), expression: `${place}${within}.meta.security[${at}]`, offset });
}
