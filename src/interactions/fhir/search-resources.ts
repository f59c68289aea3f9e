import type { Asked } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import type { SearchParameters } from "../../core/fhir/r4/search-parameters.ts";
import { treeOf, type JsonObject } from "../../core/fhir/tree/tree.ts";
import type { WrittenForm } from "../../pipeline/serve.ts";
import type { Reader } from "../../reader/reader.ts";
import { PAGE, pageToken, parsePageToken } from "../../search/query/page-token.ts";
import { parseQuery, type Handling } from "../../search/query/parse-query.ts";
import { pathOf, resourceId } from "../../search/query/resource-id.ts";
import type { Parameter, SearchQuery } from "../../search/query/search-query.ts";
import type { FoundResource } from "../../search/resource-index.ts";
import type { SearchPage } from "../../search/searcher.ts";
import { writeSearchBundle, type SearchEntry } from "./search-bundle.ts";

export interface SearchNeeds {
  readonly reader: Pick<Reader, "find" | "resources" | "proof">;
  readonly definitions: Definitions;
  readonly parameters: SearchParameters;
  readonly fhirBase: string;
}

/** A search as it came. */
export interface SearchRequest {
  /** Undefined: upon all types, or those of `_type`. */
  readonly type: string | undefined;
  /** Of address and body together. */
  readonly parameters: readonly Parameter[];
  readonly handling: Handling;
}

/** Searches, and reads of what they find. */
export interface ResourceInteractions {
  /** The types that can be searched. */
  readonly types: readonly string[];
  readonly parameters: SearchParameters;
  /** The Bundle in UTF-8. AppErrors `bad-query`, `unsupported`, `too-costly`, `unavailable`. */
  search(asked: Asked, request: SearchRequest, form: WrittenForm): Promise<Uint8Array>;
  /** When a resource of a document was received. AppError `not-found`, `gone`, `damaged`. */
  receivedAt(asked: Asked, type: string, id: string): Promise<Date>;
  /** The resource in UTF-8. AppErrors as above. */
  read(asked: Asked, type: string, id: string, form: WrittenForm): Promise<Uint8Array>;
}

/** A Binary is no resource that can be searched, and Parameters are none that is kept (R4 binary.html, parameters.html). */
const NEVER_SEARCHED: ReadonlySet<string> = new Set(["Binary", "Parameters"]);

export function resourceInteractions(using: SearchNeeds): ResourceInteractions {
  const { reader, definitions, parameters, fhirBase } = using;
  const encoder = new TextEncoder();
  const place = (type: string, id: string): NonNullable<ReturnType<typeof pathOf>> => {
    const found = pathOf(id);
    if (!found) throw new AppError("not-found", `There is no ${type}/${id} here.`);
    return found;
  };
  return {
    types: definitions.resourceTypes().filter((type) => !NEVER_SEARCHED.has(type)),
    parameters,
    search: async (asked, { type, parameters: all, handling }, form) => {
      const given = all.filter(([name]) => name !== PAGE);
      const page = all.find(([name]) => name === PAGE)?.[1];
      const query = parseQuery(type, given, handling, { definitions, parameters, base: fhirBase, now: new Date() });
      const found = await reader.find(asked, query, page === undefined ? undefined : parsePageToken(page));
      const texts = await written(asked, [...found.matches, ...found.included], { query, form, using });
      const entries = [
        ...found.matches.map((one): SearchEntry | undefined => entryOf(one, "match", texts, fhirBase)),
        ...found.included.map((one): SearchEntry | undefined => entryOf(one, "include", texts, fhirBase)),
      ].filter((entry) => entry !== undefined);
      const bundle = {
        ...{ entries, fhirBase, total: found.total, size: found.size },
        lastUpdated: new Date().toISOString(),
        links: linksOf(type, query, found, { page, fhirBase }),
        outcome: outcomeOf(query, found),
      };
      return encoder.encode(writeSearchBundle(bundle, form.form, definitions));
    },
    receivedAt: async (asked, type, id) => new Date((await reader.proof(place(type, id).documentId, asked)).leaf.receivedAt),
    read: async (asked, type, id, form) => {
      const { documentId, path } = place(type, id);
      const [text] = await reader.resources(asked, documentId, { ...form, fhirBase, wanted: [{ type, path }], shown: { kind: "whole" } });
      if (text === undefined) throw new AppError("not-found", `There is no ${type}/${id} here.`);
      return encoder.encode(text);
    },
  };
}

interface Writing {
  readonly query: SearchQuery;
  readonly form: WrittenForm;
  readonly using: SearchNeeds;
}

/** Documents that are opened at the same time for one page. */
const AT_ONCE = 4;

/** The resources as texts by number; each document is opened once. Those whose document went meanwhile are left out. */
async function written(asked: Asked, found: readonly FoundResource[], { query, form, using }: Writing): Promise<Map<number, string>> {
  const byDocument = Map.groupBy(found, ({ documentId }) => documentId);
  const texts = new Map<number, string>();
  const documents = [...byDocument];
  for (let at = 0; at < documents.length; at += AT_ONCE)
    await Promise.all(
      documents.slice(at, at + AT_ONCE).map(async ([documentId, resources]) => {
        const wanted = resources.map(({ type, path }) => ({ type, path }));
        try {
          const question = { form: form.form, pretty: false, fhirBase: using.fhirBase, wanted, shown: query.shown };
          const written = await using.reader.resources(asked, documentId, question);
          resources.forEach(({ number }, place) => {
            const text = written[place];
            if (text !== undefined) texts.set(number, text);
          });
        } catch (error) {
          if (!(error instanceof AppError) || (error.code !== "gone" && error.code !== "not-found")) throw error;
        }
      }),
    );
  return texts;
}

function entryOf(
  { number, type, documentId, path }: FoundResource,
  mode: SearchEntry["mode"],
  texts: ReadonlyMap<number, string>,
  fhirBase: string,
): SearchEntry | undefined {
  const text = texts.get(number);
  return text === undefined ? undefined : { fullUrl: `${fhirBase}/${type}/${resourceId({ documentId, path })}`, mode, text };
}

/** `self` says exactly what was used (R4 search.html, server conformance); the others lead to pages as of the same size of the log. */
function linksOf(
  type: string | undefined,
  query: SearchQuery,
  found: SearchPage,
  { page, fhirBase }: { readonly page: string | undefined; readonly fhirBase: string },
): { relation: string; url: string }[] {
  const address = (at: string | undefined): string => {
    const parameters = new URLSearchParams([
      ...query.used.map(([name, value]) => [name, value]),
      ...(at === undefined ? [] : [[PAGE, at]]),
    ]).toString();
    return `${fhirBase}${type === undefined ? "" : `/${type}`}${parameters === "" ? "" : `?${parameters}`}`;
  };
  return [
    { relation: "self", url: address(page) },
    ...(query.isCount ? [] : [{ relation: "first", url: address(undefined) }]),
    ...(found.next ? [{ relation: "next", url: address(pageToken(found.next)) }] : []),
  ];
}

/** What a client must know to read the page rightly; undefined when there is nothing. */
function outcomeOf({ ignored }: SearchQuery, { missing, isCut }: SearchPage): JsonObject | undefined {
  const issues = [
    ...ignored.map((name) => ({
      severity: "warning",
      code: "not-supported",
      diagnostics: `The parameter "${name}" is not known here and was left out.`,
    })),
    ...(missing > 0
      ? [
          {
            severity: "warning",
            code: "incomplete",
            diagnostics: `The newest ${missing} entries of the log are not searched yet: try again in a moment.`,
          },
        ]
      : []),
    ...(isCut ? [{ severity: "warning", code: "incomplete", diagnostics: "More resources would have been included than a page may hold." }] : []),
  ];
  return issues.length === 0 ? undefined : (treeOf({ resourceType: "OperationOutcome", issue: issues }) as JsonObject);
}
