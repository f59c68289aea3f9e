/** A run of batches of one audit log as a backup keeps it: docs/formats.md, Backup. What batches are found by is not kept: it is made anew of what they hold. */
import { digestOf } from "../../core/crypto/digest.ts";
import { AppError } from "../../core/errors.ts";
import { bytesField, countField, INSTANT, textField } from "../../core/formats/fields.ts";
import { toBase64 } from "../../core/crypto/base64.ts";
import { parseBatchLeaf } from "../../core/formats/audit-trail.ts";
import type { MarkedBatch } from "../trail/trail-store.ts";
import { formatManifest, objectsAt, parseManifest } from "./manifest.ts";

export interface TrailSegment {
  readonly log: string;
  /** The place of its first batch in its log, and the one behind its last. */
  readonly from: number;
  readonly to: number;
  /** The digest of the manifest before it in the archive, of whichever log; empty for the first. */
  readonly previous: string;
  readonly batches: readonly MarkedBatch[];
}

const SHAPE = { format: "chartulary-audit-backup/1", required: ["log", "from", "to", "previous", "parts", "batches"] };
/** Twelve digits each. */
const NAME = /^audit\/([a-z0-9-]+)\/([0-9]{12})-([0-9]{12})\.(parts|json)$/;

/** Which batches a member of the archive is of, by its name; undefined when it is none of ours. */
export function rangeOf(
  name: string,
): { readonly log: string; readonly from: number; readonly to: number; readonly isManifest: boolean } | undefined {
  const [, log, from, to, kind] = NAME.exec(name) ?? [];
  return log === undefined ? undefined : { log, from: Number(from), to: Number(to), isManifest: kind === "json" };
}

/** The two members of a segment, in their order: its encrypted events one after the other, and the manifest that says what they are. */
export function formatTrailSegment({ log, from, to, previous, batches }: TrailSegment): { readonly name: string; readonly bytes: Uint8Array }[] {
  const parts = Buffer.concat(batches.map(({ sealed }) => sealed));
  const fields = {
    ...{ format: SHAPE.format, log, from, to, previous, parts: digestOf(parts) },
    batches: batches.map((batch) => ({
      leaf: toBase64(batch.leaf),
      first: batch.from,
      last: batch.to,
      note: batch.note,
      sealed: batch.sealed.length,
    })),
  };
  const name = `audit/${log}/${place(from)}-${place(to)}`;
  return [
    { name: `${name}.parts`, bytes: new Uint8Array(parts) },
    { name: `${name}.json`, bytes: formatManifest(fields) },
  ];
}

/** Reads a segment, and holds its parts against its manifest. AppError `damaged`. */
export function parseTrailSegment(manifest: Uint8Array, parts: Uint8Array): TrailSegment {
  try {
    const object = parseManifest(manifest, parts, SHAPE);
    const [log, from, to] = [textField(object, "log"), countField(object, "from"), countField(object, "to")];
    let at = 0;
    const batches = objectsAt(object, "batches").map((fields, offset): MarkedBatch => {
      const leaf = bytesField(fields, "leaf");
      const { day, events } = parseBatchLeaf(leaf);
      const sealed = parts.slice(at, (at += countField(fields, "sealed")));
      return {
        ...{ log, index: from + offset, day, events, leaf, sealed, note: textField(fields, "note") },
        ...{ from: textField(fields, "first", INSTANT), to: textField(fields, "last", INSTANT) },
      };
    });
    if (to - from !== batches.length || at !== parts.length) throw new AppError("malformed", "it has another number of batches than it says");
    return { log, from, to, previous: textField(object, "previous"), batches };
  } catch (cause) {
    if (!(cause instanceof AppError)) throw cause;
    throw new AppError("damaged", `the backup holds a part of the audit trail that is not what was written: ${cause.message}`, { cause });
  }
}

function place(index: number): string {
  return String(index).padStart(12, "0");
}
