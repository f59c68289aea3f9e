import { containedIn } from "../../../core/fhir/party.ts";
import type { BundleEntry, DocumentBundle } from "../../../core/fhir/document-bundle.ts";
import { isAbsoluteUrl } from "../../../core/fhir/references.ts";
import type { Findings } from "../findings.ts";
import { shown } from "../shown.ts";

/** The Binary entries that Bundle.link names as stylesheets (R4 documents.html, Document Presentation). */
export function stylesheetsOf(document: DocumentBundle): Set<BundleEntry> {
  const entries = stylesheetLinks(document).map(({ url }) => stylesheetAt(document, url));
  return new Set(entries.filter((entry) => entry !== undefined).filter((entry) => entry.type === "Binary"));
}

/** A stylesheet without an address of its own lies in the document, or nowhere. */
export function checkStylesheets(document: DocumentBundle, findings: Findings): void {
  for (const { index, url, offset } of stylesheetLinks(document)) {
    if (url === "" || isAbsoluteUrl(url) || stylesheetAt(document, url) !== undefined) continue;
    if (url.startsWith("#") && containedIn(document.composition.resource, url) !== undefined) continue;
    const text = `The stylesheet ${shown(url)} is not in the document, and its address leads nowhere else: add the Binary, or mend the link.`;
    findings.add({ rule: "stylesheet-unresolved", text, expression: `Bundle.link[${index}].url`, offset });
  }
}

interface StylesheetLink {
  readonly index: number;
  readonly url: string;
  readonly offset: number;
}

function stylesheetLinks({ bundle }: DocumentBundle): StylesheetLink[] {
  return bundle
    .objects("link")
    .map((link, index) => ({ link, index }))
    .filter(({ link }) => link.string("relation") === "stylesheet")
    .map(({ link, index }) => ({ index, url: link.string("url") ?? "", offset: link.has("url") ? link.offsetOf("url") : link.offset }));
}

/** A relative address of a stylesheet counts from the Composition's server; some senders give the Binary's id alone under a urn: fullUrl. */
function stylesheetAt(document: DocumentBundle, url: string): BundleEntry | undefined {
  const resolution = document.lookUp(url, document.composition);
  if (resolution.kind === "found") return resolution.entry;
  return resolution.kind === "missing" && !isAbsoluteUrl(url) ? resolution.lookalikes[0] : undefined;
}
