/** Entries about the master key, which wraps the documents' keys: that an epoch of it was begun, and that one ended. Public: what they say of the key tells nothing of it. */
import { utf8Text } from "../crypto/bytes.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { treeOf } from "../fhir/tree/tree.ts";
import { countField, INSTANT, readOpenFormat, textField, UUID } from "./fields.ts";

export const MASTER_KEY_KINDS = ["master-key-begun", "master-key-ended"] as const;
export type MasterKeyKind = (typeof MASTER_KEY_KINDS)[number];

export interface MasterKeyLeaf {
  /** `master-key-begun`: every key that is committed from here on is wrapped in this epoch, or a later one. `master-key-ended`: its key is destroyed; nothing that it wrapped can be opened. */
  readonly kind: MasterKeyKind;
  /** The entry's own id: a UUID. */
  readonly id: string;
  /** An instant. */
  readonly at: string;
  /** From 1. */
  readonly epoch: number;
  /** By which the key is known: eight lower-case hex digits. */
  readonly keyId: string;
}

const SHAPE = { format: "chartulary-leaf/2", required: ["kind", "id", "at", "epoch", "keyId"] };

/** The leaf's bytes: canonical JSON in UTF-8. docs/formats.md, "Epochs of the master key". */
export function formatMasterKeyLeaf({ kind, id, at, epoch, keyId }: MasterKeyLeaf): Uint8Array {
  return new TextEncoder().encode(canonicalJson(treeOf({ format: SHAPE.format, kind, id, at, epoch, keyId })));
}

/** Reads such a leaf; properties that it does not know it passes over. AppError `malformed`. */
export function parseMasterKeyLeaf(bytes: Uint8Array): MasterKeyLeaf {
  const object = readOpenFormat(utf8Text(bytes), SHAPE);
  return {
    kind: textField(object, "kind", /^master-key-(?:begun|ended)$/) as MasterKeyKind,
    id: textField(object, "id", UUID),
    at: textField(object, "at", INSTANT),
    epoch: countField(object, "epoch"),
    keyId: textField(object, "keyId", /^[0-9a-f]{8}$/),
  };
}
