/**
 * Entries about what is set while the program runs: persons who may sign in, clients, keys that sign tokens, and what comes later. The leaf is public and tells that something of a kind was set; what it says
 * stands in a record of its own. docs/formats.md, "Setting".
 */
import { randomBytes } from "node:crypto";
import { toBase64 } from "../crypto/base64.ts";
import { utf8Text } from "../crypto/bytes.ts";
import { digestOf } from "../crypto/digest.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { treeOf } from "../fhir/tree/tree.ts";
import { readCircumstances, type Arrival, type Submitter } from "./deposit-record.ts";
import { countField, DIGEST, INSTANT, objectField, optionalText, readOpenFormat, textField, UUID } from "./fields.ts";

export const SETTING_KIND = "setting";

/** What the log holds of it, for everybody to see: no name, and no word of what was set. */
export interface SettingLeaf {
  /** The entry's own id: a UUID. */
  readonly id: string;
  /** An instant. */
  readonly at: string;
  /** Of what kind it is: lower-case letters and hyphens. */
  readonly setting: string;
  /** Which one of its kind, as a keyed hash: 64 lower-case hex digits. */
  readonly about: string;
  /** From 1, by one each time. */
  readonly version: number;
  /** Of the record's UTF-8 bytes. */
  readonly recordDigest: string;
}

/** What was set, and by whom: kept encrypted under a key of the entry's own. */
export interface SettingRecord {
  readonly id: string;
  readonly setting: { readonly kind: string; readonly name: string; readonly version: number };
  /** JSON; undefined when it was taken away. */
  readonly value?: string | undefined;
  readonly submitter: Submitter;
  readonly came: Arrival;
}

const LEAF = { format: "chartulary-leaf/2", required: ["kind", "id", "at", "setting", "about", "version", "recordDigest"] };
const RECORD = { format: "chartulary-setting/1", required: ["id", "setting", "submitter", "came", "salt"] };
const KIND = /^setting$/;
const SETTING = /^[a-z][a-z-]{0,39}$/;
const ABOUT = /^[0-9a-f]{64}$/;

/** The leaf's bytes: canonical JSON in UTF-8. */
export function formatSettingLeaf({ id, at, setting, about, version, recordDigest }: SettingLeaf): Uint8Array {
  return new TextEncoder().encode(canonicalJson(treeOf({ format: LEAF.format, kind: SETTING_KIND, id, at, setting, about, version, recordDigest })));
}

/** Reads such a leaf; properties that it does not know it passes over. AppError `malformed`. */
export function parseSettingLeaf(bytes: Uint8Array): SettingLeaf {
  const object = readOpenFormat(utf8Text(bytes), LEAF);
  textField(object, "kind", KIND);
  return {
    id: textField(object, "id", UUID),
    at: textField(object, "at", INSTANT),
    setting: textField(object, "setting", SETTING),
    about: textField(object, "about", ABOUT),
    version: countField(object, "version"),
    recordDigest: textField(object, "recordDigest", DIGEST),
  };
}

/** The record's text, salted so that nobody confirms a guess by its digest, and that digest. */
export function formatSettingRecord(record: SettingRecord): { readonly record: string; readonly digest: string } {
  const { id, setting, value, submitter, came } = record;
  const { kind, name, version } = setting;
  const fields = { format: RECORD.format, id, setting: { kind, name, version }, ...(value !== undefined && { value }), submitter, came };
  const text = canonicalJson(treeOf({ ...fields, salt: toBase64(randomBytes(32)) }));
  return { record: text, digest: digestOf(text) };
}

/** Reads a record. AppError `malformed`. */
export function parseSettingRecord(text: string): SettingRecord {
  const object = readOpenFormat(text, RECORD);
  const setting = objectField(object, "setting");
  return {
    id: textField(object, "id", UUID),
    setting: { kind: textField(setting, "kind", SETTING), name: textField(setting, "name"), version: countField(setting, "version") },
    value: optionalText(object, "value"),
    ...readCircumstances(object),
  };
}
