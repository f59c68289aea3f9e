import type { Asked } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import { parseDateOrDateTime } from "../../core/fhir/fhirpath/temporal.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import type { WrittenForm } from "../../pipeline/serve.ts";
import type { Reader } from "../../reader/reader.ts";
import type { HistoryEvent, HistoryPage, HistoryTimes } from "../../search/history/event.ts";
import { PAGE, pageToken, parsePageToken } from "../../search/query/page-token.ts";
import type { Handling } from "../../search/query/parse-query.ts";
import { pathOf, resourceId } from "../../search/query/resource-id.ts";
import { DEFAULT_COUNT, MOST_COUNT } from "../../search/query/result-parameters.ts";
import type { Parameter } from "../../search/query/search-query.ts";
import { spanOf, type Span } from "../../search/values/date-span.ts";
import { writeEntryBundle, type BundleEntry } from "./entry-bundle.ts";
import { pageTexts, type PageTexts } from "./page-texts.ts";

export interface HistoryNeeds {
  readonly reader: Pick<Reader, "history" | "historyOf" | "document" | "resources" | "pageOf">;
  readonly definitions: Definitions;
  readonly fhirBase: string;
}

/** A history as it was asked for: of one resource, of a type, or of the service. */
export interface HistoryRequest {
  readonly type: string | undefined;
  readonly id: string | undefined;
  readonly parameters: readonly Parameter[];
  readonly handling: Handling;
}

export interface HistoryInteractions {
  /** The types that have a history, which is told of one resource and of all of the type. */
  readonly types: readonly string[];
  /** The Bundle in UTF-8. AppErrors `bad-query`, `unsupported`, `not-found`, `gone`, `damaged`. */
  history(asked: Asked, request: HistoryRequest, form: WrittenForm): Promise<Uint8Array>;
}

/** History on an instance, a type and the service (R4 http.html, history): everything has one version, and went with its document when that was erased. */
export function historyInteractions(using: HistoryNeeds, types: readonly string[]): HistoryInteractions {
  const { reader, definitions, fhirBase } = using;
  return {
    types,
    history: async (asked, request, form) => {
      const question = questionOf(request);
      const page =
        request.id === undefined
          ? await reader.history(asked, { type: request.type, times: question.times, count: question.count }, question.page)
          : await instanceOf(asked, request.type ?? "", request.id, { question, reader });
      const of = (wanted: HistoryEvent["kind"]): readonly HistoryEvent[] => page.events.filter(({ kind }) => kind === wanted);
      const writing = { form, shown: { kind: "whole" }, fhirBase, reader } as const;
      const written = await pageTexts(asked, of("created"), { ...writing, isAsReceived: true });
      const later = await pageTexts(asked, of("superseded"), writing);
      const { events, next } = cutTo(page, written);
      if (request.id !== undefined) await refuseUnknown(asked, request, { events, written, reader });
      const bundle = {
        type: "history" as const,
        lastUpdated: new Date().toISOString(),
        ...(request.id !== undefined && { total: events.length }),
        ...(page.size > 0 && { size: page.size }),
        links: linksOf(request, question, next, fhirBase),
        entries: events.map((event) => entryOf(event, (event.kind === "superseded" ? later : written).texts.get(event.number), fhirBase)),
        fhirBase,
      };
      return new TextEncoder().encode(writeEntryBundle(bundle, form, definitions));
    },
  };
}

interface Question {
  readonly times: HistoryTimes;
  readonly count: number;
  readonly page: ReturnType<typeof parsePageToken> | undefined;
  /** For the `self` link. */
  readonly used: readonly Parameter[];
}

const GENERAL: ReadonlySet<string> = new Set(["_format", "_pretty"]);
const OWN: ReadonlySet<string> = new Set(["_since", "_at", "_count", PAGE]);

/** AppErrors `bad-query`, `unsupported`. */
function questionOf({ parameters, handling }: HistoryRequest): Question {
  const given = parameters.filter(([name, value]) => value !== "" && !GENERAL.has(name));
  const values = new Map<string, string>();
  for (const [name, value] of given) {
    if (!OWN.has(name)) {
      if (handling === "strict" || name === "_list") throw new AppError("unsupported", `A history has no parameter "${name}" here.`);
      continue;
    }
    if (values.has(name)) throw new AppError("bad-query", `${name} stands twice.`);
    values.set(name, value);
  }
  const count = values.get("_count") ?? String(DEFAULT_COUNT);
  if (!/^\d{1,9}$/.test(count) || Number(count) === 0) throw new AppError("bad-query", `_count is a whole number above 0, not "${count}".`);
  const [since, at, page] = [values.get("_since"), values.get("_at"), values.get(PAGE)];
  return {
    times: { ...(since !== undefined && { since: spanAt("_since", since).low }), ...(at !== undefined && { at: spanAt("_at", at) }) },
    count: Math.min(Number(count), MOST_COUNT),
    page: page === undefined ? undefined : parsePageToken(page),
    used: [...values].filter(([name]) => name !== PAGE),
  };
}

/** A time without a zone is taken as UTC, in which we tell times. A plus before the zone that was not escaped (HAPI's client does not) arrives as a blank, which can mean nothing else. */
function spanAt(name: string, text: string): Span {
  const temporal = parseDateOrDateTime(text.replace(/ (?=\d\d:\d\d$)/, "+"));
  if (!temporal)
    throw new AppError(
      "bad-query",
      `${name}: "${text}" is not a date or time such as 2024-05-17 or 2024-05-17T10:30:00Z; a plus sign in an address is written %2B.`,
    );
  const { local, zoned } = spanOf(temporal);
  return zoned ?? local;
}

async function instanceOf(
  asked: Asked,
  type: string,
  id: string,
  { question, reader }: { readonly question: Question; readonly reader: HistoryNeeds["reader"] },
): Promise<HistoryPage> {
  const place = pathOf(id);
  if (!place) throw notFound(type, id);
  const events = await reader.historyOf(asked, { type, ...place }, question.times);
  const after = question.page?.after;
  const left = after === undefined ? events : events.filter(({ number }) => number < after);
  const shown = left.slice(0, question.count);
  const last = shown.at(-1);
  return { events: shown, size: 0, missing: 0, next: left.length > shown.length && last ? { size: 0, after: last.number } : undefined };
}

/** A resource that is nowhere has no history; of one that went with its document, and of which nobody knows whether it was there, the same is said as to whoever reads it. */
async function refuseUnknown(
  asked: Asked,
  { type = "", id = "" }: HistoryRequest,
  { events, written, reader }: { readonly events: readonly HistoryEvent[]; readonly written: PageTexts; readonly reader: HistoryNeeds["reader"] },
): Promise<void> {
  const place = pathOf(id);
  if (!place) throw notFound(type, id);
  if (events.some(({ kind, number }) => kind === "deleted" || written.texts.has(number))) return;
  const [text] = await reader.resources(asked, place.documentId, {
    ...{ form: "json", pretty: false, fhirBase: "", shown: { kind: "whole" } },
    wanted: [{ type, path: place.path }],
  });
  if (text === undefined) throw notFound(type, id);
}

function notFound(type: string, id: string): AppError {
  return new AppError("not-found", `There is no ${type}/${id} here.`);
}

/** The page as far as its documents could be opened. */
function cutTo({ events, size, next }: HistoryPage, { opened }: PageTexts): Pick<HistoryPage, "events" | "next"> {
  const end = events.findIndex(({ kind, documentId }) => kind === "created" && !opened.has(documentId));
  if (end < 0) return { events, next };
  const shown = events.slice(0, end);
  const last = shown.at(-1);
  return { events: shown, next: last && { size, after: last.number } };
}

/** What would have done it. */
const REQUESTS: Readonly<Record<HistoryEvent["kind"], { readonly method: string; readonly status: string; readonly version?: string }>> = {
  created: { method: "POST", status: "201 Created", version: "1" },
  superseded: { method: "PUT", status: "200 OK", version: "2" },
  deleted: { method: "DELETE", status: "204 No Content" },
};

/** Of what is gone there is no resource, only that it was there. */
function entryOf({ kind, type, documentId, path, at }: HistoryEvent, text: string | undefined, fhirBase: string): BundleEntry {
  const id = resourceId({ documentId, path });
  const { method, status, version } = REQUESTS[kind];
  return {
    fullUrl: `${fhirBase}/${type}/${id}`,
    text: kind === "deleted" ? undefined : text,
    parts: [
      {
        name: "request",
        values: [
          ["method", method],
          ["url", kind === "created" ? type : `${type}/${id}`],
        ],
      },
      {
        name: "response",
        values: [
          ["status", status],
          ["etag", version === undefined ? undefined : `W/"${version}"`],
          ["lastModified", at],
        ],
      },
    ],
  };
}

function linksOf(
  { type, id }: HistoryRequest,
  { used, page }: Question,
  next: HistoryPage["next"],
  fhirBase: string,
): { readonly relation: string; readonly url: string }[] {
  const path = [fhirBase, ...(type === undefined ? [] : [type]), ...(id === undefined ? [] : [id]), "_history"].join("/");
  const address = (at: HistoryPage["next"]): string => {
    const query = new URLSearchParams([...used.map(([name, value]) => [name, value]), ...(at ? [[PAGE, pageToken(at)]] : [])]).toString();
    return query === "" ? path : `${path}?${query}`;
  };
  return [
    { relation: "self", url: address(page) },
    { relation: "first", url: address(undefined) },
    ...(next ? [{ relation: "next", url: address(next) }] : []),
  ];
}
