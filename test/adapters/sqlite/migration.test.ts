/** A database of an earlier version, opened by this one: nothing of the record is lost or other than it was. */
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync, type SQLOutputValue } from "node:sqlite";
import { toBase64 } from "../../../src/core/crypto/base64.ts";
import { inclusionProof } from "../../../src/core/crypto/merkle.ts";
import { openSqlite } from "../../../src/adapters/sqlite/open.ts";
import { SCHEMA_VERSION } from "../../../src/adapters/sqlite/schema.ts";
import { samenessOfClaim } from "../../../src/pipeline/deposit-entry.ts";
import { sqlitePlace, type SqlitePlace } from "./place.ts";

const FIXTURE = join(import.meta.dirname, "../../../fixtures/data-folders/0.1.0/chartulary.db");
type Row = Record<string, SQLOutputValue>;

let place: SqlitePlace;
beforeEach(() => {
  place = sqlitePlace();
  mkdirSync(dirname(place.file));
  copyFileSync(FIXTURE, place.file);
});
afterEach(() => place.remove());

function rowsOf(sql: string): Row[] {
  const database = new DatabaseSync(place.file);
  try {
    return database.prepare(sql).all();
  } finally {
    database.close();
  }
}
const bytes = (value: SQLOutputValue | undefined): Uint8Array => (value instanceof Uint8Array ? value : new Uint8Array());
const text = (value: SQLOutputValue | undefined): string => (typeof value === "string" ? value : "");

test("every document of version 1 is there with its parts, key, claim, place and proof", async () => {
  const before = rowsOf(
    "SELECT d.*, k.wrapped_key, c.note FROM documents d JOIN checkpoints c ON c.size = d.tree_size JOIN document_keys k USING (leaf_index) ORDER BY leaf_index",
  );
  expect(before.length).toBeGreaterThan(10);
  const { store, wrappedKeys } = await openSqlite(place.file);
  for (const row of before) {
    const id = text(row["id"]);
    const [index, treeSize] = [Number(row["leaf_index"]), Number(row["tree_size"])];
    const entry = await store.entry(id);
    expect(entry).toEqual({
      index,
      treeSize,
      id,
      kind: "deposit",
      receivedAt: row["received_at"],
      leaf: bytes(row["leaf"]),
      contentBytes: bytes(row["encrypted_content"]).length,
    });
    expect(await store.content(id)).toEqual(bytes(row["encrypted_content"]));
    expect(await store.evidence(id)).toEqual(bytes(row["encrypted_evidence"]));
    expect(await wrappedKeys.read(id)).toEqual(bytes(row["wrapped_key"]));
    expect((await store.checkpoint(treeSize))?.note).toBe(row["note"]);
    const key = `identity:${text(row["identity_key"])}`;
    const claimed = (await store.claimed([key])).get(key);
    expect(claimed && samenessOfClaim(claimed)).toEqual({
      canonical: row["canonical_digest"],
      signature: row["signature_digest"],
      meta: row["meta_digest"],
    });
    // The receipt's proof is no longer kept, and is the same.
    const proof = await inclusionProof(index, treeSize, (places) => store.nodes(places));
    expect(proof.map(toBase64).join("")).toBe(
      Array.from({ length: bytes(row["inclusion_proof"]).length / 32 }, (_, at) =>
        toBase64(bytes(row["inclusion_proof"]).slice(at * 32, at * 32 + 32)),
      ).join(""),
    );
  }
  await store.close();
  expect(await place.orphans()).toEqual([]);
  expect(rowsOf("PRAGMA user_version")).toEqual([{ user_version: SCHEMA_VERSION }]);
  expect(rowsOf("SELECT name FROM sqlite_schema WHERE name IN ('documents', 'summaries', 'document_keys', 'earlier_entries')")).toEqual([]);
});

test("whoever looks beside a service leaves an earlier schema as it is, byte for byte, and says who brings it forward", async () => {
  const before = readFileSync(place.file);
  await expect(openSqlite(place.file, { mayCreate: false, mayBeOpen: true })).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringMatching(new RegExp(`schema 1 .* works with ${SCHEMA_VERSION}: its service .* brings it forward`)),
  });
  expect(readFileSync(place.file).equals(before)).toBe(true);
});

test("a database that cannot be brought forward whole stays as it was", async () => {
  place.tamper("PRAGMA foreign_keys = OFF; INSERT INTO document_keys (leaf_index, wrapped_key) VALUES (999, x'00')");
  await expect(openSqlite(place.file)).rejects.toMatchObject({ code: "internal" });
  expect(rowsOf("PRAGMA user_version")).toEqual([{ user_version: 1 }]);
  expect(rowsOf("SELECT count(*) AS n FROM document_keys")).toEqual([{ n: 17 }]);
});
