import { expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSessionRows } from "../../../src/adapters/sqlite/session-rows.ts";
import { openSessionThread } from "../../../src/adapters/sqlite/thread/session-thread.ts";
import type { SessionRows } from "../../../src/pipeline/store/session-rows.ts";
import { describeSessionRows } from "../../contracts/session-rows.ts";
import { withFile } from "./with-file.ts";

function folderOf(): { readonly file: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-sessions-"));
  return { file: join(folder, "data", "sessions.db"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const placeOf = (open: (file: string, options: { readonly patience: number }) => Promise<SessionRows>) => () => {
  const { file, remove } = folderOf();
  return Promise.resolve({ open: () => open(file, { patience: 5_000 }), remove: () => Promise.resolve(remove()) });
};
describeSessionRows("SQLite", placeOf(openSessionRows));
describeSessionRows("SQLite in a thread", placeOf(openSessionThread));

test("the file is its owner's alone; a stranger's is refused, and so is one of a newer program", async () => {
  const { file, remove } = folderOf();
  try {
    await (await openSessionRows(file)).close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    withFile(file, (database) => database.exec("PRAGMA user_version = 99"));
    await expect(openSessionRows(file)).rejects.toMatchObject({ code: "unsupported", message: expect.stringContaining("schema 99") as unknown });
    withFile(file, (database) => database.exec("PRAGMA application_id = 5"));
    await expect(openSessionRows(file)).rejects.toMatchObject({ code: "unsupported" });
    writeFileSync(file, "x".repeat(5_000));
    await expect(openSessionRows(file)).rejects.toMatchObject({ code: "damaged", message: expect.stringContaining("remove it") as unknown });
  } finally {
    remove();
  }
});

test("what was removed is not left in the file", async () => {
  const { file, remove } = folderOf();
  try {
    const rows = await openSessionRows(file);
    const value = new Uint8Array(Buffer.from("a word that is looked for"));
    await rows.insert({ id: "a", keys: ["k"], value, expiresAt: 10 }, 0);
    await rows.remove("a");
    await rows.close();
    expect(withFile(file, (database) => database.prepare("SELECT count(*) AS n FROM session_keys").get())).toEqual({ n: 0 });
  } finally {
    remove();
  }
});
