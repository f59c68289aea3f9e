import { bundleEntries } from "../../../core/fhir/document-bundle.ts";
import { keepingText, labelsAgainstKeeping } from "../../../core/fhir/label-codes.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Findings } from "../findings.ts";

/** Labels that forbid what a repository is for: to keep what it was given, for ever (docs/design/labels.md). */
export function checkLabels(bundle: JsonObject, findings: Findings): void {
  const check = (resource: JsonObject, place: string): void => {
    for (const { at, code, offset } of labelsAgainstKeeping(resource.object("meta")?.objects("security") ?? []))
      findings.add({ rule: "label-against-keeping", text: keepingText(code), expression: `${place}.meta.security[${at}]`, offset });
  };
  check(bundle, "Bundle");
  for (const { index, resource } of bundleEntries(bundle)) {
    const place = `Bundle.entry[${index}].resource`;
    check(resource, place);
    resource.objects("contained").forEach((contained, at) => check(contained, `${place}.contained[${at}]`));
  }
}
