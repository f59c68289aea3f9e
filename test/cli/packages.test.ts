import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { packageFolder } from "../../src/main/package-folder.ts";
import { openArchives } from "../../src/main/package-tools.ts";
import { madeArchive, madePackage } from "../core/fhir/packages/made-archive.ts";
import { BY, compiling, profile } from "../main/package-compiling.ts";
import { run, type Ran } from "./command-line.ts";

const P = "http://example.org/p";
let place: string;
let folder: string;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "chartulary-packages-"));
  folder = join(place, "packages");
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

async function archive(name: string, version: string, resources: readonly object[] = [], about: object = {}): Promise<string> {
  const file = join(place, `${name} ${version}.tgz`);
  writeFileSync(file, await madePackage(name, version, resources, about));
  return file;
}

async function packages(...args: readonly string[]): Promise<Ran> {
  const open = openArchives(packageFolder(folder, join(place, "cache"), BY), compiling());
  return run(["packages", ...args], { tools: { openArchives: () => Promise.resolve(open) } });
}

const jsonOf = ({ stdout }: Ran): unknown => JSON.parse(stdout);

describe("chartulary packages", () => {
  test("add makes the folder, copies archives under their own names, compiles them, and says what they lack and their licences", async () => {
    const one = await archive("One", "1.0.0", [profile(P, "1.0.0")], { license: "CC0-1.0", title: "The first", dependencies: { two: "1.0.0" } });
    const two = await archive("two", "1.0.0", [profile(`${P}/2`, "1", { baseDefinition: `${P}/none` })], { dependencies: { three: "2.0.0" } });
    expect(await packages("add", one, two)).toEqual({
      code: 0,
      stderr: "",
      stdout: [
        "one#1.0.0  added as one-1.0.0.tgz: 1 definitions",
        "  The first",
        "  licence: CC0-1.0",
        "two#1.0.0  added as two-1.0.0.tgz: 1 definitions",
        "  licence: its package.json names none",
        "  it depends on what is not there: three#2.0.0",
        "  1 of its profiles can't be used: chartulary packages check says why",
        "",
      ].join("\n"),
    });
    expect(readdirSync(folder).sort()).toEqual([".compiled", "one-1.0.0.tgz", "two-1.0.0.tgz"]);
    expect(statSync(join(folder, "one-1.0.0.tgz")).mode & 0o777).toBe(0o644);
    const again = await packages("add", one, "--json");
    expect(jsonOf(again)).toMatchObject({ name: "one#1.0.0", isNew: false, file: "one-1.0.0.tgz", isInSet: true, lacks: [], unusable: [] });
  });

  test("add refuses what is no package, what is hostile, R4 itself and another of the same name, and goes on", async () => {
    const good = await archive("one", "1.0.0", [profile(P, "1.0.0")]);
    const html = join(place, "html.tgz");
    writeFileSync(html, "<html>404</html>");
    const hostile = join(place, "hostile.tgz");
    writeFileSync(hostile, await madeArchive([{ name: "../../etc/cron.d/x", content: "x" }]));
    const r4 = await archive("hl7.fhir.r4.core", "4.0.1");
    await packages("add", good);
    const other = await archive("ONE", "1.0.0", [profile(P, "1.0.1")]);
    const { code, stdout, stderr } = await packages("add", html, hostile, r4, other, join(place, "none.tgz"), await archive("two", "1.0.0"));
    expect([code, stdout.split("\n")[0]]).toEqual([1, "two#1.0.0  added as two-1.0.0.tgz: 0 definitions"]);
    const told = stderr.split("\n");
    expect(told).toHaveLength(6);
    expect(told[0]).toMatch(/html\.tgz: it is no gzipped tar archive/);
    expect(told[1]).toMatch(/hostile\.tgz: \.\.\/\.\.\/etc\/cron\.d\/x in it leads out of it/);
    expect(told[2]).toMatch(/hl7\.fhir\.r4\.core#4\.0\.1 is R4 itself/);
    expect(told[3]).toMatch(/one#1\.0\.0 is there already as one-1\.0\.0\.tgz, and is not the same/);
    expect(told[4]).toMatch(/none\.tgz: there is no such file/);
    expect(readdirSync(folder).filter((name) => name.endsWith(".tgz"))).toEqual(["one-1.0.0.tgz", "two-1.0.0.tgz"]);
  });

  test("add ends where the folder can't be written, in words, and tells what it added before", async () => {
    const [one, two, three] = [await archive("one", "1.0.0"), await archive("two", "1.0.0"), await archive("three", "1.0.0")];
    // What nobody can put a file in the place of, whoever they are.
    mkdirSync(join(folder, "two-1.0.0.tgz", "full"), { recursive: true });
    const { code, stdout, stderr } = await packages("add", one, two, three);
    expect([code, stdout.split("\n")[0]]).toEqual([2, "one#1.0.0  added as one-1.0.0.tgz: 0 definitions"]);
    expect(stderr).toMatch(/two-1\.0\.0\.tgz can't be changed: /);
    expect(readdirSync(folder).sort()).toEqual([".compiled", "one-1.0.0.tgz", "two-1.0.0.tgz"]);
  });

  test("list names packages with their licences, the sets and what can't be used", async () => {
    await packages("add", await archive("one", "1.0.0", [], { license: "CC0-1.0" }), await archive("two", "1.0.0"));
    writeFileSync(join(folder, "broken.tgz"), "");
    const sets = [{ name: "German", from: "2024-10-01", till: "2025-03-31", packages: ["one#1.0.0"] }];
    writeFileSync(join(folder, "packages.json"), JSON.stringify({ format: "chartulary-packages/1", sets }));
    const { code, stdout } = await packages("list");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^one#1\.0\.0 {2}CC0-1\.0 {2}1 kB\ntwo#1\.0\.0 {2}no licence named {2}1 kB\nbroken\.tgz {2}CAN'T BE USED: /);
    expect(stdout).toMatch(/\n\nset German: 2024-10-01 till 2025-03-31\n {2}sha256:[0-9a-f]{64}\n {2}one#1\.0\.0\n$/);
    expect(jsonOf(await packages("list", "--json"))).toMatchObject({
      packages: [{ name: "one#1.0.0", license: "CC0-1.0" }, { name: "two#1.0.0" }],
      sets: [{ name: "German", isInForce: false, packages: ["one#1.0.0"] }],
      broken: [{ file: "broken.tgz" }],
    });
  });

  test("check says what is not there, which is no fault, and what can't be used, which is one", async () => {
    const lacking = profile(P, "1.0.0", {
      differential: {
        element: [{ path: "Patient.maritalStatus", binding: { strength: "required", valueSet: `${P}/values|1` }, type: [{ code: "CodeableConcept", profile: [`${P}/type`] }] }], // prettier-ignore
      },
    });
    const values = { resourceType: "ValueSet", url: `${P}/v`, compose: { include: [{ system: "http://loinc.org" }, { system: "http://snomed.info/sct", concept: [{ code: "1" }] }, ...["urn:ietf:bcp:47", "urn:iso:std:iso:3166", "http://unitsofmeasure.org"].map((system) => ({ system }))] } }; // prettier-ignore
    await packages("add", await archive("one", "1.0.0", [lacking, values], { dependencies: { none: "1.0.0", two: "1.0.0" } }), await archive("two", "2.0.0")); // prettier-ignore
    const { code, stdout } = await packages("check");
    expect(code).toBe(0);
    const lines = stdout.split("\n").filter((line) => line.startsWith("notice") || line.startsWith("WRONG"));
    expect(lines).toEqual([
      "notice  one#1.0.0 depends on none#1.0.0, which is not there",
      "notice  one#1.0.0 depends on two#1.0.0, which is not there: two#2.0.0 is taken",
      `notice  profile ${P}/type is named by 1 definition (${P}, one#1.0.0), and not there`,
      `notice  value set ${P}/values|1 is named by 1 definition (${P}, one#1.0.0), and not there`,
      `notice  code system http://loinc.org is named by 1 definition (${P}/v, one#1.0.0), and not there`,
    ]);

    await packages("add", await archive("bad", "1.0.0", [profile(`${P}/bad`, "1", { baseDefinition: `${P}/base` }), { resourceType: "ValueSet" }]));
    writeFileSync(join(folder, "broken.tgz"), "");
    const documents = [{ code: "60591-5", profiles: [`${P}/missing`, P] }];
    writeFileSync(join(folder, "packages.json"), JSON.stringify({ format: "chartulary-packages/1", documents }));
    const worse = await packages("check");
    expect(worse.code).toBe(1);
    expect(worse.stdout).toMatch(/^WRONG {3}broken\.tgz: /);
    expect(worse.stdout).toContain(`WRONG   ${P}/bad|1 (bad#1.0.0) can't be used: its base ${P}/base is not held\n`);
    expect(worse.stdout).toContain(`WRONG   documents are held against ${P}/missing by their type, and it is not there\n`);
    expect(worse.stdout).toContain("notice  bad#1.0.0: r1.json was passed over: it lacks url\n");
  });

  test("check forgets what was compiled of other sets", async () => {
    await packages("add", await archive("one", "1.0.0"));
    await packages("add", await archive("two", "1.0.0"));
    expect(readdirSync(join(folder, ".compiled")).filter((name) => name.endsWith(".set"))).toHaveLength(1);
  });

  test("remove removes an archive, and says who depends on it; not one that packages.json names", async () => {
    await packages("add", await archive("one", "1.0.0"), await archive("two", "1.0.0", [], { dependencies: { ONE: "1.0.0" } }));
    writeFileSync(join(folder, "packages.json"), JSON.stringify({ format: "chartulary-packages/1", sets: [{ name: "s", packages: ["two#1.0.0"] }] })); // prettier-ignore
    expect(await packages("remove", "two#1.0.0")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("set s of packages.json names two#1.0.0"),
    });
    expect(await packages("remove", "ONE#1.0.0")).toEqual({ code: 0, stderr: "", stdout: "one#1.0.0  removed, which two#1.0.0 depends on\n" });
    expect(existsSync(join(folder, "one-1.0.0.tgz"))).toBe(false);
    expect(await packages("remove", "one#1.0.0")).toMatchObject({ code: 1, stderr: expect.stringContaining("one#1.0.0 is not there") });
  });

  test.each([
    [["fetch"], /there is nothing called fetch/],
    [["add"], /name the archives/],
    [["remove"], /name the package/],
    [["remove", "a#1", "b#1"], /remove takes one package/],
    [["remove", "a"], /is not of the form NAME#VERSION/],
    [["list", "x"], /list takes nothing/],
    [["constructor"], /there is nothing called constructor/],
  ])("%j could not be done", async (args, message) => {
    expect(await packages(...args)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) });
  });

  test("says so where PACKAGES_DIR is not set", async () => {
    const { openHeldArchives } = await import("../../src/main/held-packages.ts");
    const openMissing = (): ReturnType<typeof openHeldArchives> =>
      openHeldArchives({ packagesFolder: undefined, cacheFolder: place }, () => undefined);
    expect(await run(["packages", "list"], { tools: { openArchives: openMissing } })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("PACKAGES_DIR is not set"),
    });
  });
});
