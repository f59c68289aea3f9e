import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../src/adapters/keys/key-folder.ts";
import { holdKeys, type LaidDown } from "../../src/main/shared-keys.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chartulary-keys-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function shelf(): LaidDown & { text: string | undefined } {
  return {
    text: undefined,
    lay(text) {
      return Promise.resolve((this.text ??= text));
    },
  };
}

test("the same keys are taken again and again; others are refused, whichever of them is another", async () => {
  const laidDown = shelf();
  const first = join(folder, "first");
  await holdKeys(await openKeyFolder(first), laidDown);
  await holdKeys(await openKeyFolder(first), laidDown);
  expect(laidDown.text).toMatch(/^chartulary-keys\/1 [0-9a-f]{64} \S+$/);
  const other = join(folder, "other");
  await expect(holdKeys(await openKeyFolder(other), laidDown)).rejects.toMatchObject({
    code: "damaged",
    message: expect.stringContaining("KEYS_DIR"),
  });
  for (const name of ["master.key", "identity.key"]) {
    const mixed = join(folder, `with-another-${name}`);
    cpSync(first, mixed, { recursive: true });
    cpSync(join(other, name), join(mixed, name));
    await expect(holdKeys(await openKeyFolder(mixed), laidDown)).rejects.toMatchObject({ code: "damaged" });
  }
});

test("a form that a newer version laid down is not taken for other keys", async () => {
  const laidDown = { ...shelf(), text: "chartulary-keys/2 x" };
  await expect(holdKeys(await openKeyFolder(join(folder, "keys")), laidDown)).rejects.toMatchObject({ code: "unsupported" });
});
