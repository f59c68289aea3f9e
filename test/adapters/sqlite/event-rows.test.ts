import { expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEventRows } from "../../../src/adapters/sqlite/event-rows.ts";
import { openEventThread } from "../../../src/adapters/sqlite/thread/event-thread.ts";
import type { EventRows } from "../../../src/events/event-rows.ts";
import { describeEventRows, eventOf } from "../../contracts/event-rows.ts";
import { withFile } from "./with-file.ts";

function folderOf(): { readonly file: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-events-"));
  return { file: join(folder, "data", "events.db"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const placeOf = (open: (file: string, options: { readonly patience: number }) => Promise<EventRows>) => () => {
  const { file, remove } = folderOf();
  return Promise.resolve({ open: () => open(file, { patience: 5_000 }), remove: () => Promise.resolve(remove()) });
};
describeEventRows("SQLite", placeOf(openEventRows));
describeEventRows("SQLite in a thread", placeOf(openEventThread));

test("the file is its owner's alone; a stranger's is refused, and so are one of a newer program and one that was altered", async () => {
  const { file, remove } = folderOf();
  try {
    const rows = await openEventRows(file);
    await rows.append([eventOf("a", 1, 1)]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    withFile(file, (database) => database.exec("UPDATE events SET kind = 'invented'"));
    await expect(rows.events("a", { from: 1, to: 1 })).rejects.toMatchObject({ code: "damaged" });
    withFile(file, (database) => database.exec("UPDATE events SET kind = 'erased', focus = '{}'"));
    await expect(rows.events("a", { from: 1, to: 1 })).rejects.toMatchObject({ code: "damaged" });
    withFile(file, (database) => database.exec("UPDATE events SET focus = '['"));
    await expect(rows.events("a", { from: 1, to: 1 })).rejects.toMatchObject({ code: "damaged" });
    await rows.close();
    withFile(file, (database) => database.exec("PRAGMA user_version = 99"));
    await expect(openEventRows(file)).rejects.toMatchObject({ code: "unsupported", message: expect.stringContaining("schema 99") as unknown });
    withFile(file, (database) => database.exec("PRAGMA application_id = 5"));
    await expect(openEventRows(file)).rejects.toMatchObject({ code: "unsupported" });
    writeFileSync(file, "x".repeat(5_000));
    await expect(openEventRows(file)).rejects.toMatchObject({ code: "damaged", message: expect.stringContaining("backup") as unknown });
  } finally {
    remove();
  }
});
