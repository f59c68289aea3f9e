/** A section's generated view, for tests: of resources that a document has, in one language. */
import { JSDOM } from "jsdom";
import { openDocument } from "../../../../src/core/fhir/document-bundle.ts";
import { pageBudget, generatedSection, sectionData, type PageBudget } from "../../../../src/pipeline/render/generated/generated-section.ts";
import type { CodeNames } from "../../../../src/pipeline/render/generated/render-context.ts";
import { localeFor } from "../../../../src/pipeline/render/locale-for.ts";
import { R4 } from "../../../r4.ts";
import { bundle } from "../sample.ts";
import { pageText } from "./primitives.ts";

export interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

export interface Wanted {
  readonly language?: string;
  /** Ids of the resources that the section refers to; all of them when it is left out. */
  readonly entries?: readonly string[];
  readonly section?: object;
  readonly budget?: PageBudget;
  readonly isFolded?: boolean;
  readonly codeNames?: CodeNames;
}

/** The HTML of a section of resources, each with an id. */
export function shownHtml(resources: readonly Resource[], { language = "en", entries, section, budget, isFolded, codeNames }: Wanted = {}): string {
  const names = entries ?? resources.map(({ id }) => id);
  const made = { title: "Data", entry: names.map((id) => ({ reference: `urn:uuid:${id}` })), ...section };
  const document = openDocument(bundle({ section: [made] }, resources));
  const [only] = document.composition.resource.objects("section");
  if (only === undefined) throw new TypeError("no section");
  const options = {
    locale: localeFor([language]),
    definitions: R4.definitions,
    codeNames,
    budget: budget ?? pageBudget(),
    addresses: { original: "/fhir/Binary/1", files: "/documents/1/files" },
  };
  return isFolded === true ? String(sectionData(document, only, options, false)) : generatedSection(document, only, options).text;
}

export function shownText(resources: readonly Resource[], wanted: Wanted = {}): string {
  return pageText(shownHtml(resources, wanted));
}

export function shown(resources: readonly Resource[], wanted: Wanted = {}): Document {
  return new JSDOM(shownHtml(resources, wanted)).window.document;
}

export const textsOf = (page: Document, selector: string): string[] =>
  Array.from(page.querySelectorAll(selector), (element) => element.textContent.replace(/[\s\u00A0]+/g, " ").trim());
