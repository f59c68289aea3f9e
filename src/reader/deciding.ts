/** What is decided about documents, by their ids: what the decision goes by comes from the index, or from the document itself where the index has nothing of it. */
import { AppError } from "../core/errors.ts";
import { openDocument } from "../core/fhir/document-bundle.ts";
import { erasedError, erasuresOf } from "../pipeline/erasures.ts";
import { fetchDocument, type FetchContext } from "../pipeline/fetch.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import { describeDocument, type Summarised } from "../search/describe-document.ts";
import type { Finder } from "../search/finder.ts";
import type { Described, IndexedDocument } from "../search/index-port.ts";
import { PERMIT_ALL, permitsEverything } from "../search/predicate.ts";
import type { PatientSystems } from "../search/same-person.ts";
import { supersedes, supersedingKeys } from "../search/supersession.ts";
import type { Grant } from "../security/access.ts";
import type { Action, Decision } from "../security/decide.ts";

/** What is known of a document to decide about it; `to`: what superseded it, as far as the index knows. */
export type Known = Pick<Described, "summary" | "facts" | "links"> & Pick<IndexedDocument, "to">;

export interface DecidingNeeds extends FetchContext {
  readonly store: Pick<RecordStore, "entry" | "proof" | "evidence" | "content" | "nodes" | "claimed" | "checkpoint">;
  readonly finder: Pick<Finder, "documents" | "named">;
  /** Identifier systems that are unique to a person: of documents that the index does not know, too, the decision must know the patient. */
  readonly systems: PatientSystems;
}

export interface Deciding {
  /** Without its index rows a document is opened for it: what cannot be looked up is not therefore permitted. AppErrors `not-found`, `gone`, `damaged`. */
  knownOf(id: string): Promise<Known>;
  knownByItself(id: string): Promise<Known>;
  /** The same of one that may be read: AppError `not-found` of another. @param indexed what the index has of it, where that was asked for before */
  knownToRead(id: string, grant: Grant, indexed: IndexedDocument | undefined): Promise<Known>;
  /** The documents here that one which is to be deposited would supersede, whoever may know of them. */
  supersededBy(document: Pick<Summarised, "summary" | "links">): Promise<readonly Known[]>;
  /** Of each document whether it may be known. @param ofLost says so of one that cannot be opened any more, or throws the failure */
  mayKnow(grant: Grant, action: Action, ids: readonly string[], ofLost: (error: unknown) => boolean): Promise<Map<string, boolean>>;
  /** Those of the documents that may be found; each is decided about once, and all that are new are asked for at once. */
  finding(grant: Grant): (ids: readonly string[]) => Promise<ReadonlySet<string>>;
}

export function createDeciding(using: DecidingNeeds): Deciding {
  const { finder, store, systems } = using;
  const knownByItself: Deciding["knownByItself"] = async (id) => {
    const { leaf, resource, deposit } = await fetchDocument(id, using);
    return describeDocument(openDocument(resource, deposit.decisions), {
      id: leaf.id,
      receivedAt: leaf.receivedAt,
      submitted: deposit.submitted,
      systems,
    });
  };
  const mayKnow: Deciding["mayKnow"] = async (grant, action, ids, ofLost) => {
    const indexed = await finder.documents(ids, PERMIT_ALL);
    const strange = ids.filter((id) => !indexed.has(id));
    // Of an erased document nothing is left to decide by: it is not opened, and the log is asked of all at once.
    const erased = await erasuresOf(strange, store);
    const others = await Promise.all(
      strange.map(async (id): Promise<[string, boolean]> => {
        try {
          const erasure = erased.get(id);
          if (erasure) throw erasedError(id, erasure);
          return [id, isPermitted(grant, action, await knownByItself(id))];
        } catch (error) {
          // Nothing is left to decide by: that it was here is for those alone who may know of everything.
          return [id, ofLost(error) && permitsEverything(grant.permitted)];
        }
      }),
    );
    return new Map([...[...indexed].map(([id, document]): [string, boolean] => [id, isPermitted(grant, action, document)]), ...others]);
  };
  return {
    knownOf: async (id) => (await finder.documents([id], PERMIT_ALL)).get(id) ?? (await knownByItself(id)),
    knownByItself,
    knownToRead: async (id, grant, indexed) => {
      const known: Known = indexed ?? (await knownByItself(id));
      if (!isPermitted(grant, "read", known)) throw new AppError("not-found", `There is no document ${id} here.`);
      return known;
    },
    supersededBy: async (document) => {
      const keys = supersedingKeys(document);
      const named = keys.length === 0 ? [] : await finder.named(keys, PERMIT_ALL);
      return named.filter((target) => supersedes(document, target));
    },
    mayKnow,
    finding: (grant) => {
      const decided = new Map<string, boolean>();
      return async (ids) => {
        const open = [...new Set(ids)].filter((id) => !decided.has(id));
        for (const [id, may] of await mayKnow(grant, "find", open, isFound)) decided.set(id, may);
        return new Set(ids.filter((id) => decided.get(id)));
      };
    },
  };
}

export function decisionOf(grant: Grant, action: Action, { summary, facts }: Known): Decision {
  return grant.decide(action, { ...facts, id: summary.id });
}

export function isPermitted(grant: Grant, action: Action, known: Known): boolean {
  return decisionOf(grant, action, known).isPermitted;
}

/** Of an erased document there is nothing to be told but that it was; of a damaged one nobody can say. */
export function isGone(error: unknown): boolean {
  if (error instanceof AppError && (error.code === "gone" || error.code === "damaged")) return error.code === "gone";
  throw error;
}

/** Nothing is found of what was erased since it was looked up; of what is damaged nobody can say. */
function isFound(error: unknown): false {
  if (error instanceof AppError && error.code === "gone") return false;
  throw error;
}
