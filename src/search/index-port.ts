import type { DocumentSummary } from "../pipeline/document-forms.ts";
import type { DecisionFacts, Predicate } from "./predicate.ts";
import type { IndexedResource, IndexedResources, ResourceIndex, WritableResources } from "./resource-index.ts";

/** What tells how documents stand to each other: keys of match-keys.ts and same-person.ts. */
export interface DocumentLinks {
  /** Everything that another document's relatesTo may call this one by. */
  readonly ownKeys: readonly string[];
  /** The keys that this document's relatesTo names, with the relation (replaces, appends, transforms, signs). */
  readonly claims: readonly { readonly relation: string; readonly key: string }[];
  /** For "the same subject" and "the same custodian" of documents that name each other: a subject by any key, a custodian as supersession.ts says. */
  readonly subjectKeys: readonly string[];
  readonly custodianKeys: readonly string[];
  /** Keys of Composition.identifier: documents that share one are versions of one composition. */
  readonly compositionKeys: readonly string[];
}

/** All that the index takes from a document: plain data, made from the opened document alone (`describe-document.ts`), whenever and wherever that is done. */
export interface Described {
  readonly summary: DocumentSummary;
  readonly links: DocumentLinks;
  /** Words and identifier values that a search box finds it by (`search-terms.ts`). */
  readonly terms: readonly string[];
  readonly facts: DecisionFacts;
  /** Resources of header types (header-types.ts). */
  readonly header: IndexedResources;
  /** It is no document but a message of an identity feed (search/feed): in no list, and found by no term. */
  readonly isOfFeed?: true;
}

/** The same of a message of an identity feed. */
export interface DescribedMessage extends Described {
  readonly header: readonly IndexedResource[];
}

/** A document as the index has it, and gives it back. */
export interface IndexedDocument extends Omit<Described, "terms" | "header"> {
  /** Its deposit's place in the log: it is there in every state of the log that is larger. */
  readonly from: number;
  /** The place of the entry that superseded it: it is superseded in every state of the log that is larger. Absent while nothing did. */
  readonly to?: number;
}

/** A document as it enters the index. */
export interface NewDocument extends IndexedDocument, Described {}

/** What a run of entries makes of the index. */
export interface IndexStep {
  /** The step is about the entries from `from` to `to`, `to` excluded. */
  readonly from: number;
  readonly to: number;
  /** By what the record is known up to there: the digest of the last entry's leaf. */
  readonly mark: string;
  /** The documents among them that can be opened, in order of the log. */
  readonly documents: readonly NewDocument[];
  /** Documents that were there before, with their new `to`; undefined: nothing supersedes them any more. */
  readonly closed: readonly { readonly id: string; readonly to: number | undefined }[];
  /** Ids of documents of which nothing may be found any more. */
  readonly removed: readonly string[];
}

/** How documents that name each other are found. All keys are compared whole. */
export interface RelationLookup {
  /** Documents that have one of `keys` among their ownKeys; newest by time of receipt first, as of the two below; each once. */
  named(keys: readonly string[], permitted: Predicate): Promise<IndexedDocument[]>;
  /** Documents with a claim upon one of `keys`. */
  claiming(keys: readonly string[], permitted: Predicate): Promise<IndexedDocument[]>;
  /** Documents that share a composition key. */
  sharingComposition(keys: readonly string[], permitted: Predicate): Promise<IndexedDocument[]>;
}

/** A document among those that it names or that name it, all as of one state of the index. */
export interface Related {
  /** How much of the log the index had taken in, in entries. */
  readonly size: number;
  /** Undefined when the index has nothing of it; then all lists are empty. */
  readonly document: IndexedDocument | undefined;
  /** Documents with a claim upon one of its own keys (`claiming`). */
  readonly claimants: readonly IndexedDocument[];
  /** Documents that share a composition key with it, itself among them (`sharingComposition`). */
  readonly versions: readonly IndexedDocument[];
  /** Documents that its own claims name (`named`). */
  readonly targets: readonly IndexedDocument[];
}

/** How much of the log an index has taken in. */
export interface IndexPosition {
  /** The number of entries: all from the first on, without gaps. */
  readonly size: number;
  /** The mark of the step that brought it there; empty at 0. An index whose mark is not the record's was made from another record. */
  readonly mark: string;
}

/** An index as the indexer fills it. */
export interface WritableIndex extends RelationLookup, WritableResources {
  /** How far it has come. */
  position(): Promise<IndexPosition>;
  /** Takes in a step, all of it or nothing, when the index stands at `step.from`: `behind` when somebody else has moved it. */
  advance(step: IndexStep): Promise<"advanced" | "behind">;
  document(id: string, permitted: Predicate): Promise<IndexedDocument | undefined>;
  /**
   * Lays down what documents make, before anybody's step takes them in: nothing of it is seen until then, and the step is small. Of several processes each does this for its own documents, at the same time;
   * whoever makes the step takes them all in. An engine that nobody else writes to has no use for it. What was not laid is written by the step.
   */
  layAhead?(documents: readonly NewDocument[]): Promise<void>;
  /** What was laid, by whomever, for places from `from` to `to`, `to` excluded, as a step of this index may take it in; and how far the index has come. */
  laidAhead?(from: number, to: number): Promise<{ readonly size: number; readonly documents: readonly NewDocument[] }>;
}

/** An index that is filled beside the one that answers. */
export interface IndexBeside extends WritableIndex {
  /** Puts it in the other's place, at once for everybody and for ever; `behind` when the other has taken in more of the log. */
  takeOver(): Promise<"taken-over" | "behind">;
  /** Lets go of it. After `takeOver` it does nothing. */
  abandon(): Promise<void>;
}

/**
 * What answers questions: lists, the search box, which documents supersede which. Derived from record and keys alone by the one indexer (`indexer.ts`), and made anew
 * from them whenever it is missing, damaged or of another version. Nothing that a reader was promised depends on it but finding.
 *
 * - It holds patient data in the clear: an adapter keeps it as private as the record, and leaves nothing of a removed document behind.
 * - Its position is one number: what it answers is true of the log's first `position` entries.
 * - Every question takes a predicate, and answers as if nothing else existed.
 * - It is made by one version of the indexer under one set of settings, and knows which: one that was made by another is emptied when it is opened, and refuses (`conflict`)
 *   steps of whoever has it open still.
 * - It may lose its newest steps in a crash, never a part of one. Failures are AppErrors: `unavailable`, `damaged`, `conflict` of an index beside that somebody
 *   else's displaced, else `internal`.
 */
export interface IndexPort extends WritableIndex, ResourceIndex {
  /** The newest documents by time of receipt, then place, newest first; `before`: only those that come after this in that order. */
  newest(count: number, permitted: Predicate, before?: { readonly receivedAt: string; readonly from: number }): Promise<IndexedDocument[]>;
  /** Documents in which every term (made by `searchTerms`) begins some term of theirs; newest first. No terms: the newest. */
  search(terms: readonly string[], count: number, permitted: Predicate): Promise<IndexedDocument[]>;
  /** Documents by their ids, in one question and in that order; those that it does not have are left out. */
  documents(ids: readonly string[], permitted: Predicate): Promise<IndexedDocument[]>;
  /** Documents, in the order of `ids`, each with all that tells how others stand to it, in one question: every page of a document asks for it. */
  related(ids: readonly string[], permitted: Predicate): Promise<Related[]>;
  /** Empties it, so that it is filled from the beginning. */
  clear(): Promise<void>;
  /** An empty index beside this one. There is one at a time: a new one displaces whatever another process has begun. */
  beside(): Promise<IndexBeside>;
  close(): Promise<void>;
}
