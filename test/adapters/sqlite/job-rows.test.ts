import { expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openJobRows } from "../../../src/adapters/sqlite/job-rows.ts";
import { openJobThread } from "../../../src/adapters/sqlite/thread/job-thread.ts";
import type { JobRows } from "../../../src/jobs/job-rows.ts";
import { describeJobRows, nameOf, rowOf } from "../../contracts/job-rows.ts";
import { withFile } from "./with-file.ts";

function folderOf(): { readonly file: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-jobs-"));
  return { file: join(folder, "data", "jobs.db"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const placeOf = (open: (file: string, options: { readonly patience: number }) => Promise<JobRows>) => () => {
  const { file, remove } = folderOf();
  return Promise.resolve({ open: () => open(file, { patience: 5_000 }), remove: () => Promise.resolve(remove()) });
};
describeJobRows("SQLite", placeOf(openJobRows));
describeJobRows("SQLite in a thread", placeOf(openJobThread));

test("the file is its owner's alone; a stranger's is refused, and so are one of a newer program and one that is none", async () => {
  const { file, remove } = folderOf();
  try {
    const rows = await openJobRows(file);
    await rows.insert(rowOf("a"));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await rows.read(nameOf("a"), 0)).toBeDefined();
    await rows.close();
    withFile(file, (database) => database.exec("PRAGMA user_version = 99"));
    await expect(openJobRows(file)).rejects.toMatchObject({ code: "unsupported", message: expect.stringContaining("schema 99") as unknown });
    withFile(file, (database) => database.exec("PRAGMA application_id = 5"));
    await expect(openJobRows(file)).rejects.toMatchObject({ code: "unsupported" });
    writeFileSync(file, "x".repeat(5_000));
    await expect(openJobRows(file)).rejects.toMatchObject({ code: "damaged", message: expect.stringContaining("remove it") as unknown });
  } finally {
    remove();
  }
});
