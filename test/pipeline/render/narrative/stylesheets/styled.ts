/** A document with a stylesheet of its own, as its attested content is shown. */
import { JSDOM } from "jsdom";
import { openDocument } from "../../../../../src/core/fhir/document-bundle.ts";
import { treeOf, type JsonObject } from "../../../../../src/core/fhir/tree/tree.ts";
import { attestedContent, type AttestedContent } from "../../../../../src/pipeline/render/narrative/attested.ts";
import type { Medium } from "../../../../../src/pipeline/render/narrative/stylesheets/read-css.ts";
import { localeFor } from "../../../../../src/pipeline/render/locale-for.ts";
import { R4 } from "../../../../r4.ts";
import { composition, div, easyPresenter, PATIENT } from "../../sample.ts";

export interface SheetOptions {
  readonly medium?: Medium;
  readonly contentType?: string;
  /** What Bundle.link says; without it, one that leads to the Binary. */
  readonly links?: readonly object[];
  readonly attributes?: string;
}

export const SHEET_ADDRESS = "urn:uuid:0f0a5a2e-0000-4000-8000-00000000c550";

export function styledBundle(css: string | Uint8Array, content: string, options: SheetOptions = {}): JsonObject {
  const { contentType = "text/css", links = [{ relation: "stylesheet", url: SHEET_ADDRESS }], attributes } = options;
  const binary = { resourceType: "Binary", id: "sheet", contentType, data: Buffer.from(css).toString("base64") };
  return treeOf({
    resourceType: "Bundle",
    type: "document",
    link: links,
    entry: [
      { fullUrl: "https://sender.example/fhir/Composition/1", resource: composition({ text: div(content, attributes), section: [] }) },
      { fullUrl: "urn:uuid:patient", resource: { ...PATIENT, text: undefined } },
      { fullUrl: SHEET_ADDRESS, resource: binary },
      {
        fullUrl: "https://sender.example/fhir/Binary/sheet",
        resource: { ...binary, data: Buffer.from("p { font-weight: bold }").toString("base64") },
      },
    ],
  }) as JsonObject;
}

export async function styledContent(css: string | Uint8Array, content: string, options: SheetOptions = {}): Promise<AttestedContent> {
  return attestedContent(openDocument(styledBundle(css, content, options)), {
    narratives: easyPresenter(),
    definitions: R4.definitions,
    locale: localeFor(["en"]),
    medium: options.medium ?? "screen",
    addresses: undefined,
  });
}

/** The style that is written on the element with the id `x` of the narrative. */
export async function styleOf(css: string, content: string, options?: SheetOptions): Promise<string> {
  const { html } = await styledContent(css, content, options);
  return new JSDOM(html.text).window.document.querySelector("#composition-x")?.getAttribute("style") ?? "";
}
