/**
 * The one way to content. Interactions get documents, lists, relations and what a conflict may name from here alone: the Reader asks what the question may do
 * (security/access.ts), narrows what it asks the index by it, asks the decision again of each document, and gives what is permitted. What is not permitted does not exist: the same
 * `not-found` as for an id that was never given.
 */
import type { Asked, OpenGlass } from "../core/asked.ts";
import { FairTurns } from "../core/fair-turns.ts";
import { AppError } from "../core/errors.ts";
import type { Twin } from "../pipeline/earlier-deposit.ts";
import { closedOf, originalOf, proofOf, unloadedOf, type FetchContext, type Original, type Proven } from "../pipeline/fetch.ts";
import type { LaterSeal } from "../core/formats/later-seal.ts";
import { laterSealOf, soundLaterSealOf } from "../pipeline/later-seals.ts";
import type { EntriesInLog } from "../pipeline/log/entries-in-log.ts";
import { receiptOf, tlogProofOf, type KnownRelations, type ProofSource } from "../pipeline/present.ts";
import type { DocumentSummary } from "../pipeline/document-forms.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import type { Finder, Found } from "../search/finder.ts";
import type { FoundQuestion } from "../search/derived/found-question.ts";
import type { HistoryEvent, HistoryPage, HistoryQuestion, HistoryTimes } from "../search/history/event.ts";
import type { Historian } from "../search/history/historian.ts";
import type { PageToken } from "../search/query/page-token.ts";
import type { SearchQuery } from "../search/query/search-query.ts";
import type { FoundResource } from "../search/resource-index.ts";
import type { Searcher } from "../search/searcher.ts";
import type { SearchPage } from "../search/search-page.ts";
import type { DocumentLinks, IndexedDocument } from "../search/index-port.ts";
import { fedPerson, feedRecord, type FedPerson } from "./feeds.ts";
import type { FeedMessages } from "../search/feed/fed-patient.ts";
import { createRenditions } from "../pipeline/renditions.ts";
import type { RenditionShelf } from "../pipeline/store/rendition-shelf.ts";
import type { PatientSystems } from "../search/same-person.ts";
import type { PersonIdOf } from "../search/derived/person.ts";
import { speakingFor, type PlacedResource, type Speaking } from "./persons.ts";
import { OPENING, resourcePages, type ResourcePage, type ResourceQuestion, type Sealed } from "./resource-page.ts";
import { relationsOf } from "../search/supersession.ts";
import { requireScope, type Access, type Grant } from "../security/access.ts";
import { createDeciding, decisionOf, isGone, isPermitted, type Known } from "./deciding.ts";
import { standingOf, type Standing, type ToldBefore } from "./standing.ts";
import { createScopes, type ScopeCriterion } from "./scopes.ts";

/** Documents of a list, as far as the caller may know of them. */
export interface Listed {
  readonly documents: readonly { readonly summary: DocumentSummary; readonly isSuperseded: boolean }[];
  /** True while the index is made anew: there are documents that it does not know yet. */
  readonly isIncomplete: boolean;
}

/** A document that the caller may read, as it was decided when this was given, and of which the log has the entry: what proves it, and the way to what it holds. */
export interface Held extends Proven {
  /** Whether another document superseded it, as far as the index knows. */
  readonly isSuperseded: boolean;
  /** The broken glass of the caller but for which it would be refused. */
  readonly glass?: OpenGlass | undefined;
  /** By what it is told whether another document that names it is of the same matter. */
  readonly links: DocumentLinks;
  /** Its submitted bytes, held against the leaf and not read. AppError `gone` (erased since), `damaged`. */
  original(): Promise<Original>;
  /** The receipt of its deposit, as the file that an auditor keeps; without its XML seal where that is damaged. */
  receipt(): Promise<string>;
  /** The proof that the log has it, as tools of transparency logs read it. */
  tlogProof(): Promise<string>;
  /** Its XML seal, which is made behind the deposit, or why it has none; undefined while it is not known here. AppError `damaged`. */
  laterSeal(): Promise<LaterSeal | undefined>;
  /** Whether there is an XML seal. */
  hasXmlSeal(): Promise<boolean>;
  /** What was kept of it under a name (`keep`); undefined when there is nothing, or it was altered. */
  kept(name: string): Promise<Uint8Array | undefined>;
  /** Keeps what was made of it, under its own key, so that it ends with the document everywhere. May keep nothing. */
  keep(name: string, bytes: Uint8Array): Promise<void>;
}

/** What interactions may ask about documents. Every question says who asks. */
export interface Reader {
  /**
   * A document: that it is here, when it came and what proves it; its content is opened when it is asked for. AppError `not-found`, `gone`, `damaged`, `forbidden` to a token without a scope for it.
   * @param as as which resource of it: by default as the Bundle that it is
   */
  document(id: string, asked: Asked, as?: { readonly type: string; readonly path: string }): Promise<Held>;
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
  /** What the caller may know by now of resources that they were told of before, in their order. */
  standing(asked: Asked, wanted: readonly ToldBefore[]): Promise<readonly Standing[]>;
  /** What speaks for a derived Patient, a document or the message of an identity feed, and by which id the person is called. AppError `not-found`. */
  person(asked: Asked, id: string): Promise<Speaking>;
  /** The same of several, in their order; undefined for those of whom nothing may be known. Whether a scope covers them is asked apart (`covered`). */
  speaking(asked: Asked, ids: readonly string[]): Promise<(Speaking | undefined)[]>;
  /** Those of resources wanted by their ids that scopes let be read: what `pageOf` may be asked for then. */
  covered(asked: Asked, wanted: readonly PlacedResource[]): Promise<readonly PlacedResource[]>;
  /** The person whom identity feeds know by this id, with all of their ids and what is said of them; undefined when no feed named it. */
  fed(asked: Asked, id: string): Promise<FedPerson | undefined>;
  /** What other documents say of one, and it of others; those that may not be known are left out. */
  relations(asked: Asked, id: string): Promise<KnownRelations>;
  /** The same of several documents, asked about at once, in the order of `ids`. */
  relationsOf(asked: Asked, ids: readonly string[]): Promise<KnownRelations[]>;
  /** Whether the document that took an identifier first may be named to the caller (id and digest in a 409). */
  mayName(asked: Asked, twin: Pick<Twin, "id"> & Partial<Twin>): Promise<boolean>;
}

/** What the Reader works with. */
export interface ReaderContext extends FetchContext {
  readonly store: Pick<RecordStore, "entry" | "proof" | "evidence" | "content" | "checkpoint" | "nodes" | "claimed">;
  /** Nothing of a document is given before its entry was held against the tree. */
  readonly inLog: Pick<EntriesInLog, "hold">;
  readonly logs: NonNullable<ProofSource["logs"]>;
  /** Where the log has witnesses. */
  readonly witnessed?: ProofSource["witnessed"];
  /** The log's time-stamps. */
  readonly evidence?: ProofSource["evidence"];
  readonly finder: Pick<Finder, "newest" | "search" | "related" | "named" | "documents">;
  readonly searcher: Pick<Searcher, "search" | "persons" | "survivors" | "feeds" | "satisfying">;
  /** How persons are called (derived Patients). */
  readonly personIdOf: PersonIdOf;
  readonly historian: Pick<Historian, "page" | "instance">;
  /** Who understands messages of identity feeds. */
  readonly feeds: FeedMessages;
  /** Who writes resources of documents (`project` of the tasks). */
  readonly project: (closed: Sealed, question: FoundQuestion) => Promise<readonly (string | undefined)[]>;
  readonly access: Access;
  /** What a scope's search parameters mean for a type. */
  readonly scopeCriterion: ScopeCriterion;
  /** Identifier systems that are unique to a person: of documents that the index does not know, too, the decision must know the patient. */
  readonly systems: PatientSystems;
  /** Where what was made of documents is kept for a while; undefined: nowhere. */
  readonly renditions?: RenditionShelf | undefined;
}

/** A document by itself. */
const BUNDLE = { type: "Bundle", path: "" } as const;

export function createReader(using: ReaderContext): Reader {
  const { store, finder, access } = using;
  const deciding = createDeciding(using);
  const renditions = using.renditions && createRenditions(using.renditions, using.documentKeys);

  /**
   * Refuses what the caller may not read, before any of it is given: nor is he told then that it was erased or damaged. What proves a document is small, and fetched
   * while the index is asked by what to decide; its content is not.
   */
  const decideAndProve = async (id: string, asked: Asked): Promise<Held> => {
    const grant = await access.grantOf(asked);
    const knowing = deciding.knownOf(id);
    const proving = proofOf(id, using);
    proving.catch(() => undefined);
    const known = await knowing;
    const decision = decisionOf(grant, "read", known);
    if (!decision.isPermitted) throw new AppError("not-found", `There is no document ${id} here.`);
    const glass = asked.glass?.find((one) => one.id === decision.glass);
    return { ...hold(await proving, known), ...(glass && { glass }) };
  };
  // What is damaged of it takes nothing from the document, nor from what else is asked of it: pages and verifications tell.
  const xmlSeal = async (id: string): Promise<string | undefined> => {
    const seal = await soundLaterSealOf(id, using);
    return seal && "xades" in seal ? seal.xades : undefined;
  };
  const hold = (proven: Proven, { to, links }: Known): Held => ({
    ...{ ...proven, links },
    isSuperseded: to !== undefined,
    original: () => originalOf(proven, using),
    receipt: async () => receiptOf(proven, using, await soundLaterSealOf(proven.leaf.id, using)),
    tlogProof: () => tlogProofOf(proven, using),
    laterSeal: () => laterSealOf(proven.leaf.id, using),
    hasXmlSeal: async () => (await xmlSeal(proven.leaf.id)) !== undefined,
    kept: async (name) => renditions?.read(proven.leaf.id, name),
    keep: async (name, bytes) => renditions?.keep(proven.leaf.id, name, bytes),
  });
  const visible = (grant: Grant, { documents, missing }: Found): Listed => ({
    documents: documents
      .filter((document) => isPermitted(grant, "find", document))
      .map(({ summary, to }) => ({ summary, isSuperseded: to !== undefined })),
    isIncomplete: missing > 0,
  });
  const known = async (grant: Grant, events: readonly HistoryEvent[]): Promise<HistoryEvent[]> => {
    const may = await deciding.mayKnow(grant, "find", [...new Set(events.map(({ documentId }) => documentId))], isGone);
    return events.filter(({ documentId }) => may.get(documentId));
  };
  const relationsOfAll: Reader["relationsOf"] = async (asked, ids) => {
    if (ids.length === 0) return [];
    const grant = await access.grantOf(asked);
    const sizing = store.checkpoint().then((newest) => newest?.size ?? 0);
    const [found, logSize] = await Promise.all([finder.related(ids, grant.permitted, sizing), sizing]);
    const seen = (documents: readonly IndexedDocument[]): IndexedDocument[] => documents.filter((other) => isPermitted(grant, "relate", other));
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
  const pageOf = resourcePages({
    ...using,
    xmlSeal,
    openFeed: async (id, grant, indexed) => {
      if (!isPermitted(grant, "read", indexed)) throw new AppError("not-found", `There is no message ${id} here.`);
      return feedRecord(id, using);
    },
    turns: new FairTurns(OPENING),
    findable: deciding.finding,
    mayRelate: (grant, other) => isPermitted(grant, "relate", other),
    known: deciding.knownToRead,
    closed: (id) => closedOf(id, using),
    unloaded: (id) => unloadedOf(id, using),
  });
  const scopes = createScopes(using);
  const speaking: Reader["speaking"] = async (asked, ids) => {
    const grant = await access.grantOf(asked);
    return speakingFor(ids, { ...using, permitted: grant.permitted, findable: deciding.finding(grant) });
  };

  return {
    document: async (id, asked, as = BUNDLE) => {
      await scopes.toRead(asked, id, [as]);
      return decideAndProve(id, asked);
    },
    newest: async (asked, count, before) => {
      const grant = await scopes.toList(asked);
      // The document that a page ended with marks its place also after it was erased; one that never was marks none.
      const last = before === undefined ? undefined : await store.entry(before);
      if (before !== undefined && !last) return { documents: [], isIncomplete: false };
      return visible(grant, await finder.newest(count, grant.permitted, last && { receivedAt: last.receivedAt, from: last.index }));
    },
    search: async (asked, terms, count) => {
      const grant = await scopes.toList(asked);
      return visible(grant, await finder.search(terms, count, grant.permitted));
    },
    listed: async (asked, ids) => {
      const grant = await scopes.toList(asked);
      const found = await finder.documents(ids, grant.permitted);
      return visible(grant, { documents: ids.flatMap((id) => found.get(id) ?? []), missing: 0 }).documents;
    },
    find: async (asked, query, page) => {
      const grant = await access.grantOf(asked);
      const found = await using.searcher.search(await scopes.narrowed(asked, query), grant.permitted, page, grant.asker);
      const may = await deciding.finding(grant)([...found.matches, ...found.included].map(({ documentId }) => documentId));
      const permitted = (resources: readonly FoundResource[]): FoundResource[] => resources.filter(({ documentId }) => may.has(documentId));
      return { ...found, matches: permitted(found.matches), included: await scopes.covered(grant, permitted(found.included), ["r", "s"]) };
    },
    history: async (asked, question, page) => {
      const grant = await access.grantOf(asked);
      await requireScope(access, asked, question.type ?? "Bundle", ["s"]);
      const found = await using.historian.page(question, grant.permitted, page);
      return { ...found, events: await scopes.coveredEvents(grant, await known(grant, found.events)) };
    },
    historyOf: async (asked, { type, documentId, path }, times) => {
      await requireScope(access, asked, type, ["r"]);
      const grant = await access.grantOf(asked);
      return scopes.coveredEvents(grant, await known(grant, await using.historian.instance(type, documentId, path, times)));
    },
    resources: async (asked, documentId, { wanted, ...form }) => {
      await scopes.toRead(asked, documentId, wanted);
      const page = await pageOf(
        await access.grantOf(asked),
        wanted.map((one) => ({ ...one, documentId })),
        form,
      );
      return page.of(documentId);
    },
    standing: (asked, wanted) => standingOf(asked, wanted, { store, access, deciding, scopes }),
    pageOf: async (asked, wanted, form) => pageOf(await access.grantOf(asked), wanted, form),
    person: async (asked, id) => {
      await requireScope(access, asked, "Patient", ["r"]);
      const [found] = await speaking(asked, [id]);
      if (!found) throw new AppError("not-found", `There is no Patient/${id} here.`);
      return found;
    },
    speaking,
    covered: async (asked, wanted) => scopes.covered(await access.grantOf(asked), wanted, ["r"]),
    fed: async (asked, id) => {
      await requireScope(access, asked, "Patient", ["r", "s"]);
      return fedPerson(id, { ...using, findable: deciding.finding(await access.grantOf(asked)) });
    },
    relations,
    relationsOf: relationsOfAll,
    mayName: async (asked, twin) => (await deciding.mayKnow(await access.grantOf(asked), "relate", [twin.id], isGone)).get(twin.id) ?? false,
  };
}
