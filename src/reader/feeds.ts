/** What identity feeds say of persons, for whoever may know of it: a message is decided about as a document of the same patient is. */
import { AppError } from "../core/errors.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import { FEED_KIND, type FeedRecord } from "../core/formats/identity-feed.ts";
import type { ProofContext } from "../pipeline/fetch.ts";
import { feedRecordOf } from "../pipeline/identity-feed.ts";
import type { DocumentKeys } from "../pipeline/store/document-keys.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import type { FeedMessages } from "../search/feed/fed-patient.ts";
import type { Identity } from "../search/identities.ts";
import type { Searcher } from "../search/searcher.ts";

/** Whom identity feeds know by an id. */
export interface FedPerson extends Identity {
  /** As the messages say that count. */
  readonly patients: readonly JsonObject[];
}

export interface FeedNeeds {
  readonly store: Pick<RecordStore, "proof" | "evidence">;
  readonly documentKeys: Pick<DocumentKeys, "read">;
  readonly inLog?: ProofContext["inLog"];
  readonly searcher: Pick<Searcher, "feeds">;
  readonly feeds: FeedMessages;
}

/** A message, for somebody who may read it. AppError `not-found`, `damaged`. */
export async function feedRecord(id: string, using: Pick<FeedNeeds, "store" | "documentKeys" | "inLog">): Promise<FeedRecord> {
  const { entry, checkpoint } = (await using.store.proof(id)) ?? {};
  if (entry?.kind !== FEED_KIND) throw new AppError("not-found", `There is no message ${id} here.`);
  if (checkpoint === undefined) throw new AppError("damaged", `the log has no checkpoint of the commit of message ${id}`);
  await using.inLog?.hold(entry, checkpoint.note);
  return feedRecordOf(entry, using);
}

/** @param findable those of the messages of which the caller may know */
export async function fedPerson(
  id: string,
  { findable, ...using }: FeedNeeds & { readonly findable: (ids: readonly string[]) => Promise<ReadonlySet<string>> },
): Promise<FedPerson | undefined> {
  const [said] = await using.searcher.feeds([id]);
  if (!said) return undefined;
  const may = await findable(said.messages);
  const open = said.messages.filter((one) => may.has(one));
  if (open.length === 0 && said.messages.length > 0) return undefined;
  const records = await Promise.all(open.map((one) => feedRecord(one, using)));
  return { ...said.identity, patients: records.map((record) => using.feeds.patient(record)) };
}
