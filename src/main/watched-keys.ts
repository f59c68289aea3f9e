/** Keys that are watched for what the log says of them: which wraps, seals and signs, and which is to be destroyed. A part of the composition root. */
import type { KeyTexts } from "../adapters/keys/key-texts.ts";
import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import type { EpochWatch } from "../pipeline/epochs/epoch-watch.ts";
import type { FencedKeys } from "../pipeline/epochs/fenced-keys.ts";
import type { LogKeyWatch } from "../pipeline/log/log-keys.ts";
import type { SealFence } from "../pipeline/seal-keys/seal-fence.ts";
import type { SealKeyWatch } from "../pipeline/seal-keys/seal-key-watch.ts";
import type { WrappedKeys } from "../pipeline/store/document-keys.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import { codeOf } from "./surroundings.ts";

/** Keys as they were opened, and the folder by which they were. */
interface WithTexts {
  readonly keys: Keys;
  readonly store: RecordStore;
  readonly texts: KeyTexts;
}

/** Where a service tells of faults; a command finds them by what it asks for. */
interface ToldFaults {
  readonly onFault?: (error: unknown, what: string) => void;
}

/** The documents' keys as they are kept, and who knows in which epoch they are wrapped. AppError `damaged` when its master key is not here. */
export async function openKeptKeys(
  config: Config,
  { keys, store, texts, wrappedKeys }: WithTexts & { readonly wrappedKeys: WrappedKeys },
): Promise<{ readonly watch: EpochWatch; readonly keptKeys: FencedKeys }> {
  const { endMasterKey } = await import("../adapters/keys/master-keys.ts");
  const { EpochWatch } = await import("../pipeline/epochs/epoch-watch.ts");
  const { FencedKeys } = await import("../pipeline/epochs/fenced-keys.ts");
  const { master } = keys;
  const shred = (epoch: number): Promise<void> => keysAt(config, () => endMasterKey(texts, epoch));
  const watch = await EpochWatch.open({ store, master, shred });
  if (watch.fault !== undefined) throw new AppError("damaged", watch.fault);
  return { watch, keptKeys: new FencedKeys(keys, wrappedKeys, watch) };
}

/** Who knows by which key is sealed, and who keeps what an ended one sealed out of the log. */
export async function openSealing(
  config: Config,
  { keys, store, texts, logKeys, onFault }: WithTexts & ToldFaults & { readonly logKeys: LogKeyWatch },
): Promise<{ readonly sealing: SealKeyWatch; readonly seals: SealFence }> {
  const { retireSealKey } = await import("../adapters/keys/seal-keys.ts");
  const { SealKeyWatch } = await import("../pipeline/seal-keys/seal-key-watch.ts");
  const { SealFence } = await import("../pipeline/seal-keys/seal-fence.ts");
  const { sealKeys } = keys;
  const retire = (number: number): Promise<void> => keysAt(config, () => retireSealKey(texts, number));
  const sealing = await SealKeyWatch.open({ store, sealKeys, logs: keys, logKeys, retire, ...told(onFault) });
  return { sealing, seals: new SealFence(sealKeys, sealing) };
}

/** Who knows which keys sign for the log, and keeps whoever does not from committing. */
export async function openLogKeys(config: Config, { keys, store, texts, onFault }: WithTexts & ToldFaults): Promise<LogKeyWatch> {
  const { retireLogKey } = await import("../adapters/keys/log-key-files.ts");
  const { LogKeyWatch } = await import("../pipeline/log/log-keys.ts");
  return LogKeyWatch.open({ store, keys, retire: (number) => keysAt(config, () => retireLogKey(texts, number)), ...told(onFault) });
}

function told(onFault: ToldFaults["onFault"]): { onFault?(text: string): void } {
  return onFault === undefined ? {} : { onFault: (text) => onFault(new AppError("damaged", text), "the log is not what was signed") };
}

/** Does something with the keys' folder; a fault of the system is told by the setting's name. */
export async function keysAt<T>({ keysFolder }: Pick<Config, "keysFolder">, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("unavailable", `the keys in ${keysFolder} can't be read or made (DATA_DIR, KEYS_DIR: ${codeOf(cause)})`, { cause });
  }
}
