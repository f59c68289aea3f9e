/**
 * What is set while the program runs, and lives in the log: each change is an entry whose record says what was set, so that there is one truth, which is audited, backed up, restored and copied with everything
 * else, on every engine, and nobody sets anything unseen. All changes stand in one order, in which each claims the next place; whoever has read so far knows of everything by one look-up by key.
 * docs/design/settings.md.
 */
import type { Asked } from "../core/asked.ts";
import { keyedHash } from "../core/crypto/digest.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { closeEnvelope, newDocumentKey } from "../core/envelope.ts";
import { AppError } from "../core/errors.ts";
import { formatSettingLeaf, formatSettingRecord, parseSettingRecord, SETTING_KIND, type SettingRecord } from "../core/formats/setting.ts";
import type { DepositGate } from "./gate.ts";
import { lastOf } from "./last-claim.ts";
import type { Ledger } from "./log/ledger.ts";
import { openSettingRecord, settingLeafOf } from "./setting-record.ts";
import { submitterOf } from "./sign/seal.ts";
import type { DocumentKeys } from "./store/document-keys.ts";
import type { LogEntry, NewEntry, RecordStore } from "./store/record-store.ts";

/** Something that is set. */
export interface Setting {
  readonly kind: string;
  /** Which one of its kind. */
  readonly name: string;
  /** From 1, by one each time. */
  readonly version: number;
  /** JSON. */
  readonly value: string;
  /** When it was set: an instant. */
  readonly at: string;
}

/** What is to be set. */
export interface SettingOrder {
  readonly kind: string;
  readonly name: string;
  /** JSON; undefined takes it away. */
  readonly value: string | undefined;
  /** The version that it must have now; `absent`: none, or it was taken away. */
  readonly expected: number | "absent";
  /** How many changes there were, of whatever, when it was decided: for what depends upon more than this one setting. */
  readonly changes?: number;
  readonly asked: Asked;
}

export interface SettingsContext {
  readonly store: Pick<RecordStore, "claimed" | "evidence">;
  readonly documentKeys: Pick<DocumentKeys, "wrap" | "read" | "destroy">;
  readonly keys: Pick<Keys, "secretFor">;
  /** Whoever only looks has none. */
  readonly ledger?: Pick<Ledger, "append"> | undefined;
  readonly gate?: Pick<DepositGate, "admit"> | undefined;
  newId(): string;
}

/** As it is known here: also what was taken away, which has a version and no value. */
interface Known extends Omit<Setting, "value"> {
  readonly value: string | undefined;
  /** Its versions' entries, oldest first. */
  readonly entries: readonly LogEntry[];
}

/** Places that are asked for at once. */
const REACH = 32;
const ATTEMPTS = 40;
const LONGEST_NAME = 200;
const LARGEST_VALUE = 64 * 1024;

/** The claim upon a place among all changes. */
export function settingClaim(place: number): string {
  return `setting-number:${place}`;
}

/** How many changes are in the log. */
export async function settingsIn(store: Pick<RecordStore, "claimed">): Promise<number> {
  return (await lastOf(settingClaim, store)).count;
}

/** By which one setting is told from another in the log. 64 lower-case hex digits. */
export function settingHash(kind: string, name: string, secret: Uint8Array): string {
  return keyedHash(secret, `${kind}\n${name}`);
}

/** The purpose of the secret by which settings are hashed. */
export const SETTINGS_SECRET = "settings";

export class Settings {
  readonly #using: SettingsContext;
  readonly #secret: Uint8Array;
  /** By their hashes. */
  readonly #known = new Map<string, Known>();
  /** Changes that were taken in. */
  #count = 0;
  /** The look that is under way, and the one after it. */
  #now: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(using: SettingsContext, secret: Uint8Array) {
    this.#using = using;
    this.#secret = secret;
  }

  /** Reads all that is set. AppError `unavailable`, `damaged` */
  static async open(using: SettingsContext): Promise<Settings> {
    const settings = new Settings(using, await using.keys.secretFor(SETTINGS_SECRET));
    await settings.#look();
    return settings;
  }

  /** As it stands now, whoever set it; undefined when it is not set. */
  async get(kind: string, name: string): Promise<Setting | undefined> {
    await this.#look();
    return isSet(this.#at(kind, name));
  }

  /** How many changes there were: as long as it is the same, all stands as it did. */
  async changes(): Promise<number> {
    await this.#look();
    return this.#count;
  }

  /** All of a kind, by name. */
  async list(kind: string): Promise<Setting[]> {
    await this.#look();
    return [...this.#known.values()]
      .flatMap((known) => (known.kind === kind ? (isSet(known) ?? []) : []))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** What was set under a name, when and by whom, oldest first. AppError `damaged` */
  async history(kind: string, name: string): Promise<(SettingRecord & { readonly at: string })[]> {
    await this.#look();
    const records: (SettingRecord & { readonly at: string })[] = [];
    for (const entry of this.#at(kind, name)?.entries ?? [])
      records.push({ ...(await openSettingRecord(entry, this.#using)), at: settingLeafOf(entry).at });
    return records;
  }

  /**
   * Sets something, if it stands as expected. Durable when it resolves, and known to everybody who asks from then on.
   * @throws AppError `conflict` when it stands otherwise, or was decided upon what does not stand any more, `invalid` for a name or a value that is too long, `unavailable`
   */
  put(order: SettingOrder): Promise<Setting | undefined> {
    const put = this.#last.then(() => this.#put(order));
    this.#last = put.catch(() => undefined);
    return put;
  }

  async #put(order: SettingOrder): Promise<Setting | undefined> {
    const { kind, name, value, expected, changes } = order;
    const { ledger, gate, documentKeys } = this.#using;
    if (!ledger || !gate) throw new AppError("internal", "settings were opened to be read alone");
    if (name === "" || name.length > LONGEST_NAME) throw new AppError("invalid", `a name has 1 to ${LONGEST_NAME} characters`);
    if ((value?.length ?? 0) > LARGEST_VALUE) throw new AppError("invalid", `a setting has at most ${LARGEST_VALUE} characters`);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await this.#look();
      const known = this.#at(kind, name);
      const isExpected = expected === "absent" ? known?.value === undefined : known?.value !== undefined && known.version === expected;
      if (!isExpected || (changes !== undefined && changes !== this.#count))
        throw new AppError("conflict", "it was set by somebody else in the meantime: look at it again");
      const at = (await gate.admit(new Date())).toISOString();
      const entry = await this.#entry(order, { at, version: (known?.version ?? 0) + 1, place: this.#count });
      const entered = await ledger.append([entry]);
      if (entered.kind === "stored") {
        await this.#look();
        return isSet(this.#at(kind, name));
      }
      // Somebody else was quicker, with this or something else.
      await documentKeys.destroy(entry.id);
    }
    throw new AppError("unavailable", "others were quicker too often; try again");
  }

  async #entry(
    { kind, name, value, asked }: SettingOrder,
    { at, version, place }: { readonly at: string; readonly version: number; readonly place: number },
  ): Promise<NewEntry> {
    const { documentKeys, newId } = this.#using;
    const id = newId();
    const came = { channel: asked.channel, requestId: asked.requestId };
    const { record, digest } = formatSettingRecord({ id, setting: { kind, name, version }, value, submitter: submitterOf(asked), came });
    // What could not be read again must never be entered: the log keeps it for ever.
    parseSettingRecord(record);
    const key = newDocumentKey();
    await documentKeys.wrap(id, key);
    const about = settingHash(kind, name, this.#secret);
    return {
      id,
      kind: SETTING_KIND,
      receivedAt: at,
      leaf: formatSettingLeaf({ id, at, setting: kind, about, version, recordDigest: digest }),
      claims: [{ key: settingClaim(place), value: new Uint8Array() }],
      evidence: closeEnvelope(new TextEncoder().encode(record), key, "evidence", id),
    };
  }

  #at(kind: string, name: string): Known | undefined {
    return this.#known.get(settingHash(kind, name, this.#secret));
  }

  /** Takes in what others set. Whoever asks is answered by a look that begins after they asked; those who ask meanwhile share the next. */
  #look(): Promise<void> {
    return (this.#next ??= this.#now
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return (this.#now = this.#takeIn());
      }));
  }

  async #takeIn(): Promise<void> {
    for (;;) {
      const from = this.#count;
      const found = await this.#using.store.claimed(Array.from({ length: REACH }, (_, at) => settingClaim(from + at)));
      for (let place = from; ; place++) {
        const entry = found.get(settingClaim(place))?.entry;
        if (entry === undefined) break;
        await this.#take(entry);
        this.#count = place + 1;
      }
      if (this.#count < from + REACH) return;
    }
  }

  async #take(entry: LogEntry): Promise<void> {
    const { setting: kind, about, version, at } = settingLeafOf(entry);
    const before = this.#known.get(about);
    // What can't be read is not set: whoever it was about is not let in by an earlier word either.
    const record = await openSettingRecord(entry, this.#using).catch((error: unknown) => {
      if (error instanceof AppError && error.code === "damaged") return undefined;
      throw error;
    });
    const name = record?.setting.name ?? before?.name ?? "";
    this.#known.set(about, { kind, name, version, at, value: record?.value, entries: [...(before?.entries ?? []), entry] });
  }
}

function isSet(known: Known | undefined): Setting | undefined {
  if (known?.value === undefined) return undefined;
  const { kind, name, version, value, at } = known;
  return { kind, name, version, value, at };
}
