/** A commit as it is kept, whatever somebody made of it: what is not what it should be counts as not there. For the inventory; the record itself refuses it as damaged. */
import { Binary } from "mongodb";
import { isComplete } from "../../pipeline/store/commit-shape.ts";
import type { ClaimRow } from "../../pipeline/store/record-inventory.ts";
import type { TreeNode } from "../../pipeline/store/record-store.ts";

export interface KeptCommit {
  readonly _id: number;
  readonly size: number;
  readonly note: string;
  readonly entries: readonly KeptEntry[];
  /** `index` is that of an entry of this commit, or there is none. */
  readonly claims: readonly ClaimRow[];
  /** Nodes of which the name can be read. */
  readonly nodes: readonly TreeNode[];
}

export interface KeptEntry {
  readonly id: string;
  readonly index: number;
  readonly kind: string;
  readonly about: string | undefined;
  readonly leaf: Uint8Array | undefined;
}

export function keptCommit(row: object): KeptCommit {
  const entries = listIn(row, "entries").map((entry) => ({
    id: textIn(fieldIn(entry, "id")),
    index: numberIn(fieldIn(entry, "index")),
    kind: textIn(fieldIn(entry, "kind")),
    about: textIn(fieldIn(entry, "about")) || undefined,
    leaf: bytesIn(fieldIn(entry, "leaf")),
  }));
  const places = new Set(entries.map(({ index }) => index));
  return {
    _id: numberIn(fieldIn(row, "_id")),
    size: numberIn(fieldIn(row, "size")),
    note: textIn(fieldIn(row, "note")),
    entries,
    claims: listIn(row, "claims").map((claim) => {
      const index = numberIn(fieldIn(claim, "index"));
      return {
        key: textIn(fieldIn(claim, "key")),
        value: bytesIn(fieldIn(claim, "value")) ?? new Uint8Array(),
        index: places.has(index) ? index : undefined,
      };
    }),
    nodes: listIn(row, "nodes").map((node) => {
      const [, level = "-1", index = "-1"] = /^(\d{1,2})\/(\d{1,15})$/.exec(textIn(fieldIn(node, "at"))) ?? [];
      return { level: Number(level), index: Number(index), hash: bytesIn(fieldIn(node, "hash")) ?? new Uint8Array() };
    }),
  };
}

/** Whether a node is one that a commit completes: each is in exactly one of them. Leaves follow from the entries and are not among them. */
export function isCompletedBy({ level, index }: Pick<TreeNode, "level" | "index">, { _id, size }: Pick<KeptCommit, "_id" | "size">): boolean {
  return level > 0 && isComplete({ level, index }, size) && !isComplete({ level, index }, _id);
}

/** Bytes of their own; undefined when it is something else. */
export function bytesIn(value: unknown): Uint8Array | undefined {
  const bytes = value instanceof Binary ? value.value() : value;
  return bytes instanceof Uint8Array ? new Uint8Array(bytes) : undefined;
}

export function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function numberIn(value: unknown): number {
  return typeof value === "number" ? value : -1;
}

function listIn(value: unknown, name: string): readonly unknown[] {
  const list = fieldIn(value, name);
  return Array.isArray(list) ? (list as readonly unknown[]) : [];
}

function fieldIn(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
