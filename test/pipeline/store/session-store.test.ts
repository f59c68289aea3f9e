/** What is kept for a time, over rows in memory: what stands there is of no use to whoever reads it. */
import { beforeEach, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import type { Keys } from "../../../src/core/crypto/keys.ts";
import { AppError } from "../../../src/core/errors.ts";
import { createSessionStore, type SessionStore } from "../../../src/pipeline/store/session-store.ts";
import { MemorySessions } from "../../contracts/memory-sessions.ts";

let keys: Keys;
let rows: MemorySessions;
let store: SessionStore;
let now = 0;
beforeEach(async () => {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-keys-"));
  keys = await openKeyFolder(folder);
  rmSync(folder, { recursive: true });
  rows = new MemorySessions();
  now = 0;
  store = await createSessionStore(rows, keys, () => now);
});
const SOON = { expiresAt: 1_000 };

test("kept, found, changed and ended", async () => {
  await store.put("code:1", '{"of":"anna"}', { ...SOON, keys: ["user:anna"] });
  expect(await store.get("code:1")).toMatchObject({ value: '{"of":"anna"}', revision: 1, expiresAt: 1_000 });
  await store.put("code:1", "two", { ...SOON, keys: ["user:otto"] });
  expect(await store.get("code:1")).toMatchObject({ value: "two", revision: 2 });
  expect(await store.findBy("user:anna")).toEqual([]);
  expect((await store.findBy("user:otto")).map(({ value }) => value)).toEqual(["two"]);
  now = 1_000;
  expect(await store.get("code:1")).toBeUndefined();
  expect(await store.sweep()).toBe(1);
});

test("one of several adds, changes and takes", async () => {
  const all = Array.from({ length: 5 }, (_, at) => at);
  expect((await Promise.all(all.map((at) => store.add("jti:1", `${at}`, SOON)))).filter(Boolean)).toHaveLength(1);
  expect((await Promise.all(all.map((at) => store.change("jti:1", 1, `${at}`, SOON)))).filter(Boolean)).toHaveLength(1);
  expect((await Promise.all(all.map(() => store.take("jti:1")))).filter(Boolean)).toHaveLength(1);
  expect(await store.take("jti:1")).toBeUndefined();
});

test("all of one person's are removed together", async () => {
  for (const id of ["1", "2"]) await store.put(`session:${id}`, id, { ...SOON, keys: ["user:anna"] });
  await store.put("session:3", "3", { ...SOON, keys: ["user:otto"] });
  expect(await store.removeBy("user:anna")).toBe(2);
  expect(await store.get("session:1")).toBeUndefined();
  expect(await store.get("session:3")).toMatchObject({ value: "3" });
});

test("neither ids nor keys nor values stand there, and whoever moves a value moves nothing", async () => {
  await store.put("session:s3cret", "a word", { ...SOON, keys: ["user:anna"] });
  for (const word of ["s3cret", "anna", "a word"]) expect(rows.text).not.toContain(word);
  // Somebody who writes to the database puts one session's value in the place of another's.
  await store.put("session:other", "another", SOON);
  const [id = "", theirs = ""] = rows.ids;
  const mine = await rows.read(id, 0);
  const other = await rows.read(theirs, 0);
  if (!mine || !other) throw new Error("not there");
  await rows.replace({ ...mine, value: other.value }, mine.revision);
  expect(await store.get("session:s3cret")).toBeUndefined();
});

test("what cannot be opened is not there; when the keys fail nobody is told so", async () => {
  await store.put("session:1", "one", SOON);
  const failing = (code: "damaged" | "unavailable"): Promise<SessionStore> =>
    createSessionStore(rows, {
      wrap: (key, id) => keys.wrap(key, id),
      secretFor: (purpose) => keys.secretFor(purpose),
      unwrap: () => Promise.reject(new AppError(code, "no")),
    }, () => now); // prettier-ignore
  expect(await (await failing("damaged")).get("session:1")).toBeUndefined();
  await expect((await failing("unavailable")).get("session:1")).rejects.toThrow("no");
});
