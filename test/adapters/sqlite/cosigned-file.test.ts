import { expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCosignedFile } from "../../../src/adapters/sqlite/cosigned-file.ts";
import { openCosignedThread } from "../../../src/adapters/sqlite/thread/cosigned-thread.ts";
import type { CosignedStore } from "../../../src/pipeline/witness/witness-port.ts";
import { describeCosignedStore } from "../../contracts/cosigned-store.ts";
import { withFile } from "./with-file.ts";

function folderOf(): { readonly file: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-cosigned-"));
  return { file: join(folder, "data", "cosigned.db"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const placeOf = (open: (file: string) => Promise<CosignedStore>) => () => {
  const { file, remove } = folderOf();
  return Promise.resolve({ open: () => open(file), remove: () => Promise.resolve(remove()) });
};
describeCosignedStore("SQLite", placeOf(openCosignedFile));
describeCosignedStore("SQLite in a thread", placeOf(openCosignedThread));

test("the file is its owner's alone; nothing in it is changed or removed; a stranger's is refused, and one of a newer program", async () => {
  const { file, remove } = folderOf();
  try {
    const store = await openCosignedFile(file);
    await store.put({ origin: "a.example/log", size: 1, at: 2, note: "x" });
    await store.close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    for (const sql of ["UPDATE cosigned SET note = 'y'", "DELETE FROM cosigned"])
      expect(() => withFile(file, (database) => database.exec(sql))).toThrow(/never changed/);
    withFile(file, (database) => database.exec("PRAGMA user_version = 99"));
    await expect(openCosignedFile(file)).rejects.toMatchObject({ code: "unsupported", message: expect.stringContaining("schema 99") as unknown });
    withFile(file, (database) => database.exec("PRAGMA application_id = 5"));
    await expect(openCosignedFile(file)).rejects.toMatchObject({ code: "unsupported" });
  } finally {
    remove();
  }
});
