/**
 * The audit: the log is replayed from its first entry, and everything that is kept is held against it. Leaves make the tree again, which the signed checkpoints must fit; every document is
 * opened under its key and held against its leaf; every row must belong to an entry. Nothing is changed, and a service may run meanwhile.
 */
import { equalBytes } from "../../core/crypto/digest.ts";
import type { Keys } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import { FEED_KIND } from "../../core/formats/identity-feed.ts";
import { LATER_SEAL_KIND } from "../../core/formats/later-seal.ts";
import { SETTING_KIND } from "../../core/formats/setting.ts";
import { SUBMISSION_KIND } from "../../core/formats/submission.ts";
import { identityClaim } from "../deposit-entry.ts";
import type { DocumentKeys } from "../store/document-keys.ts";
import type { RecordInventory } from "../store/record-inventory.ts";
import type { LogEntry, RecordStore } from "../store/record-store.ts";
import { faultOfClaim, OTHER_DIGESTS } from "./audit-claim.ts";
import type { AuditedDocument, DocumentToAudit } from "./audit-document.ts";
import { heldCheckpoint, type NoteToAudit } from "./audit-note.ts";
import { auditColumns, auditCustody, custodyClaims, epochClaim, isErased, isKnownKind, tellOtherKey } from "./entry-audit.ts";
import { FeedAudit } from "./feed-audit.ts";
import { Findings } from "./finding.ts";
import { auditSubmission, countedClaims, ownClaims, SubmissionAudit, tellSameness } from "./submission-audit.ts";
import { auditRows, checkpointsOf, Expected } from "./row-audit.ts";
import { takersOf } from "./takers.ts";
import { TreeAudit, type WalkedEntry } from "./tree-audit.ts";
import { claimedEach, erasedIn, newestSize, walk } from "./walk.ts";

export interface AuditSource {
  readonly store: RecordStore;
  /** As they are kept, whatever the log says of erasures. */
  readonly documentKeys: Pick<DocumentKeys, "read">;
  readonly inventory: RecordInventory;
  readonly keys: Pick<Keys, "log" | "pastLogs" | "identityKeyOf" | "personKeyOf" | "secretFor" | "unwrap">;
  /** Opens documents and holds them against their leaves (`audit-document.ts`), wherever that is done. */
  examine(documents: readonly DocumentToAudit[]): Promise<readonly AuditedDocument[]>;
  /** What is wrong with checkpoints but their roots (`audit-note.ts`). */
  examineNotes(notes: readonly NoteToAudit[]): Promise<readonly (string | undefined)[]>;
}

export interface AuditOptions {
  /** Checkpoints (signed notes) that somebody holds from before: the log must have gone on from each. */
  readonly against: readonly string[];
  /** Documents before this place are not opened, nor their keys, because they were before; everything else is looked at from the beginning. Default 0. */
  readonly openFrom?: number;
  onProgress(done: number, all: number): void;
  /** Told of each run of entries, in order, those that are missing aside, and where it ends, with what their documents say of themselves; before the next is looked at much further. */
  onEntries?(entries: readonly LogEntry[], to: number, documents: ReadonlyMap<string, AuditedDocument>): Promise<void>;
}

/** What was audited, and what was found. */
export interface AuditReport {
  readonly size: number;
  readonly origin: string;
  readonly root: Uint8Array;
  readonly documents: number;
  readonly erased: number;
  readonly others: number;
  /** Bytes of documents, as they are kept. */
  readonly bytes: number;
  readonly findings: Findings;
}

/** Pages that are under way at once. */
const PAGES = 6;

interface Looked {
  readonly walked: readonly WalkedEntry[];
  readonly documents: ReadonlyMap<string, AuditedDocument>;
}

export async function auditRecord(source: AuditSource, options: AuditOptions): Promise<AuditReport> {
  return new RecordAudit(source, options).run();
}

class RecordAudit {
  readonly #source: AuditSource;
  readonly #options: AuditOptions;
  readonly #findings = new Findings();
  readonly #custody = new Map<string, number>();
  readonly #submissions = new SubmissionAudit();
  readonly #feed: FeedAudit;
  readonly #takers: ReturnType<typeof takersOf>;
  readonly #sizes = new Set<number>();
  /** Documents of which a claim says that they were erased. */
  readonly #erased = new Set<string>();
  readonly #counts = { documents: 0, erased: 0, others: 0, bytes: 0 };
  #expected = new Expected(0);

  constructor(source: AuditSource, options: AuditOptions) {
    this.#source = source;
    this.#options = options;
    this.#feed = new FeedAudit({ ...source, findings: this.#findings });
    this.#takers = takersOf({ ...source, findings: this.#findings });
  }

  async run(): Promise<AuditReport> {
    const { store, inventory, keys, examineNotes } = this.#source;
    const findings = this.#findings;
    const size = await newestSize(store, inventory);
    this.#expected = new Expected(size);
    const logs = [keys.log, ...keys.pastLogs];
    const held = this.#options.against.map((note) => heldCheckpoint(note, logs));
    const wanted = new Set(held.map((one) => one.size));
    for (const id of await erasedIn(inventory)) this.#erased.add(id);
    const tree = new TreeAudit({ inventory, checkpoints: this.#storedCheckpoints(size), examineNotes, wanted, findings });

    const under: Promise<Looked>[] = [];
    const next = async (): Promise<void> => {
      const looked = await under.shift();
      if (looked) await this.#consume(looked, tree, size);
    };
    for await (const page of walk(size, store)) {
      under.push(this.#look(page));
      // A page that fails is told when its turn comes.
      under.at(-1)?.catch(() => undefined);
      if (under.length >= PAGES) await next();
    }
    while (under.length > 0) await next();
    const root = await tree.end();

    for (const one of held) {
      const here = tree.roots.get(one.size);
      const fault =
        one.size > size
          ? `the log has ${size} entries and had ${one.size}`
          : here && !equalBytes(here, one.root)
            ? `its first ${one.size} entries are others`
            : undefined;
      if (one.size > 0 && fault !== undefined)
        findings.add({ kind: "changed", what: "log", text: `the log is not the one that the checkpoint was taken of: ${fault}` });
    }
    const newSize = (): Promise<number> => newestSize(store, inventory);
    await auditRows(inventory, { size, sizes: this.#sizes, expected: this.#expected, newSize, findings });
    return { size, origin: keys.log.origin, root, ...this.#counts, findings };
  }

  async *#storedCheckpoints(size: number): AsyncGenerator<{ readonly size: number; readonly note: string }, undefined> {
    for await (const checkpoint of checkpointsOf(this.#source.inventory)) {
      if (checkpoint.size > size) return;
      yield checkpoint;
    }
  }

  /** Opens the documents of a run. */
  async #look(walked: readonly WalkedEntry[]): Promise<Looked> {
    const { inventory, examine } = this.#source;
    const { openFrom = 0 } = this.#options;
    const [first, last] = [walked[0]?.index ?? 0, walked.at(-1)?.index ?? -1];
    if (last < openFrom) return { walked, documents: new Map() };
    const bodies = new Map((await inventory.bodies(first, last + 1)).map((body) => [body.index, body]));
    const asked: DocumentToAudit[] = [];
    for (const { entry } of walked) {
      if (entry?.kind !== "deposit") continue;
      const { id, index, leaf, contentBytes } = entry;
      const { content, evidence, wrappedKey } = bodies.get(index) ?? {};
      const documentKey = await this.#keyOf(entry, wrappedKey);
      if (content !== undefined && content.length !== contentBytes)
        this.#findings.add({
          ...{ kind: "changed", what: "entry", id, index },
          text: `entry ${index} (${id}) says that its content has ${contentBytes} bytes, and it has ${content.length}`,
        });
      if (documentKey !== undefined && index >= openFrom) asked.push({ id, index, leaf, content, evidence, documentKey });
    }
    const documents = asked.length === 0 ? [] : await examine(asked);
    return { walked, documents: new Map(documents.map((document) => [document.id, document])) };
  }

  /** A document's key; what is wrong with it is told. */
  async #keyOf({ id, index }: LogEntry, wrappedKey: Uint8Array | undefined): Promise<Uint8Array | undefined> {
    const { store, keys } = this.#source;
    const isGone = this.#erased.has(id) || (wrappedKey === undefined && (await isErased(id, store)));
    this.#expected.keys[index] = isGone ? 0 : 1;
    if (isGone) this.#counts.erased++;
    else if (wrappedKey === undefined) {
      const text = `the key of document ${id} (entry ${index}) is not there, and the log does not say that it was erased: nobody can read it`;
      this.#findings.add({ kind: "removed", what: "key", id, index, text });
    }
    if (isGone || wrappedKey === undefined) return undefined;
    try {
      return await keys.unwrap(wrappedKey, id);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "damaged") throw error;
      this.#findings.add({ kind: "changed", what: "key", id, index, text: `document ${id} (entry ${index}): ${error.message}` });
      return undefined;
    }
  }

  async #consume({ walked, documents }: Looked, tree: TreeAudit, size: number): Promise<void> {
    const findings = this.#findings;
    for (const one of walked) {
      await tree.take(one);
      const { entry } = one;
      if (entry === undefined) continue;
      this.#sizes.add(entry.treeSize);
      auditColumns(entry, findings);
      if (entry.kind === "deposit") this.#countDocument(entry);
      else this.#counts.others++;
      if (isKnownKind(entry.kind) && entry.kind !== "deposit") await this.#auditOther(entry);
      const { id, index } = entry;
      for (const fault of documents.get(id)?.faults ?? [])
        findings.add({ kind: "changed", what: "document", id, index, text: `document ${id} (entry ${index}): ${fault}` });
    }
    await this.#auditIdentities([...documents.values()]);
    const entries = walked.flatMap(({ entry }) => entry ?? []);
    await this.#options.onEntries?.(entries, (walked.at(-1)?.index ?? -1) + 1, documents);
    this.#options.onProgress((walked.at(-1)?.index ?? 0) + 1, size);
  }

  #countDocument({ index, contentBytes }: LogEntry): void {
    this.#counts.documents++;
    this.#counts.bytes += contentBytes;
    this.#expected.claims[index] = 1;
  }

  async #auditOther(entry: LogEntry): Promise<void> {
    const { index, documentId } = entry;
    if (entry.kind === SUBMISSION_KIND) return this.#auditSubmission(entry);
    if (entry.kind === FEED_KIND) return this.#auditMessage(entry);
    this.#expected.keys[index] = entry.kind !== LATER_SEAL_KIND && (documentId !== undefined || entry.kind === SETTING_KIND) ? 1 : 0;
    const take = this.#takers.get(entry.kind);
    if (take !== undefined) return this.#auditClaims(entry, await take(entry));
    this.#expected.claims[index] = 0;
    if (documentId === undefined) return this.#auditEpoch(entry);
    await auditCustody(entry, { ...this.#source, findings: this.#findings });
    const place = this.#custody.get(documentId) ?? 0;
    this.#custody.set(documentId, place + 1);
    const ends = entry.kind === "erasure" ? this.#submissions.endedBy(documentId) : [];
    await this.#auditClaims(entry, custodyClaims(entry, place, ends));
  }

  async #auditMessage(entry: LogEntry): Promise<void> {
    this.#expected.keys[entry.index] = 1;
    const claims = await this.#feed.take(entry);
    await this.#auditClaims(entry, claims);
    // Without its record nobody can tell whom it is about.
    if (claims.length < 2) this.#expected.claims[entry.index] = 2;
  }

  /** What a submission must bear, and what is kept of it. */
  async #auditSubmission(entry: LogEntry): Promise<void> {
    const isEnded = this.#erased.has(entry.id);
    this.#expected.keys[entry.index] = isEnded ? 0 : 1;
    const claims = this.#submissions.take(entry);
    const record = isEnded ? undefined : await auditSubmission(entry, { ...this.#source, findings: this.#findings });
    await this.#auditClaims(entry, record ? [...ownClaims(record), ...claims] : claims);
    // Without its record nobody can tell what it is known again by.
    if (!record) this.#expected.claims[entry.index] = claims.length + countedClaims(entry);
    else tellSameness(entry, record, (await claimedEach([record.claim], this.#source.store)).get(record.claim)?.value, this.#findings);
  }

  async #auditClaims(entry: LogEntry, wanted: readonly string[]): Promise<void> {
    const { index } = entry;
    const found = await claimedEach(wanted, this.#source.store);
    this.#expected.claims[index] = wanted.length;
    for (const key of wanted) if (found.get(key)?.entry.index !== index) this.#tellClaim(entry, key, found.has(key) ? "changed" : "removed");
  }

  /** By its claim an epoch is known to everybody who commits: it must be there, be its own, and name the key that the leaf names. */
  async #auditEpoch(entry: LogEntry): Promise<void> {
    const wanted = epochClaim(entry);
    if (wanted === undefined) return;
    const { index } = entry;
    this.#expected.claims[index] = 1;
    const found = (await claimedEach([wanted.claim], this.#source.store)).get(wanted.claim);
    if (found?.entry.index !== index) this.#tellClaim(entry, wanted.claim, found === undefined ? "removed" : "changed");
    else tellOtherKey(entry, wanted, found.value, this.#findings);
  }

  /** The claim by which each document is known again must be there, be its own, and say what the document says. */
  async #auditIdentities(documents: readonly AuditedDocument[]): Promise<void> {
    const { keys } = this.#source;
    const wanted = new Map<string, AuditedDocument>();
    for (const document of documents) {
      const { identity } = document;
      if (identity === undefined) continue;
      wanted.set(identityClaim(await keys.identityKeyOf(identity.identifier.system, identity.identifier.value)), document);
    }
    const found = await claimedEach([...wanted.keys()], this.#source.store);
    for (const [key, { id, index, identity }] of wanted) {
      const fault = identity && faultOfClaim({ id, identity }, found.get(key));
      if (fault === "removed" || fault === "changed") this.#tellClaim({ id, index }, key, fault);
      else if (fault === "other-digests")
        this.#findings.add({
          ...{ kind: "changed", what: "claim", id, index },
          text: `the claim of document ${id} (entry ${index}) ${OTHER_DIGESTS}`,
        });
    }
  }

  #tellClaim({ id, index }: { readonly id: string; readonly index: number }, key: string, kind: "changed" | "removed"): void {
    const words = kind === "removed" ? "is not there" : "belongs to another entry";
    this.#findings.add({ kind, what: "claim", id, index, text: `the claim ${key} of ${id} (entry ${index}) ${words}` });
    // It was told of; that one is missing is not told again.
    this.#expected.claims[index] = 0;
  }
}
