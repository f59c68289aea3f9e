import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { readArchive } from "../../../../src/core/fhir/packages/archive.ts";
import { PROJECT_ROOT } from "../../../journeys/support/service.ts";
import { madeArchive, madePackage, madeTar, type MadeFile } from "./made-archive.ts";

const ABOUT: MadeFile = { name: "package/package.json", content: { name: "Some.Package", version: "1.0.0" } };
const PROFILE = {
  ...{ resourceType: "StructureDefinition", url: "http://example.org/p", name: "P", type: "Patient" },
  ...{ kind: "resource", derivation: "constraint" },
};
const VALUES = { resourceType: "ValueSet", url: "http://example.org/v" };
const SYSTEM = { resourceType: "CodeSystem", url: "http://example.org/s", content: "complete" };
const LIMITS = { bytes: 100_000, fileBytes: 10_000, files: 10 };

describe("an archive is read", () => {
  test("with what its package.json says", async () => {
    const dependencies = {
      ...{ "hl7.fhir.r4.core": "4.0.1", "KBV.Basis": "1.3.0", v610: "npm:hl7.fhir.us.core@6.1.0", "us@npm:hl7.fhir.us.core": "3.1.1" },
      ...{ "what is this": "1", other: 1 },
    };
    const about = { fhirVersions: ["4.0.1"], license: "CC0-1.0", title: "Some", dependencies };
    const { facts, definitions } = await readArchive(await madePackage("Some.Package", "1.0.0", [PROFILE, VALUES, SYSTEM], about));
    expect(facts).toEqual({
      ...{ name: "some.package", version: "1.0.0", license: "CC0-1.0", title: "Some" },
      dependencies: [
        { name: "kbv.basis", version: "1.3.0" },
        { name: "hl7.fhir.us.core", version: "6.1.0" },
        { name: "hl7.fhir.us.core", version: "3.1.1" },
      ],
    });
    expect(definitions.map(({ kind, resource, origin }) => [kind, resource.url, origin.name])).toEqual([
      ["StructureDefinition", PROFILE.url, "some.package"],
      ["ValueSet", VALUES.url, "some.package"],
      ["CodeSystem", SYSTEM.url, "some.package"],
    ]);
  });

  test.each([
    ["./package/package.json", "./package/p.json"],
    ["package.json", "p.json"],
    ["some.package-1.0.0/package.json", "some.package-1.0.0/p.json"],
    ["./././package//package.json", "package/p.JSON"],
  ])("with names such as %s", async (about, profile) => {
    const { facts, definitions } = await readArchive(
      await madeArchive([
        { name: profile, content: PROFILE },
        { name: about, content: ABOUT.content! },
      ]),
    );
    expect([facts.name, definitions.length]).toEqual(["some.package", 1]);
  });

  test("without what is no definition, or is none of the package", async () => {
    const names = ["example/p.json", "package/examples/e.json", "package/other/o.json", "package/.index.json", "package/xml/p.xml"];
    const resources = [
      { name: "package/no-type.json", content: { url: "http://example.org/v" } },
      { name: "package/actor.json", content: { resourceType: "ActorDefinition", url: "http://example.org/a" } },
      { name: "package/type.json", content: { ...PROFILE, derivation: "specialization" } },
      { name: "package/model.json", content: { ...PROFILE, kind: "logical" } },
    ];
    const archive = await madeArchive([ABOUT, ...names.map((name) => ({ name, content: PROFILE })), ...resources]);
    expect(await readArchive(archive)).toMatchObject({ definitions: [], passedOver: [] });
  });

  test("with broken files told, and passed over", async () => {
    const files = [
      { name: "package/a.json", content: "<!DOCTYPE html><html></html>" },
      { name: "package/b.json", content: '{"resourceType":' },
      { name: "package/c.json", content: "[1]" },
      { name: "package/d.json", content: { resourceType: "ValueSet" } },
      { name: "package/e.json", content: { ...SYSTEM, content: "x" } },
      { name: "package/f.json", content: { ...PROFILE, kind: "x" } },
      { name: "package/g.json", content: `\uFEFF${JSON.stringify(VALUES)}` },
      { name: "package/h.json", content: "[".repeat(9_000) },
      { name: "package/examples/i.json", content: "<html>" },
    ];
    const { definitions, passedOver } = await readArchive(await madeArchive([...files, ABOUT]));
    expect(definitions).toHaveLength(1);
    expect(passedOver).toEqual([
      { file: "a.json", why: "it is no JSON" },
      { file: "b.json", why: "it is no JSON" },
      { file: "c.json", why: "it is no resource" },
      { file: "d.json", why: "it lacks url" },
      { file: "e.json", why: "it lacks url or content" },
      { file: "f.json", why: "it lacks url, type or kind" },
      { file: "h.json", why: "it is no JSON" },
    ]);
  });

  test("whatever order its gzip and tar come in: several members, and a name that takes a header of its own", async () => {
    const tar = await madeTar([ABOUT, { name: `package/${"é".repeat(120)}.json`, content: PROFILE }]);
    const { definitions } = await readArchive(Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]));
    expect(definitions).toHaveLength(1);
  });
});

describe("an archive is refused", () => {
  const refused = async (archive: Uint8Array, code: string, message: RegExp): Promise<void> => {
    await expect(readArchive(archive, LIMITS)).rejects.toMatchObject({ name: "AppError", code, message: expect.stringMatching(message) });
  };

  test.each(["../p.json", "package/../../p.json", "/etc/p.json", "C:/p.json", "package\\..\\p.json", "package/a/b/../../../../c/d.txt"])(
    "where the name %s leads out of it",
    async (name) => refused(await madeArchive([ABOUT, { name, content: PROFILE }]), "malformed", /leads out of it/),
  );

  test.each(["symlink", "link", "fifo", "character-device", "block-device"] as const)("with a %s in it", async (type) => {
    await refused(await madeArchive([ABOUT, { name: "package/p.json", type, linkname: "/etc/passwd" }]), "malformed", /not a file/);
  });

  test("beyond the number of files", async () => {
    const files = Array.from({ length: 10 }, (_, at) => ({ name: `package/${at}.txt` }));
    await refused(await madeArchive([ABOUT, ...files]), "too-large", /more than 10 files/);
  });

  test("beyond the size of a file", async () => {
    await refused(await madeArchive([ABOUT, { name: "package/p.json", content: " ".repeat(10_001) }]), "too-large", /more than 10000 bytes/);
    // Of one whose rest has not come yet nobody is left with an error that nobody waits for.
    const long = await madeArchive([ABOUT, { name: "package/p.json", content: " ".repeat(1_000_000) }]);
    await expect(readArchive(long, { ...LIMITS, bytes: 10_000_000 })).rejects.toThrow("more than 10000 bytes");
  });

  test("beyond the size of all: a small one that unpacks to much, in files that are passed over too", async () => {
    const bomb = gzipSync(await madeTar([ABOUT, { name: "package/x.bin", content: Buffer.alloc(5_000_000) }]));
    expect(bomb.length).toBeLessThan(10_000);
    await refused(bomb, "too-large", /more than 100000 bytes/);
  });

  test("that says more than it has, or is not whole", async () => {
    const whole = await madeArchive([ABOUT, { name: "package/p.json", content: PROFILE }]);
    const tar = await madeTar([ABOUT, { name: "package/p.json", content: PROFILE }]);
    await refused(whole.subarray(0, whole.length - 20), "malformed", /not whole/);
    await refused(gzipSync(tar.subarray(0, 1700)), "malformed", /not whole/);
    await refused(Buffer.from("no gzip at all"), "malformed", /no gzipped tar/);
    await refused(gzipSync(Buffer.alloc(1000, 65)), "malformed", /no gzipped tar/);
    await refused(Buffer.alloc(0), "malformed", /./);
  });

  test("with something behind its end", async () => {
    const whole = await madeArchive([ABOUT]);
    await refused(Buffer.concat([whole, Buffer.from("more")]), "malformed", /not whole/);
    await refused(Buffer.concat([whole, Buffer.from("\0more")]), "malformed", /behind the end/);
    await expect(readArchive(Buffer.concat([whole, Buffer.alloc(1000)]))).resolves.toMatchObject({ definitions: [] });
  });

  test.each([
    [[], /no package.json/],
    [[{ name: "package/p.json", content: PROFILE }], /no package.json/],
    [[{ name: "package/package.json", content: "<html>" }], /no package.json/],
    [[{ name: "package/sub/package.json", content: ABOUT.content! }], /no package.json/],
    [[{ name: "package/package.json", content: { name: "a b", version: "1" } }], /no name and version/],
    [[{ name: "package/package.json", content: { name: "../a", version: "1" } }], /no name and version/],
    [[{ name: "package/package.json", content: { name: "a", version: "../1" } }], /no name and version/],
  ])("that is no package: %j", async (files: MadeFile[], message) => refused(await madeArchive(files), "malformed", message));

  test("for another FHIR", async () => {
    await refused(await madePackage("a", "1", [], { fhirVersions: ["5.0.0"] }), "unsupported", /made for FHIR 5.0.0/);
  });
});

const PUBLISHED = ["packages", "kbv/packages"].map((folder) => join(PROJECT_ROOT, "../shared/cases/profiles", folder));
const archives = PUBLISHED.flatMap((folder) => (existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : []));

(archives.length === 0 ? describe.skip : describe)("published packages (../shared/cases/profiles)", () => {
  test.each(archives)("%s", async (file) => {
    const { facts, definitions, passedOver } = await readArchive(readFileSync(file));
    expect(`${facts.name}-${facts.version}`).toBe(/([^/]*)\.tgz$/.exec(file)![1]);
    expect(definitions.length).toBeGreaterThan(10);
    expect(passedOver).toEqual([]);
  });
});
