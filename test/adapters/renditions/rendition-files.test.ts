import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRenditionFiles } from "../../../src/adapters/renditions/rendition-files.ts";
import { describeRenditionShelf, nameOf } from "../../contracts/rendition-shelf.ts";

let folder: string;
let faults: string[] = [];

const open = (most = 1_000, leaves = 0) =>
  openRenditionFiles({ folder: join(folder, "renditions"), most, leaves, onFault: (code) => faults.push(code) });
const files = (): string[] => readdirSync(join(folder, "renditions"));

describeRenditionShelf("files", (most) => {
  const own = mkdtempSync(join(tmpdir(), "chartulary-renditions-"));
  const shelf = () => openRenditionFiles({ folder: join(own, "r"), most, leaves: 0, onFault: (code) => { throw new Error(code); } }); // prettier-ignore
  return Promise.resolve({ shelf: shelf(), again: shelf, close: async () => Promise.resolve(rmSync(own, { recursive: true })) });
});

describe("renditions as files", () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "chartulary-renditions-"));
    faults = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("are the owner's alone, under names that say nothing, and whole", async () => {
    await open().keep(nameOf(1), new Uint8Array(9));
    expect(files()).toEqual([nameOf(1)]);
    expect(statSync(join(folder, "renditions", nameOf(1))).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "renditions")).mode & 0o777).toBe(0o700);
  });

  test("what nobody finished is removed after a while, and what others put there is left alone", async () => {
    const at = (name: string): string => join(folder, "renditions", name);
    mkdirSync(join(folder, "renditions"));
    for (const name of ["old.new", "fresh.new", "README"]) writeFileSync(at(name), "x");
    utimesSync(at("old.new"), 1, 1);
    await open().keep(nameOf(1), new Uint8Array(9));
    expect(files().sort()).toEqual([nameOf(1), "README", "fresh.new"].sort());
  });

  test("a disk without room keeps nothing, and one that fails is told of once", async () => {
    const full = open(1_000, Number.MAX_SAFE_INTEGER);
    await full.keep(nameOf(1), new Uint8Array(9));
    expect([await full.read(nameOf(1)), files(), faults]).toEqual([undefined, [], []]);
    rmSync(join(folder, "renditions"), { recursive: true });
    writeFileSync(join(folder, "renditions"), "no folder");
    const broken = open();
    for (let time = 0; time < 3; time += 1) {
      await broken.keep(nameOf(1), new Uint8Array(9));
      expect(await broken.read(nameOf(1))).toBeUndefined();
    }
    expect(faults.sort()).toEqual(["EEXIST", "ENOTDIR"]);
  });

  test("a name that leads elsewhere is no name", async () => {
    await expect(open().read("../keys/master")).rejects.toThrow(TypeError);
  });
});
