import { hasComposition, openDocument } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/json/tree.ts";
import type { Findings } from "../findings.ts";
import { checkBundle } from "./bundle-rules.ts";
import { checkComposition } from "./composition-rules.ts";
import { checkEntries } from "./entry-rules.ts";
import { checkInclusion } from "./inclusion-rules.ts";
import { linksOf } from "./links.ts";
import { checkReachability } from "./reachability-rules.ts";
import { checkReferences } from "./reference-rules.ts";

/** The rules of documents (R4 documents.html, bundle.html, composition.html), a file each group. What needs the Composition waits until there is one. */
export function checkDocument(bundle: JsonObject, findings: Findings): void {
  checkBundle(bundle, findings);
  checkEntries(bundle, findings);
  if (!hasComposition(bundle)) return; // bdl-11 tells of it
  const document = openDocument(bundle);
  const links = linksOf(document);
  checkComposition(document, findings);
  checkInclusion(document, findings);
  checkReferences(document, links, findings);
  checkReachability(document, links, findings);
}
