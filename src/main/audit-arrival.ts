import type { Config } from "../config.ts";
import type { Keys } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import { createDocumentKeys } from "../pipeline/store/document-keys.ts";
import type { Arrival } from "./arrival.ts";
import { auditHere, type AuditHere } from "./audit.ts";

/**
 * Opens everything that came from elsewhere once, before anybody is served. The mark is not that of what arrives. What the list of erasures names has no key, and must have none. AppError `damaged`.
 */
export async function auditArrival(
  config: Config,
  { keys, store, wrappedKeys, openInventory }: Arrival & { readonly keys: Keys },
  { erased, ...options }: Omit<AuditHere, "isMarked"> & { readonly erased: ReadonlySet<string> },
): Promise<void> {
  const engine = { openInventory, heldIndexTag: () => Promise.resolve(undefined), openIndexInventory: hasNone };
  const record = { keys, store, engine, keptKeys: createDocumentKeys(keys, wrappedKeys) };
  const { findings } = await auditHere(config, record, { ...options, isMarked: false });
  const left = findings.filter(({ what, id }) => !(what === "key" && id !== undefined && erased.has(id)));
  if (left[0] !== undefined) throw new AppError("damaged", `what has arrived is not what was committed (${left.length} findings): ${left[0].text}`);
}

function hasNone(): Promise<never> {
  return Promise.reject(new Error("it has no index"));
}
