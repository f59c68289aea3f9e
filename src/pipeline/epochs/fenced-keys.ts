import type { Keys } from "../../core/crypto/keys.ts";
import { wrapperOf } from "../../core/envelope.ts";
import { AppError } from "../../core/errors.ts";
import type { KeyFence } from "../log/ledger-options.ts";
import { createDocumentKeys, type DocumentKeys, type WrappedKeys } from "../store/document-keys.ts";
import type { EpochWatch } from "./epoch-watch.ts";
import { beginClaim } from "./epochs.ts";

/** Keys that are remembered until they are committed: far more than may wait for a commit. */
const REMEMBERED = 10_000;

interface Wrapped {
  readonly epoch: number;
  readonly bytes: Uint8Array;
}

/** The documents' keys, wrapped in the newest epoch. Of those that wait for their commit it is known in which epoch they were wrapped, so that none is committed after a later one was begun. */
export class FencedKeys implements DocumentKeys, KeyFence {
  readonly #keys: Pick<Keys, "wrap" | "unwrap" | "master">;
  readonly #shelf: WrappedKeys;
  readonly #epochs: Pick<EpochWatch, "refuseWithout" | "isMissing" | "fault">;
  readonly #plain: DocumentKeys;
  readonly #waiting = new Map<string, Wrapped>();

  constructor(keys: Pick<Keys, "wrap" | "unwrap" | "master">, shelf: WrappedKeys, epochs: Pick<EpochWatch, "refuseWithout" | "isMissing" | "fault">) {
    this.#keys = keys;
    this.#shelf = shelf;
    this.#epochs = epochs;
    this.#plain = createDocumentKeys(keys, shelf);
  }

  async wrap(documentId: string, key: Uint8Array): Promise<void> {
    const wrapped = await this.#wrapped(documentId, key);
    await this.#shelf.keep(documentId, wrapped.bytes);
    this.#remember(documentId, wrapped);
  }

  async read(documentId: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#plain.read(documentId);
    } catch (cause) {
      const wrapped = await this.#shelf.read(documentId).catch(() => undefined);
      if (wrapped === undefined || !this.#epochs.isMissing(wrapperOf(wrapped))) throw cause;
      throw new AppError("unavailable", `document ${documentId} cannot be opened here: ${this.#epochs.fault ?? ""}`, { cause });
    }
  }

  destroy(documentId: string): Promise<void> {
    this.#waiting.delete(documentId);
    return this.#plain.destroy(documentId);
  }

  claimsAgainst(ids: readonly string[]): string[] {
    const epochs = new Set(ids.flatMap((id) => this.#waiting.get(id)?.epoch ?? []));
    return [...epochs].map((epoch) => beginClaim(epoch + 1));
  }

  async renew(ids: readonly string[]): Promise<void> {
    await this.#epochs.refuseWithout();
    for (const id of ids) {
      const before = this.#waiting.get(id);
      if (before === undefined || before.epoch >= this.#keys.master.current) continue;
      // Also when the epoch has ended while we were asleep: it is sent again.
      const key = await this.#keys.unwrap(before.bytes, id).catch((cause: unknown) => {
        throw again(cause);
      });
      const after = await this.#wrapped(id, key);
      if ((await this.#shelf.replace(after.epoch, [{ documentId: id, from: before.bytes, to: after.bytes }])) === 0) throw again();
      this.#remember(id, after);
    }
  }

  async #wrapped(id: string, key: Uint8Array): Promise<Wrapped> {
    const { master } = this.#keys;
    const bytes = await this.#keys.wrap(key, id);
    const keyId = wrapperOf(bytes);
    const epoch = master.epochs().find((one) => one.keyId === keyId)?.epoch ?? master.current;
    return { epoch, bytes };
  }

  #remember(id: string, wrapped: Wrapped): void {
    this.#waiting.set(id, wrapped);
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= REMEMBERED) break;
      this.#waiting.delete(oldest);
    }
  }
}

function again(cause?: unknown): AppError {
  return new AppError("unavailable", "another epoch of the master key was begun meanwhile; try again", { cause });
}
