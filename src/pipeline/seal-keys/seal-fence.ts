import type { SealKeys, SealSigner } from "../../core/crypto/keys.ts";
import { AppError } from "../../core/errors.ts";
import type { KeyFence } from "../log/ledger-options.ts";
import type { SealNotes } from "../sign/seal.ts";
import { sealKeyEndClaim, toldBy } from "./seal-key-log.ts";
import type { SealKeyWatch } from "./seal-key-watch.ts";

/** Entries that are remembered until they are committed: far more than may wait for a commit. */
const REMEMBERED = 10_000;

/** Keeps what an ended key sealed from being committed. */
export class SealFence implements KeyFence, SealNotes {
  readonly #keys: Pick<SealKeys, "held">;
  readonly #watch: Pick<SealKeyWatch, "look" | "entries">;
  readonly #waiting = new Map<string, number>();

  constructor(keys: Pick<SealKeys, "held">, watch: Pick<SealKeyWatch, "look" | "entries">) {
    this.#keys = keys;
    this.#watch = watch;
  }

  sealed(id: string, signer: SealSigner): void {
    const number = this.#keys.held().find((one) => one.signer === signer)?.number;
    if (number !== undefined) this.#waiting.set(id, number);
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= REMEMBERED) break;
      this.#waiting.delete(oldest);
    }
  }

  claimsAgainst(ids: readonly string[]): string[] {
    return [...new Set(ids.flatMap((id) => this.#waiting.get(id) ?? []))].map(sealKeyEndClaim);
  }

  async renew(ids: readonly string[]): Promise<void> {
    if (!ids.some((id) => this.#waiting.has(id))) return;
    await this.#watch.look();
    const { ended } = toldBy(this.#watch.entries);
    // Others bar commits too: an epoch of the master key that was begun ends no seal key.
    if (!ids.some((id) => ended.some(({ number }) => number === this.#waiting.get(id)))) return;
    // A seal is not made anew here: it is rare, and whoever sends it again gets one by the key that counts now.
    throw new AppError("unavailable", "the seal key was ended at this moment; try again");
  }
}
