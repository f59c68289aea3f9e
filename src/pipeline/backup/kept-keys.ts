/** The documents' wrapped keys as a backup keeps them, apart from the record and replaced each time: what was erased is in the newest no more. */
import { digestOf } from "../../core/crypto/digest.ts";
import { AppError } from "../../core/errors.ts";
import type { RecordInventory } from "../store/record-inventory.ts";

const MAGIC = "chartulary-document-keys/1\n";
const KEY = 65;
const ROW = 8 + KEY;

/** All wrapped keys of entries below `size`: the format's name, then for each its place (8 bytes, big-endian) and 65 bytes, then the digest of all before. */
export async function formatKeptKeys(inventory: Pick<RecordInventory, "keys">, size: number): Promise<Uint8Array> {
  // Of several of one entry, while keys are wrapped anew, the last is the newest.
  const byPlace = new Map<number, Buffer>();
  for await (const page of inventory.keys())
    for (const { index, wrappedKey } of page) {
      if (index === undefined || index >= size || wrappedKey.length !== KEY) continue;
      const row = Buffer.alloc(ROW);
      row.writeBigUInt64BE(BigInt(index));
      row.set(wrappedKey, 8);
      byPlace.set(index, row);
    }
  const bytes = Buffer.concat([Buffer.from(MAGIC), ...byPlace.values()]);
  return Buffer.concat([bytes, Buffer.from(digestOf(bytes))]);
}

/** By place. AppError `damaged`. */
export function parseKeptKeys(bytes: Uint8Array): Map<number, Uint8Array> {
  const buffer = Buffer.from(bytes);
  const end = buffer.length - digestOf("").length;
  const isWhole = buffer.subarray(0, MAGIC.length).toString() === MAGIC && (end - MAGIC.length) % ROW === 0 && end >= MAGIC.length;
  if (!isWhole || digestOf(buffer.subarray(0, end)) !== buffer.subarray(end).toString("latin1"))
    throw new AppError("damaged", "the backup's archive of keys is not what was written");
  const keys = new Map<number, Uint8Array>();
  for (let at = MAGIC.length; at < end; at += ROW) keys.set(Number(buffer.readBigUInt64BE(at)), new Uint8Array(buffer.subarray(at + 8, at + ROW)));
  return keys;
}
