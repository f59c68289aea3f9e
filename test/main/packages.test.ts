import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync, chmodSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { profileSetsOf, setOn } from "../../src/core/fhir/packages/profile-sets.ts";
import { packageFolder } from "../../src/main/package-folder.ts";
import { openPackages } from "../../src/main/packages.ts";
import { madePackage } from "../core/fhir/packages/made-archive.ts";
import { BY, compiling, PATIENT, profile } from "./package-compiling.ts";

const P = "http://example.org/p";
let folder: string;
let cache: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "chartulary-packages-"));
  cache = mkdtempSync(join(tmpdir(), "chartulary-packages-cache-"));
});
afterEach(() => {
  for (const one of [folder, cache]) rmSync(one, { recursive: true, force: true });
});

async function put(name: string, version: string, resources: readonly object[] = [], about: object = {}): Promise<void> {
  writeFileSync(join(folder, `${name}-${version}.tgz`), await madePackage(name, version, resources, about));
}

function pin(pins: object): void {
  writeFileSync(join(folder, "packages.json"), JSON.stringify({ format: "chartulary-packages/1", ...pins }));
}

const open = (told?: string[]): ReturnType<typeof openPackages> => openPackages(packageFolder(folder, cache, BY), compiling(told));

describe("the sets of a folder", () => {
  test("are none where there is no package", async () => {
    writeFileSync(join(folder, "readme.txt"), "nothing");
    expect(await open()).toBeUndefined();
  });

  test("are one of all packages without packages.json, on all days, with R4's own", async () => {
    await put("a", "1.0.0", [profile(P, "1.0.0")]);
    await put("b", "2.0.0", [profile(`${P}/b`, "2.0.0", { baseDefinition: `${P}|1.0` })], { dependencies: { a: "1.0.0" } });
    const data = (await open())!;
    expect(data.sets).toMatchObject([{ name: "a#1.0.0, b#2.0.0", from: undefined, till: undefined, documents: [], ignoredSystems: [] }]);
    const set = profileSetsOf(data).on("1999-01-01")!;
    const { structureDefinition, digest } = set.conformance;
    expect(structureDefinition(`${P}/b`)).toMatchObject({
      origin: { name: "b", version: "2.0.0" },
      resource: { snapshot: { element: [{ path: "Patient" }, { path: "Patient.name" }, { path: "Patient.name" }] } },
    });
    expect(structureDefinition(`${P}/b`)?.resource).not.toHaveProperty("differential");
    expect(structureDefinition(PATIENT)?.origin.name).toBe("hl7.fhir.r4.core");
    expect(digest).toBe(data.sets[0]?.digest);
    expect(profileSetsOf(data).on("2050-01-01")?.name).toBe(set.name);
  });

  test("are what packages.json says: dated, with what they depend on, and the one that began last counts", async () => {
    await put("a", "1.0.0", [profile(P, "1.0.0")]);
    await put("a", "1.1.0", [profile(P, "1.1.0")]);
    await put("b", "1.0.0", [], { dependencies: { A: "1.0.x" } });
    const documents = [{ system: "http://loinc.org", code: "60591-5", profiles: [P] }];
    pin({
      sets: [
        { name: "old", till: "2024-12-31", packages: ["b#1.0.0"] },
        { name: "new", from: "2025-01-01", packages: ["a#1.1.0"], documents, ignoredSystems: ["http://example.org/s"] },
      ],
      documents: [{ code: "x", profiles: [`${P}/x`] }],
    });
    const sets = profileSetsOf((await open())!);
    expect(sets.on("2024-12-31")?.conformance.structureDefinition(P)?.resource.version).toBe("1.0.0");
    const later = sets.on("2025-01-01")!;
    expect(later.conformance.structureDefinition(P)?.resource.version).toBe("1.1.0");
    expect(later.documents).toEqual([...documents, { system: undefined, code: "x", profiles: [`${P}/x`] }]);
    expect([...later.ignoredSystems]).toEqual(["http://example.org/s"]);
    expect(sets.on("2025-01-01")).toBe(later);
  });

  test.each([
    ["2024-09-30", undefined],
    ["2024-10-01", "a"],
    ["2025-01-01", "b"],
    ["2025-03-31", "b"],
    ["2025-04-01", undefined],
    ["2026-01-01", "d"],
  ])("on %s it is %s", (day, name) => {
    const sets = [
      { name: "a", from: "2024-10-01", till: "2025-03-31" },
      { name: "b", from: "2025-01-01", till: "2025-03-31" },
      { name: "c", from: "2025-01-01", till: "2025-03-31" },
      { name: "d", from: "2026-01-01", till: undefined },
    ];
    expect(setOn(day, sets)?.name).toBe(name);
  });

  test("hold what they can where a dependency is not there", async () => {
    await put("a", "1.0.0", [profile(P, "1.0.0")], { dependencies: { "hl7.terminology.r4": "5.0.0" } });
    expect(
      profileSetsOf((await open())!)
        .on("2024-01-01")
        ?.conformance.structureDefinition(P),
    ).toBeDefined();
  });

  test("have a digest of what they are made of, whatever their files are called and what else lies there", async () => {
    await put("a", "1.0.0", [profile(P, "1.0.0")]);
    pin({ sets: [{ name: "one", packages: ["a#1.0.0"] }] });
    const before = (await open())!.sets[0]!.digest;
    rmSync(join(folder, "a-1.0.0.tgz"));
    writeFileSync(join(folder, "other name.TGZ"), await madePackage("a", "1.0.0", [profile(P, "1.0.0")]));
    await put("b", "1.0.0");
    expect((await open())!.sets[0]!.digest).toBe(before);
    writeFileSync(join(folder, "other name.TGZ"), await madePackage("a", "1.0.0", [profile(P, "1.0.1")]));
    expect((await open())!.sets[0]!.digest).not.toBe(before);
  });
});

describe("what is compiled", () => {
  const kept = (place: string): string[] => readdirSync(place).filter((name) => name.endsWith(".set"));

  test("is kept beside the archives and read again, for its owner alone", async () => {
    await put("a", "1.0.0", [profile(P, "1.0.0")]);
    const told: string[] = [];
    const first = await open(told);
    expect(told).toEqual(["1 package is compiled, which is done once"]);
    const [name = ""] = kept(join(folder, ".compiled"));
    expect(statSync(join(folder, ".compiled", name)).mode & 0o777).toBe(0o600);
    const again: string[] = [];
    expect(await open(again)).toEqual(first);
    expect(again).toEqual([]);
  });

  test.each([
    ["damaged", (file: string): void => writeFileSync(file, readFileSync(file).fill(0, 500, 501))],
    ["cut off", (file: string): void => writeFileSync(file, readFileSync(file).subarray(0, 300))],
    ["empty", (file: string): void => writeFileSync(file, "")],
    ["a link", (file: string): void => (rmSync(file), symlinkSync("/dev/null", file))],
    ["away", (file: string): void => rmSync(file)],
  ])("is made anew where it is %s", async (_, spoil) => {
    await put("a", "1.0.0", [profile(P, "1.0.0")]);
    const first = await open();
    const [name = ""] = kept(join(folder, ".compiled"));
    spoil(join(folder, ".compiled", name));
    const told: string[] = [];
    expect(await open(told)).toEqual(first);
    expect(told).toHaveLength(1);
    const again: string[] = [];
    await open(again);
    expect(again).toEqual([]);
  });

  test("is kept in the cache folder where nothing can be written beside the archives, and not read where others could write", async () => {
    await put("a", "1.0.0", [profile(P, "1.0.0")]);
    writeFileSync(join(folder, ".compiled"), "in the way");
    await open();
    expect(kept(join(cache, "packages"))).toHaveLength(1);
    const told: string[] = [];
    await open(told);
    expect(told).toEqual([]);
    chmodSync(join(cache, "packages"), 0o777);
    await open(told);
    expect(told).toEqual([
      "1 package is compiled, which is done once",
      "what was compiled of packages can be kept neither in PACKAGES_DIR nor in CACHE_DIR: it is made anew at each start",
    ]);
  });

  test("is made anew by other code, and what it read of archives is read anew", async () => {
    await put("a", "1.0.0", [profile(P, "1.0.0")]);
    await open();
    const told: string[] = [];
    await openPackages(packageFolder(folder, cache, "other"), { ...compiling(told), by: "other" });
    expect(told).toEqual(["1 package is compiled, which is done once"]);
    expect(kept(join(folder, ".compiled"))).toHaveLength(2);
    expect(JSON.parse(readFileSync(join(folder, ".compiled/archives.json"), "utf8"))).toMatchObject({ by: "other" });
  });

  test("changes with an archive, and what is not needed is removed when it is asked", async () => {
    await put("a", "1.0.0", [profile(P, "1.0.0")]);
    await open();
    await put("a", "1.0.0", [profile(P, "1.0.1")]);
    expect(
      profileSetsOf((await open())!)
        .on("2024-01-01")
        ?.conformance.structureDefinition(P)?.resource.version,
    ).toBe("1.0.1");
    const names = kept(join(folder, ".compiled"));
    expect(names).toHaveLength(2);
    await packageFolder(folder, cache, BY).forgetOthers([names[0]!.slice(0, 64)]);
    expect(kept(join(folder, ".compiled"))).toEqual([names[0]]);
  });
});

describe("nothing is opened", () => {
  const refused = async (message: RegExp): Promise<void> => {
    await expect(open()).rejects.toMatchObject({ code: "invalid", message: expect.stringMatching(message) });
  };

  test("where the folder is not there", async () => {
    rmSync(folder, { recursive: true });
    await refused(/cannot be read \(ENOENT\)/);
  });

  test("where an archive can't be used", async () => {
    writeFileSync(join(folder, "x.tgz"), "<html>Not found</html>");
    await refused(/x\.tgz: it is no gzipped tar archive/);
  });

  test("where an archive is no file", async () => {
    symlinkSync("/dev/zero", join(folder, "x.tgz"));
    await refused(/x\.tgz: it is no file/);
  });

  test("where two archives call themselves the same", async () => {
    await put("a", "1.0.0", [profile(P, "1.0.0")]);
    writeFileSync(join(folder, "b.tgz"), await madePackage("a", "1.0.0"));
    await refused(/a-1\.0\.0\.tgz and b\.tgz: each is called a#1\.0\.0/);
  });

  test("where packages.json names what is not there", async () => {
    await put("a", "1.0.0");
    pin({ sets: [{ name: "one", packages: ["a#1.0.1"] }] });
    await refused(/set one names a#1\.0\.1, which is not there/);
  });

  test.each([
    ["{", /is no JSON/],
    ["[]", /it is no object/],
    [{ format: "x" }, /its format is not chartulary-packages\/1/],
    [{ set: [] }, /has "set", and may have format, sets/],
    [{ sets: [] }, /sets is empty/],
    [{ sets: [{ name: "a", packages: [] }] }, /sets\[0\].packages names none/],
    [{ sets: [{ name: "a", packages: ["a"] }] }, /"a" is not of the form name#version/],
    [{ sets: [{ packages: ["a#1"] }] }, /sets\[0\].name is no text/],
    [{ sets: [{ name: "a", packages: ["a#1"], from: "2024-02-30" }] }, /sets\[0\].from is no day/],
    [{ sets: [{ name: "a", packages: ["a#1"], from: "2024-10-01", till: "2024-09-30" }] }, /ends before it begins/],
    [{ sets: [{ name: "a", packages: ["a#1"], until: "2024-09-30" }] }, /has "until"/],
    [
      {
        sets: [
          { name: "a", packages: ["a#1"] },
          { name: "a", packages: ["a#1"] },
        ],
      },
      /two sets have the same name/,
    ],
    [{ documents: [{ profiles: ["x"] }] }, /documents\[0\].code is no text/],
    [{ documents: [{ code: "x", profiles: [] }] }, /documents\[0\].profiles names none/],
    [{ ignoredSystems: "x" }, /ignoredSystems is no list/],
  ])("where packages.json is %j", async (pins, message) => {
    if (typeof pins === "string") writeFileSync(join(folder, "packages.json"), pins);
    else pin(pins);
    await refused(message);
  });
});

test("an archive of R4 itself, and one that lies there twice, are passed over", async () => {
  await put("hl7.fhir.r4.core", "4.0.1", [profile(PATIENT, "4.0.1")]);
  await put("a", "1.0.0", [profile(P, "1.0.0")]);
  mkdirSync(join(folder, "folder.tgz"));
  writeFileSync(join(folder, "copy.tgz"), readFileSync(join(folder, "a-1.0.0.tgz")));
  expect((await open())?.sets).toMatchObject([{ name: "a#1.0.0" }]);
});
