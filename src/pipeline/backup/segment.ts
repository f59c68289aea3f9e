/** A run of whole commits as a backup keeps it: docs/formats.md, Backup. */
import { fromBase64, toBase64 } from "../../core/crypto/base64.ts";
import { digestOf } from "../../core/crypto/digest.ts";
import { AppError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { bytesField, countField, optionalText, textField } from "../../core/formats/fields.ts";
import type { StoredCheckpoint, Claim, NewEntry } from "../store/record-store.ts";
import { formatManifest, objectsAt, parseManifest } from "./manifest.ts";

/** An entry, and the size of the tree that it was committed with. */
export interface KeptEntry extends NewEntry {
  readonly treeSize: number;
}

export interface Segment {
  /** The place of its first entry, and the one behind its last. */
  readonly from: number;
  readonly to: number;
  /** The digest of the manifest before it; empty for the first. */
  readonly previous: string;
  readonly checkpoints: readonly StoredCheckpoint[];
  readonly entries: readonly KeptEntry[];
}

const SHAPE = { format: "chartulary-backup/1", required: ["from", "to", "previous", "parts", "checkpoints", "entries"] };

/** The two members of a segment: its parts one after the other, and the manifest that says what they are. */
export function formatSegment({ from, to, previous, checkpoints, entries }: Segment): { readonly parts: Uint8Array; readonly manifest: Uint8Array } {
  const parts = Buffer.concat(entries.flatMap(({ evidence, content }) => [evidence ?? NONE, content ?? NONE]));
  const fields = {
    ...{ format: SHAPE.format, from, to, previous, parts: digestOf(parts) },
    checkpoints: checkpoints.map(({ size, note }) => ({ size, note })),
    entries: entries.map(({ id, kind, documentId, receivedAt, treeSize, leaf, claims, evidence, content }) => ({
      ...{ id, kind, documentId, receivedAt, treeSize, leaf: toBase64(leaf) },
      claims: claims.map(({ key, value }) => ({ key, value: toBase64(value) })),
      ...(evidence && { evidence: evidence.length }),
      ...(content && { content: content.length }),
    })),
  };
  return { parts: new Uint8Array(parts), manifest: formatManifest(fields) };
}

/** Reads a segment, and holds its parts against its manifest. AppError `damaged`. */
export function parseSegment(manifest: Uint8Array, parts: Uint8Array): Segment {
  try {
    const object = parseManifest(manifest, parts, SHAPE);
    let at = 0;
    const take = (fields: JsonObject, name: string): Uint8Array | undefined => {
      if (!fields.has(name)) return undefined;
      const length = countField(fields, name);
      if (at + length > parts.length) throw new AppError("malformed", "its parts are shorter than its manifest says");
      return parts.slice(at, (at += length));
    };
    const entries = objectsAt(object, "entries").map((fields): KeptEntry => {
      const documentId = optionalText(fields, "documentId");
      const [evidence, content] = [take(fields, "evidence"), take(fields, "content")];
      return {
        ...{ id: textField(fields, "id"), kind: textField(fields, "kind"), receivedAt: textField(fields, "receivedAt") },
        ...{ treeSize: countField(fields, "treeSize"), leaf: bytesField(fields, "leaf"), claims: objectsAt(fields, "claims").map(claimOf) },
        ...(documentId !== undefined && { documentId }),
        ...(evidence && { evidence }),
        ...(content && { content }),
      };
    });
    const [from, to] = [countField(object, "from"), countField(object, "to")];
    if (to - from !== entries.length || at !== parts.length) throw new AppError("malformed", "it has another number of entries than it says");
    const checkpoints = objectsAt(object, "checkpoints").map((fields) => ({ size: countField(fields, "size"), note: textField(fields, "note") }));
    return { from, to, previous: textField(object, "previous"), checkpoints, entries };
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    throw new AppError("damaged", `the backup holds a segment that is not what was written: ${cause.message}`, { cause });
  }
}

const NONE = new Uint8Array();

function claimOf(fields: JsonObject): Claim {
  const value = fromBase64(textField(fields, "value"));
  if (value === undefined) throw new AppError("malformed", "a claim is not base64");
  return { key: textField(fields, "key"), value };
}
