/** A page of a search as a Bundle, in text: the resources in it are written already (R4 search.html; bundle.html, searchset). */
import { writeJson } from "../../core/fhir/json/write-json.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import { treeOf, type JsonObject } from "../../core/fhir/tree/tree.ts";
import { writeXml } from "../../core/fhir/xml/write-xml.ts";

export interface SearchBundle {
  /** An instant. */
  readonly lastUpdated: string;
  readonly total: number | undefined;
  readonly links: readonly { readonly relation: string; readonly url: string }[];
  readonly entries: readonly SearchEntry[];
  /** What is to be said about the search: an OperationOutcome, as the last entry. */
  readonly outcome: JsonObject | undefined;
  /** Entries of the log that the search is as of. */
  readonly size: number;
  readonly fhirBase: string;
}

export interface SearchEntry {
  readonly fullUrl: string;
  readonly mode: "match" | "include";
  /** The resource, in the form that is wanted. */
  readonly text: string;
}

/** Where the Bundle says as of how many entries of the log it is: an extension of its meta. */
export function logSizeUrl(fhirBase: string): string {
  return `${fhirBase}/StructureDefinition/log-size`;
}

export function writeSearchBundle(bundle: SearchBundle, form: "json" | "xml", definitions: Definitions): string {
  return form === "json" ? json(bundle) : xml(bundle, definitions);
}

function head({ lastUpdated, total, links, size, fhirBase }: SearchBundle): JsonObject {
  return treeOf({
    resourceType: "Bundle",
    meta: { extension: [{ url: logSizeUrl(fhirBase), valueUnsignedInt: size }], lastUpdated },
    type: "searchset",
    total,
    link: links,
  }) as JsonObject;
}

function json(bundle: SearchBundle): string {
  const { entries, outcome } = bundle;
  const texts = entries.map(({ fullUrl, mode, text }) => `{"fullUrl":${JSON.stringify(fullUrl)},"resource":${text},"search":{"mode":"${mode}"}}`);
  if (outcome) texts.push(`{"resource":${writeJson(outcome)},"search":{"mode":"outcome"}}`);
  const start = writeJson(head(bundle)).slice(0, -1);
  return texts.length === 0 ? `${start}}` : `${start},"entry":[${texts.join(",")}]}`;
}

const DECLARATION = /^<\?xml[^>]*\?>\s*/;
const END = "</Bundle>";

function xml(bundle: SearchBundle, definitions: Definitions): string {
  const { entries, outcome } = bundle;
  const texts = entries.map(
    ({ fullUrl, mode, text }) =>
      `<entry><fullUrl value="${escaped(fullUrl)}"/><resource>${text.replace(DECLARATION, "")}</resource><search><mode value="${mode}"/></search></entry>`,
  );
  if (outcome)
    texts.push(
      `<entry><resource>${writeXml(outcome, definitions).replace(DECLARATION, "")}</resource><search><mode value="outcome"/></search></entry>`,
    );
  const whole = writeXml(head(bundle), definitions);
  const end = whole.lastIndexOf(END);
  return whole.slice(0, end) + texts.join("") + whole.slice(end);
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
}
