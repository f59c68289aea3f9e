import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { namedFiles } from "../../src/cli/files.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "chartulary-files-"));
  chmodSync(folder, 0o755);
  for (const below of ["a", "closed", "empty"]) mkdirSync(join(folder, below));
  for (const file of ["a/2.XML", "a/notes.txt", "closed/3.json", "z.json"]) writeFileSync(join(folder, file), "{}");
  symlinkSync(".", join(folder, "a/loop"));
});
afterAll(() => {
  chmodSync(join(folder, "closed"), 0o755);
  rmSync(folder, { recursive: true, force: true });
});

async function walk(...given: string[]): Promise<{ names: string[]; told: string[] }> {
  const told: string[] = [];
  const names: string[] = [];
  const io = { readInput: () => Promise.resolve(new Uint8Array()) };
  for await (const { name } of namedFiles(given, io, (error) => told.push(error.message))) names.push(name);
  return { names: names.map((name) => name.replace(`${folder}/`, "")), told: told.map((text) => text.replaceAll(folder, "")) };
}

describe("namedFiles", () => {
  test("walks a folder at any depth, follows no link to a folder, and tells that a folder holds nothing", async () => {
    expect(await walk(folder)).toEqual({ names: ["a/2.XML", "closed/3.json", "z.json"], told: [] });
    expect(await walk(join(folder, "empty"), "-")).toEqual({ names: ["-"], told: ["/empty: there is no .json, .xml or .p7m file in this folder"] });
  });

  const canLoseRights = process.platform !== "win32" && process.seteuid !== undefined && process.geteuid !== undefined;
  (canLoseRights ? test : test.skip)("a folder below that may not be read is told, and the others are still walked", async () => {
    chmodSync(join(folder, "closed"), 0o000);
    // Root may read everything.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65534);
    try {
      expect(await walk(folder, join(folder, "closed"))).toEqual({
        names: ["a/2.XML", "z.json"],
        told: ["/closed: it may not be read", "/closed: it may not be read"],
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});
