import type { BundleEntry } from "../../../core/fhir/document-bundle.ts";
import type { Findings } from "../findings.ts";
import { shown } from "../shown.ts";

/** Entries and their identities (R4 bundle.html, "Resource URL & Uniqueness rules"): bdl-7 and bdl-8. What holds of every Bundle's entries is in resources/bundle.ts. */
export function checkEntries(entries: readonly BundleEntry[], findings: Findings): void {
  const seen = new Map<string, number>();
  for (const { index, fullUrl, versionId, identityOffset } of entries) {
    if (fullUrl === undefined) continue;
    if (fullUrl.includes("/_history/"))
      findings.add({
        rule: "bdl-8",
        text: "A fullUrl names a resource, not a version of it: remove /_history/… from it.",
        expression: `Bundle.entry[${index}]`,
        offset: identityOffset,
      });
    const version = `${fullUrl}|${versionId ?? ""}`;
    const earlier = seen.get(version);
    if (earlier === undefined) seen.set(version, index);
    else
      findings.add({
        rule: "bdl-7",
        text: `The fullUrl ${shown(fullUrl)} stands at entry ${earlier} and at entry ${index}: a version of a resource appears once. Remove one of the two.`,
        expression: "Bundle",
        offset: identityOffset,
      });
  }
}
