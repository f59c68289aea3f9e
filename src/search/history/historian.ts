import { AppError } from "../../core/errors.ts";
import type { LogEntry, RecordStore } from "../../pipeline/store/record-store.ts";
import { PERMIT_ALL, type Predicate } from "../predicate.ts";
import type { PageToken } from "../query/page-token.ts";
import { versionOf } from "../derived/project.ts";
import type { IndexPort } from "../index-port.ts";
import type { Scope } from "../resource-index.ts";
import type { ResourceIndexer } from "../resource-indexer.ts";
import { endOf, isContained, isDerivedPatient, MADE_PLACES, positionOf, resourceNumber } from "../resource-number.ts";
import type { HistoryEvent, HistoryPage, HistoryQuestion, HistoryTimes } from "./event.ts";
import { firstEntryBehind, firstEntryFrom } from "./log-times.ts";

/** How many entries are looked at together, and at most for one page: what a page does not come to, the next one does. */
const STEP = 256;
const MOST_ENTRIES = 20_000;
/** How long a history by the index waits for one that is behind, in milliseconds. */
const PATIENCE = 1_000;

/** What every document has one of, so that the log alone tells their history, that they went included. */
const OF_EACH_DOCUMENT: Readonly<Record<string, { readonly place: number; readonly path: string }>> = {
  Bundle: { place: MADE_PLACES.Bundle, path: "" },
  Binary: { place: MADE_PLACES.Bundle, path: "" },
  DocumentReference: { place: MADE_PLACES.DocumentReference, path: "" },
  Composition: { place: 0, path: "0" },
};

const EVERYTHING: Scope = { permitted: PERMIT_ALL, isCurrent: false };

export interface HistorianOptions {
  readonly log: Pick<RecordStore, "checkpoint" | "entries" | "entry">;
  /** When documents were erased, and by which entry, asked for at once; nothing of those that were not. */
  erasuresOf(documentIds: readonly string[]): Promise<ReadonlyMap<string, { readonly index: number; readonly at: string }>>;
  readonly index: Pick<IndexPort, "find" | "resources" | "depth" | "documents">;
  readonly indexer: Pick<ResourceIndexer, "reach">;
}

/**
 * Tells what happened here, in order of the log and never of clocks (R4 http.html, history). Of types that each document has one of, from the log itself; of all others from the index, which
 * does not know any more what stood in a document that was erased: of those it tells nothing.
 */
export class Historian {
  readonly #using: HistorianOptions;

  constructor(using: HistorianOptions) {
    this.#using = using;
  }

  /** AppError `bad-query` for a page that there is not. @param permitted of what the caller may know */
  async page({ type = "Bundle", times, count }: HistoryQuestion, permitted: Predicate, token?: PageToken): Promise<HistoryPage> {
    return OF_EACH_DOCUMENT[type] ? this.#fromLog(type, times, { count, token }) : this.#fromIndex(type, times, { count, token, permitted });
  }

  /** What happened to one resource of a document that was deposited here; nothing of another, nor of one whose type nobody knows any more. */
  async instance(type: string, documentId: string, path: string, times: HistoryTimes): Promise<HistoryEvent[]> {
    const { log } = this.#using;
    const entry = await log.entry(documentId);
    if (entry?.kind !== "deposit") return [];
    const erasure = (await this.#using.erasuresOf([documentId])).get(documentId);
    const own = OF_EACH_DOCUMENT[type];
    if (erasure && own?.path !== path) return [];
    const resource = { type, documentId, path };
    const created: HistoryEvent = { ...resource, kind: "created", number: resourceNumber(entry.index, own?.place ?? 0), at: entry.receivedAt };
    const deleted = erasure && ({ ...resource, kind: "deleted", number: resourceNumber(erasure.index, 0), at: erasure.at } as const);
    const superseded = erasure ? undefined : await this.#supersession(resource);
    return this.#within(
      times,
      [deleted, superseded, created].filter((event) => event !== undefined),
    );
  }

  /** That the document of a resource was superseded, if that is to be seen of it. */
  async #supersession(resource: Pick<HistoryEvent, "type" | "documentId" | "path">): Promise<HistoryEvent | undefined> {
    const { index, log } = this.#using;
    const [document] = await index.documents([resource.documentId], PERMIT_ALL);
    if (document?.to === undefined || versionOf(resource.type, resource.path, true) === "1") return undefined;
    const [entry] = await log.entries(document.to, 1);
    return entry && { ...resource, kind: "superseded", number: resourceNumber(entry.index, 0), at: entry.receivedAt };
  }

  async #fromLog(type: string, times: HistoryTimes, { count, token }: Paging): Promise<HistoryPage> {
    const { log } = this.#using;
    const newest = (await log.checkpoint())?.size ?? 0;
    const size = sizeOf(token, newest);
    const [first, behind] = await this.#places(times, size);
    const below = token?.after ?? endOf(size);
    const found: HistoryEvent[] = [];
    let place = Math.min(positionOf(below - 1) + 1, behind);
    for (let seen = 0; place > first && found.length <= count && seen < MOST_ENTRIES; seen += STEP) {
      const from = Math.max(first, place - STEP);
      const entries = (await log.entries(from, place - from)).reverse();
      const events = entries.flatMap((entry) => eventsOf(entry, type)).filter(({ number }) => number < below);
      found.push(...(await this.#within(times, events)));
      place = from;
    }
    const events = found.slice(0, count);
    const after = found.length > count ? events.at(-1)?.number : place > first ? endOf(place) : undefined;
    return { events, size, missing: 0, next: after === undefined ? undefined : { size, after } };
  }

  async #fromIndex(type: string, times: HistoryTimes, { count, token, permitted }: Paging & { readonly permitted: Predicate }): Promise<HistoryPage> {
    const { index, indexer } = this.#using;
    const missing = await indexer.reach(undefined, PATIENCE);
    const size = sizeOf(token, await index.depth());
    const [first, behind] = await this.#places(times, size);
    let below = Math.min(token?.after ?? Infinity, endOf(behind));
    const found: HistoryEvent[] = [];
    let isMore = true;
    for (let seen = 0; isMore && found.length <= count && seen < MOST_ENTRIES; seen += STEP) {
      const numbers = await index.find(type, { kind: "any" }, { below, count: STEP }, { permitted, isCurrent: false });
      const resources = await index.resources(
        // A derived Patient has no history: it is made anew.
        numbers.filter((number) => !isContained(number) && !isDerivedPatient(number)),
        EVERYTHING,
      );
      const events = resources.map(({ number, documentId, path, receivedAt }): HistoryEvent => ({
        kind: "created",
        number,
        type,
        documentId,
        path,
        at: receivedAt,
      }));
      found.push(...(await this.#within(times, events)));
      below = numbers.at(-1) ?? 0;
      isMore = numbers.length === STEP && positionOf(below) >= first;
    }
    const events = found.slice(0, count);
    const after = found.length > count ? events.at(-1)?.number : isMore ? below : undefined;
    return { events, size, missing, next: after === undefined ? undefined : { size, after } };
  }

  /** Where in the log what is wanted can stand: from the first place to the second, which is excluded. */
  async #places({ since, at }: HistoryTimes, size: number): Promise<readonly [number, number]> {
    const { log } = this.#using;
    return [since === undefined ? 0 : await firstEntryFrom(since, size, log), at === undefined ? size : await firstEntryBehind(at.high, size, log)];
  }

  /** Those that are wanted. What came was current until its document went, and what went is gone from then on. */
  async #within({ since, at }: HistoryTimes, events: readonly HistoryEvent[]): Promise<HistoryEvent[]> {
    const timely = events.filter((event) => {
      const time = Date.parse(event.at);
      return (since === undefined || time >= since) && (at === undefined || time < at.high);
    });
    if (at === undefined) return timely;
    const erasures = await this.#using.erasuresOf([...new Set(timely.filter(({ kind }) => kind === "created").map(({ documentId }) => documentId))]);
    return timely.filter(({ kind, documentId }) => {
      const end = kind === "created" ? erasures.get(documentId)?.at : undefined;
      return end === undefined || Date.parse(end) > at.low;
    });
  }
}

interface Paging {
  readonly count: number;
  readonly token: PageToken | undefined;
}

function sizeOf(token: PageToken | undefined, newest: number): number {
  if (token && token.size > newest) throw new AppError("bad-query", "There is no such page: the log is not that long. Begin anew.");
  return token?.size ?? newest;
}

/** What an entry of the log says of resources of a type. Kinds that are not known here say nothing. */
function eventsOf({ index, id, kind, documentId, receivedAt }: LogEntry, type: string): HistoryEvent[] {
  const own = OF_EACH_DOCUMENT[type];
  if (!own) return [];
  const { place, path } = own;
  if (kind === "deposit") return [{ kind: "created", number: resourceNumber(index, place), type, documentId: id, path, at: receivedAt }];
  if (kind === "erasure" && documentId !== undefined)
    return [{ kind: "deleted", number: resourceNumber(index, 0), type, documentId, path, at: receivedAt }];
  return [];
}
