/**
 * The one way to content. Interactions get documents, lists, relations and what a conflict may name from here alone: the Reader asks the decision
 * (security/decide.ts) each time, with the question's circumstances, and gives what is permitted. What is not permitted does not exist: the same
 * `not-found` as for an id that was never given.
 */
import { callerName, type Asked } from "../core/asked.ts";
import { FairTurns } from "../core/fair-turns.ts";
import { AppError } from "../core/errors.ts";
import { openDocument } from "../core/fhir/document-bundle.ts";
import { erasedError, erasuresOf } from "../pipeline/erasures.ts";
import type { Twin } from "../pipeline/earlier-deposit.ts";
import { closedOf, fetchDocument, originalOf, proofOf, type Closed, type FetchContext, type Original, type Proven } from "../pipeline/fetch.ts";
import { receiptOf, type KnownRelations } from "../pipeline/present.ts";
import type { DocumentSummary } from "../pipeline/document-forms.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import type { Finder, Found } from "../search/finder.ts";
import type { FoundQuestion } from "../search/derived/found-question.ts";
import type { HistoryEvent, HistoryPage, HistoryQuestion, HistoryTimes } from "../search/history/event.ts";
import type { Historian } from "../search/history/historian.ts";
import type { PageToken } from "../search/query/page-token.ts";
import type { SearchQuery } from "../search/query/search-query.ts";
import type { FoundResource } from "../search/resource-index.ts";
import type { SearchPage, Searcher } from "../search/searcher.ts";
import type { Described, IndexedDocument } from "../search/index-port.ts";
import { fedPerson, feedRecord, type FedPerson } from "./feeds.ts";
import type { FeedMessages } from "../search/feed/fed-patient.ts";
import { createRenditions } from "../pipeline/renditions.ts";
import type { RenditionShelf } from "../pipeline/store/rendition-shelf.ts";
import { PERMIT_ALL } from "../search/predicate.ts";
import type { PatientSystems } from "../search/same-person.ts";
import { describeDocument } from "../search/describe-document.ts";
import { isPersonId, type PersonIdOf } from "../search/derived/person.ts";
import type { PlacedResource } from "./persons.ts";
import { resourcePages, type ResourcePage, type ResourceQuestion } from "./resource-page.ts";
import { relationsOf } from "../search/supersession.ts";
import type { Action, Decide } from "../security/decide.ts";

/** Documents of a list, as far as the caller may know of them. */
export interface Listed {
  readonly documents: readonly { readonly summary: DocumentSummary; readonly isSuperseded: boolean }[];
  /** True while the index is made anew: there are documents that it does not know yet. */
  readonly isIncomplete: boolean;
}

/** A document that the caller may read, as it was decided when this was given: what proves it, and the way to what it holds. */
export interface Held extends Proven {
  /** Whether another document superseded it, as far as the index knows. */
  readonly isSuperseded: boolean;
  /** Its submitted bytes, held against the leaf and not read. AppError `gone` (erased since), `damaged`. */
  original(): Promise<Original>;
  /** The receipt of its deposit, as the file that an auditor keeps. */
  receipt(): Promise<string>;
  /** What was kept of it under a name (`keep`); undefined when there is nothing, or it was altered. */
  kept(name: string): Promise<Uint8Array | undefined>;
  /** Keeps what was made of it, under its own key, so that it ends with the document everywhere. May keep nothing. */
  keep(name: string, bytes: Uint8Array): Promise<void>;
}

/** What speaks for a person. */
export interface Speaking extends Pick<FoundResource, "documentId" | "receivedAt" | "isSuperseded"> {
  /** The id by which the person is called. */
  readonly calledBy: string;
  /** Whether it is no document, but a message of an identity feed. */
  readonly isOfFeed: boolean;
}

/** What interactions may ask about documents. Every question says who asks. */
export interface Reader {
  /** A document: that it is here, when it came and what proves it; its content is opened when it is asked for. AppError `not-found`, `gone`, `damaged`. */
  document(id: string, asked: Asked): Promise<Held>;
  /** The newest documents, at most `count`; `before`: the id of the last one on the page before. */
  newest(asked: Asked, count: number, before?: string): Promise<Listed>;
  /** Documents that every term finds, newest first, at most `count`. */
  search(asked: Asked, terms: readonly string[], count: number): Promise<Listed>;
  /** Documents by their ids, in that order, as a list shows them; without those that the caller may not find or that the index has lost. */
  listed(asked: Asked, ids: readonly string[]): Promise<Listed["documents"]>;
  /** A page of a search upon resources. */
  find(asked: Asked, query: SearchQuery, page?: PageToken): Promise<SearchPage>;
  /** A page of what happened here to resources of a type. */
  history(asked: Asked, question: HistoryQuestion, page?: PageToken): Promise<HistoryPage>;
  /** What happened to one resource of a document; empty when nothing is known of it. */
  historyOf(
    asked: Asked,
    resource: { readonly type: string; readonly documentId: string; readonly path: string },
    times: HistoryTimes,
  ): Promise<HistoryEvent[]>;
  /** Resources of one document, written out; undefined for what it does not have. AppError `not-found`, `gone`, `damaged`. */
  resources(asked: Asked, documentId: string, question: ResourceQuestion): Promise<readonly (string | undefined)[]>;
  /** The same of several documents, one after the other: who may read them, and what others say of them, is asked of all at once. */
  pageOf(asked: Asked, wanted: readonly PlacedResource[], form: Omit<ResourceQuestion, "wanted">): Promise<ResourcePage>;
  /** What speaks for a derived Patient, a document or the message of an identity feed, and by which id the person is called. AppError `not-found`. */
  person(asked: Asked, id: string): Promise<Speaking>;
  /** The person whom identity feeds know by this id, with all of their ids and what is said of them; undefined when no feed named it. */
  fed(asked: Asked, id: string): Promise<FedPerson | undefined>;
  /** What other documents say of one, and it of others; those that may not be known are left out. */
  relations(asked: Asked, id: string): Promise<KnownRelations>;
  /** The same of several documents, asked about at once, in the order of `ids`. */
  relationsOf(asked: Asked, ids: readonly string[]): Promise<KnownRelations[]>;
  /** Whether the document that took an identifier first may be named to the caller (id and digest in a 409). */
  mayName(asked: Asked, twin: Twin): Promise<boolean>;
}

/** What the Reader works with. */
export interface ReaderContext extends FetchContext {
  readonly store: Pick<RecordStore, "entry" | "proof" | "evidence" | "content" | "checkpoint" | "nodes" | "claimed">;
  readonly finder: Pick<Finder, "newest" | "search" | "related" | "named" | "documents">;
  readonly searcher: Pick<Searcher, "search" | "persons" | "survivors" | "feeds">;
  /** How persons are called (derived Patients). */
  readonly personIdOf: PersonIdOf;
  readonly historian: Pick<Historian, "page" | "instance">;
  /** Who understands messages of identity feeds. */
  readonly feeds: FeedMessages;
  /** Who writes resources of documents (`project` of the tasks). */
  readonly project: (closed: Closed, question: FoundQuestion) => Promise<readonly (string | undefined)[]>;
  readonly decide: Decide;
  /** Identifier systems that are unique to a person: of documents that the index does not know, too, the decision must know the patient. */
  readonly systems: PatientSystems;
  /** Where what was made of documents is kept for a while; undefined: nowhere. */
  readonly renditions?: RenditionShelf | undefined;
}

/** Documents that are opened at once for resources of theirs; how long one waits for that, in milliseconds. */
const OPENED_AT_ONCE = 8;
const PATIENCE = 30_000;

export function createReader(using: ReaderContext): Reader {
  const { store, finder, decide, systems } = using;
  const renditions = using.renditions && createRenditions(using.renditions, using.documentKeys);
  const isPermitted = (asked: Asked, action: Action, known: Known): boolean =>
    decide(asked, action, { id: known.summary.id, ...known.facts }).isPermitted;

  /** What the decision goes by. Without its index rows a document is opened for it: what cannot be looked up is not therefore permitted. */
  const knownOf = async (id: string): Promise<Known> => (await finder.documents([id], PERMIT_ALL)).get(id) ?? (await knownByItself(id));
  const knownByItself = async (id: string): Promise<Known> => {
    const { leaf, resource, deposit } = await fetchDocument(id, using);
    return describeDocument(openDocument(resource, deposit.decisions), {
      id: leaf.id,
      receivedAt: leaf.receivedAt,
      submitted: deposit.submitted,
      systems,
    });
  };
  /**
   * Refuses what the caller may not read, before any of it is given: nor is he told then that it was erased or damaged. What proves a document is small, and fetched
   * while the index is asked by what to decide; its content is not.
   */
  const decideAndProve = async (id: string, asked: Asked): Promise<{ readonly known: Known; readonly held: Held }> => {
    const knowing = knownOf(id);
    const proving = proofOf(id, using);
    proving.catch(() => undefined);
    const known = await knowing;
    if (!isPermitted(asked, "read", known)) throw new AppError("not-found", `There is no document ${id} here.`);
    return { known, held: hold(await proving, known) };
  };
  const hold = (proven: Proven, { to }: Known): Held => ({
    ...proven,
    isSuperseded: to !== undefined,
    original: () => originalOf(proven, using),
    receipt: () => receiptOf(proven, store),
    kept: async (name) => renditions?.read(proven.leaf.id, name),
    keep: async (name, bytes) => renditions?.keep(proven.leaf.id, name, bytes),
  });
  const visible = (asked: Asked, { documents, missing }: Found): Listed => ({
    documents: documents
      .filter((document) => isPermitted(asked, "find", document))
      .map(({ summary, to }) => ({ summary, isSuperseded: to !== undefined })),
    isIncomplete: missing > 0,
  });
  /** Those of the documents that may be found; each is decided about once, and all that are new are asked for at once. */
  const finding = (asked: Asked): ((ids: readonly string[]) => Promise<ReadonlySet<string>>) => {
    const decided = new Map<string, boolean>();
    return async (ids) => {
      const open = [...new Set(ids)].filter((id) => !decided.has(id));
      for (const [id, may] of await mayKnow(asked, "find", open, isFound)) decided.set(id, may);
      return new Set(ids.filter((id) => decided.get(id)));
    };
  };
  /** Of each document whether it may be known. @param ofLost says so of one that cannot be opened any more, or throws the failure */
  const mayKnow = async (
    asked: Asked,
    action: Action,
    ids: readonly string[],
    ofLost: (error: unknown) => boolean,
  ): Promise<Map<string, boolean>> => {
    const indexed = await finder.documents(ids, PERMIT_ALL);
    const strange = ids.filter((id) => !indexed.has(id));
    // Of an erased document nothing is left to decide by: it is not opened, and the log is asked of all at once.
    const erased = await erasuresOf(strange, store);
    const others = await Promise.all(
      strange.map(async (id): Promise<[string, boolean]> => {
        try {
          const erasure = erased.get(id);
          if (erasure) throw erasedError(id, erasure);
          return [id, isPermitted(asked, action, await knownByItself(id))];
        } catch (error) {
          return [id, ofLost(error)];
        }
      }),
    );
    return new Map([...[...indexed].map(([id, document]): [string, boolean] => [id, isPermitted(asked, action, document)]), ...others]);
  };
  const known = async (asked: Asked, events: readonly HistoryEvent[]): Promise<HistoryEvent[]> => {
    const may = await mayKnow(asked, "find", [...new Set(events.map(({ documentId }) => documentId))], isGone);
    return events.filter(({ documentId }) => may.get(documentId));
  };
  const relationsOfAll: Reader["relationsOf"] = async (asked, ids) => {
    if (ids.length === 0) return [];
    const sizing = store.checkpoint().then((newest) => newest?.size ?? 0);
    const [found, logSize] = await Promise.all([finder.related(ids, PERMIT_ALL, sizing), sizing]);
    const seen = (documents: readonly IndexedDocument[]): IndexedDocument[] => documents.filter((other) => isPermitted(asked, "relate", other));
    return found.map(({ document, isComplete, claimants, versions, targets }) => ({
      relations: relationsOf({ document, claimants: seen(claimants), versions: seen(versions), targets: seen(targets) }),
      isComplete,
      logSize,
    }));
  };
  const relations: Reader["relations"] = async (asked, id) => {
    const [own] = await relationsOfAll(asked, [id]);
    if (!own) throw new AppError("internal", "one document was asked about, and of none was answered");
    return own;
  };
  const pageOf: Reader["pageOf"] = resourcePages({
    ...using,
    openFeed: async (id, asked, indexed) => {
      if (!isPermitted(asked, "read", indexed)) throw new AppError("not-found", `There is no message ${id} here.`);
      return feedRecord(id, using);
    },
    turns: new FairTurns({ width: OPENED_AT_ONCE, patience: PATIENCE }),
    findable: finding,
    mayRelate: (asked, other) => isPermitted(asked, "relate", other),
    open: async (id, asked, indexed) => {
      const known: Known = indexed ?? (await knownByItself(id));
      if (!isPermitted(asked, "read", known)) throw new AppError("not-found", `There is no document ${id} here.`);
      return { known, closed: await closedOf(id, using) };
    },
  });

  return {
    document: async (id, asked) => (await decideAndProve(id, asked)).held,
    newest: async (asked, count, before) => {
      // The document that a page ended with marks its place also after it was erased; one that never was marks none.
      const last = before === undefined ? undefined : await store.entry(before);
      if (before !== undefined && !last) return { documents: [], isIncomplete: false };
      return visible(asked, await finder.newest(count, PERMIT_ALL, last && { receivedAt: last.receivedAt, from: last.index }));
    },
    search: async (asked, terms, count) => visible(asked, await finder.search(terms, count, PERMIT_ALL)),
    listed: async (asked, ids) => {
      const found = await finder.documents(ids, PERMIT_ALL);
      return visible(asked, { documents: ids.flatMap((id) => found.get(id) ?? []), missing: 0 }).documents;
    },
    find: async (asked, query, page) => {
      const found = await using.searcher.search(query, PERMIT_ALL, page, callerName(asked));
      const may = await finding(asked)([...found.matches, ...found.included].map(({ documentId }) => documentId));
      const permitted = (resources: readonly FoundResource[]): FoundResource[] => resources.filter(({ documentId }) => may.has(documentId));
      return { ...found, matches: permitted(found.matches), included: permitted(found.included) };
    },
    history: async (asked, question, page) => {
      const found = await using.historian.page(question, page);
      return { ...found, events: await known(asked, found.events) };
    },
    historyOf: async (asked, { type, documentId, path }, times) => known(asked, await using.historian.instance(type, documentId, path, times)),
    resources: async (asked, documentId, { wanted, ...form }) => {
      const page = await pageOf(
        asked,
        wanted.map((one) => ({ ...one, documentId })),
        form,
      );
      return page.of(documentId);
    },
    pageOf,
    person: async (asked, id) => {
      const [found] = isPersonId(id) ? await using.searcher.persons([{ id }], PERMIT_ALL) : [];
      const documentId = found?.leading.documentId ?? "";
      if (!found || !(await finding(asked)([documentId])).has(documentId)) throw new AppError("not-found", `There is no Patient/${id} here.`);
      return { ...found.leading, calledBy: found.identity.survivor, isOfFeed: found.copy === undefined };
    },
    fed: (asked, id) => fedPerson(id, { ...using, findable: finding(asked) }),
    relations,
    relationsOf: relationsOfAll,
    mayName: async (asked, twin) => (await mayKnow(asked, "relate", [twin.id], isGone)).get(twin.id) ?? false,
  };
}

/** Of an erased document there is nothing to be told but that it was; of a damaged one nobody can say. */
function isGone(error: unknown): boolean {
  if (error instanceof AppError && (error.code === "gone" || error.code === "damaged")) return error.code === "gone";
  throw error;
}

/** Nothing is found of what was erased since it was looked up; of what is damaged nobody can say. */
function isFound(error: unknown): false {
  if (error instanceof AppError && error.code === "gone") return false;
  throw error;
}

/** What is known of a document to decide about it: from the index, or from the document itself; `to`: what superseded it, as far as the index knows. */
type Known = Pick<Described, "summary" | "facts"> & Pick<IndexedDocument, "to">;
