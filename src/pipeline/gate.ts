/** Whether a document that comes now could be sealed truly, entered in the right log and kept: else none is taken, while everything can still be read and proved. */
import type { Keys, SealSigner } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import type { Ledger } from "./log/ledger.ts";
import type { Halt } from "./document-forms.ts";
import type { EpochWatch } from "./epochs/epoch-watch.ts";
import type { LogKeyWatch } from "./log/log-keys.ts";
import type { SealKeyWatch } from "./seal-keys/seal-key-watch.ts";
import { endsSoon, outsidePeriod, probeSeal, sealerAt } from "./sign/probe.ts";
import type { RecordStore } from "./store/record-store.ts";

export interface GateOptions {
  readonly ledger: Pick<Ledger, "halt" | "newestAt" | "settleMark" | "lookForClosure">;
  readonly store: Pick<RecordStore, "fault" | "check">;
  readonly keys: Pick<Keys, "sealKeys" | "sealCertificates"> & { readonly logKeys?: Pick<Keys["logKeys"], "missing"> };
  /** Knows by which key is sealed; without one the keys themselves do. */
  readonly sealing?: Pick<SealKeyWatch, "look" | "lookIfOld" | "fault"> | undefined;
  /** Knows whether documents' keys can be wrapped; without one they can. */
  readonly epochs?: Pick<EpochWatch, "fault" | "look"> | undefined;
  /** Knows whether the log's checkpoints can be signed; without one they can. */
  readonly logKeys?: Pick<LogKeyWatch, "look" | "fault"> | undefined;
  /** The machine's clock. */
  readonly now?: () => Date;
  /** Milliseconds of a clock that no change of the machine's clock moves. */
  readonly steady?: () => number;
  /** What somebody says of the log and does not prove; undefined: nothing. */
  readonly claim?: (() => string | undefined) | undefined;
  /** Told the warning, once a day that somebody deposits or asks whether we are ready. */
  readonly onWarning?: ((text: string) => void) | undefined;
  /** By how many milliseconds the clock may be behind the newest entry of the log. */
  readonly maxSkew: number;
}

/** A clock that went on by this many milliseconds more or less than time did was changed. */
const CHANGED = 1_000;

export class DepositGate {
  readonly #options: GateOptions;
  readonly #now: () => Date;
  readonly #steady: () => number;
  #sealFault: string | undefined;
  /** The key that was tried last. */
  #tried: string | undefined;
  /** The day on which it was last looked for a warning. */
  #warnedOn: string | undefined;
  /** The difference of the two clocks when a seal was last tried. */
  #offset: number | undefined;

  private constructor(options: GateOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
    this.#steady = options.steady ?? (() => performance.now());
  }

  /** Tries the seal first. */
  static async open(options: GateOptions): Promise<DepositGate> {
    const gate = new DepositGate(options);
    await gate.#trySeal();
    gate.#tellWarning();
    return gate;
  }

  /** What stands against a deposit now; undefined when nothing does. Cheap: every page asks. */
  halt(): Halt | undefined {
    const { ledger, store } = this.#options;
    if (ledger.halt !== undefined) return { kind: "log", text: ledger.halt };
    const fault = store.fault();
    if (fault !== undefined) return { kind: "store", text: fault };
    const { epochs, logKeys, sealing, keys } = this.#options;
    const uncommitted = logKeys?.fault ?? sealing?.fault;
    if (uncommitted !== undefined) return { kind: "log", text: uncommitted };
    const missing = epochs?.fault ?? keys.logKeys?.missing;
    if (missing !== undefined) return { kind: "keys", text: missing };
    const now = this.#now();
    const behind = this.#behind(now);
    if (behind > this.#options.maxSkew) return { kind: "clock", text: clockText(behind, ledger.newestAt, now) };
    const at = this.#timeAt(now);
    const sealer = sealerAt(keys, at);
    const seal =
      typeof sealer === "string"
        ? sealer
        : (outsidePeriod(sealer, at) ?? (sealer.kid === this.#tried ? this.#sealFault : undefined) ?? sealer.fault?.());
    return seal === undefined ? undefined : { kind: "seal", text: seal };
  }

  /** What stands against no deposit and needs somebody who looks: what will do so soon, and what is said of the log; in words. Undefined: nothing. */
  warning(): string | undefined {
    const sealer = this.#sealer();
    const texts = [sealer && endsSoon(sealer, this.#now()), this.#options.claim?.()].filter((text) => text !== undefined);
    return texts.length === 0 ? undefined : texts.join("; ");
  }

  /** When the certificate ends under which is sealed. */
  get sealEnds(): Date | undefined {
    return this.#sealer()?.chain[0]?.validTo;
  }

  /**
   * The time of receipt of a document that is taken now: `at`, or that of the newest entry when the clock is behind it by no more than the skew, so that the log's times
   * never go back. AppError `unavailable` when none is taken.
   */
  admit(at: Date): Promise<Date> {
    return this.#admitUnless(() => true, at);
  }

  /** The same for an entry that no key of ours seals: that there is none to seal with stands not against it. */
  admitUnsealed(at: Date): Promise<Date> {
    return this.#admitUnless(({ kind }) => kind !== "seal", at);
  }

  async #admitUnless(isAgainst: (halt: Halt) => boolean, at: Date): Promise<Date> {
    await this.#recover();
    const halt = this.halt();
    if (halt && isAgainst(halt)) throw new AppError("unavailable", `The repository takes no documents: ${halt.text}`);
    return this.#timeAt(at);
  }

  /** Whether a deposit would succeed now, as far as the repository is concerned. AppError `unavailable`, `damaged`. */
  async check(): Promise<void> {
    await this.#recover();
    // A deposit finds out by its commit; who only asks whether we are ready must be told as well.
    await this.#options.ledger.lookForClosure();
    // What fails is told by the halt.
    await this.#sealer()
      ?.look?.()
      .catch(() => undefined);
    const halt = this.halt();
    if (halt) throw new AppError("unavailable", halt.text);
    await this.#options.store.check();
  }

  /** Tries again what may have been mended since. */
  async #recover(): Promise<void> {
    const { ledger, epochs, sealing, logKeys, keys } = this.#options;
    this.#tellWarning();
    await ledger.settleMark();
    if (epochs?.fault !== undefined) await epochs.look();
    if (logKeys?.fault !== undefined || keys.logKeys?.missing !== undefined) await logKeys?.look();
    // Somebody may have begun a key, or copied one here.
    await (this.#sealer() ? sealing?.lookIfOld() : sealing?.look());
    const isChanged = this.#offset === undefined || Math.abs(this.#now().getTime() - this.#steady() - this.#offset) > CHANGED;
    const sealer = this.#sealer();
    const isAway = sealer?.fault?.() !== undefined;
    if (isChanged || isAway || this.#sealFault !== undefined || sealer?.kid !== this.#tried) await this.#trySeal();
  }

  #tellWarning(): void {
    const day = this.#now().toISOString().slice(0, 10);
    if (day === this.#warnedOn) return;
    this.#warnedOn = day;
    const text = this.warning();
    if (text !== undefined) this.#options.onWarning?.(text);
  }

  async #trySeal(): Promise<void> {
    const now = this.#now();
    this.#offset = now.getTime() - this.#steady();
    const { keys } = this.#options;
    const at = this.#timeAt(now);
    const sealer = sealerAt(keys, at);
    this.#sealFault = typeof sealer === "string" ? sealer : await probeSeal(sealer, keys.sealCertificates, at);
    this.#tried = typeof sealer === "string" ? undefined : sealer.kid;
  }

  #sealer(): SealSigner | undefined {
    const sealer = sealerAt(this.#options.keys, this.#timeAt(this.#now()));
    return typeof sealer === "string" ? undefined : sealer;
  }

  #timeAt(at: Date): Date {
    const { newestAt } = this.#options.ledger;
    return newestAt !== undefined && newestAt > at ? newestAt : at;
  }

  #behind(now: Date): number {
    const { newestAt } = this.#options.ledger;
    return newestAt === undefined ? 0 : newestAt.getTime() - now.getTime();
  }
}

function clockText(behind: number, newestAt: Date | undefined, now: Date): string {
  return `this machine's clock says ${now.toISOString()}, which is ${Math.ceil(behind / 1000)} s before the newest entry of the log (${newestAt?.toISOString() ?? ""}): set the clock right (MAX_CLOCK_SKEW_SECONDS)`;
}
