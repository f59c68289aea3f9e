import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { SpoolFolder } from "../../../src/http/bodies/spool.ts";
import { removeFolder, temporaryFolder } from "../../journeys/program.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => removeFolder(folder));

/** Descriptors of this process that lead to files of the folder, with or without a name. */
function openFiles(): string[] {
  return readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith(folder) ? [name] : [];
    } catch {
      return [];
    }
  });
}

describe("a spool", () => {
  test.each([[[0]], [[1, 2, 3]], [[2_500_000, 1]]])("gives back what was written in pieces of %p", async (sizes) => {
    const spool = await (await SpoolFolder.open(folder, 0)).begin(1);
    const pieces = sizes.map((size, at) => Buffer.alloc(size, at + 1));
    for (const piece of pieces) await spool.write(piece);
    expect(Buffer.concat(pieces).equals(await spool.read())).toBe(true);
    await spool.close();
  });

  const onLinux = existsSync("/proc/self/fd") ? test : test.skip;
  onLinux("has no name on the disk, and nothing that could be read there", async () => {
    const spool = await (await SpoolFolder.open(folder, 0)).begin(1);
    await spool.write(Buffer.from("Brandt, Ada ".repeat(10_000)));
    expect(readdirSync(folder)).toEqual([]);
    const [file] = openFiles();
    const kept = readFileSync(`/proc/self/fd/${file ?? ""}`);
    expect([kept.length, kept.includes("Brandt")]).toEqual([120_000, false]);
    await spool.close();
    expect(openFiles()).toEqual([]);
  });

  onLinux("that was altered is not given back", async () => {
    const spool = await (await SpoolFolder.open(folder, 0)).begin(1);
    await spool.write(Buffer.alloc(100_000));
    const file = openSync(`/proc/self/fd/${openFiles()[0] ?? ""}`, "r+");
    const byte = Buffer.alloc(1);
    readSync(file, byte, 0, 1, 5_000);
    writeSync(file, Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, 5_000);
    closeSync(file);
    await expect(spool.read()).rejects.toMatchObject({ code: "internal" });
    await spool.close();
  });

  test("leaves the disk its room", async () => {
    const spools = await SpoolFolder.open(folder, 2 ** 60);
    await expect(spools.begin(1)).rejects.toMatchObject({ code: "unavailable", retryAfter: 10 });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("what a process left behind is deleted when the next one starts, and nothing else", async () => {
    writeFileSync(join(folder, "0.spool"), "x");
    writeFileSync(join(folder, "notes"), "x");
    await SpoolFolder.open(folder, 0);
    expect(readdirSync(folder)).toEqual(["notes"]);
  });
});
