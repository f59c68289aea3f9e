/**
 * Has witnesses cosign the log's checkpoints: now and then the newest one, never on a deposit's path. A witness that is away holds nothing up and is asked later. What a witness has cosigned is a high-water mark that
 * no copy of this machine brings back: when it has seen more than the database holds, or something else, the log takes no more entries.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { LogName } from "../../core/crypto/keys.ts";
import { openNote } from "../../core/crypto/signed-note.ts";
import { AppError } from "../../core/errors.ts";
import { checkpointUnder } from "../../core/formats/new-origin.ts";
import { contradiction } from "../log/watermark.ts";
import type { RecordStore, StoredCheckpoint } from "../store/record-store.ts";
import { askWitness } from "./ask-witness.ts";
import type { CosignedCheckpoint, CosignedStore, WitnessPort } from "./witness-port.ts";

export interface WitnessingOptions {
  readonly witnesses: readonly WitnessPort[];
  readonly store: Pick<RecordStore, "checkpoint" | "nodes" | "entries">;
  readonly cosigned: CosignedStore;
  readonly log: LogName;
  readonly pastLogs: readonly LogName[];
  /** Whose turn it is among several instances; it is advice and no lock. */
  readonly turn: { take(): Promise<boolean>; giveBack(): Promise<void> };
  /** Our own word for the time: a signature line under a checkpoint that is the newest now. */
  timeLine(note: string): Promise<string>;
  /** Stops deposits: somebody elsewhere has seen another log. */
  onContradiction(reason: string): void;
  /** Told of what goes wrong with a witness, once for each reason; without a reason, that it works again. */
  onFault(witness: string, reason: string | undefined): void;
  /** Milliseconds between two rounds, and after which a checkpoint that did not change is cosigned once more. */
  readonly interval: number;
  readonly refresh: number;
}

interface State {
  readonly witness: WitnessPort;
  /** The size that it cosigned last, as far as we know. */
  size: number;
  cosignedAt: number;
  isHeld: boolean;
  failures: number;
  restsUntil: number;
  fault: string | undefined;
}

const LONGEST_REST = 600_000;

export class Witnessing {
  readonly #options: WitnessingOptions;
  readonly #states: readonly State[];
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  #isContradicted = false;

  constructor(options: WitnessingOptions) {
    this.#options = options;
    this.#states = options.witnesses.map((witness) => ({
      ...{ witness, size: 0, cosignedAt: 0, isHeld: false },
      ...{ failures: 0, restsUntil: 0, fault: undefined },
    }));
  }

  /** Where each stands; for figures. */
  get witnesses(): readonly { readonly name: string; readonly size: number; readonly cosignedAt: number; readonly fault: string | undefined }[] {
    return this.#states.map(({ witness: { name }, size, cosignedAt, fault }) => ({ name, size, cosignedAt, fault }));
  }

  /** Asks each witness what it has seen of our log, and begins to ask for cosignatures. Resolves when all have answered, or after so many milliseconds. */
  async start(patience: number): Promise<void> {
    const asked = Promise.all([this.#holdKept().catch((error: unknown) => this.#options.onFault("", textOf(error))), this.#holdAll()]);
    this.#running ??= asked.then(() => this.#run());
    await Promise.race([asked, sleep(patience, undefined, { ref: false })]);
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
    await this.#options.turn.giveBack().catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { interval } = this.#options;
    while (!this.#stopped.signal.aborted) {
      await this.round().catch((error: unknown) => this.#options.onFault("", textOf(error)));
      await sleep(interval, undefined, { ref: false, signal: this.#stopped.signal }).catch(() => undefined);
    }
  }

  /** Holds the database against what was cosigned of it and kept. That is read first: another instance may commit meanwhile. */
  async #holdKept(): Promise<void> {
    const kept = await this.#resume();
    if (kept !== undefined) await this.#holdNote(kept.note, "the checkpoint that witnesses cosigned");
  }

  /** Where witnesses stood when we were last here, or another instance was. */
  async #resume(): Promise<CosignedCheckpoint | undefined> {
    const { cosigned, witnesses, log } = this.#options;
    const newest = await cosigned.newest(log.origin);
    if (newest === undefined) return undefined;
    const { signatures } = openNote(newest.note, witnesses.map(({ verifier }) => verifier)); // prettier-ignore
    for (const state of this.#states) {
      const own = signatures.find(({ keyId, name, result }) => isOf(state.witness, { keyId, name }) && result === "valid");
      // What we know by ourselves may be newer.
      if (own?.at !== undefined && newest.size >= state.size)
        Object.assign(state, { size: newest.size, cosignedAt: Math.max(state.cosignedAt, own.at * 1_000) });
    }
    return newest;
  }

  /** Has the newest checkpoint cosigned by all that did not yet, and keeps what they give. */
  async round(): Promise<void> {
    const { store, cosigned, turn, refresh, log } = this.#options;
    await this.#holdAll();
    await this.#holdKept();
    const newest = await store.checkpoint();
    if (newest === undefined || this.#isContradicted) return;
    const now = Date.now();
    const due = this.#states.filter((state) => state.restsUntil <= now && (state.size < newest.size || state.cosignedAt <= now - refresh));
    if (due.length === 0 || !(await turn.take())) return;
    // Before anybody answers: it is the newest now.
    const time = await this.#options.timeLine(newest.note);
    const lines = await Promise.all(due.map((state) => this.#cosign(state, newest)));
    if (lines.every((line) => line === "")) return;
    await cosigned.put({ origin: log.origin, size: newest.size, at: Date.now(), note: newest.note + time + lines.join("") });
  }

  /** A witness's lines; empty when it gave none. */
  async #cosign(state: State, newest: StoredCheckpoint): Promise<string> {
    const { store } = this.#options;
    return this.#patiently(state, "", async () => {
      const asked = await askWitness(state.witness, newest, state.size, (places) => store.nodes(places));
      if (asked.kind === "cosigned") {
        Object.assign(state, { size: newest.size, cosignedAt: Date.now() });
        return asked.lines;
      }
      const now = (await store.checkpoint())?.size ?? 0;
      // Another instance was quicker, and the witness saw what it committed.
      if (asked.kind === "ahead" && asked.size <= now) return "";
      state.isHeld = false;
      await this.#hold(state);
      if (asked.kind === "ahead" && !this.#isContradicted) this.#contradict(aheadText(state.witness.name, asked.size, now));
      throw new AppError("unavailable", asked.kind === "ahead" ? aheadText(state.witness.name, asked.size, now) : asked.reason);
    });
  }

  /** Holds the database against what witnesses show of our log, each once, and again when one contradicts. */
  async #holdAll(): Promise<void> {
    const now = Date.now();
    const open = this.#states.filter(({ isHeld, restsUntil }) => !isHeld && restsUntil <= now);
    await Promise.all(open.map((state) => this.#patiently(state, undefined, () => this.#hold(state))));
  }

  async #hold(state: State): Promise<void> {
    const { log } = this.#options;
    const shown = await state.witness.shown(log.origin);
    state.isHeld = true;
    if (shown !== undefined && (await this.#holdNote(shown, `the checkpoint of the witness ${state.witness.name}`)))
      state.size = Math.max(state.size, checkpointUnder(shown, log.vkey).size);
  }

  /** Holds the database against what our log has signed. What it did not sign says nothing about it. */
  async #holdNote(note: string, what: string): Promise<boolean> {
    const { store, log, pastLogs } = this.#options;
    if (!isSignedBy(log, note)) return false;
    const size = (await store.checkpoint())?.size ?? 0;
    const reason = await contradiction(note, { size, log, pastLogs }, store, what);
    if (reason !== undefined) this.#contradict(reason);
    return reason === undefined;
  }

  #contradict(reason: string): void {
    this.#isContradicted = true;
    this.#options.onContradiction(reason);
  }

  /** Does something with a witness; one that fails is let rest, longer each time, and told once. */
  async #patiently<Result>(state: State, otherwise: Result, work: () => Promise<Result>): Promise<Result> {
    try {
      const result = await work();
      this.#told(state, undefined);
      Object.assign(state, { failures: 0, restsUntil: 0 });
      return result;
    } catch (error) {
      state.restsUntil = Date.now() + Math.min(this.#options.interval * 2 ** state.failures++, LONGEST_REST);
      this.#told(state, textOf(error));
      return otherwise;
    }
  }

  #told(state: State, fault: string | undefined): void {
    if (state.fault !== fault) this.#options.onFault(state.witness.name, fault);
    state.fault = fault;
  }
}

function isOf({ verifier }: WitnessPort, { name, keyId }: { readonly name: string; readonly keyId: string }): boolean {
  return verifier.name === name && verifier.keyId === keyId;
}

function isSignedBy({ vkey }: LogName, note: string): boolean {
  try {
    checkpointUnder(note, vkey);
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

function aheadText(name: string, seen: number, size: number): string {
  return `the log has ${size} entries, and the witness ${name} says that it has cosigned ${seen}: the database is older than what was seen of it`;
}

function textOf(error: unknown): string {
  return error instanceof AppError ? error.message : "it failed for a reason that nobody knows";
}
