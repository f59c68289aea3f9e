import { bundleEntries, hasComposition, isDocument, openDocument, type DocumentBundle } from "../../../core/fhir/document-bundle.ts";
import type { Resolving } from "../../../core/fhir/told-by-type-and-id.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Findings } from "../findings.ts";
import { checkBundle } from "./bundle-rules.ts";
import { checkComposition } from "./composition-rules.ts";
import { checkEntries } from "./entry-rules.ts";
import type { EntryLinks } from "./entry-links.ts";
import { checkInclusion } from "./inclusion-rules.ts";
import { checkLabels } from "./label-rules.ts";
import { checkNarrativeTargets } from "./narrative-targets.ts";
import { checkReachability } from "./reachability-rules.ts";
import { checkStylesheets } from "./stylesheets.ts";

/** The Bundle, opened, if it is a document with a Composition. @param resolving how far references are resolved in it */
export function documentIn(resource: JsonObject, resolving?: Resolving): DocumentBundle | undefined {
  return isDocument(resource) && hasComposition(resource) ? openDocument(resource, [], resolving) : undefined;
}

/**
 * The rules of documents (R4 documents.html, bundle.html, composition.html), a file each group. What needs the Composition waits until there is one: bdl-11 tells of it.
 * References were checked where the walk met them (entry-links.ts).
 */
export function checkDocument(bundle: JsonObject, document: DocumentBundle | undefined, links: EntryLinks | undefined, findings: Findings): void {
  const entries = document?.entries ?? bundleEntries(bundle);
  checkBundle(bundle, findings);
  checkEntries(entries, findings);
  checkLabels(bundle, entries, findings);
  if (!document || !links) return;
  checkComposition(document, findings);
  checkInclusion(document, links.ofOtherCase, findings);
  checkReachability(document, links, findings);
  checkStylesheets(document, findings);
  checkNarrativeTargets(document, links.narrativeTargets, links.narrativePlaces, findings);
}
