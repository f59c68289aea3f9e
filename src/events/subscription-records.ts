/**
 * Subscriptions as they are kept: each a setting (pipeline/settings.ts) with the secret headers in it, so that every version is an entry of the log, encrypted under a key of its own, and a change counts for the very next
 * question, wherever it came in.
 */
import { askedByProgram, type Asked, type Caller } from "../core/asked.ts";
import { AppError } from "../core/errors.ts";
import { readJson } from "../core/fhir/json/read-json.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { STORED_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import { SourceText } from "../core/fhir/reading/source-text.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import type { Settings } from "../pipeline/settings.ts";
import { shownSubscription } from "./shown-subscription.ts";
import type { HeldSubscription, SubscriptionChannel, SubscriptionStatus, Wanted } from "./subscription.ts";

const KIND = "subscription";

export type SubscriptionSettings = Pick<Settings, "get" | "list" | "history" | "put" | "changes">;

/** What an owner asked for, understood (read-subscription.ts). */
export interface AskedSubscription {
  readonly wanted: Wanted;
  readonly channel: SubscriptionChannel;
  readonly end?: string;
  /** As it was sent, without `channel.header`. */
  readonly resource: JsonObject;
}

/** What is to be entered. */
export interface NewSubscription extends AskedSubscription {
  readonly status: SubscriptionStatus;
  readonly error?: string;
  readonly owner: Caller;
  readonly purpose?: string;
  readonly from: number;
}

/** A version; `held` is absent of the one by which it was deleted. */
export interface SubscriptionVersion {
  readonly version: number;
  readonly at: string;
  readonly held?: HeldSubscription;
}

/** The value of the setting: docs/formats.md, "Setting". */
interface Kept extends Omit<NewSubscription, "resource"> {
  /** JSON of its own, so that no digit of it is lost. */
  readonly resource: string;
}

/** What was made of them, as of so many changes. */
interface Made {
  readonly changes: number;
  readonly byId: ReadonlyMap<string, HeldSubscription>;
}

/** Bytes of one as it is entered: of a setting 64 KB are kept, and there is to be room for what we say of it later. */
const LARGEST = 60_000;
/** Letters of that. */
const LONGEST_ERROR = 1_000;

export class SubscriptionRecords {
  readonly #settings: SubscriptionSettings;
  #made: Made | undefined;

  constructor(settings: SubscriptionSettings) {
    this.#settings = settings;
  }

  /** All that are not deleted, whoever owns them, as they stand now. */
  async all(): Promise<readonly HeldSubscription[]> {
    return [...(await this.#look()).byId.values()];
  }

  /** How many changes there were, of whatever setting: as long as it is the same, all stand as they did. */
  changes(): Promise<number> {
    return this.#settings.changes();
  }

  /** One as it stands now; undefined when there is none, or it was deleted. */
  async find(id: string): Promise<HeldSubscription | undefined> {
    return (await this.#look()).byId.get(id);
  }

  /** Every version of one, oldest first; none when there never was one. */
  async versions(id: string): Promise<SubscriptionVersion[]> {
    const records = await this.#settings.history(KIND, id);
    return records.map(({ setting: { version }, value, at }) => ({
      version,
      at,
      ...(value !== undefined && { held: readKept(id, version, at, value) }),
    }));
  }

  /**
   * Enters one, or a version after another. Durable, and known to everybody who asks from then on, when it resolves.
   * @param changes as of which it was decided, where more than this one depends on it
   * @throws AppError `conflict` when it stands otherwise, `invalid` for one that is too long
   */
  async enter(
    { id, expected, changes, ...entered }: NewSubscription & { readonly id: string; readonly expected: number | "absent"; readonly changes?: number },
    asked: Asked,
  ): Promise<HeldSubscription> {
    const kept: Kept = { ...entered, resource: writeJson(entered.resource) };
    const value = JSON.stringify(kept);
    if (Buffer.byteLength(value) > LARGEST)
      throw new AppError("invalid", `The subscription with its headers is too long: at most ${LARGEST} bytes are kept of one.`);
    const order = { kind: KIND, name: id, value, expected, asked, ...(changes !== undefined && { changes }) };
    const set = await this.#settings.put(order).catch((error: unknown) => {
      if (error instanceof AppError && error.code === "conflict")
        throw new AppError("conflict", "It was changed by somebody else in the meantime: look at it again.");
      throw error;
    });
    if (!set) throw new AppError("internal", "the subscription that was entered is not there");
    return readKept(id, set.version, set.at, set.value);
  }

  /**
   * Gives one another status, which we do by ourselves: a version too.
   * @param as the version upon which that was decided
   * @param error why, in words for its owner, of status `error`
   * @returns undefined when it stands otherwise by now: whatever was decided is to be decided anew
   */
  async setStatus(
    { id, version: as }: Pick<HeldSubscription, "id" | "version">,
    status: SubscriptionStatus,
    error?: string,
  ): Promise<HeldSubscription | undefined> {
    const set = await this.#settings.get(KIND, id);
    if (set?.version !== as) return undefined;
    const { error: _earlier, ...kept } = JSON.parse(set.value) as Kept;
    const value = JSON.stringify({ ...kept, status, ...(error !== undefined && { error: error.slice(0, LONGEST_ERROR) }) } satisfies Kept);
    try {
      const changed = await this.#settings.put({ kind: KIND, name: id, value, expected: as, asked: askedByProgram("subscriptions") });
      return changed && readKept(id, changed.version, changed.at, changed.value);
    } catch (failure) {
      if (failure instanceof AppError && failure.code === "conflict") return undefined;
      throw failure;
    }
  }

  /** Deletes one; its history stays. AppError `conflict` when it stands otherwise. */
  async remove(id: string, expected: number, asked: Asked): Promise<void> {
    await this.#settings.put({ kind: KIND, name: id, value: undefined, expected, asked });
  }

  async #look(): Promise<Made> {
    const changes = await this.#settings.changes();
    if (this.#made?.changes === changes) return this.#made;
    // What did not change since is not read again.
    const before = this.#made?.byId;
    const byId = new Map(
      (await this.#settings.list(KIND)).map(({ name, version, at, value }) => {
        const known = before?.get(name);
        return [name, known?.version === version ? known : readKept(name, version, at, value)] as const;
      }),
    );
    return (this.#made = { changes, byId });
  }
}

function readKept(id: string, version: number, at: string, value: string): HeldSubscription {
  const { resource: text, error, ...facts } = JSON.parse(value) as Kept;
  const { resource } = readJson(new SourceText(text), STORED_READ_LIMITS);
  if (!resource) throw new AppError("damaged", `what was entered as Subscription/${id} is no subscription`);
  const { status } = facts;
  return { id, version, at, ...facts, shown: shownSubscription(resource, { id, version, at, status, error }) };
}
