/**
 * By which keys persons are known besides those that somebody named, as identity feeds say now: a consent holds for the whole person, from the next request after a feed joined two, until after it took them apart. Persons are looked
 * up once; after that the messages that came since say whose keys are to be looked up again.
 */
import type { FeedRecord } from "../core/formats/identity-feed.ts";
import { feedRecordOf, numberClaim } from "../pipeline/identity-feed.ts";
import { lastOf } from "../pipeline/last-claim.ts";
import type { DocumentKeys } from "../pipeline/store/document-keys.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import { PERMIT_ALL } from "../search/predicate.ts";
import type { Searcher } from "../search/searcher.ts";
import { feedRecord } from "./feeds.ts";
import { ownPatient, type OwnPatientNeeds } from "./own-patient.ts";

export interface MergedNeeds extends OwnPatientNeeds {
  readonly store: Pick<RecordStore, "claimed" | "proof" | "evidence">;
  readonly documentKeys: Pick<DocumentKeys, "read">;
  readonly searcher: Pick<Searcher, "persons" | "feeds" | "copyAt">;
  /** Keys that a message joins, and that of whom it says to stand in their place; none of one that joins nothing any more. */
  keysOf(record: FeedRecord): readonly string[];
}

/** Whom feeds joined, of the keys that were asked about. */
export interface Merged {
  /** Another number when anything is otherwise than it was. */
  readonly version: number;
  /** Of each key that is joined to others all of them, itself among them. */
  readonly keys: ReadonlyMap<string, readonly string[]>;
}

/** Messages that are read at once to learn whom they are about; when more came, all persons are looked up again. */
const PAGE = 100;
const MOST_READ = 2_000;
/** Persons whom the index is asked about at once. */
const ASKED_AT_ONCE = 500;

export class MergedPersons {
  readonly #using: MergedNeeds;
  /** Of each key that was looked up the ids of the person. */
  readonly #known = new Map<string, readonly string[]>();
  readonly #merged = new Map<string, readonly string[]>();
  /** Keys by the ids that their persons have. */
  readonly #byId = new Map<string, Set<string>>();
  /** Keys all of which are looked up. */
  #all: readonly string[] | undefined;
  #taken = 0;
  #version = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(using: MergedNeeds) {
    this.#using = using;
  }

  /** Of these keys, as of now. AppErrors `unavailable`, `damaged` */
  of(keys: readonly string[]): Promise<Merged> {
    const looked = this.#last.catch(() => undefined).then(() => this.#look(keys));
    this.#last = looked;
    return looked;
  }

  async #look(keys: readonly string[]): Promise<Merged> {
    const { count, entry } = await lastOf(numberClaim, this.#using.store, this.#taken);
    if (entry) {
      const news = await this.#forgetChanged(count);
      const open = keys === this.#all ? [] : keys.filter((key) => !this.#known.has(key));
      for (let from = 0; from < open.length; from += ASKED_AT_ONCE) await this.#lookUp(open.slice(from, from + ASKED_AT_ONCE));
      this.#all = keys;
      if ((await this.#using.finder.documents([entry.id], PERMIT_ALL)).has(entry.id)) this.#taken = count;
      // While the index is behind, what the messages themselves join counts, and all is looked up again the next time.
      else for (const joined of news) for (const key of joined) this.#join(key, joined);
    }
    return { version: this.#version, keys: this.#merged };
  }

  #join(key: string, others: readonly string[]): void {
    if (!this.#known.has(key) || others.length < 2) return;
    this.#merged.set(key, [...new Set([...(this.#merged.get(key) ?? [key]), ...others])]);
    this.#version++;
  }

  /** Lets go of all persons whom messages are about that came since the last look; gives the keys that each of these joins. */
  async #forgetChanged(count: number): Promise<readonly (readonly string[])[]> {
    const news: (readonly string[])[] = [];
    if (count - this.#taken > MOST_READ) this.#forget([...this.#known.keys()]);
    for (let from = this.#taken; from < count && this.#known.size > 0; from += PAGE) {
      const places = Array.from({ length: Math.min(PAGE, count - from) }, (_, at) => numberClaim(from + at));
      for (const { entry } of (await this.#using.store.claimed(places)).values()) {
        const keys = this.#using.keysOf(await feedRecordOf(entry, this.#using));
        const ids = await Promise.all(keys.map(this.#using.personIdOf));
        this.#forget([...keys, ...ids.flatMap((id) => [...(this.#byId.get(id) ?? [])])]);
        news.push(keys);
      }
    }
    return news;
  }

  #forget(keys: readonly string[]): void {
    this.#all = undefined;
    for (const key of keys) {
      for (const id of this.#known.get(key) ?? []) this.#byId.get(id)?.delete(key);
      this.#known.delete(key);
      if (this.#merged.delete(key)) this.#version++;
    }
  }

  async #lookUp(keys: readonly string[]): Promise<void> {
    const { searcher, personIdOf, keysOf } = this.#using;
    const ids = await Promise.all(keys.map(personIdOf));
    const found = await searcher.feeds(ids);
    for (const [at, key] of keys.entries()) {
      const own = ids[at] ?? "";
      const said = found[at];
      const members = said?.identity.members ?? [own];
      const all = new Set([key]);
      if (said && members.length > 1) {
        for (const message of said.messages) for (const one of keysOf(await feedRecord(message, this.#using))) all.add(one);
        // Of whom no message has the identifier, a document does.
        const documents = await ownPatient(said.identity.survivor, this.#using);
        if (documents.kind === "any") for (const one of documents.values) all.add(one);
      }
      this.#known.set(key, members);
      for (const id of members) this.#byId.set(id, (this.#byId.get(id) ?? new Set()).add(key));
      if (all.size > 1) {
        this.#merged.set(key, [...all]);
        this.#version++;
      }
    }
  }
}
