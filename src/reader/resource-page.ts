/** Resources of several documents, which are opened one after the other: who may read them, and what others say of them, is asked of all at once. */
import type { FairTurns, Share } from "../core/fair-turns.ts";
import type { Closed, Unloaded } from "../pipeline/fetch.ts";
import type { FoundQuestion, WantedResource } from "../search/derived/found-question.ts";
import type { FeedRecord } from "../core/formats/identity-feed.ts";
import { isSealProvenance } from "../search/derived/project.ts";
import type { Finder } from "../search/finder.ts";
import type { Described, IndexedDocument } from "../search/index-port.ts";
import { PERMIT_ALL } from "../search/predicate.ts";
import { relationsOf } from "../search/supersession.ts";
import type { Grant } from "../security/access.ts";
import type { FeedMessages } from "../search/feed/fed-patient.ts";
import { subjectsOf, withPersons, type PersonsNeeds, type PlacedResource } from "./persons.ts";

/** How many documents are opened at once for resources of theirs, and how long one waits for that, in milliseconds. */
export const OPENING = { width: 8, patience: 30_000 };

/** Which resources of a document are wanted, and how. */
export interface ResourceQuestion extends Omit<FoundQuestion, "documentId" | "receivedAt" | "isSuperseded" | "subject" | "related" | "submitted"> {
  /** As it read when it came: its first version. */
  readonly isAsReceived?: boolean;
}

export interface ResourcePage {
  /** Those of one document, in the order in which they were wanted; undefined for what it does not have. It is opened now. AppError `not-found`, `gone`, `damaged`. */
  of(documentId: string): Promise<readonly (string | undefined)[]>;
  /**
   * The same of documents that follow each other, in one turn and with few questions: of the first of them, as many as come to about so many bytes, and of one at least.
   * What it can't be opened for stands in the place of one.
   */
  several(documentIds: readonly string[], bytes: number): Promise<readonly PageTexts[]>;
}

/** What came of one document of several. */
export type PageTexts = { readonly texts: readonly (string | undefined)[] } | { readonly error: unknown };

/** A document with its XML seal, where that is wanted and there is one. */
export type Sealed = Closed & { readonly xmlSeal?: string | undefined };

/** What was decided by that a document may be opened. */
type ReadAs = Pick<Described, "facts"> & Pick<IndexedDocument, "to">;

interface PageNeeds extends Omit<PersonsNeeds, "findable" | "permitted"> {
  readonly finder: Pick<Finder, "documents" | "named">;
  /** At opening documents. */
  readonly turns: Pick<FairTurns, "take">;
  /** The XML seal of a document; undefined where it has none, or what is kept of it is damaged. */
  readonly xmlSeal: (documentId: string) => Promise<string | undefined>;
  readonly project: (closed: Sealed, question: FoundQuestion) => Promise<readonly (string | undefined)[]>;
  readonly findable: (grant: Grant) => PersonsNeeds["findable"];
  mayRelate(grant: Grant, other: IndexedDocument): boolean;
  /** A message of an identity feed. AppErrors as of ResourcePage. */
  openFeed(id: string, grant: Grant, indexed: IndexedDocument): Promise<FeedRecord>;
  readonly feeds: Pick<FeedMessages, "texts">;
  /** AppErrors as of ResourcePage. @param indexed what the index has of it */
  known(documentId: string, grant: Grant, indexed: IndexedDocument | undefined): Promise<ReadAs>;
  closed(documentId: string): Promise<Closed>;
  unloaded(documentId: string): Promise<Unloaded>;
}

type PageOf = (grant: Grant, wanted: readonly PlacedResource[], form: Omit<ResourceQuestion, "wanted">) => Promise<ResourcePage>;

export function resourcePages(using: PageNeeds): PageOf {
  return async (grant, wanted, { isAsReceived = false, ...form }) => {
    const ids = [...new Set(wanted.map(({ documentId }) => documentId))];
    const indexed = await using.finder.documents(ids, PERMIT_ALL);
    const persons: PersonsNeeds = { ...using, permitted: grant.permitted, findable: using.findable(grant) };
    const about = new Set(wanted.filter(({ type }) => ABOUT_SUBJECT.has(type)).map(({ documentId }) => documentId));
    const described = [...about].flatMap((id) => indexed.get(id) ?? []);
    // Documents are opened meanwhile.
    const preparing = Promise.all([byDocument(withPersons(wanted, persons)), subjectsById(described, persons), relatedBy(grant, described, using)]);
    preparing.catch(() => undefined);
    // Whoever wants few documents does not wait for whoever wants many.
    const share: Share = { asker: grant.asker, spent: 0 };
    return {
      of: (documentId) => using.turns.take(share, () => written(documentId)),
      several: (documentIds, bytes) => using.turns.take(share, () => severalWritten(documentIds, bytes)),
    };

    async function severalWritten(documentIds: readonly string[], bytes: number): Promise<readonly PageTexts[]> {
      const loads = await Promise.all(documentIds.map((id) => caught(loadable(id))));
      let [left, count] = [bytes, 0];
      for (const load of loads) {
        if ("found" in load) left -= load.found.bytes;
        if (count > 0 && left < 0) break;
        count++;
      }
      return Promise.all(
        loads.slice(0, count).map(async (load): Promise<PageTexts> => {
          if ("error" in load) return load;
          const texts = await caught(load.found.write());
          return "found" in texts ? { texts: texts.found } : texts;
        }),
      );
    }

    /** A document that is written once it is known to have room. */
    async function loadable(documentId: string): Promise<{ readonly bytes: number; write(): Promise<readonly (string | undefined)[]> }> {
      const document = indexed.get(documentId);
      if (document?.isOfFeed) return { bytes: 0, write: () => written(documentId) };
      const known = await using.known(documentId, grant, document);
      const unloaded = await using.unloaded(documentId);
      return { bytes: unloaded.contentBytes, write: async () => writtenOf(documentId, known, await unloaded.load()) };
    }

    async function written(documentId: string): Promise<readonly (string | undefined)[]> {
      const document = indexed.get(documentId);
      if (!document?.isOfFeed) return writtenOf(documentId, await using.known(documentId, grant, document), await using.closed(documentId));
      const [record, [all]] = await Promise.all([using.openFeed(documentId, grant, document), preparing]);
      const question = { wanted: all.get(documentId) ?? [], documentId, receivedAt: document.summary.receivedAt, isSuperseded: false };
      return using.feeds.texts(record, { ...form, ...question });
    }

    async function writtenOf(documentId: string, known: ReadAs, closed: Closed): Promise<readonly (string | undefined)[]> {
      const [all, subjects, related] = await preparing;
      const own = all.get(documentId) ?? [];
      const isStrange = !indexed.has(documentId) && about.has(documentId);
      const subject = isStrange ? (await subjectsOf([known.facts.patient], persons))[0] : subjects.get(documentId);
      const { receivedAt } = closed.leaf;
      const isSuperseded = known.to !== undefined && !isAsReceived;
      // As it was at first, it had none.
      const isSealWanted = !isAsReceived && own.some(({ type, path }) => isSealProvenance(type, path));
      const sealed = isSealWanted ? { ...closed, xmlSeal: await using.xmlSeal(documentId) } : closed;
      return using.project(sealed, { ...form, wanted: own, subject, related: related.get(documentId), documentId, receivedAt, isSuperseded });
    }
  };
}

/** Resources by the documents that they stand in, each in their order. */
async function byDocument(wanted: ReturnType<typeof withPersons>): Promise<ReadonlyMap<string, readonly WantedResource[]>> {
  const own = new Map<string, WantedResource[]>();
  for (const { documentId, ...one } of await wanted) {
    const before = own.get(documentId);
    if (before) before.push(one);
    else own.set(documentId, [one]);
  }
  return own;
}

async function caught<Found>(finding: Promise<Found>): Promise<{ readonly found: Found } | { readonly error: unknown }> {
  try {
    return { found: await finding };
  } catch (error) {
    return { error };
  }
}

async function subjectsById(documents: readonly IndexedDocument[], persons: PersonsNeeds): Promise<Map<string, string | undefined>> {
  const subjects = await subjectsOf(
    documents.map(({ facts }) => facts.patient),
    persons,
  );
  return new Map(documents.map(({ summary }, at) => [summary.id, subjects[at]]));
}

/** Documents to which these relate themselves, as far as that is confirmed; by the id of the one that does. */
async function relatedBy(
  grant: Grant,
  documents: readonly IndexedDocument[],
  { finder, mayRelate }: Pick<PageNeeds, "finder" | "mayRelate">,
): Promise<Map<string, NonNullable<FoundQuestion["related"]>>> {
  const keys = [...new Set(documents.flatMap(({ links }) => links.claims.map(({ key }) => key)))];
  const named = keys.length === 0 ? [] : await finder.named(keys, grant.permitted);
  const targets = named.filter((other) => mayRelate(grant, other));
  return new Map(
    documents.map((document) => {
      const own = relationsOf({ document, claimants: [], versions: [], targets }).flatMap(({ kind, isConfirmed, other }) =>
        isConfirmed && other && OWN_RELATIONS.has(kind) ? [{ code: kind, documentId: other.id }] : [],
      );
      return [document.summary.id, own];
    }),
  );
}

/** Resources of ours that name the person rather than the copy in their document. */
const ABOUT_SUBJECT: ReadonlySet<string> = new Set(["DocumentReference", "List"]);

/** Relations that a document says of itself: they are called as relatesTo calls them (R4 document-relationship-type). */
const OWN_RELATIONS: ReadonlySet<string> = new Set(["replaces", "appends", "transforms", "signs"]);
