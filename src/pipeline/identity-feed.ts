/**
 * What an identity feed says is entered in the log. Messages stand in two orders: each claims the next place among all messages, and the next among those about its person. So what one decides upon, who
 * was replaced by whom, cannot change before it is entered; and what was said of a person last is found by a few look-ups by key, without an index.
 */
import { closeEnvelope, newDocumentKey, openEnvelope } from "../core/envelope.ts";
import type { Asked } from "../core/asked.ts";
import { digestOf } from "../core/crypto/digest.ts";
import { AppError, readStored } from "../core/errors.ts";
import { FEED_KIND, formatFeedLeaf, formatFeedRecord, parseFeedLeaf, parseFeedRecord, type FeedRecord } from "../core/formats/identity-feed.ts";
import type { DepositGate } from "./gate.ts";
import type { Ledger } from "./log/ledger.ts";
import { lastOf, type Last } from "./last-claim.ts";
import { submitterOf } from "./sign/seal.ts";
import type { DocumentKeys } from "./store/document-keys.ts";
import type { LogEntry, NewEntry, RecordStore } from "./store/record-store.ts";

/** A message that was understood. */
export interface FeedOrder {
  /** How the person is called here: the same for the same identifier. */
  readonly person: string;
  readonly identifier: FeedRecord["identifier"];
  readonly mediaType: FeedRecord["mediaType"];
  readonly message: Uint8Array;
  /** Who stands in the person's place; undefined when nobody does. */
  readonly replacedBy: string | undefined;
  readonly asked: Asked;
}

export interface FeedContext {
  readonly store: Pick<RecordStore, "claimed" | "evidence">;
  readonly documentKeys: DocumentKeys;
  readonly ledger: Pick<Ledger, "append">;
  readonly gate: Pick<DepositGate, "admit">;
  newId(): string;
  /** Who stands in a person's place, as a message says that was entered before. */
  replacedBy(record: FeedRecord): Promise<string | undefined>;
  /** Whether two messages about one person say the same. */
  areSame(one: FeedRecord, other: Pick<FeedRecord, "mediaType" | "message">): boolean;
}

/** `created`: nothing was said of the person before. `revised`: something else was. `repeated`: the very same was said last. */
export interface FeedResult {
  readonly kind: "created" | "revised" | "repeated";
  readonly entry: LogEntry;
}

const ATTEMPTS = 40;
/** So many replacements one after the other are followed. */
export const LONGEST_CHAIN = 16;

/** The claim upon the place of a message among those about a person. */
export function personClaim(person: string, place: number): string {
  return `feed:${person}:${place}`;
}

/** The same among all messages. */
export function numberClaim(place: number): string {
  return `feed-number:${place}`;
}

/** How many messages of identity feeds are in the log. */
export async function messagesIn(store: Pick<RecordStore, "claimed">): Promise<number> {
  return (await lastOf(numberClaim, store)).count;
}

/** Enters messages one after the other. */
export class IdentityFeed {
  readonly #using: FeedContext;
  /** At least so many messages are there. */
  #known = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(using: FeedContext) {
    this.#using = using;
  }

  /**
   * Enters a message, unless it is what was said of the person last. Durable when it resolves.
   * @throws AppError `invalid` when the person would stand in their own place, `unavailable`
   */
  take(order: FeedOrder): Promise<FeedResult> {
    const taken = this.#last.then(() => this.#enter(order));
    this.#last = taken.catch(() => undefined);
    return taken;
  }

  async #enter(order: FeedOrder): Promise<FeedResult> {
    const { store, gate, ledger, documentKeys } = this.#using;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const all = await lastOf(numberClaim, store, this.#known);
      this.#known = all.count;
      const own = await this.#lastAbout(order.person);
      if (own.entry !== undefined && this.#using.areSame(await this.#recordOf(own.entry), order)) return { kind: "repeated", entry: own.entry };
      await this.#refuseCircle(order);
      const at = (await gate.admit(new Date())).toISOString();
      const entry = await feedEntry(order, { at, places: { all: all.count, own: own.count } }, this.#using);
      const entered = await ledger.append([entry]);
      if (entered.kind === "stored") return { kind: own.entry === undefined ? "created" : "revised", entry: entered.entries[0] };
      // Somebody else was quicker, and may have said something about whom this one is about.
      await documentKeys.destroy(entry.id);
    }
    throw new AppError("unavailable", "other messages were quicker too often; send it again");
  }

  #lastAbout(person: string): Promise<Last> {
    return lastOf((place) => personClaim(person, place), this.#using.store);
  }

  #recordOf(entry: LogEntry): Promise<FeedRecord> {
    return feedRecordOf(entry, this.#using);
  }

  /** Whoever stands in somebody's place may have been replaced themselves, but never by the first. */
  async #refuseCircle({ person, replacedBy }: FeedOrder): Promise<void> {
    let next = replacedBy;
    for (let length = 0; next !== undefined; length++) {
      if (next === person)
        throw new AppError("invalid", "The Patient would be replaced by itself: the one that is to replace it was replaced by it.");
      if (length === LONGEST_CHAIN)
        throw new AppError("invalid", `More than ${LONGEST_CHAIN} Patients would be replaced one by the other: name the one that is left.`);
      const { entry } = await this.#lastAbout(next);
      next = entry && (await this.#using.replacedBy(await this.#recordOf(entry)));
    }
  }
}

/** What a message said, and who sent it. AppError `damaged`. */
export async function feedRecordOf(
  entry: Pick<LogEntry, "id" | "leaf">,
  { store, documentKeys }: { readonly store: Pick<RecordStore, "evidence">; readonly documentKeys: Pick<DocumentKeys, "read"> },
): Promise<FeedRecord> {
  const key = await documentKeys.read(entry.id);
  if (key === undefined) throw new AppError("damaged", `the key of entry ${entry.id} is missing`);
  return openFeedRecord(entry, await store.evidence(entry.id), key);
}

/** The record of an entry, of what is kept of it. AppError `damaged`. */
export function openFeedRecord({ id, leaf }: Pick<LogEntry, "id" | "leaf">, evidence: Uint8Array | undefined, key: Uint8Array): FeedRecord {
  if (evidence === undefined) throw new AppError("damaged", `the record of entry ${id} is missing`);
  const text = new TextDecoder().decode(openEnvelope(evidence, key, "evidence", id));
  const { recordDigest } = readStored(`the leaf of entry ${id}`, () => parseFeedLeaf(leaf));
  if (digestOf(text) !== recordDigest)
    throw new AppError("damaged", `the record of entry ${id} is not what was committed: its digest differs from the one in the log`);
  return readStored(`the record of entry ${id}`, () => parseFeedRecord(text));
}

async function feedEntry(
  { person, identifier, mediaType, message, asked }: FeedOrder,
  { at, places }: { readonly at: string; readonly places: { readonly all: number; readonly own: number } },
  { documentKeys, newId }: Pick<FeedContext, "documentKeys" | "newId">,
): Promise<NewEntry> {
  const id = newId();
  const came = { channel: asked.channel, requestId: asked.requestId };
  const { record, digest } = formatFeedRecord({ id, identifier, mediaType, message, submitter: submitterOf(asked), came });
  const key = newDocumentKey();
  await documentKeys.wrap(id, key);
  const none = new Uint8Array();
  return {
    id,
    kind: FEED_KIND,
    receivedAt: at,
    leaf: formatFeedLeaf({ id, at, recordDigest: digest }),
    claims: [
      { key: personClaim(person, places.own), value: none },
      { key: numberClaim(places.all), value: none },
    ],
    evidence: closeEnvelope(new TextEncoder().encode(record), key, "evidence", id),
  };
}
