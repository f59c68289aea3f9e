import { bundleEntries, type DocumentEntry } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/json/tree.ts";
import { restfulTail } from "../../../core/fhir/references.ts";
import type { Findings } from "../findings.ts";
import { shown } from "../shown.ts";

/** Entries and their identities (R4 bundle.html, "Resource URL & Uniqueness rules"; Bundle.entry.fullUrl): bdl-7, bdl-8 and the rules of fullUrl. That it is absolute is a rule of every Bundle (check-resources.ts). */
export function checkEntries(bundle: JsonObject, findings: Findings): void {
  const seen = new Map<string, number>();
  for (const entry of bundleEntries(bundle)) {
    const report = (code: string, rule: string, text: string): void => {
      findings.add("error", code, rule, text, `Bundle.entry[${entry.index}]`, entry.identityOffset);
    };
    if (entry.fullUrl === undefined) {
      report(
        "required",
        "full-url-missing",
        "Each entry of a document has a fullUrl, the identity of its resource: add it (urn:uuid:… if it has none on a server).",
      );
      continue;
    }
    checkIdentity(entry, report);
    const version = `${entry.fullUrl}|${entry.resource.object("meta")?.string("versionId") ?? ""}`;
    const earlier = seen.get(version);
    if (earlier === undefined) seen.set(version, entry.index);
    else
      findings.add(
        "error",
        "invariant",
        "bdl-7",
        `The fullUrl ${shown(entry.fullUrl)} stands at entry ${earlier} and at entry ${entry.index}: a version of a resource appears once. Remove one of the two.`,
        "Bundle",
        entry.identityOffset,
      );
  }
}

function checkIdentity({ fullUrl = "", id, type }: DocumentEntry, report: (code: string, rule: string, text: string) => void): void {
  if (fullUrl.includes("/_history/")) report("invariant", "bdl-8", "A fullUrl names a resource, not a version of it: remove /_history/… from it.");
  const tail = restfulTail(fullUrl);
  if (!tail) return;
  if (id === undefined)
    report("invalid", "full-url-id", `The fullUrl ${shown(fullUrl)} looks like an address on a server, but the resource has no id: add ${tail.id}.`);
  else if (tail.id !== id || tail.type !== type)
    report(
      "invalid",
      "full-url-id",
      `The fullUrl ${shown(fullUrl)} does not end with ${shown(`${type}/${id}`)}, the type and id of its resource: mend one of the two.`,
    );
}
