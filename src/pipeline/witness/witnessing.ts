/**
 * Has witnesses cosign the log's checkpoints: now and then the newest one, never on a deposit's path. A witness that is away holds nothing up and is asked later. What a witness has cosigned is a high-water mark that
 * no copy of this machine brings back: when it shows that our log signed more than the database holds, or something else, the log takes no more entries. What it only says is told and stops nothing: else one hostile
 * witness could stop a hospital.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { LogName } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import { knownLog, signedEver } from "../../core/crypto/log-keys.ts";
import { contradiction } from "../log/watermark.ts";
import type { RecordStore, StoredCheckpoint } from "../store/record-store.ts";
import { askWitness } from "./ask-witness.ts";
import { signaturesUnder } from "./witnessed.ts";
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
  /** Told of a witness that cosigns and does not show what: it could not prove that this machine was set back. */
  onUnproving(witness: string): void;
  /** Milliseconds between two rounds, and after which a checkpoint that did not change is cosigned once more. */
  readonly interval: number;
  readonly refresh: number;
}

interface State {
  readonly witness: WitnessPort;
  /** The size that it cosigned last, as far as we know. */
  size: number;
  cosignedAt: number;
  /** What it shows was looked at. */
  isHeld: boolean;
  /** It shows a checkpoint that our log signed; undefined: nobody looked since it cosigned. */
  isProving: boolean | undefined;
  /** Failures since it last did what it was asked; and ever. */
  failures: number;
  failed: number;
  restsUntil: number;
  fault: string | undefined;
  /** What it says of the log and does not prove; how often it did. */
  claim: string | undefined;
  claims: number;
}

/** What is known of a witness, for figures. */
export type WitnessState = Pick<State, "size" | "cosignedAt" | "failed" | "claims"> & { readonly name: string };

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
      ...{ witness, size: 0, cosignedAt: 0, isHeld: false, isProving: undefined },
      ...{ failures: 0, failed: 0, restsUntil: 0, fault: undefined, claim: undefined, claims: 0 },
    }));
  }

  /** Where each stands. */
  get witnesses(): readonly WitnessState[] {
    return this.#states.map(({ witness: { name }, size, cosignedAt, failed, claims }) => ({ name, size, cosignedAt, failed, claims }));
  }

  /** What witnesses say of the log and do not prove, in words; undefined when none says anything. */
  get claim(): string | undefined {
    const claims = this.#states.flatMap(({ claim }) => claim ?? []);
    return claims.length === 0 ? undefined : claims.join("; ");
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
    const signatures = signaturesUnder(newest, log, witnesses.map(({ verifier }) => verifier)); // prettier-ignore
    for (const state of this.#states) {
      const own = signatures?.find((signature) => isOf(state.witness, signature));
      // What we know by ourselves may be newer.
      if (own?.at !== undefined && newest.size >= state.size)
        Object.assign(state, { size: newest.size, cosignedAt: Math.max(state.cosignedAt, Math.min(own.at * 1_000, newest.at)) });
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
        Object.assign(state, { size: newest.size, cosignedAt: Date.now(), claim: undefined });
        // By now it has something to show.
        if (state.isProving !== true) state.isHeld = false;
        return asked.line;
      }
      const now = (await store.checkpoint())?.size ?? 0;
      // Another instance was quicker, and the witness saw what it committed.
      if (asked.kind === "ahead" && asked.size <= now) return "";
      if (asked.kind === "refused") throw new AppError("unavailable", asked.reason);
      const claim = claimText(state.witness.name, now, asked.kind === "ahead" ? asked.size : undefined);
      Object.assign(state, { claim, claims: state.claims + 1, isHeld: false });
      // What our own log signed is proof, where the witness shows it. Where it does not answer it is asked again, before anything else.
      await this.#hold(state).catch((error: unknown) => {
        if (!(error instanceof AppError)) throw error;
      });
      throw new AppError("unavailable", claim);
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
    const proved = shown === undefined ? undefined : signedEver(shown, knownLog(log));
    const isProving = proved !== undefined;
    if (!isProving && state.isProving !== false && state.cosignedAt > 0) this.#options.onUnproving(state.witness.name);
    if (isProving || state.cosignedAt > 0) state.isProving = isProving;
    if (proved && (await this.#holdNote(shown ?? "", `the checkpoint of the witness ${state.witness.name}`)))
      state.size = Math.max(state.size, proved.size);
  }

  /** Holds the database against what our log has signed. What it did not sign says nothing about it. */
  async #holdNote(note: string, what: string): Promise<boolean> {
    const { store, log, pastLogs } = this.#options;
    if (signedEver(note, knownLog(log)) === undefined) return false;
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
      state.failed++;
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

function claimText(name: string, size: number, seen: number | undefined): string {
  const what = seen === undefined ? "another tree than the log is" : `${seen} entries, of which the log has ${size}`;
  return `the witness ${name} says that it has cosigned ${what}, and does not prove it: look whether this machine was set back (docs/operating.md, Witnesses)`;
}

function textOf(error: unknown): string {
  return error instanceof AppError ? error.message : "it failed for a reason that nobody knows";
}
