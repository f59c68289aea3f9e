/** Resources of several documents, which are opened one after the other: who may read them, and what others say of them, is asked of all at once. */
import type { FairTurns, Share } from "../core/fair-turns.ts";
import type { Closed } from "../pipeline/fetch.ts";
import type { FoundQuestion } from "../search/derived/found-question.ts";
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
}

/** A document with its XML seal, where that is wanted and there is one. */
export type Sealed = Closed & { readonly xmlSeal?: string | undefined };

/** A document that may be opened: what was decided by, and what is kept of it. */
interface Opened {
  readonly known: Pick<Described, "facts"> & Pick<IndexedDocument, "to">;
  readonly closed: Closed;
}

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
  open(documentId: string, grant: Grant, indexed: IndexedDocument | undefined): Promise<Opened>;
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
    const preparing = Promise.all([withPersons(wanted, persons), subjectsById(described, persons), relatedBy(grant, described, using)]);
    preparing.catch(() => undefined);
    // Whoever wants few documents does not wait for whoever wants many.
    const share: Share = { asker: grant.asker, spent: 0 };
    return {
      of: (documentId) => using.turns.take(share, () => written(documentId)),
    };

    async function written(documentId: string): Promise<readonly (string | undefined)[]> {
      const document = indexed.get(documentId);
      if (document?.isOfFeed) {
        const [record, [all]] = await Promise.all([using.openFeed(documentId, grant, document), preparing]);
        const own = all.filter((one) => one.documentId === documentId).map(({ documentId: _, ...one }) => one);
        return using.feeds.texts(record, { ...form, wanted: own, documentId, receivedAt: document.summary.receivedAt, isSuperseded: false });
      }
      const { known, closed } = await using.open(documentId, grant, document);
      const [all, subjects, related] = await preparing;
      const own = all.filter((one) => one.documentId === documentId).map(({ documentId: _, ...one }) => one);
      const isStrange = !document && about.has(documentId);
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
