/**
 * The index held against what the record's documents say: what each makes of the index is worked out anew, and compared with the rows that are kept, place by place. Nothing is written, and a service may
 * run meanwhile: what differs is looked at again at the end.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../core/errors.ts";
import type { LogEntry } from "../pipeline/store/record-store.ts";
import type { ComparedRows, IndexDifference, IndexInventory, MadeDocument } from "./index-inventory.ts";
import type { IndexedDocument } from "./index-port.ts";
import type { IndexSource } from "./indexer.ts";
import { DESCRIBED, markOf } from "./index-step.ts";
import { supersedes, supersedingKeys } from "./supersession.ts";

/** How long the index is waited for in all, and how often it is looked whether it has come, in milliseconds. */
const PATIENCE = 3_000;
const LOOK = 50;

export interface IndexAuditOptions {
  readonly inventory: IndexInventory;
  readonly source: Pick<IndexSource, "size" | "entries" | "isReadable">;
  /** Whether the rows of what stands in documents are compared too. */
  readonly areResourcesCompared: boolean;
  /** Differences that are told. */
  readonly most: number;
}

export interface IndexAudited {
  readonly differences: readonly IndexDifference[];
  /** Of how many of the log's first entries documents and resources were compared; the index had taken in no more. */
  readonly documents: number;
  readonly resources: number;
}

/** A place where something differs, with all that it takes to look again. */
interface Suspect {
  readonly id: string;
  readonly made: MadeDocument | undefined;
}

export class IndexAudit {
  readonly #options: IndexAuditOptions;
  readonly #claimants: IndexedDocument[] = [];
  readonly #ends = new Map<number, number>();
  readonly #suspects = new Map<number, Suspect>();
  readonly #there = new Set<number>();
  #patience = PATIENCE;
  #next = 0;
  #documents = 0;
  #resources = 0;

  constructor(options: IndexAuditOptions) {
    this.#options = options;
  }

  /** Takes in the next entries, in order of the log, with what their documents make; where one is missing, nothing should be in the index. */
  async take(entries: readonly LogEntry[], to: number, madeOf: (id: string) => MadeDocument | undefined): Promise<void> {
    const { most } = this.#options;
    const made = new Map<number, MadeDocument>();
    for (const { id, index, kind } of entries) {
      const one = DESCRIBED.has(kind) ? madeOf(id) : undefined;
      if (one === undefined) continue;
      made.set(index, one);
      this.#there.add(index);
      const { summary, links, facts } = one;
      if (supersedingKeys({ links }).length > 0) this.#claimants.push({ summary, links, facts, from: index });
    }
    const { position, differences, ends } = await this.#compareInTime(to, made);
    for (const [place, end] of ends) this.#ends.set(place, end);
    for (const { index } of differences)
      if (this.#suspects.size < most)
        this.#suspects.set(index, { id: entries.find((entry) => entry.index === index)?.id ?? "", made: made.get(index) });
    // Places that were not looked at when their turn came are not made good by what comes after them.
    if (this.#documents === this.#next) this.#documents = Math.min(to, position.size);
    if (this.#resources === this.#next) this.#resources = Math.min(to, position.depth);
    this.#next = to;
  }

  /** A running service brings the index up to the log within moments, and what stands in documents after it. */
  async #compareInTime(to: number, made: ReadonlyMap<number, MadeDocument>): Promise<ComparedRows> {
    const { inventory, areResourcesCompared } = this.#options;
    for (;;) {
      const compared = await inventory.compare(this.#next, to, made, areResourcesCompared);
      const { size, depth } = compared.position;
      if ((areResourcesCompared ? depth : size) >= to || this.#patience <= 0) return compared;
      this.#patience -= LOOK;
      await sleep(LOOK);
    }
  }

  async finish(): Promise<IndexAudited> {
    const { inventory, source, most, areResourcesCompared } = this.#options;
    const differences = [...(await this.#wrongPosition()), ...(await this.#wrongEnds())];
    for (const [place, { id, made }] of this.#suspects) {
      // It may have been erased since.
      const isThere = made !== undefined && (await source.isReadable(id));
      const again = await inventory.compare(place, place + 1, new Map(isThere ? [[place, made]] : []), areResourcesCompared);
      differences.push(...again.differences.map((one) => ({ ...one, id })));
    }
    const strays = await inventory.strays(this.#next, (place) => this.#there.has(place), most);
    differences.push(...strays.map((one) => ({ ...one, id: one.id ?? "" })));
    return { differences: differences.slice(0, most), documents: this.#documents, resources: this.#resources };
  }

  /** How far the index says it has come, and by which leaf it knows the record. */
  async #wrongPosition(): Promise<IndexDifference[]> {
    const { inventory, source } = this.#options;
    const { size, mark, depth } = await inventory.position();
    const told = (what: "position" | "mark"): IndexDifference[] => [{ what, kind: "changed", id: "", index: size }];
    if (!isPlace(size) || !isPlace(depth) || depth > size || size > (await source.size())) return told("position");
    const [last] = size === 0 ? [] : await source.entries(size - 1, 1);
    return mark === markOf(last) ? [] : told("mark");
  }

  /** A document ends where the first that supersedes it, and it, are in the log. */
  async #wrongEnds(): Promise<IndexDifference[]> {
    const { inventory, source } = this.#options;
    const wrong = await this.#endsThatDiffer(this.#ends, this.#claimants);
    if (wrong.length === 0) return [];
    // Something may have been erased meanwhile, and what it superseded been opened again.
    const readable: IndexedDocument[] = [];
    for (const claimant of this.#claimants) if (await source.isReadable(claimant.summary.id)) readable.push(claimant);
    const ends = new Map(this.#ends);
    for (const place of wrong) {
      const end = (await inventory.compare(place, place + 1, new Map(), false)).ends.get(place);
      if (end === undefined) ends.delete(place);
      else ends.set(place, end);
    }
    const still = new Set(await this.#endsThatDiffer(ends, readable));
    const places = wrong.filter((place) => still.has(place));
    const found: IndexDifference[] = [];
    for (const place of places) {
      const [entry] = await source.entries(place, 1);
      if (entry !== undefined && (await source.isReadable(entry.id))) found.push({ what: "row", kind: "changed", id: entry.id, index: place });
    }
    return found;
  }

  /** What a document may supersede. A row that can't be read was told of already, and keeps no other from being looked at. */
  async #namedBy(claimant: IndexedDocument): Promise<readonly IndexedDocument[]> {
    try {
      return await this.#options.inventory.named(supersedingKeys(claimant));
    } catch (error) {
      if (error instanceof AppError && error.code === "damaged") return [];
      throw error;
    }
  }

  async #endsThatDiffer(ends: ReadonlyMap<number, number>, claimants: readonly IndexedDocument[]): Promise<number[]> {
    const expected = new Map<number, number>();
    for (const claimant of claimants)
      for (const target of await this.#namedBy(claimant)) {
        const end = target.from < this.#documents && this.#there.has(target.from) ? endOf(target, [claimant]) : undefined;
        if (end !== undefined) expected.set(target.from, Math.min(expected.get(target.from) ?? Infinity, end));
      }
    const size = await this.#options.source.size();
    // What came after the part that was audited may have superseded it.
    const isLater = (end: number | undefined): boolean => end !== undefined && end >= this.#next && end < size;
    return [...new Set([...ends.keys(), ...expected.keys()])].filter((place) => {
      const [is, should] = [ends.get(place), expected.get(place)];
      return this.#there.has(place) && is !== should && !(should === undefined && isLater(is));
    });
  }
}

/** Where a document ends by what others say of it: where the first that supersedes it, and it, are in the log; undefined while none does. */
export function endOf(document: IndexedDocument, claimants: readonly IndexedDocument[]): number | undefined {
  const ends = claimants.filter((claimant) => supersedes(claimant, document)).map((claimant) => Math.max(document.from, claimant.from));
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function isPlace(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
