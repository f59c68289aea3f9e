/** What a graph is made of: whatever REST reads and searches, by the same interactions, so that whoever asks may know the same of it, and the audit trail tells the same. */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import { bundleEntries, EntryIndex, type BundleEntry } from "../../../core/fhir/document-bundle.ts";
import { parseReference } from "../../../core/fhir/references.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { Effort } from "../../../core/graphql/effort.ts";
import { GRAPH_LIMITS } from "../../../core/graphql/limits.ts";
import type { Edge, GraphPage, GraphQLSource, GraphSearch, Held, ReverseSearch, SearchArgument } from "../../../core/graphql/source.ts";
import type { PlacedResource } from "../../../reader/persons.ts";
import type { Reader } from "../../../reader/reader.ts";
import { isPersonId } from "../../../search/derived/person.ts";
import { PAGE } from "../../../search/query/page-token.ts";
import { pathOf, resourceId } from "../../../search/query/resource-id.ts";
import type { KeptResources } from "../kept/kept-resources.ts";
import { pageTexts } from "../page-texts.ts";
import type { FindAmong, SearchedDefinitions } from "../search-definitions.ts";
import type { ResourceInteractions } from "../search-resources.ts";
import { cursorOf, readCursor, type Cursor } from "./cursor.ts";
import { heldIn, readFound, type FoundBundle } from "./found-bundle.ts";

export interface SourceNeeds {
  readonly reader: Pick<Reader, "pageOf" | "speaking" | "covered">;
  readonly resources: Pick<ResourceInteractions, "search">;
  readonly own: Pick<SearchedDefinitions, "read">;
  readonly kept: readonly Pick<KeptResources, "type" | "versions">[];
  readonly findAmong: Pick<FindAmong, "referencesOf">;
  readonly fhirBase: string;
}

interface Named {
  readonly type: string;
  readonly id: string;
}

const FORM = { form: "json", pretty: false } as const;
/** Matches of a page that says nothing of it. */
const USUAL_PAGE = 50;
/** Searches of one question that cannot be put together. */
const AT_ONCE = 8;

export function readerSource(asked: Asked, using: SourceNeeds): GraphQLSource {
  const bundles = new WeakMap<JsonObject, Entries>();
  const effort = new Effort();
  let opened = 0;
  const open = (bytes: number): void => {
    opened += bytes;
    if (opened > GRAPH_LIMITS.bytes)
      throw new AppError("too-costly", `More than ${GRAPH_LIMITS.bytes} bytes would have to be opened for the answer: ask for fewer resources.`);
  };
  const read = (wanted: readonly Named[]): Promise<(Held | undefined)[]> => readAll(asked, wanted, using, open);
  const find = async ({ type, parameters }: Pick<Cursor, "type" | "parameters">, more: readonly SearchArgument[]): Promise<FoundBundle> => {
    // Whoever waited for it may be gone.
    effort.checkTime();
    const page = await using.resources.search(asked, { type, parameters: [...parameters, ...more], handling: "strict" }, FORM);
    const bytes = await page.write();
    open(bytes.length);
    return readFound(bytes);
  };
  const page = async (cursor: Cursor): Promise<GraphPage> => {
    const { page: at, offset, parameters } = cursor;
    const size = Number(parameters.find(([name]) => name === "_count")?.[1] ?? USUAL_PAGE);
    const { total, matches, pages } = await find(cursor, at === "" ? [] : [[PAGE, at]]);
    const cursorTo = (relation: string, from: number): string | undefined => {
      const to = pages.get(relation);
      return to === undefined ? undefined : cursorOf({ ...cursor, page: to, offset: from });
    };
    return {
      ...{ total, offset, pageSize: size },
      edges: matches.map((held) => ({ mode: "match", score: undefined, held })),
      first: cursorTo("first", 0),
      previous: cursorTo("previous", Math.max(0, offset - size)),
      next: cursorTo("next", offset + matches.length),
    };
  };
  const pageOf = ({ type, parameters, count }: GraphSearch): Promise<GraphPage> =>
    page({ type, parameters: [...parameters, ["_count", String(count ?? USUAL_PAGE)]], page: "", offset: 0 });
  const list = async (search: GraphSearch): Promise<Held[]> => {
    const { matches: most } = GRAPH_LIMITS;
    const wanted = Math.min(search.count ?? most, most);
    if (wanted === 0) return [];
    const all: Held[] = [];
    for (let at: string | undefined = ""; at !== undefined;) {
      const part: FoundBundle = await find(search, [["_count", String(wanted)], ["_total", "none"], ...(at === "" ? [] : [[PAGE, at] as const])]);
      all.push(...part.matches);
      at = all.length < wanted ? part.pages.get("next") : undefined;
      // Nothing is left out silently (R4 graphql.html).
      if (search.count !== wanted && (all.length > wanted || (all.length === wanted && part.pages.has("next")))) throw tooMany(search.type);
    }
    return all.slice(0, wanted);
  };
  return {
    read,
    follow: async (edges) => {
      const within = edges.map((edge) => entryOf(edge, bundles));
      const named = edges.map((edge, at) => (within[at] ? undefined : namedBy(edge, using.fhirBase)));
      const asking = named.filter((one) => one !== undefined);
      const there = new Map((asking.length === 0 ? [] : await read(asking)).map((held, at) => [asking[at], held]));
      return edges.map((_, at) => within[at] ?? there.get(named[at]));
    },
    list,
    page: pageOf,
    pageAt: (type, cursor) => page(readCursor(type, cursor)),
    referring: async (search, to) => {
      // What refers to a person refers to any of their copies: that is told by the search alone.
      const isPerson = (held: Held): boolean => isPersonId(addressOf(held)?.id ?? "");
      const together = to.length === 1 ? [] : to.filter((held) => !isPerson(held));
      const byAddress = await referringTo(together, search, list, using.findAmong).catch((error: unknown) => {
        // The first few of each may be wanted where all together are too many: then each is asked for by itself.
        if (search.count === undefined || !(error instanceof AppError && error.code === "too-costly")) throw error;
        return undefined;
      });
      const oneByOne = new Set(byAddress === undefined || to.length === 1 ? to : to.filter(isPerson));
      const found: (readonly Held[])[] = [];
      // A few at once: five hundred searches of one query would be everybody's.
      for (let at = 0; at < to.length; at += AT_ONCE)
        found.push(
          ...(await Promise.all(
            to.slice(at, at + AT_ONCE).map(async (held) => {
              if (oneByOne.has(held)) return alone(held, search, list);
              return (byAddress?.get(written(held)) ?? []).slice(0, search.count);
            }),
          )),
        );
      return found;
    },
    pageReferring: async (search, held) => {
      const address = written(held);
      // Nothing refers to what has no address; a search would leave the empty value out, and find everything.
      if (address === "") return { total: 0, offset: 0, pageSize: search.count ?? USUAL_PAGE, edges: [] };
      return pageOf({ ...search, parameters: [...search.parameters, [search.by, address]] });
    },
  };
}

type List = (search: GraphSearch) => Promise<Held[]>;

function alone(held: Held, { by, ...search }: ReverseSearch, list: List): Promise<Held[]> {
  const address = written(held);
  return address === "" ? Promise.resolve([]) : list({ ...search, parameters: [...search.parameters, [by, address]] });
}

/** By the addresses of the resources that are referred to. */
async function referringTo(
  to: readonly Held[],
  { by, ...search }: ReverseSearch,
  list: List,
  { referencesOf }: SourceNeeds["findAmong"],
): Promise<Map<string, Held[]>> {
  const addresses = new Set(to.map(written).filter((address) => address !== ""));
  const byAddress = new Map<string, Held[]>();
  if (addresses.size === 0) return byAddress;
  const all = await list({ ...search, count: undefined, parameters: [...search.parameters, [by, [...addresses].join(",")]] });
  for (const held of all) {
    const references = referencesOf({ type: held.type, id: held.resource.string("id") ?? "", resource: held.resource }, [by]);
    for (const address of new Set(references)) if (addresses.has(address)) byAddress.set(address, [...(byAddress.get(address) ?? []), held]);
  }
  return byAddress;
}

function tooMany(type: string): AppError {
  return new AppError(
    "too-costly",
    `More than ${GRAPH_LIMITS.matches} ${type} match: ask for something more specific, for as many as you want (_count), or for pages (${type}Connection).`,
  );
}

/** Resources by their ids, whatever they are of: the documents of all are asked for at once. */
async function readAll(asked: Asked, wanted: readonly Named[], using: SourceNeeds, open: (bytes: number) => void): Promise<(Held | undefined)[]> {
  const persons = [...new Set(wanted.filter(({ type, id }) => type === "Patient" && isPersonId(id)).map(({ id }) => id))];
  const speaking = persons.length === 0 ? [] : await using.reader.speaking(asked, persons);
  const documentOf = new Map(persons.map((id, at) => [id, speaking[at]?.documentId]));
  const places = wanted.map(({ type, id }): PlacedResource | undefined => {
    if (documentOf.has(id)) return placed(type, documentOf.get(id), id);
    const place = pathOf(id);
    return place && { type, ...place };
  });
  const known = new Set(await using.reader.covered(asked, places.filter((place) => place !== undefined))); // prettier-ignore
  const texts = await textsOf(asked, [...known], using);
  for (const text of texts.values()) open(text.length);
  return Promise.all(
    wanted.map(async (one, at) => {
      const beside = await besideDocuments(asked, one, using);
      const text = texts.get(places[at]);
      return beside ?? (text === undefined ? undefined : heldIn(text));
    }),
  );
}

function placed(type: string, documentId: string | undefined, path: string): PlacedResource | undefined {
  return documentId === undefined ? undefined : { type, documentId, path };
}

/** What is our own, or is entered here beside documents. */
async function besideDocuments(asked: Asked, { type, id }: Named, { own, kept }: SourceNeeds): Promise<Held | undefined> {
  const ours = own.read(`${type}/${id}`);
  if (ours) return { resource: ours, type };
  try {
    const versions = await kept.find((one) => one.type === type)?.versions(asked, id);
    const resource = versions?.at(-1)?.resource;
    return resource && { resource, type };
  } catch (error) {
    if (error instanceof AppError && ["not-found", "gone", "forbidden"].includes(error.code)) return undefined;
    throw error;
  }
}

async function textsOf(
  asked: Asked,
  wanted: readonly PlacedResource[],
  { reader, fhirBase }: SourceNeeds,
): Promise<ReadonlyMap<PlacedResource | undefined, string>> {
  if (wanted.length === 0) return new Map();
  const numbered = wanted.map((one, number) => ({ ...one, number }));
  const { texts, damaged, opened } = await pageTexts(asked, numbered, { form: FORM, shown: { kind: "whole" }, fhirBase, reader });
  if (damaged > 0) throw new AppError("damaged", "What is kept of a document is not what was deposited.");
  if (wanted.some(({ documentId }) => !opened.has(documentId)))
    throw new AppError("too-costly", "These are more resources than can be opened for one answer: ask for fewer.");
  return new Map([...texts].map(([number, text]) => [wanted[number], text]));
}

/** `Type/id` of a resource here; empty for one that has no address. */
function written(held: Held): string {
  const address = addressOf(held);
  return address ? `${address.type}/${address.id}` : "";
}

/** By what a resource is found here: one that stands in a document by the document's id and its place. What is contained has none. */
function addressOf({ resource, type, within }: Held): Named | undefined {
  const id = resource.string("id");
  if (!within) return id === undefined ? undefined : { type, id };
  const bundle = pathOf(within.holder.resource.string("id") ?? "");
  if (within.entry === undefined || bundle?.path !== "" || within.holder.type !== "Bundle") return undefined;
  return { type, id: resourceId({ documentId: bundle.documentId, path: String(within.entry) }) };
}

function namedBy({ reference }: Edge, fhirBase: string): Named | undefined {
  const local = reference.startsWith(`${fhirBase}/`) ? reference.slice(fhirBase.length + 1) : reference;
  const form = parseReference(local);
  // Nothing here has another first version than this.
  return form.kind === "relative" && (form.version === undefined || form.version === "1") ? { type: form.type, id: form.id } : undefined;
}

interface Entries {
  readonly byPlace: ReadonlyMap<number, BundleEntry>;
  readonly index: EntryIndex;
}

/** What a reference leads to within the Bundle that it stands in (R4 bundle.html, "Resolving references in Bundles"). */
function entryOf({ reference, from }: Edge, bundles: WeakMap<JsonObject, Entries>): Held | undefined {
  const { within } = from;
  if (within?.entry === undefined) return undefined;
  const { holder, entry } = within;
  const known = bundles.get(holder.resource) ?? openEntries(holder.resource);
  bundles.set(holder.resource, known);
  const place = known.byPlace.get(entry);
  const resolution = place && known.index.lookUp(reference, place);
  if (resolution?.kind !== "found") return undefined;
  return { resource: resolution.entry.resource, type: resolution.entry.type, within: { holder, entry: resolution.entry.index } };
}

function openEntries(bundle: JsonObject): Entries {
  const entries = bundleEntries(bundle);
  return { byPlace: new Map(entries.map((entry) => [entry.index, entry])), index: new EntryIndex(entries) };
}
