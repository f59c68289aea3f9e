import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TarFile } from "../../../src/adapters/archive/tar-file.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chartulary-tar-"));
  file = join(folder, "archive.tar");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const add = async (...members: [string, string][]): Promise<void> => {
  const tar = await TarFile.open(file, "w");
  for (const [name, text] of members) await tar.add([{ name, bytes: Buffer.from(text) }]);
  await tar.close();
};
const all = async (): Promise<[string, string][]> => {
  const tar = await TarFile.open(file, "r");
  const members = await Promise.all(tar.members.map(async (member): Promise<[string, string]> => [member.name, (await tar.read(member)).toString()]));
  await tar.close();
  return members;
};
const MEMBERS: [string, string][] = [["one", "1".repeat(512)], ["folder/two", "2"], ["three", ""]]; // prettier-ignore

test("gives what was added to it, run by run, for its owner alone; other tars read it", async () => {
  for (const member of MEMBERS) await add(member);
  expect(await all()).toEqual(MEMBERS);
  expect(statSync(file).mode & 0o077).toBe(0);
  const listed = spawnSync("tar", ["tf", file], { encoding: "utf8" });
  if (!listed.error) expect([listed.status, listed.stdout]).toEqual([0, "one\nfolder/two\nthree\n"]);
});

test("cut off anywhere, it has its whole members, and goes on behind them", async () => {
  await add(...MEMBERS);
  const whole = readFileSync(file);
  for (let length = 0; length <= whole.length; length += 100) {
    writeFileSync(file, whole);
    truncateSync(file, length);
    const left = await all();
    expect(left).toEqual(MEMBERS.slice(0, left.length));
    expect(left.length).toBe([512 * 2, 512 * 3 + 1, 512 * 5].filter((end) => length >= end).length);
    await add(["more", "m"]);
    expect(await all()).toEqual([...left, ["more", "m"]]);
  }
});

test("what is none is not written to", async () => {
  writeFileSync(file, "x".repeat(2000));
  await expect(TarFile.open(file, "w")).rejects.toMatchObject({ code: "damaged" });
  expect(readFileSync(file, "utf8")).toBe("x".repeat(2000));
  await expect(TarFile.open(join(folder, "none"), "r")).rejects.toMatchObject({ code: "unavailable" });
});

test("on a full disk nothing is added, and what was there stays", async () => {
  await add(...MEMBERS);
  const tar = await TarFile.open(file, "w");
  // Larger than any disk: the system refuses the write, or Node the buffer.
  await expect(tar.add([{ name: "x", bytes: { length: 2 ** 40 } as Uint8Array }])).rejects.toMatchObject({ code: "unavailable" });
  expect(tar.members.map(({ name }) => name)).toEqual(MEMBERS.map(([name]) => name));
  await tar.close();
  expect(await all()).toEqual(MEMBERS);
});
