/** Master keys that are made while a service has the folder open. */
import { expect, test } from "@jest/globals";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import { beginMasterKey, MasterKeyFiles } from "../../../src/adapters/keys/master-keys.ts";
import { newDocumentKey } from "../../../src/core/envelope.ts";

test("what a new master key wrapped is opened at once, by whoever looked into the folder just before it was made", async () => {
  const folder = await mkdtemp(join(tmpdir(), "chartulary-master-"));
  try {
    await openKeyFolder(join(folder, "keys"), { mayCreate: true });
    const service = await MasterKeyFiles.open(join(folder, "keys"));
    const key = newDocumentKey();
    for (const epoch of [2, 3]) {
      await service.refresh();
      await beginMasterKey(join(folder, "keys"), epoch);
      const wrapped = await (await MasterKeyFiles.open(join(folder, "keys"))).wrapUnder(epoch, key, "a");
      expect(await service.unwrap(wrapped, "a")).toEqual(key);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
