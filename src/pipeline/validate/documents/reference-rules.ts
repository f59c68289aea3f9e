import type { DocumentBundle } from "../../../core/fhir/document-bundle.ts";
import type { Findings } from "../findings.ts";
import { mayLeadTo } from "../resources/target-types.ts";
import { shown } from "../shown.ts";
import type { Link } from "./links.ts";

/** Elements that say whom a resource is about: a reader must not take one patient's data for another's. */
const WHOM: ReadonlySet<string> = new Set(["subject", "patient"]);

/** References of entries (R4 bundle.html, "Resolving references in Bundles"). What the Composition must include is inclusion-rules.ts's; `relatesTo` may lead elsewhere. */
export function checkReferences(document: DocumentBundle, links: readonly Link[], findings: Findings): void {
  for (const link of links) {
    if (link.kind !== "reference" || link.path.startsWith("Composition.relatesTo")) continue;
    const resolution = document.lookUp(link.text, link.from);
    const report = (severity: "error" | "warning", code: string, rule: string, text: string): void => {
      findings.add(severity, code, rule, text, link.expression(), link.offset);
    };
    if (resolution.kind === "found") {
      const { type } = resolution.entry;
      if (type !== "" && !mayLeadTo(type, link.targets))
        report(
          "error",
          "invalid",
          "reference-target-type",
          `${link.path} leads to ${link.targets.join(", ")}, but ${shown(link.text)} is of type ${shown(type)}.`,
        );
      continue;
    }
    if (link.from === document.composition && isDemanded(link.path)) continue;
    if (resolution.kind === "missing" && WHOM.has(link.name) && resolution.lookalikes.length > 0) {
      const [lookalike] = resolution.lookalikes;
      report(
        "error",
        "invalid",
        "reference-full-url",
        `${shown(link.text)} has the type and id of entry ${lookalike?.index}, but does not lead to it: its fullUrl is ${shown(lookalike?.fullUrl ?? "missing")}. Refer to it by that.`,
      );
    } else if (resolution.kind === "missing") {
      const isUrn = link.text.startsWith("urn:");
      report(
        "warning",
        "not-found",
        "reference-unresolved",
        `${shown(link.text)} is not in the document${isUrn ? ", and a urn: leads nowhere else" : ""}: whoever reads it has to find it elsewhere.`,
      );
    } else if (resolution.kind === "ambiguous")
      report("warning", "invalid", "reference-ambiguous", `${shown(link.text)} matches ${resolution.entries.length} entries of the document.`);
    else if (resolution.kind === "malformed")
      report("warning", "value", "reference-malformed", `"${shown(link.text)}" is no reference: write [type]/[id], or an absolute address.`);
  }
}

const DEMANDED: ReadonlySet<string> = new Set([
  "subject",
  "encounter",
  "author",
  "attester.party",
  "custodian",
  "event.detail",
  "section.author",
  "section.focus",
  "section.entry",
]);

function isDemanded(path: string): boolean {
  return DEMANDED.has(path.slice("Composition.".length));
}
