/** Settings in a repository on SQLite: what anybody alters of them the audit finds, and names. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import { openSqlite } from "../../../src/adapters/sqlite/open.ts";
import { askedByProgram } from "../../../src/core/asked.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { Settings } from "../../../src/pipeline/settings.ts";
import { createDocumentKeys } from "../../../src/pipeline/store/document-keys.ts";
import { makeRepository, type Copy, type Repository } from "./repository.ts";

let repository: Repository;
beforeAll(async () => void (repository = await makeRepository()));
afterAll(() => repository.remove());

/** Two versions of one setting and one of another, the last three entries, and what the audit says once they were altered. */
async function audited(alter: (copy: Copy, first: number) => void): Promise<string[]> {
  const copy = repository.copy();
  try {
    const keys = await openKeyFolder(join(copy.folder, "keys"), { mayCreate: false });
    const { store, wrappedKeys } = await openSqlite(join(copy.folder, "chartulary.db"));
    const first = (await store.checkpoint())?.size ?? 0;
    const settings = await Settings.open({
      ...{ store, keys, documentKeys: createDocumentKeys(keys, wrappedKeys), ledger: await Ledger.open(store, keys.log) },
      ...{ gate: { admit: (at: Date) => Promise.resolve(at) }, newId: () => randomUUID() },
    });
    const order = { kind: "user", asked: askedByProgram("a test") };
    await settings.put({ ...order, name: "anna", value: "{}", expected: "absent" });
    await settings.put({ ...order, name: "anna", value: "[]", expected: 1 });
    await settings.put({ ...order, name: "otto", value: "{}", expected: "absent" });
    await store.close();
    alter(copy, first);
    return (await copy.audit()).map(({ text }) => text);
  } finally {
    copy.remove();
  }
}

test("settings that nobody touched are intact", async () => {
  expect(await audited(() => undefined)).toEqual([]);
});

test.each([
  ["UPDATE entries SET evidence = NULL WHERE entry_index = FIRST", /the setting .*can't be read/],
  [
    "UPDATE entries SET evidence = (SELECT evidence FROM entries WHERE entry_index = FIRST) WHERE entry_index = FIRST + 1",
    /the setting .*can't be read/,
  ],
  ["DELETE FROM wrapped_keys WHERE entry_index = FIRST", /the setting .*key of entry .* is missing/],
  ["DELETE FROM claims WHERE entry_index = FIRST + 1", /the claim setting-number:1 .*is not there/],
  ["UPDATE claims SET entry_index = FIRST WHERE key = 'setting-number:2'", /the claim setting-number:2 .*belongs to another entry/],
  ["UPDATE entries SET kind = 'hold' WHERE entry_index = FIRST", /is called a hold, and its leaf says setting/],
  ["UPDATE entries SET document_id = (SELECT id FROM entries WHERE entry_index = 0) WHERE entry_index = FIRST", /is about another document/],
])("%s", async (sql, expected) => {
  const texts = await audited((copy, first) => copy.tamper("chartulary.db", sql.replaceAll("FIRST", String(first))));
  expect(texts.some((text) => expected.test(text))).toBe(true);
});
