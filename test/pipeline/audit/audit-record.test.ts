/** Everything in the database that matters is altered in turn, table by table and column by column: the audit finds each, and names it. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { makeRepository, type Copy, type Repository } from "./repository.ts";

let repository: Repository;
beforeAll(async () => void (repository = await makeRepository()));
afterAll(() => repository.remove());

async function audited(alter: (copy: Copy) => void, against: readonly string[] = []): ReturnType<Copy["audit"]> {
  const copy = repository.copy();
  try {
    alter(copy);
    return await copy.audit(against);
  } finally {
    copy.remove();
  }
}

test("what nobody touched is intact, an erased document too, and has gone on from what it was", async () => {
  expect(await audited(() => undefined, [repository.earlier])).toEqual([]);
});

/** Columns whose alteration changes nothing that anybody is told: none. */
const RECORD: readonly (readonly [string, RegExp])[] = [
  ["UPDATE checkpoints SET size = 5 WHERE size = 2", /checkpoint of (2|5) entries/],
  ["UPDATE checkpoints SET note = replace(note, '2', '5') WHERE size = 2", /checkpoint of 2 entries/],
  ["UPDATE checkpoints SET note = (SELECT note FROM checkpoints WHERE size = 1) WHERE size = 2", /checkpoint of 2 entries/],
  ["UPDATE checkpoints SET note = 'nothing' WHERE size = 2", /checkpoint of 2 entries/],
  ["DELETE FROM checkpoints WHERE size = 2", /the checkpoint of 2 entries.* is not there/],
  ["DELETE FROM checkpoints WHERE size = 20", /(behind the newest checkpoint|no mark)/],
  ["INSERT INTO checkpoints SELECT 5, note FROM checkpoints WHERE size = 2", /checkpoint of 5 entries/],
  ["INSERT INTO checkpoints SELECT 50, note FROM checkpoints WHERE size = 2", /a checkpoint of 50 entries/],
  ["UPDATE tree_nodes SET level = 7 WHERE level = 0 AND node_index = 1", /node 0\/1 .*is not there/],
  ["UPDATE tree_nodes SET node_index = 77 WHERE level = 1 AND node_index = 0", /node 1\/0 .*is not there/],
  ["UPDATE tree_nodes SET hash = randomblob(32) WHERE level = 0 AND node_index = 1", /node 0\/1 .*is not the hash/],
  ["UPDATE tree_nodes SET hash = randomblob(32) WHERE level = 1 AND node_index = 1", /node 1\/1 .*is not the hash/],
  ["UPDATE tree_nodes SET hash = x'' WHERE level = 2 AND node_index = 0", /node 2\/0 .*is not the hash/],
  ["DELETE FROM tree_nodes WHERE level = 3", /node 3\/0 .*is not there/],
  ["INSERT INTO tree_nodes VALUES (5, 0, randomblob(32))", /node 5\/0 lies outside/],
  ["UPDATE entries SET entry_index = 99 WHERE entry_index = 1", /entry 1 is not there/],
  ["UPDATE entries SET id = 'OTHER' WHERE entry_index = 1", /entry 1 .*has the id of another/],
  ["UPDATE entries SET id = 'OTHER' WHERE entry_index = 9", /erasure .*|has the id of another/],
  ["UPDATE entries SET kind = 'hold' WHERE entry_index = 1", /entry 1 .*is called a hold, and its leaf says deposit/],
  ["UPDATE entries SET kind = 'novelty' WHERE entry_index = 1", /entry 1 .*is called a novelty/],
  ["UPDATE entries SET document_id = 'ID0' WHERE entry_index = 1", /entry 1 .*is about another document/],
  ["UPDATE entries SET document_id = 'ID1' WHERE kind = 'erasure'", /is about another document/],
  ["UPDATE entries SET document_id = NULL WHERE kind = 'hold'", /is about another document/],
  ["UPDATE entries SET received_at = '2001-01-01T00:00:00.000Z' WHERE entry_index = 1", /entry 1 .*another time/],
  ["UPDATE entries SET tree_size = 10 WHERE entry_index = 1", /entry 1 .*committed with 10/],
  ["UPDATE entries SET tree_size = 1 WHERE entry_index = 1", /entry 1 .*committed with 1/],
  ["UPDATE entries SET leaf = CAST(replace(CAST(leaf AS TEXT), '20', '21') AS BLOB) WHERE entry_index = 1", /the leaf of entry 1 .*is not the one/],
  ["UPDATE entries SET leaf = (SELECT leaf FROM entries WHERE entry_index = 0) WHERE entry_index = 1", /the leaf of entry 1 /],
  ["UPDATE entries SET leaf = x'' WHERE entry_index = 1", /entry 1 /],
  ["UPDATE entries SET evidence = (SELECT evidence FROM entries WHERE entry_index = 0) WHERE entry_index = 1", /document ID1.*evidence/],
  ["UPDATE entries SET evidence = NULL WHERE entry_index = 1", /document ID1.*evidence is missing/],
  ["UPDATE entries SET content = (SELECT content FROM entries WHERE entry_index = 0) WHERE entry_index = 1", /document ID1.*content/],
  ["UPDATE entries SET content = NULL WHERE entry_index = 1", /document ID1.*content is missing/],
  ["UPDATE entries SET content = randomblob(length(content)) WHERE entry_index = 1", /document ID1/],
  ["UPDATE entries SET evidence = randomblob(200) WHERE kind = 'hold'", /the hold .*record/],
  ["UPDATE entries SET evidence = NULL WHERE kind = 'erasure'", /the erasure .*record/],
  ["UPDATE entries SET evidence = NULL WHERE entry_index = 18", /the identity-feed .*\(entry 18\) can't be read/],
  [
    "UPDATE entries SET evidence = (SELECT evidence FROM entries WHERE entry_index = 17) WHERE entry_index = 18",
    /the identity-feed .*\(entry 18\) can't be read/,
  ],
  ["UPDATE entries SET document_id = 'ID1' WHERE entry_index = 18", /entry 18 .*is about another document/],
  ["DELETE FROM entries WHERE entry_index = 1", /entry 1 is not there/],
  ["DELETE FROM entries WHERE entry_index = 9", /entry 9 is not there/],
  [
    "INSERT INTO entries SELECT 20, 'OTHER', kind, document_id, received_at, tree_size, leaf, evidence, content FROM entries WHERE entry_index = 0",
    /entry 20 .*behind/,
  ],
  ["UPDATE claims SET key = 'identity:0' WHERE entry_index = 1", /the claim identity:\w+ of ID1 .*is not there/],
  ["UPDATE claims SET key = 'erasure:nobody' WHERE key LIKE 'erasure:%' AND entry_index = 9", /the claim erasure:\S+ .*is not there/],
  ["UPDATE claims SET key = 'custody:x' WHERE key LIKE 'custody:%:1'", /the claim custody:\S+ .*is not there/],
  ["UPDATE claims SET key = 'feed-number:7' WHERE key = 'feed-number:1'", /the claim feed-number:1 of \S+ \(entry 18\) is not there/],
  ["UPDATE claims SET key = 'feed:p:0' WHERE key LIKE 'feed:p-%:1'", /the claim feed:p-\w+:1 of \S+ \(entry 19\) is not there/],
  ["UPDATE claims SET entry_index = 0 WHERE entry_index = 1", /claim .*ID1.*belongs to another/],
  ["UPDATE claims SET entry_index = 77 WHERE entry_index = 1", /claim/],
  ["UPDATE claims SET value = randomblob(64) WHERE entry_index = 1", /claim of document ID1 .*other digests/],
  ["DELETE FROM claims WHERE entry_index = 1", /claim .*ID1.*is not there/],
  ["DELETE FROM claims WHERE entry_index = 4", /a claim of entry 4 is not there/],
  ["DELETE FROM claims WHERE key LIKE 'erasure:%'", /the claim erasure:\S+ .*is not there/],
  ["INSERT INTO claims VALUES ('identity:1', 1, randomblob(64))", /entry 1 bears more claims/],
  ["INSERT INTO claims VALUES ('erasure:ID0', 6, x'')", /erasure:ID0/],
  ["UPDATE wrapped_keys SET wrapped_key = (SELECT wrapped_key FROM wrapped_keys WHERE entry_index = 0) WHERE entry_index = 1", /document ID1.*key/],
  ["UPDATE wrapped_keys SET wrapped_key = randomblob(65) WHERE entry_index = 1", /document ID1.*key/],
  ["UPDATE wrapped_keys SET entry_index = 77 WHERE entry_index = 1", /the key of document ID1 .*is not there/],
  ["DELETE FROM wrapped_keys WHERE entry_index = 1", /the key of document ID1 .*is not there/],
  ["DELETE FROM wrapped_keys WHERE entry_index = 6", /the key of the hold/],
  ["INSERT INTO wrapped_keys SELECT 4, wrapped_key FROM wrapped_keys WHERE entry_index = 0", /key/],
  ["INSERT INTO wrapped_keys SELECT 77, wrapped_key FROM wrapped_keys WHERE entry_index = 0", /key \(77\) where none belongs/],
  // A submission (entry 12) and one that the erasure of a document ended (entry 15).
  ["UPDATE entries SET evidence = randomblob(200) WHERE entry_index = 12", /the submission .*entry 12.* is not what was committed/],
  ["UPDATE entries SET content = randomblob(200) WHERE entry_index = 12", /the submission .*entry 12.* is not what was committed/],
  ["UPDATE entries SET content = NULL WHERE entry_index = 12", /submission .* is missing/],
  ["UPDATE entries SET leaf = (SELECT leaf FROM entries WHERE entry_index = 15) WHERE entry_index = 12", /entry 12 .*another/],
  ["UPDATE claims SET value = randomblob(71) WHERE key LIKE 'submission:%' AND entry_index = 12", /claim of submission .*another digest/],
  ["UPDATE claims SET key = 'submission:0' WHERE key LIKE 'submission:%' AND entry_index = 12", /the claim submission:\w+ .*is not there/],
  ["UPDATE claims SET key = key || 'x' WHERE key LIKE 'submission-of:%' AND entry_index = 15", /the claim submission-of:\S+ .*is not there/],
  ["DELETE FROM claims WHERE key LIKE 'submission:%' AND entry_index = 15", /a claim of entry 15 is not there/],
  ["INSERT INTO claims VALUES ('submission:1', 15, x'')", /entry 15 bears more claims/],
  ["DELETE FROM wrapped_keys WHERE entry_index = 12", /the key of submission .*is not there/],
  ["INSERT INTO wrapped_keys SELECT 15, wrapped_key FROM wrapped_keys WHERE entry_index = 0", /key/],
];

describe("the database", () => {
  test("is altered in every column of every table of the record", () => {
    const columns = { checkpoints: ["size", "note"], tree_nodes: ["level", "node_index", "hash"], claims: ["key", "entry_index", "value"], wrapped_keys: ["entry_index", "wrapped_key"], entries: ["entry_index", "id", "kind", "document_id", "received_at", "tree_size", "leaf", "evidence", "content"] }; // prettier-ignore
    for (const [table, names] of Object.entries(columns)) {
      for (const name of names)
        expect([table, name, RECORD.some(([sql]) => sql.startsWith(`UPDATE ${table} SET ${name} =`))]).toEqual([table, name, true]);
      for (const deed of [`DELETE FROM ${table}`, `INSERT INTO ${table}`])
        expect([deed, RECORD.some(([sql]) => sql.startsWith(deed))]).toEqual([deed, true]);
    }
  });

  test.each(RECORD)("%s", async (sql, words) => {
    const named = (text: string): string =>
      text.replace(/ID(\d)/g, (_, at: string) => repository.ids[Number(at)] ?? "").replaceAll("OTHER", randomUUID());
    const findings = await audited((copy) => copy.tamper("chartulary.db", named(sql)));
    const texts = findings.map(({ text }) => text);
    expect(texts.join("\n")).toMatch(new RegExp(named(words.source)));
    // One deed is not told as a hundred.
    expect(texts.length).toBeLessThan(12);
  });
});

describe("a log that was cut off", () => {
  const CUT = ["DELETE FROM entries WHERE entry_index >= 2", "DELETE FROM checkpoints WHERE size > 2", "DELETE FROM claims WHERE entry_index >= 2", "DELETE FROM wrapped_keys WHERE entry_index >= 2", "DELETE FROM tree_nodes WHERE (node_index + 1) * (1 << level) > 2"]; // prettier-ignore

  test("is whole in itself, but not what somebody has seen of it", async () => {
    const cut = (copy: Copy): void => CUT.forEach((sql) => copy.tamper("chartulary.db", sql));
    expect(await audited(cut)).toEqual([]);
    expect(await audited(cut, [repository.earlier])).toMatchObject([{ what: "log", text: expect.stringContaining("has 2 entries and had 3") }]);
  });

  test("and a checkpoint of another log is no witness", async () => {
    await expect(audited(() => undefined, [repository.earlier.replace(/^\S+/, "other.example/log")])).rejects.toMatchObject({ code: "invalid" });
    await expect(audited(() => undefined, [repository.earlier.replace("\n3\n", "\n4\n")])).rejects.toMatchObject({ code: "invalid" });
  });
});
