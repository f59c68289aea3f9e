/** Looks at documents while a service runs: whole ones are looked at in silence, and what was altered in record or index is told once, in log and readiness. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { sealInXml } from "../../src/pipeline/later-seals.ts";
import { Ledger } from "../../src/pipeline/log/ledger.ts";
import { createDocumentKeys } from "../../src/pipeline/store/document-keys.ts";
import { makeRepository, openedIn, type Copy, type Repository } from "../pipeline/audit/repository.ts";
import { sampled } from "../pipeline/audit/sampling.ts";

let repository: Repository;
let copy: Copy;
beforeAll(async () => {
  repository = await makeRepository();
});
afterAll(() => repository.remove());
beforeEach(() => {
  copy = repository.copy();
});
afterEach(() => copy.remove());

const DOCUMENTS = "documents_1";
/** The row of a document, once more under another id and at another place. */
const forged = (place: number): string[] => [
  `CREATE TEMP TABLE held AS SELECT * FROM ${DOCUMENTS} WHERE position = 2`,
  `UPDATE held SET position = ${place}, id = 'f0e1d2c3-1b0a-4c0e-9a0b-0c0d0e0f0a0b', closed_at = NULL`,
  `INSERT INTO ${DOCUMENTS} SELECT * FROM held`,
];

async function looked(turns = 1): ReturnType<typeof sampled> {
  const opened = await openedIn(copy.folder, false);
  try {
    return await sampled(opened, turns);
  } finally {
    await opened.store.close();
  }
}

test("an XML seal whose record was altered, or whose claim is gone, is told of; whole it is looked at in silence", async () => {
  const opened = await openedIn(copy.folder, false);
  const [id = ""] = repository.ids;
  const documentKeys = createDocumentKeys(opened.keys, opened.wrappedKeys);
  const ledger = await Ledger.open(opened.store, opened.keys.log);
  const digest = Buffer.alloc(32).toString("base64");
  const gate = { admit: (at: Date) => Promise.resolve(at) };
  await sealInXml(id, { ...opened, documentKeys, ledger, gate, digestOf: () => Promise.resolve({ digest }) });
  await ledger.close();
  await opened.store.close();
  expect(await looked()).toEqual({ told: [], warning: undefined });
  const LAST = "entry_index = (SELECT max(entry_index) FROM entries)";
  copy.tamper("chartulary.db", `UPDATE entries SET evidence = randomblob(length(evidence)) WHERE ${LAST}`);
  expect((await looked(2)).told).toEqual([expect.stringMatching(/the seal .* has a record that is not what was committed/)]);
  copy.tamper("chartulary.db", `DELETE FROM claims WHERE ${LAST.replaceAll("entries)", "claims)")}`);
  expect((await looked()).told).toContainEqual(expect.stringMatching(/the claim xml-seal:.* is not there/));
});

test("a whole repository, with what was erased, submitted and fed into it, is looked at in silence", async () => {
  expect(await looked(2)).toEqual({ told: [], warning: undefined });
});

describe("what was altered in the index is told once, and readiness names the place", () => {
  test.each<[string, string | string[], RegExp]>([
    [
      "a title",
      `UPDATE ${DOCUMENTS} SET summary = replace(summary, '"title":"', '"title":"Not ') WHERE position = 2`,
      /index: the row of document .* \(entry 2\) is not what/,
    ],
    ["a row that is gone", `DELETE FROM ${DOCUMENTS} WHERE position = 2`, /index: the row of document .* \(entry 2\) is not there/],
    ["a row where no document is", forged(6), /index: the row of document .* \(entry 6\) is of nothing that the record holds/],
    ["a row behind the end of the log", forged(1_000), /index: the row of no document \(entry 1000\) is of nothing that the record holds/],
    [
      "a word by which it is found",
      "UPDATE terms_1 SET term = 'zz' WHERE position = 2 AND term = (SELECT min(term) FROM terms_1 WHERE position = 2)",
      /search terms of document .* \(entry 2\)/,
    ],
    ["whether it was superseded", `UPDATE ${DOCUMENTS} SET closed_at = NULL WHERE position = 0`, /the row of document .* \(entry 0\) is not what/],
    [
      "that it was superseded, which it was not",
      `UPDATE ${DOCUMENTS} SET closed_at = 3 WHERE position = 2`,
      /the row of document .* \(entry 2\) is not what/,
    ],
    ["what a resource is found by", "DELETE FROM words_1 WHERE resource = (SELECT min(resource) FROM words_1)", /the words of document/],
  ])("%s", async (_what, sql, expected) => {
    copy.tamperAll("index.db", typeof sql === "string" ? [sql] : sql);
    const { told, warning } = await looked(2);
    expect(told).toEqual([expect.stringMatching(expected)]);
    expect(warning).toMatch(/^what is kept is not what was committed \(index of entry \d+\)/);
  });
});

describe("what was altered in the record", () => {
  test.each([
    ["its content", "UPDATE entries SET content = randomblob(length(content)) WHERE entry_index = 1", /document .* \(entry 1\)/],
    [
      "its time of receipt, in its row alone",
      "UPDATE entries SET received_at = '1999' || substr(received_at, 5) WHERE entry_index = 2",
      /entry 2 \(.*\) has another time than its leaf/,
    ],
    [
      "the claim of an erasure",
      "DELETE FROM claims WHERE key = (SELECT 'erasure:' || document_id FROM entries WHERE kind = 'erasure' ORDER BY entry_index LIMIT 1)",
      /the claim erasure:.* is not there/,
    ],
    ["its evidence", "UPDATE entries SET evidence = NULL WHERE entry_index = 1", /document .* \(entry 1\): its evidence is missing/],
    ["the claim by which it is known again", "DELETE FROM claims WHERE entry_index = 2", /the claim of document .* \(entry 2\) is not there/],
    [
      "the digests of that claim",
      "UPDATE claims SET value = randomblob(64) WHERE entry_index = 2",
      /the claim of document .* \(entry 2\) has other digests/,
    ],
  ])("%s", async (_what, sql, expected) => {
    copy.tamper("chartulary.db", sql);
    const { told, warning } = await looked(2);
    expect(told).toEqual([expect.stringMatching(expected)]);
    expect(warning).toMatch(/^what is kept is not what was committed \(document of entry \d+\)/);
  });
});
