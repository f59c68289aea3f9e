import type { Asked } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import type { Terminology } from "../../core/fhir/r4/terminology.ts";
import { isSearchable, type SearchParameters } from "../../core/fhir/r4/search-parameters.ts";
import type { WrittenForm } from "../../pipeline/serve.ts";
import type { Reader } from "../../reader/reader.ts";
import type { Compartment } from "../../search/query/compartment.ts";
import { firstPage, PAGE, parsePageToken, type PageToken } from "../../search/query/page-token.ts";
import { parseQuery, type Handling } from "../../search/query/parse-query.ts";
import { isSealProvenance, versionOf } from "../../search/derived/project.ts";
import { isPersonId } from "../../search/derived/person.ts";
import { pathOf, type ResourceIdParts } from "../../search/query/resource-id.ts";
import type { Parameter, SearchQuery } from "../../search/query/search-query.ts";
import type { FoundResource } from "../../search/resource-index.ts";
import type { SearchPage } from "../../search/search-page.ts";
import { writeJson } from "../../core/fhir/json/write-json.ts";
import { subset, type Shown } from "../../core/fhir/subset.ts";
import { writeXml } from "../../core/fhir/xml/write-xml.ts";
import { endOf } from "../../search/resource-number.ts";
import type { ConsentInteractions } from "./consents/consents.ts";
import { consentsReferring, referredByConsents } from "./consents/consents-beside.ts";
import { keptFound } from "./kept/kept-beside.ts";
import type { KeptResources } from "./kept/kept-resources.ts";
import type { OwnDefinition, SearchedDefinitions } from "./search-definitions.ts";
import type { BundleEntry } from "./entry-bundle.ts";
import { pageTexts, type PageWriting } from "./page-texts.ts";
import { linksOf, searchBundle, type ShownPage } from "./search-bundle.ts";

export interface SearchNeeds {
  readonly reader: Pick<Reader, "find" | "resources" | "pageOf" | "person" | "document">;
  readonly definitions: Definitions;
  readonly parameters: SearchParameters;
  readonly terminology: Pick<Terminology, "valueSet">;
  readonly fhirBase: string;
  readonly consents: Pick<ConsentInteractions, "type" | "find" | "references">;
  /** What is kept beside documents, consents among it. */
  readonly kept: readonly Pick<KeptResources, "type" | "find">[];
}

/** A search as it came. */
export interface SearchRequest {
  /** Undefined: upon all types, or those of `_type`. */
  readonly type: string | undefined;
  /** In which it is made. */
  readonly compartment?: Compartment | undefined;
  /** Of address and body together. */
  readonly parameters: readonly Parameter[];
  readonly handling: Handling;
}

/** A page of a search that was found. */
export interface FoundPage {
  /** About how many bytes are in hand while it is written, by which that waits for its turn. */
  readonly weight: number;
  /** The Bundle in UTF-8. AppErrors of the documents that are opened for it. */
  readonly write: () => Promise<Uint8Array>;
}

/** Searches, and reads of what they find. */
export interface ResourceInteractions {
  /** The types that can be searched. */
  readonly types: readonly string[];
  readonly parameters: SearchParameters;
  /** Refuses what nobody can search for, and searches nothing. AppErrors `bad-query`, `unsupported`. */
  check(request: SearchRequest): void;
  /** What is found, and the way to write it. AppErrors `bad-query`, `unsupported`, `too-costly`, `unavailable`. */
  search(asked: Asked, request: SearchRequest, form: WrittenForm): Promise<FoundPage>;
  /**
   * Which version of a resource there is: `2` once its document was superseded, which it says (`versionOf`). When it came; undefined of a later version.
   * AppError `not-found`, `gone`, `damaged`.
   */
  standing(asked: Asked, type: string, id: string): Promise<{ readonly versionId: "1" | "2"; readonly lastModified: Date | undefined }>;
  /** The resource in UTF-8; the version that is named, or the newest. AppErrors as above. */
  read(asked: Asked, type: string, id: string, form: WrittenForm, versionId?: "1" | "2"): Promise<Uint8Array>;
}

export function resourceInteractions(using: SearchNeeds & { readonly own: SearchedDefinitions }): ResourceInteractions {
  const { own, reader, definitions, parameters, terminology, fhirBase } = using;
  const encoder = new TextEncoder();
  const place = async (asked: Asked, type: string, id: string): Promise<ResourceIdParts> => {
    // A derived Patient is read from the document that speaks for the person.
    const found = type === "Patient" && isPersonId(id) ? { documentId: (await reader.person(asked, id)).documentId, path: id } : pathOf(id);
    if (!found) throw new AppError("not-found", `There is no ${type}/${id} here.`);
    return found;
  };
  const parsed = ({ type, compartment, parameters: all, handling }: SearchRequest): { readonly given: Parameter[]; readonly query: SearchQuery } => {
    const given = all.filter(([name]) => name !== PAGE);
    const query = parseQuery(type, given, handling, { definitions, parameters, terminology, base: fhirBase, now: new Date() }, compartment);
    return { given, query };
  };
  return {
    types: definitions.resourceTypes().filter(isSearchable),
    parameters,
    check: (request) => void parsed(request),
    search: async (asked, request, form) => {
      const { type, compartment, parameters: all, handling } = request;
      const page = all.find(([name]) => name === PAGE)?.[1];
      const { given, query } = parsed(request);
      const entered = await keptFound(asked, { type, compartment, parameters: given, handling }, query, using.kept);
      // What the service says of itself stands in no compartment.
      const ours = compartment === undefined && type !== undefined ? [...own.find(query), ...entered] : entered;
      return foundPage(asked, { query, page, path: pathTo(type, compartment), ours }, form, using);
    },
    standing: async (asked, type, id) => {
      const ours = own.read(`${type}/${id}`);
      if (ours) return { lastModified: new Date(ours.string("date") ?? 0), versionId: "1" };
      if (type === "Patient" && isPersonId(id)) {
        const { receivedAt, isSuperseded } = await reader.person(asked, id);
        const versionId = versionOf(type, id, isSuperseded);
        return { versionId, lastModified: versionId === "1" ? new Date(receivedAt) : undefined };
      }
      const { documentId, path } = await place(asked, type, id);
      const { leaf, isSuperseded, hasXmlSeal } = await reader.document(documentId, asked, { type, path });
      const versionId = versionOf(type, path, isSealProvenance(type, path) ? await hasXmlSeal() : isSuperseded);
      return { versionId, lastModified: versionId === "1" ? new Date(leaf.receivedAt) : undefined };
    },
    read: async (asked, type, id, form, versionId) => {
      const ours = own.read(`${type}/${id}`);
      if (ours) return encoder.encode(form.form === "xml" ? writeXml(ours, definitions, form) : writeJson(ours, form));
      const { documentId, path } = await place(asked, type, id);
      const [text] = await reader.resources(asked, documentId, {
        ...form,
        fhirBase,
        wanted: [{ type, path }],
        shown: { kind: "whole" },
        isAsReceived: versionId === "1",
      });
      if (text === undefined) throw new AppError("not-found", `There is no ${type}/${id} here.`);
      return encoder.encode(text);
    },
  };
}

/** The page as far as its documents could be opened: the next one begins there. */
async function shownOf(asked: Asked, found: SearchPage, writing: PageWriting): Promise<ShownPage> {
  const { matches, included, size } = found;
  const { texts, damaged, opened } = await pageTexts(asked, [...matches, ...included], writing);
  const end = matches.findIndex(({ documentId }) => !opened.has(documentId));
  if (end < 0) return { ...found, included, texts, damaged, isCut: found.isCut || included.some(({ documentId }) => !opened.has(documentId)) };
  const shown = matches.slice(0, end);
  const last = shown.at(-1);
  const kept = new Set(shown.map(({ documentId }) => documentId));
  const later = new Set(matches.slice(end).map(({ documentId }) => documentId));
  // What is included belongs to a match of its own document, mostly; what stands in a document without any comes to no page then.
  return {
    ...found,
    matches: shown,
    included: included.filter(({ documentId }) => kept.has(documentId)),
    isCut: found.isCut || included.some(({ documentId }) => !kept.has(documentId) && !later.has(documentId)),
    texts,
    damaged,
    next: last && { size, after: last.number },
  };
}

/** A search that was read, and where. */
export interface AskedSearch {
  readonly query: SearchQuery;
  /** What `-page` says; undefined on the first page. */
  readonly page: string | undefined;
  /** The address behind the base, to which the links lead. */
  readonly path: string;
  /** Matches that stand in no document: before all others. */
  readonly ours?: readonly OwnDefinition[];
}

/** A page of a search as a Bundle, in UTF-8. AppErrors as of a search. */
export async function searchAnswer(
  asked: Asked,
  search: AskedSearch,
  form: WrittenForm,
  using: Omit<SearchNeeds, "terminology">,
): Promise<Uint8Array> {
  return (await foundPage(asked, search, form, using)).write();
}

async function foundPage(
  asked: Asked,
  { query, page, path, ours = [] }: AskedSearch,
  form: WrittenForm,
  using: Omit<SearchNeeds, "terminology">,
): Promise<FoundPage> {
  const { reader, fhirBase } = using;
  const token = page === undefined ? undefined : parsePageToken(page);
  const { shown: own, left, room } = ahead(query, ours, token);
  // Nothing else stands on a page that is full; whether anything follows is to be known.
  const found = await reader.find(
    asked,
    { ...query, count: Math.max(1, room) },
    token && { ...token, after: Math.min(token.after, endOf(token.size)) },
  );
  const isFull = own.length > 0 && room === 0;
  const here = token ?? firstPage(found.size, ours.length);
  const hasMore = left > 0 || found.matches.length > 0;
  const part: SearchPage = isFull
    ? { ...found, matches: [], included: [], isCut: false, next: hasMore ? { size: found.size, after: endOf(found.size) + left } : undefined }
    : found;
  const whole = withIncluded(part, await referredByConsents(asked, own, query, using));
  const about = await consentsReferring(asked, whole.matches, query, using);
  return {
    weight: weightOf([...whole.matches, ...whole.included]),
    write: async () => {
      const shown = await shownOf(asked, whole, { form, shown: query.shown, fhirBase, reader });
      const links = linksOf(path, query, shown, { page, here, first: firstPage(found.size, ours.length), fhirBase });
      const written = (all: readonly OwnDefinition[], mode: "match" | "include"): BundleEntry[] =>
        all.map((one) => ourEntry(one, mode, query.shown, form, using));
      const entries = { own: written(own, "match"), ownIncluded: written(about, "include") };
      return searchBundle(query, shown, { ...using, ...entries, form, links, more: ours.length });
    },
  };
}

/** With what else is included, each once. */
function withIncluded(page: SearchPage, more: { readonly resources: readonly FoundResource[]; readonly isCut: boolean }): SearchPage {
  const known = new Set([...page.matches, ...page.included].map(({ number }) => number));
  const added = more.resources.filter(({ number }) => !known.has(number));
  return added.length === 0 && !more.isCut ? page : { ...page, included: [...page.included, ...added], isCut: page.isCut || more.isCut };
}

/** About how much a resource is, and a document that is one. */
const OF_RESOURCE = 8_000;
const OF_DOCUMENT = 400_000;

function weightOf(resources: readonly FoundResource[]): number {
  return resources.reduce((sum, { type, path }) => sum + (type === "Bundle" && path === "" ? OF_DOCUMENT : OF_RESOURCE), 0);
}

/** Which of our own stand on a page, how many of them follow on others, and how many matches have room behind them. A page that begins before all of them is the first; places behind the end of the log are theirs. */
function ahead<Entry>(
  { count, isCount }: SearchQuery,
  ours: readonly Entry[],
  token: PageToken | undefined,
): { readonly shown: readonly Entry[]; readonly left: number; readonly room: number } {
  const open = token === undefined ? ours.length : Math.min(ours.length, Math.max(0, token.after - endOf(token.size)));
  const shown = isCount ? [] : ours.slice(ours.length - open).slice(0, count);
  return { shown, left: open - shown.length, room: count - shown.length };
}

function ourEntry(
  { type, id, resource }: OwnDefinition,
  mode: "match" | "include",
  shown: Shown,
  form: WrittenForm,
  { definitions, parameters, fhirBase }: Pick<SearchNeeds, "definitions" | "parameters" | "fhirBase">,
): BundleEntry {
  const part = subset(resource, shown, definitions, parameters.summary);
  const text = form.form === "xml" ? writeXml(part, definitions) : writeJson(part);
  return { fullUrl: `${fhirBase}/${type}/${id}`, text, parts: [{ name: "search", values: [["mode", mode]] }] };
}

/** Of an address, behind the base. */
function pathTo(type: string | undefined, compartment: Compartment | undefined): string {
  if (compartment) return `/${compartment.type}/${compartment.id}/${type ?? "*"}`;
  return type === undefined ? "" : `/${type}`;
}
