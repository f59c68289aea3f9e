/** Looks at documents while the service runs, some now and then, anywhere in the log: whole, with the claim by which it is known again, and with its rows of the index. A part of the composition root. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import type { Engine } from "./engine.ts";
import { faultOfClaim, OTHER_DIGESTS } from "../pipeline/audit/audit-claim.ts";
import type { AuditedDocument } from "../pipeline/audit/audit-document.ts";
import { identityClaim } from "../pipeline/deposit-entry.ts";
import { erasureOf } from "../pipeline/erasures.ts";
import { DEFLATED } from "../pipeline/fetch.ts";
import { indexesToCheck } from "../pipeline/log/in-log.ts";
import type { DocumentKeys } from "../pipeline/store/document-keys.ts";
import type { LogEntry, RecordStore } from "../pipeline/store/record-store.ts";
import type { Work } from "../pipeline/work/work.ts";
import type { PersonIdOf } from "../search/derived/person.ts";
import { indexTag } from "../search/describe-document.ts";
import { namedWhole, type UnnamedWhole } from "../search/describe-whole.ts";
import { endOf } from "../search/index-audit.ts";
import type { IndexDifference, IndexInventory, MadeDocument } from "../search/index-inventory.ts";
import type { IndexPort } from "../search/index-port.ts";
import type { IndexerOptions } from "../search/indexer.ts";
import { DESCRIBED } from "../search/index-step.ts";
import { PERMIT_ALL } from "../search/predicate.ts";
import { faultsOfEntry } from "./entry-looks.ts";
import { findingOf } from "./index-audit.ts";
import type { Looks } from "./looks.ts";

/** Milliseconds between two looks; until what differs in the index is looked at once more, since something may have changed in between. */
const INTERVAL = 30_000;
const AGAIN = 1_000;
/** Places where something stood wrong that are looked at again each time. */
const AGAIN_EACH = 4;
/** Places of one look. */
const EACH = 4;
/** Bytes up to which a document's resources are compared too: they are hundreds of rows for each 5 kB. */
const SMALL = 200_000;

export interface SamplesNeeds {
  readonly config: Pick<Config, "patientSystems" | "hasFullText">;
  readonly engine: Pick<Engine, "openIndexInventory" | "heldIndexTag">;
  readonly store: Pick<RecordStore, "checkpoint" | "entries" | "entry" | "content" | "evidence" | "claimed">;
  readonly documentKeys: Pick<DocumentKeys, "read">;
  readonly keys: Pick<Keys, "identityKeyOf">;
  readonly looks: Pick<Looks, "found" | "wrong">;
  /** How documents stand to each other, as the index has it. */
  readonly index: Pick<IndexPort, "related">;
  /** Milliseconds between two looks, and until what differs in the index is looked at once more. */
  readonly interval?: number;
  readonly again?: number;
}

/** By what it is done. */
export interface SamplingTools {
  readonly work: Pick<Work, "do">;
  /** What the index takes from a message of an identity feed. */
  readonly describeFeed: IndexerOptions["describeFeed"];
  readonly personIdOf: PersonIdOf;
}

/** What a place of the log makes of the index; `unknown`: nobody can tell now. */
type Made = MadeDocument | "nothing" | "unknown";

export class Samples {
  readonly #needs: SamplesNeeds;
  readonly #stopped = new AbortController();
  #tools: SamplingTools | undefined;
  #inventory: IndexInventory | undefined;
  #running: Promise<void> | undefined;

  constructor(needs: SamplesNeeds) {
    this.#needs = needs;
  }

  /** Begins to look. */
  start(tools: SamplingTools): void {
    this.use(tools);
    this.#running ??= this.#run();
  }

  /** By what it is done from now on. */
  use(tools: SamplingTools): void {
    this.#tools = tools;
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    await this.#inventory?.close();
  }

  async #run(): Promise<void> {
    const { interval = INTERVAL } = this.#needs;
    for (;;) {
      await this.#rest(interval);
      if (this.#stopped.signal.aborted) return;
      // Whatever fails otherwise is the engine's, and told by whoever needs it.
      await this.#look().catch(() => undefined);
    }
  }

  #rest(milliseconds: number): Promise<void> {
    return sleep(milliseconds, undefined, { ref: false, signal: this.#stopped.signal }).catch(() => undefined);
  }

  async #look(): Promise<void> {
    const { store, looks } = this.#needs;
    const size = (await store.checkpoint())?.size ?? 0;
    const again = [...looks.wrong("document"), ...looks.wrong("index")].slice(0, AGAIN_EACH);
    for (const place of new Set([...again, ...indexesToCheck(size, 0, EACH)]))
      if (place < size && !this.#stopped.signal.aborted) await this.lookAt(place);
    await this.lookBeyond();
  }

  /** Looks for rows of the index behind the end of the log. AppError as below. */
  async lookBeyond(): Promise<void> {
    const { looks, store } = this.#needs;
    const inventory = await this.#opened();
    const added = await inventory.beyond();
    // The index may have come further than this process knew.
    const size = added.length === 0 ? 0 : ((await store.checkpoint())?.size ?? 0);
    for (const index of added.filter((place) => place >= size))
      looks.found("index", index, [findingOf({ what: "row", kind: "added", id: "", index }).text]);
  }

  /** Looks at a place of the log, whose entry itself is looked at elsewhere (`spot-checks.ts`). AppError `unavailable`, and `damaged` of the log. */
  async lookAt(place: number): Promise<void> {
    const { looks, store, again = AGAIN } = this.#needs;
    const [entry] = await store.entries(place, 1);
    if (entry?.index !== place) return;
    const isWhole = entry.contentBytes * DEFLATED <= SMALL;
    let found = await this.#differences(entry, isWhole);
    if (found !== undefined && found.length > 0) {
      await this.#rest(again);
      found = this.#stopped.signal.aborted ? undefined : await this.#differences(entry, isWhole);
    }
    if (found !== undefined) looks.found("index", place, [...new Set(found)]);
  }

  /** In what the rows of the index differ from what a place makes, in words; undefined where nobody can tell now. */
  async #differences(entry: LogEntry, isWhole: boolean): Promise<string[] | undefined> {
    const made = await unlessDamaged(this.#made(entry, isWhole), (text) => {
      this.#needs.looks.found("document", entry.index, [`document ${entry.id} (entry ${entry.index}): ${text}`]);
      return "unknown" as const;
    });
    if (made === "unknown") return undefined;
    return unlessDamaged(this.#compared(entry, made, isWhole), (text) => [`the index cannot be read at entry ${entry.index}: ${text}`]);
  }

  async #opened(): Promise<IndexInventory> {
    return (this.#inventory ??= await this.#needs.engine.openIndexInventory());
  }

  /** Opens what stands at a place; what is wrong with it is told. */
  async #made(entry: LogEntry, isWhole: boolean): Promise<Made> {
    const { documentKeys, store, looks } = this.#needs;
    const { id, index, leaf, documentId, kind } = entry;
    const faultsOfRow = await faultsOfEntry(entry, { store, documentKeys });
    if (kind !== "deposit") looks.found("document", index, faultsOfRow);
    if (documentId !== undefined || !DESCRIBED.has(kind)) return "nothing";
    const documentKey = await documentKeys.read(id);
    if (documentKey === undefined) return (await erasureOf(id, store)) === undefined ? "unknown" : "nothing";
    if (kind !== "deposit") return this.#madeOfMessage(entry);
    const [content, evidence] = await Promise.all([store.content(id), store.evidence(id)]);
    const bytes = entry.contentBytes * DEFLATED;
    const audited = await this.#tools?.work.do("audit", { id, index, leaf, content, evidence, documentKey, isWhole }, { bytes, inThread: "last" });
    if (audited === undefined) return "unknown";
    const faults = [
      ...faultsOfRow,
      ...audited.faults.map((fault) => `document ${id} (entry ${index}): ${fault}`),
      ...(await this.#faultsOfClaim(audited)),
    ];
    // It may have been erased meanwhile.
    if (faults.length > 0 && (await documentKeys.read(id)) === undefined) return "unknown";
    looks.found("document", index, faults);
    return audited.description === undefined || this.#tools === undefined
      ? "unknown"
      : namedWhole(audited.description as UnnamedWhole, this.#tools.personIdOf);
  }

  /** A message that joins nothing makes nothing. */
  async #madeOfMessage(entry: LogEntry): Promise<Made> {
    try {
      const { header, ...summarised } = (await this.#tools?.describeFeed(entry)) ?? {};
      return header === undefined ? "unknown" : ({ ...summarised, resources: { header, rest: [] } } as MadeDocument);
    } catch (error) {
      if (error instanceof AppError) return "unknown";
      throw error;
    }
  }

  async #faultsOfClaim({ id, index, identity }: AuditedDocument): Promise<string[]> {
    if (identity === undefined) return [];
    const { keys, store } = this.#needs;
    const key = identityClaim(await keys.identityKeyOf(identity.identifier.system, identity.identifier.value));
    const fault = faultOfClaim({ id, identity }, (await store.claimed([key])).get(key));
    if (fault === undefined) return [];
    const words = { removed: "is not there", changed: "belongs to another entry", "other-digests": OTHER_DIGESTS }[fault];
    return [`the claim of document ${id} (entry ${index}) ${words}`];
  }

  /** Nothing where the index has not come so far. */
  async #compared({ id, index }: LogEntry, made: Exclude<Made, "unknown">, isWhole: boolean): Promise<string[]> {
    const { engine, config, index: asked } = this.#needs;
    const held = made === "nothing" ? new Map<number, MadeDocument>() : new Map([[index, made]]);
    const inventory = await this.#opened();
    const { differences, ends, position } = await inventory.compare(index, index + 1, held, isWhole);
    const told: IndexDifference[] = differences.map((one) => ({ ...one, id }));
    const [own] = made === "nothing" || index >= position.size || told.length > 0 ? [] : await asked.related([id], PERMIT_ALL);
    if (own?.document && endOf(own.document, own.claimants) !== ends.get(index)) told.push({ what: "row", kind: "changed", id, index });
    if (told.length === 0) return [];
    // One of other settings is another instance's, which makes it anew.
    return (await engine.heldIndexTag()) === indexTag(config.patientSystems, config.hasFullText) ? told.map((one) => findingOf(one).text) : [];
  }
}

/** What comes of it, or of what is wrong with what is kept, in words. */
async function unlessDamaged<Result>(work: Promise<Result>, otherwise: (text: string) => Result): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AppError && error.code === "damaged") return otherwise(error.message);
    throw error;
  }
}
