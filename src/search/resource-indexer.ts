import { setTimeout as sleep } from "node:timers/promises";
import type { LogEntry } from "../pipeline/store/record-store.ts";
import type { IndexedResources, ResourceStep, WritableResources } from "./resource-index.ts";

/** What the resources' part of the index is made from. */
export interface ResourceSource {
  /** How far the documents' part has come: no further goes this. */
  size(): Promise<number>;
  entries(from: number, count: number): Promise<LogEntry[]>;
  /** By what the resources of a deposit's document are found; undefined for one that is erased, or that cannot be read. */
  describe(entry: LogEntry): Promise<IndexedResources | undefined>;
}

/** Whose turn it is (followers/turn.ts). */
export interface WorkTurn {
  take(): Promise<boolean>;
  giveBack(): Promise<void>;
}

export interface ResourceIndexerOptions {
  readonly source: ResourceSource;
  readonly onFault: (error: unknown) => void;
  /** Where several processes write the same index: a step is long, and what two make at once is made in vain by one of them. */
  readonly turn?: WorkTurn | undefined;
}

/** How much one step takes, and is described at the same time, at most. */
export interface StepSize {
  readonly entries: number;
  /** As they are kept. */
  readonly bytes: number;
}

/**
 * Rows of many documents that stand together are written together: with 64 documents of 125 KB at a time, in an index of 10,000, a page of the file is written for 0.4 times as many as with four. All of a step is held
 * in memory. Where several processes take turns a step is short: one that seems to stand still is done by another.
 */
const STEP: StepSize = { entries: 64, bytes: 600_000 };
const STEP_IN_TURN: StepSize = { entries: 16, bytes: 32_000 };
const ATTEMPTS = 40;
/** From so many entries behind on it gives way to those who deposit: that it is behind is told anyhow, and the processor is theirs first. */
const FAR_BEHIND = 64;
/** How many times as long as a step took it then rests, and how long at most, in milliseconds. */
const RESTS = 3;
/** While it is another process's turn: how often it is looked how far that one has come, and for how long it may stand still before it is done in its place, in milliseconds; with somebody waiting, and without. */
const LOOK = { asked: 20, unasked: 500 } as const;
const STANDSTILL = { asked: 300, unasked: 3_000 } as const;
const LONGEST_REST = 2_000;

/** The next step of a part that stands at `depth`; undefined when there is nothing to take in. */
export async function resourceStep(depth: number, source: ResourceSource, most = STEP): Promise<ResourceStep | undefined> {
  const count = Math.min(most.entries, (await source.size()) - depth);
  if (count <= 0) return undefined;
  const entries = firstOf(await source.entries(depth, count), most.bytes);
  const documents = await Promise.all(
    entries.map(async (entry) => {
      const resources = entry.kind === "deposit" ? await source.describe(entry) : undefined;
      return resources ? [{ position: entry.index, resources }] : [];
    }),
  );
  return { from: depth, to: depth + entries.length, documents: documents.flat() };
}

/** As many of them as a step takes, one at least. */
function firstOf(entries: readonly LogEntry[], most: number): readonly LogEntry[] {
  let bytes = 0;
  const end = entries.findIndex(({ contentBytes }) => (bytes += contentBytes) > most);
  return end < 0 ? entries : entries.slice(0, Math.max(1, end));
}

/**
 * Follows the documents' part of the index: takes in what stands in the documents, behind the back of those who deposit. Searches bring it up to the log before they ask, as far as it goes.
 */
export class ResourceIndexer {
  readonly #index: WritableResources;
  readonly #source: ResourceSource;
  readonly #onFault: (error: unknown) => void;
  readonly #turn: WorkTurn | undefined;
  #running: Promise<void> | undefined;
  #isClosing = false;
  #wanted = false;
  /** How many wait for it. */
  #askers = 0;
  #lastWoken = -Infinity;
  #wakeUp: () => void = () => undefined;

  constructor(index: WritableResources, { source, onFault, turn }: ResourceIndexerOptions) {
    this.#turn = turn;
    this.#index = index;
    this.#source = source;
    this.#onFault = onFault;
  }

  /** Takes in what is new, soon: a deposit was made. */
  wake(): void {
    this.#lastWoken = performance.now();
    this.#begin();
  }

  /** Goes on with what is not taken in yet, as somebody noticed who waits for nothing: what was given up, or entered by another process. No deposit was made, to whom it would leave the processor. */
  goOn(): void {
    this.#begin();
  }

  /** Brings it to the log's first `size` entries, all by default; gives how many are missing when patience (milliseconds) has run out. */
  async reach(size: number | undefined, patience: number): Promise<number> {
    const wanted = size ?? (await this.#source.size());
    const until = performance.now() + patience;
    this.#askers += 1;
    this.#wakeUp();
    try {
      for (;;) {
        const missing = wanted - (await this.#index.depth());
        if (missing <= 0) return 0;
        this.#begin();
        const rest = until - performance.now();
        if (rest <= 0) return missing;
        await Promise.race([this.#running, sleep(rest, undefined, { ref: false })]);
      }
    } finally {
      this.#askers -= 1;
    }
  }

  /** Begins nothing more; what runs may still fail, which is nobody's fault then. */
  stop(): void {
    this.#isClosing = true;
    this.#wakeUp();
  }

  async close(): Promise<void> {
    this.stop();
    await this.#running;
  }

  #begin(): void {
    this.#wanted = true;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  async #run(): Promise<void> {
    try {
      do {
        this.#wanted = false;
        while (await this.#advance());
      } while (this.#isWanted());
      await this.#turn?.giveBack();
    } catch (error) {
      // What it works with may be closed before it is.
      if (this.#isClosing) return;
      this.#onFault(error);
      // Whoever asks next tries again, but not at once.
      await sleep(100);
    }
  }

  /** Whether somebody woke it while it was at work. */
  #isWanted(): boolean {
    return this.#wanted && !this.#isClosing;
  }

  /** One step; false when there was nothing to take in, or no time is left for it. */
  async #advance(): Promise<boolean> {
    if (this.#isClosing) return false;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const began = performance.now();
      const [depth, size] = await Promise.all([this.#index.depth(), this.#source.size()]);
      if (depth >= size) return false;
      if (await this.#isDoneByOthers(depth)) continue;
      const most = this.#turn === undefined ? STEP : STEP_IN_TURN;
      const step = await resourceStep(depth, { ...this.#source, size: () => Promise.resolve(size) }, most);
      if (!step) return false;
      if ((await this.#index.deepen(step)) === "advanced") {
        await this.#giveWay(began, step.to);
        return true;
      }
      // Another process was quicker.
      await sleep(Math.random() * 20);
    }
    return false;
  }

  /** True when it is another process's turn, and that one has gone on; false when it is ours, or the other one stands still. */
  async #isDoneByOthers(depth: number): Promise<boolean> {
    if (this.#turn === undefined) return false;
    const began = performance.now();
    while (!(await this.#turn.take())) {
      const kind = this.#askers > 0 ? "asked" : "unasked";
      if (this.#isClosing || performance.now() - began > STANDSTILL[kind]) return false;
      await this.#pause(LOOK[kind]);
      if ((await this.#index.depth()) !== depth) return true;
    }
    return false;
  }

  /** Rests after a step, while deposits come faster than they are taken in and nobody waits for what they say. */
  async #giveWay(began: number, depth: number): Promise<void> {
    if (this.#lastWoken <= began || this.#askers > 0 || this.#isClosing || (await this.#source.size()) - depth < FAR_BEHIND) return;
    await this.#pause(Math.min(RESTS * (performance.now() - began), LONGEST_REST));
  }

  /** Until somebody asks, or for so long (milliseconds). */
  async #pause(longest: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, longest).unref();
      this.#wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
