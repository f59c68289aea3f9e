import { digestOf } from "../core/crypto/digest.ts";
import { openEnvelope } from "../core/envelope.ts";
import { AppError, readStored } from "../core/errors.ts";
import { parseSettingLeaf, parseSettingRecord, type SettingLeaf, type SettingRecord } from "../core/formats/setting.ts";
import type { DocumentKeys } from "./store/document-keys.ts";
import type { LogEntry, RecordStore } from "./store/record-store.ts";

/** What the leaf of a setting says. AppError `damaged` */
export function settingLeafOf({ id, leaf }: Pick<LogEntry, "id" | "leaf">): SettingLeaf {
  return readStored(`the leaf of entry ${id}`, () => parseSettingLeaf(leaf));
}

/** What was set by an entry, and by whom; it must be what the leaf says. AppError `damaged`. */
export async function openSettingRecord(
  entry: Pick<LogEntry, "id" | "leaf">,
  { store, documentKeys }: { readonly store: Pick<RecordStore, "evidence">; readonly documentKeys: Pick<DocumentKeys, "read"> },
): Promise<SettingRecord> {
  const { id } = entry;
  const key = await documentKeys.read(id);
  if (key === undefined) throw new AppError("damaged", `the key of entry ${id} is missing`);
  const evidence = await store.evidence(id);
  if (evidence === undefined) throw new AppError("damaged", `the record of entry ${id} is missing`);
  const text = new TextDecoder().decode(openEnvelope(evidence, key, "evidence", id));
  const { recordDigest, setting, version } = settingLeafOf(entry);
  if (digestOf(text) !== recordDigest)
    throw new AppError("damaged", `the record of entry ${id} is not what was committed: its digest differs from the one in the log`);
  const record = readStored(`the record of entry ${id}`, () => parseSettingRecord(text));
  if (record.setting.kind !== setting || record.setting.version !== version)
    throw new AppError("damaged", `the record of entry ${id} is of another setting than its leaf says`);
  return record;
}
