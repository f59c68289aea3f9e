import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { watermarkFile } from "../../../src/adapters/keys/watermark-file.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "watermark-"));
  file = join(folder, "keys", "watermark");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const note = (size: number, origin = "documents.example/log"): string => `${origin}\n${size}\nroot-${size}\n\n— ${origin} c2lnbmF0dXJl\n`;

describe("a mark in a file", () => {
  test("is not there at first; then it is the last that was written, to whoever opens it", async () => {
    const mark = watermarkFile(file);
    expect(await mark.read()).toBeUndefined();
    for (let size = 0; size < 9; size++) {
      expect(await mark.write(note(size))).toBe(note(size));
      expect(await watermarkFile(file).read()).toBe(note(size));
    }
    expect(statSync(file)).toMatchObject({ size: 8192 });
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(readFileSync(file, "utf8")).toContain("documents.example/log\n8\n");
  });

  test("keeps the order in which marks were written, also when nobody waits", async () => {
    const mark = watermarkFile(file);
    await Promise.all(Array.from({ length: 30 }, (_, size) => mark.write(note(size))));
    expect(await mark.read()).toBe(note(29));
  });

  test("leaves a note of the same log standing that is further, but not one of another log", async () => {
    await watermarkFile(file).write(note(12));
    expect(await watermarkFile(file).write(note(11))).toBe(note(12));
    expect(await watermarkFile(file).read()).toBe(note(12));
    expect(await watermarkFile(file).write(note(3, "documents.example/next"))).toBe(note(3, "documents.example/next"));
  });

  test("whose writing was torn at any byte is the mark before it", async () => {
    const mark = watermarkFile(file);
    for (const size of [5, 6]) await mark.write(note(size));
    const before = readFileSync(file);
    await mark.write(note(7));
    const after = readFileSync(file);
    const changed = [...after.keys()].filter((at) => after[at] !== before[at]);
    expect(changed.length).toBeGreaterThan(1);
    for (let cut = 1; cut < changed.length; cut++) {
      // A disk may write the end before the beginning.
      for (const written of [changed.slice(0, cut), changed.slice(cut)]) {
        const torn = Buffer.from(before);
        for (const at of written) torn[at] = after[at] ?? 0;
        writeFileSync(file, torn);
        expect(await watermarkFile(file).read()).toBe(note(6));
      }
    }
    expect(await watermarkFile(file).write(note(8))).toBe(note(8));
    expect(await watermarkFile(file).read()).toBe(note(8));
  });

  test("that is in no form that we know is damage, until another is begun", async () => {
    const mark = watermarkFile(file);
    await mark.write(note(5));
    for (const text of ["", "five", readFileSync(file, "utf8").replaceAll("5", "6")]) {
      writeFileSync(file, text);
      await expect(mark.read()).rejects.toMatchObject({ code: "damaged" });
      await expect(mark.write(note(6))).rejects.toMatchObject({ code: "damaged" });
    }
    await mark.begin(note(1));
    expect(await mark.read()).toBe(note(1));
  });

  test("that was removed is made again, and one that can't be written is unavailable", async () => {
    const mark = watermarkFile(file);
    await mark.write(note(5));
    rmSync(file);
    await mark.write(note(6));
    expect(await mark.read()).toBe(note(6));
    writeFileSync(join(folder, "a-file"), "");
    await expect(watermarkFile(join(folder, "a-file", "watermark")).write(note(1))).rejects.toMatchObject({ code: "unavailable" });
  });
});
