import { describe, expect, test } from "@jest/globals";
import type { StructureDefinition } from "../../../../src/core/fhir/conformance/structure-definition.ts";
import {
  R4_CORE,
  readCompiledSet,
  writeCompiledSet,
  type PackageFacts,
  type SetDefinition,
} from "../../../../src/core/fhir/packages/compiled-set.ts";
import { conformanceOf } from "../../../../src/core/fhir/packages/held-definitions.ts";

const PROFILE = "http://example.org/StructureDefinition/p";
const VALUES = "http://example.org/ValueSet/v";
const SYSTEM = "http://example.org/CodeSystem/s";

function profile(version: string, origin: PackageFacts, name = "P"): SetDefinition {
  const resource: StructureDefinition = { url: PROFILE, version, name, type: "Patient", kind: "resource", derivation: "constraint" };
  return { kind: "StructureDefinition", resource, origin };
}

function values(version: string, origin: PackageFacts): SetDefinition {
  return { kind: "ValueSet", resource: { url: VALUES, version, name: `of ${origin.name}` }, origin };
}

function made(definitions: readonly SetDefinition[], packages: readonly PackageFacts[]): Uint8Array<ArrayBuffer> {
  return writeCompiledSet({ key: "k", packages, definitions });
}

const ONE: PackageFacts = { name: "one", version: "1.0.0", dependencies: [{ name: "Two", version: "5.0.x" }] };
const TWO_OLD: PackageFacts = { name: "two", version: "5.0.3", dependencies: [{ name: "three", version: "1.0.0" }], license: "CC0-1.0" };
const TWO_NEW: PackageFacts = { name: "two", version: "6.0.0", dependencies: [{ name: "one", version: "1.0.0" }] };
const THREE: PackageFacts = { name: "three", version: "1.0.0", dependencies: [] };

describe("a compiled set", () => {
  const bytes = made([profile("1.5.1", ONE, "zoë"), profile("1.5.0", ONE)], [ONE]);

  test("gives what was written, from memory that is shared too", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    for (const memory of [bytes, shared]) {
      const set = readCompiledSet(memory, "k");
      expect(set.packages).toEqual([ONE]);
      expect(set.bytes).toBe(bytes.length);
      expect(set.entries.map(({ url, version, origin }) => [url, version, origin.name])).toEqual([
        [PROFILE, "1.5.1", "one"],
        [PROFILE, "1.5.0", "one"],
      ]);
      expect(set.entries.map(set.read)).toMatchObject([{ name: "zoë" }, { name: "P" }]);
    }
  });

  test("is the same for the same parts", () => {
    expect(made([profile("1.5.1", ONE, "zoë"), profile("1.5.0", ONE)], [ONE])).toEqual(bytes);
  });

  test("holds the first of two definitions of a package that are called alike", () => {
    const set = readCompiledSet(made([profile("1", ONE, "first"), profile("1", ONE, "second"), profile("1", THREE, "third")], [ONE, THREE]));
    expect(set.entries.map(set.read)).toMatchObject([{ name: "first" }, { name: "third" }]);
  });

  test("is damaged with any byte changed, and cut off, and longer", () => {
    for (const at of bytes.keys()) {
      const other = Uint8Array.from(bytes);
      other[at]! ^= 1;
      expect(() => readCompiledSet(other, "k")).toThrow(expect.objectContaining({ code: "damaged" }));
    }
    for (const other of [new Uint8Array(), bytes.subarray(0, 50), bytes.subarray(0, bytes.length - 1), Buffer.concat([bytes, bytes])])
      expect(() => readCompiledSet(other, "k")).toThrow(expect.objectContaining({ code: "damaged" }));
  });

  test("of something else is not taken", () => {
    expect(() => readCompiledSet(bytes, "other")).toThrow("it is made of something else");
    expect(readCompiledSet(bytes).entries).toHaveLength(2);
  });
});

describe("a definition is found", () => {
  const r4 = readCompiledSet(made([values("4.0.1", R4_CORE)], [R4_CORE]));
  const definitions = [
    ...[profile("1.5.0", ONE), profile("1.5.1", ONE), profile("1.10.0", ONE), profile("1.4.9", ONE), profile("1.10.0-ballot", ONE)],
    ...[values("3.0.0", THREE), values("2.0.0", TWO_OLD), values("9.0.0", TWO_NEW)],
  ];
  const set = readCompiledSet(made(definitions, [ONE, TWO_OLD, TWO_NEW, THREE]));
  const { structureDefinition, valueSet, codeSystem } = conformanceOf([r4, set], "d");

  test.each([
    ["", "1.10.0"],
    ["|1.5", "1.5.1"],
    ["|1.5.0", "1.5.0"],
    ["|1.5.7", "1.5.1"],
    ["|1.5.7#fragment", "1.5.1"],
    ["|1.10", "1.10.0"],
    ["|1.10.0-ballot", "1.10.0-ballot"],
    ["|1.6", undefined],
    ["|1", undefined],
    ["|", undefined],
    ["/other", undefined],
  ])("by its canonical with %j: %s", (asked, version) => {
    expect(structureDefinition(`${PROFILE}${asked}`)?.resource.version).toBe(version);
  });

  test("as the same object each time", () => {
    const one = structureDefinition(`${PROFILE}|1.5`);
    expect(structureDefinition(`${PROFILE}|1.5.1`)).toBe(one);
    expect(one?.origin).toEqual(ONE);
  });

  test.each([
    ["what its package's dependencies lead to", ONE, "2.0.0"],
    ["the package's own", TWO_NEW, "9.0.0"],
    ["that of R4 for R4's own", R4_CORE, "4.0.1"],
    ["the newest for a package that is not of the set, and none of R4's while others have it", { name: "four", version: "1" }, "9.0.0"],
    ["the newest where nobody asks", undefined, "9.0.0"],
  ])("without a version: %s", (_, from, version) => {
    expect(valueSet(VALUES, from)?.resource.version).toBe(version);
  });

  test("by its version wherever it is, R4's too", () => {
    expect(valueSet(`${VALUES}|4.0.1`, ONE)?.origin).toEqual(R4_CORE);
    expect(valueSet(`${VALUES}|9.0`, ONE)?.origin.version).toBe("6.0.0");
  });

  test("and is no definition of another kind", () => {
    expect(structureDefinition(VALUES)).toBeUndefined();
    expect(codeSystem(VALUES)).toBeUndefined();
  });

  test("a supplement is none, and is found by what it supplements", () => {
    const system = (content: "supplement" | "complete", url: string): SetDefinition => ({
      kind: "CodeSystem",
      resource: { url, content, ...(content === "supplement" && { supplements: `${SYSTEM}|1.0.0` }) },
      origin: ONE,
    });
    const conformance = conformanceOf([readCompiledSet(made([system("supplement", `${SYSTEM}-de`), system("complete", SYSTEM)], [ONE]))], "d");
    expect(conformance.codeSystem(SYSTEM)?.resource.content).toBe("complete");
    expect(conformance.codeSystem(`${SYSTEM}-de`)).toBeUndefined();
    expect(conformance.supplements(SYSTEM).map(({ resource }) => resource.url)).toEqual([`${SYSTEM}-de`]);
  });
});
