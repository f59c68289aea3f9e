/**
 * The one way to content. Interactions get documents, lists, relations and what a conflict may name from here alone: the Reader asks the decision
 * (security/decide.ts) each time, with the question's circumstances, and gives what is permitted. What is not permitted does not exist: the same
 * `not-found` as for an id that was never given.
 */
import type { Asked } from "../core/asked.ts";
import { AppError } from "../core/errors.ts";
import { fetchDocument, fetchOriginal, proofOf, type FetchContext, type Fetched, type Original, type Proven } from "../pipeline/present.ts";
import type { DocumentSummary } from "../pipeline/record.ts";
import type { Relation } from "../pipeline/render/presented.ts";
import type { DocumentStore, Twin } from "../pipeline/store/document-store.ts";
import { relationsOf } from "../pipeline/supersession.ts";
import type { Action, Decide } from "../security/decide.ts";

/** What interactions may ask about documents. Every question says who asks. */
export interface Reader {
  /** A document, opened and held against its leaf. AppError `not-found`, `gone`, `damaged`. */
  fetch(id: string, asked: Asked): Promise<Fetched>;
  /** Its submitted bytes, held against the leaf and not read. AppErrors as above. */
  original(id: string, asked: Asked): Promise<Original>;
  /** That it is here, when it came and what proves it, without opening its content. AppErrors as above. */
  proof(id: string, asked: Asked): Promise<Proven>;
  /** The newest documents, at most `count`; `before`: the id of the last one on the page before. */
  newest(asked: Asked, count: number, before?: string): Promise<DocumentSummary[]>;
  /** Documents that every term finds, newest first, at most `count`. */
  search(asked: Asked, terms: readonly string[], count: number): Promise<DocumentSummary[]>;
  /** What other documents say of one, and it of others; those that may not be known are left out. */
  relations(asked: Asked, summary: DocumentSummary): Promise<Relation[]>;
  /** Whether the document that took an identifier first may be named to the caller (id and digest in a 409). */
  mayName(asked: Asked, twin: Twin): Promise<boolean>;
}

/** What the Reader works with. */
export interface ReaderContext extends FetchContext {
  readonly store: Pick<DocumentStore, "read" | "readProof" | "newest" | "search" | "claiming" | "named" | "sharingComposition" | "summary">;
  readonly decide: Decide;
}

export function createReader(using: ReaderContext): Reader {
  const { store, decide } = using;
  const isPermitted = (asked: Asked, action: Action, summary: DocumentSummary): boolean => decide(asked, action, summary).isPermitted;
  const visible = (asked: Asked, action: Action, found: readonly DocumentSummary[]): DocumentSummary[] =>
    found.filter((summary) => isPermitted(asked, action, summary));

  /** Refuses what the caller may not read, before any of it is opened. */
  const decideFirst = async (id: string, asked: Asked): Promise<void> => {
    // Without its index rows a document is opened to decide: what cannot be looked up is not therefore permitted.
    const summary = (await store.summary(id)) ?? (await fetchDocument(id, using)).stored.summary;
    if (!isPermitted(asked, "read", summary)) throw new AppError("not-found", `There is no document ${id} here.`);
  };

  return {
    fetch: async (id, asked) => {
      await decideFirst(id, asked);
      return fetchDocument(id, using);
    },
    original: async (id, asked) => {
      await decideFirst(id, asked);
      return fetchOriginal(id, using);
    },
    proof: async (id, asked) => {
      await decideFirst(id, asked);
      return proofOf(id, using);
    },
    newest: async (asked, count, before) => visible(asked, "find", await store.newest(count, before)),
    search: async (asked, terms, count) => visible(asked, "find", await store.search(terms, count)),
    relations: async (asked, summary) => {
      const relations = await relationsOf(summary, store);
      return relations.filter(({ other }) => other === undefined || isPermitted(asked, "relate", other));
    },
    mayName: async (asked, twin) => {
      const summary = await store.summary(twin.id);
      return summary === undefined || isPermitted(asked, "relate", summary);
    },
  };
}
