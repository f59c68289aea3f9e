/** Bundles of ours (R4 bundle.html: searchset, history, answers to batches) as text: the resources in them are written already. */
import { randomUUID } from "node:crypto";
import { readJson } from "../../core/fhir/json/read-json.ts";
import { writeJson } from "../../core/fhir/json/write-json.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import { STORED_READ_LIMITS } from "../../core/fhir/reading/read-limits.ts";
import { SourceText } from "../../core/fhir/reading/source-text.ts";
import { treeOf, type JsonObject } from "../../core/fhir/tree/tree.ts";
import { readXml } from "../../core/fhir/xml/read-xml.ts";
import { writeXml } from "../../core/fhir/xml/write-xml.ts";
import type { WrittenForm } from "../../pipeline/serve.ts";

export interface EntryBundle {
  readonly type: "searchset" | "history" | "batch-response" | "transaction-response" | "collection" | "message";
  /** Its own id, and when it was put together (an instant), of one that is sent. */
  readonly id?: string;
  readonly timestamp?: string;
  /** What it claims to be. */
  readonly profile?: string;
  /** An instant. */
  readonly lastUpdated: string;
  readonly total?: number | undefined;
  /** Where there is no total: that more than so many match. */
  readonly moreThan?: number | undefined;
  readonly links?: readonly { readonly relation: string; readonly url: string }[];
  readonly entries: readonly BundleEntry[];
  /** What is to be said about a search: an OperationOutcome, as the last entry. */
  readonly outcome?: JsonObject | undefined;
  /** Entries of the log that it is as of; undefined for what is as of no place in it. */
  readonly size?: number;
  readonly fhirBase: string;
}

export interface BundleEntry {
  readonly fullUrl?: string;
  /** The resource, in the form that is wanted; absent where there is none (any more). */
  readonly text?: string | undefined;
  readonly parts: readonly EntryPart[];
}

/** `search`, `request` or `response` of an entry. */
export interface EntryPart {
  readonly name: "search" | "request" | "response";
  /** Its primitive elements in the order of the definition; what is undefined is left out. */
  readonly values: readonly (readonly [name: string, value: string | undefined])[];
  /** `response.outcome`. */
  readonly outcome?: JsonObject | undefined;
}

/** Where the Bundle says as of how many entries of the log it is: an extension of its meta. */
export function logSizeUrl(fhirBase: string): string {
  return `${fhirBase}/StructureDefinition/log-size`;
}

/**
 * Where the Bundle says that more match than it counted, which is why it has no total: beside the size of the log. Upon the total itself it would not do: HAPI's client reads a total that has an
 * extension and no value as one with a value, and breaks off.
 */
export function moreThanUrl(fhirBase: string): string {
  return `${fhirBase}/StructureDefinition/more-than`;
}

export function writeEntryBundle(bundle: EntryBundle, { form, pretty }: WrittenForm, definitions: Definitions): string {
  const text = form === "json" ? json(bundle) : xml(bundle, definitions);
  return pretty ? indented(text, form, definitions) : text;
}

/** As the writers of resources indent, for people; what cannot be read as one resource, because it is so large, stays as it is. */
function indented(text: string, form: WrittenForm["form"], definitions: Definitions): string {
  const source = new SourceText(text);
  const { resource } = form === "json" ? readJson(source, STORED_READ_LIMITS) : readXml(source, STORED_READ_LIMITS, definitions);
  if (!resource) return text;
  return form === "json" ? writeJson(resource, { pretty: true }) : writeXml(resource, definitions, { pretty: true });
}

function head({ type, id, timestamp, profile, lastUpdated, total, moreThan, links, size, fhirBase }: EntryBundle): JsonObject {
  const extension = [
    ...(size === undefined ? [] : [{ url: logSizeUrl(fhirBase), valueUnsignedInt: size }]),
    ...(moreThan === undefined ? [] : [{ url: moreThanUrl(fhirBase), valueUnsignedInt: moreThan }]),
  ];
  return treeOf({
    resourceType: "Bundle",
    id,
    meta: { ...(extension.length > 0 && { extension }), lastUpdated, ...(profile !== undefined && { profile: [profile] }) },
    type,
    timestamp,
    total,
    ...(links && links.length > 0 && { link: links }),
  }) as JsonObject;
}

function json(bundle: EntryBundle): string {
  const { entries, outcome } = bundle;
  const texts = entries.map(({ fullUrl, text, parts }) => {
    const members = [
      ...(fullUrl === undefined ? [] : [`"fullUrl":${JSON.stringify(fullUrl)}`]),
      ...(text === undefined ? [] : [`"resource":${text}`]),
      ...parts.map(jsonPart),
    ];
    return `{${members.join(",")}}`;
  });
  if (outcome) texts.push(`{"fullUrl":"${outcomeUrl()}","resource":${writeJson(outcome)},"search":{"mode":"outcome"}}`);
  const start = writeJson(head(bundle)).slice(0, -1);
  return texts.length === 0 ? `${start}}` : `${start},"entry":[${texts.join(",")}]}`;
}

function jsonPart({ name, values, outcome }: EntryPart): string {
  const members = values.flatMap(([key, value]) => (value === undefined ? [] : [`"${key}":${JSON.stringify(value)}`]));
  return `"${name}":{${[...members, ...(outcome ? [`"outcome":${writeJson(outcome)}`] : [])].join(",")}}`;
}

/** Every entry of a searchset has an address (R4 bundle.html, fullUrl); the outcome is nowhere else. */
function outcomeUrl(): string {
  return `urn:uuid:${randomUUID()}`;
}

const DECLARATION = /^<\?xml[^>]*\?>\s*/;
const END = "</Bundle>";

function xml(bundle: EntryBundle, definitions: Definitions): string {
  const { entries, outcome } = bundle;
  const resource = (text: string): string => text.replace(DECLARATION, "");
  const texts = entries.map(({ fullUrl, text, parts }) => {
    const url = fullUrl === undefined ? "" : `<fullUrl value="${escaped(fullUrl)}"/>`;
    const own = text === undefined ? "" : `<resource>${resource(text)}</resource>`;
    return `<entry>${url}${own}${parts.map((part) => xmlPart(part, (one) => resource(writeXml(one, definitions)))).join("")}</entry>`;
  });
  if (outcome)
    texts.push(
      `<entry><fullUrl value="${outcomeUrl()}"/><resource>${resource(writeXml(outcome, definitions))}</resource><search><mode value="outcome"/></search></entry>`,
    );
  const whole = writeXml(head(bundle), definitions);
  const end = whole.lastIndexOf(END);
  return whole.slice(0, end) + texts.join("") + whole.slice(end);
}

function xmlPart({ name, values, outcome }: EntryPart, write: (resource: JsonObject) => string): string {
  const members = values.flatMap(([key, value]) => (value === undefined ? [] : [`<${key} value="${escaped(value)}"/>`]));
  return `<${name}>${members.join("")}${outcome ? `<outcome>${write(outcome)}</outcome>` : ""}</${name}>`;
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
}
