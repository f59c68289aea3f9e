/** The tamper table: each deed is done to a copy of a repository, and whoever is to notice does, and nobody else: what is promised is what is there. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import { openSqlite } from "../../../src/adapters/sqlite/open.ts";
import { makeRepository, openedIn, type Copy, type Repository } from "./repository.ts";
import { sampled } from "./sampling.ts";
import { TAMPER_TABLE, WATCHERS, type Deed, type Watcher } from "./tamper-table.ts";
import { noticedBy } from "./watchers.ts";

let repository: Repository;
/** The newest checkpoint, as whoever watches has seen it. */
let seen: string;
beforeAll(async () => {
  repository = await makeRepository();
  const copy = repository.copy();
  const { store } = await openSqlite(join(copy.folder, "chartulary.db"), { mayCreate: false, mayBeOpen: true });
  seen = (await store.checkpoint())?.note ?? "";
  await store.close();
  copy.remove();
});
afterAll(() => repository.remove());

async function looked({ folder }: Copy): Promise<readonly string[]> {
  const opened = await openedIn(folder, false);
  try {
    return (await sampled(opened)).told;
  } finally {
    await opened.store.close();
  }
}

async function noticing({ sql, mark }: Pick<Deed, "sql" | "mark">): Promise<readonly Watcher[]> {
  const copy = repository.copy();
  try {
    if (sql.length > 0) copy.tamperAll("chartulary.db", sql);
    const keys = await openKeyFolder(join(copy.folder, "keys"), { mayCreate: false });
    const { store, wrappedKeys } = await openSqlite(join(copy.folder, "chartulary.db"), { mayCreate: false, mayBeOpen: true });
    const id = repository.ids[1] ?? "";
    const noticed = await noticedBy(
      { keys, store, wrappedKeys },
      { ...(mark && { mark }), seen, id, looks: () => looked(copy), audit: (against) => copy.audit(against) },
    );
    await store.close();
    return noticed;
  } finally {
    copy.remove();
  }
}

test("what nobody touched is noticed by nobody", async () => {
  expect(await noticing({ sql: [] })).toEqual([]);
});

describe("what is done to the record", () => {
  test.each(TAMPER_TABLE.map((deed) => [deed.what, deed.how, deed] as const))("%s %s", async (_what, _how, deed) => {
    expect(await noticing(deed)).toEqual(deed.noticedBy);
  });
});

test("the documentation has the same table", () => {
  const text = readFileSync(new URL("../../../docs/design/log.md", import.meta.url), "utf8").replace(/ +/g, " ");
  const missing = TAMPER_TABLE.map(
    ({ what, how, noticedBy }) => `| ${[what, how, ...WATCHERS.map((name) => (noticedBy.includes(name) ? "yes" : "–"))].join(" | ")} |`,
  ).filter((row) => !text.includes(row));
  expect(missing).toEqual([]);
});
