import { describe, expect, test } from "@jest/globals";
import type { Conformance, Held, ProfileSet } from "../../../src/core/fhir/conformance/conformance.ts";
import type { ElementDefinition, StructureDefinition } from "../../../src/core/fhir/conformance/structure-definition.ts";
import type { CodeSystem, ValueSet } from "../../../src/core/fhir/conformance/terminology-resources.ts";
import { openR4 } from "../../../src/core/fhir/r4/open-r4.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { readResource } from "../../../src/core/fhir/reading/read-resource.ts";
import { createTerms } from "../../../src/core/fhir/terminology/create-terms.ts";
import { DEFAULT_POLICY } from "../../../src/pipeline/validate/policy.ts";
import { createProfiles } from "../../../src/pipeline/validate/profiles/create-profiles.ts";
import { createValidator } from "../../../src/pipeline/validate/validate.ts";

/** Forms that national programmes write, and few others. */

const R4 = openR4();
const BASE = "https://example.org/StructureDefinition/";
const ORIGIN = { name: "example", version: "1.0.0" };

function profile(name: string, type: string, ...element: ElementDefinition[]): StructureDefinition {
  return {
    url: BASE + name,
    version: "1.0",
    name,
    type,
    kind: type === "Extension" ? "complex-type" : "resource",
    derivation: "constraint",
    snapshot: { element },
  };
}

function held<One extends { readonly url: string }>(all: readonly One[]): (canonical: string) => Held<One> | undefined {
  return (canonical) => {
    const resource = all.find(({ url }) => url === canonical.split("|")[0]);
    return resource && { resource, origin: ORIGIN };
  };
}

interface Defined {
  readonly profiles: readonly StructureDefinition[];
  readonly valueSets?: readonly ValueSet[];
  readonly codeSystems?: readonly CodeSystem[];
}

/** The profile rules that an instance breaks. */
function broken(instance: object, { profiles, valueSets = [], codeSystems = [] }: Defined): string[] {
  const conformance: Conformance = {
    digest: "",
    structureDefinition: held(profiles),
    valueSet: held(valueSets),
    codeSystem: held(codeSystems),
    supplements: () => [],
  };
  const set: ProfileSet = { name: "example", conformance, documents: [], ignoredSystems: new Set() };
  const made = createProfiles({
    definitions: R4.definitions,
    core: R4.coreProfiles,
    sets: { on: () => set },
    terms: (of) => createTerms({ conformance: of }),
  });
  const validator = createValidator({ ...R4, policy: DEFAULT_POLICY, profiles: made });
  const { resource, issues } = readResource(Buffer.from(JSON.stringify(instance)), "application/fhir+json", DEFAULT_READ_LIMITS, R4.definitions);
  if (resource === undefined) throw new Error("not read");
  return validator
    .judge(resource, issues)
    .issues.filter(({ severity }) => severity === "error")
    .map(({ rule, expression }) => `${rule} ${expression ?? ""}`);
}

function declaring(name: string, instance: { readonly resourceType: string }): object {
  return { ...instance, meta: { profile: [`${BASE}${name}|1.0`] } };
}

/** meta.profile has to be there, may be there more than once, and names the profile in a slice. */
function named(name: string, type: string, ...more: ElementDefinition[]): StructureDefinition {
  const path = `${type}.meta.profile`;
  return profile(
    name,
    type,
    { path: type },
    { path: `${type}.meta`, min: 1, max: "1" },
    {
      path,
      id: path,
      min: 1,
      max: "*",
      type: [{ code: "canonical" }],
      slicing: { discriminator: [{ type: "value", path: "$this" }], rules: "open" },
    },
    { path, id: `${path}:own`, sliceName: "own", min: 1, max: "1", type: [{ code: "canonical" }], fixedCanonical: `${BASE}${name}|1.0` },
    ...more,
  );
}

function slice(name: string, type: string): ElementDefinition[] {
  return [
    { path: "Bundle.entry", id: `Bundle.entry:${name}`, sliceName: name, min: 1, max: "1" },
    { path: "Bundle.entry.resource", id: `Bundle.entry:${name}.resource`, min: 1, max: "1", type: [{ code: type, profile: [`${BASE}${name}|1.0`] }] },
  ];
}

function collection(...resources: readonly object[]): { readonly resourceType: string } {
  return {
    resourceType: "Bundle",
    type: "collection",
    entry: resources.map((resource, at) => ({ fullUrl: `urn:uuid:0000000${at}-0000-4000-8000-000000000000`, resource })),
  } as never;
}

const PATIENT = named("patient", "Patient");
const INVOICE = named("invoice", "Invoice", {
  path: "Invoice.note",
  constraint: [
    { key: "count", severity: "error", human: "as many notes as lines", expression: "%resource.note.count() = %resource.lineItem.count()" },
  ],
});
const BUNDLE = profile(
  "bundle",
  "Bundle",
  { path: "Bundle" },
  {
    path: "Bundle.entry",
    id: "Bundle.entry",
    min: 2,
    max: "*",
    slicing: { discriminator: [{ type: "value", path: "resource.meta.profile" }], rules: "closed" },
  },
  ...slice("patient", "Patient"),
  ...slice("invoice", "Invoice"),
);
const LINE = { chargeItemCodeableConcept: { text: "x" } };
const DEFINED = { profiles: [BUNDLE, PATIENT, INVOICE] };

describe("entries of a Bundle, sliced by the profile that they declare", () => {
  const patient = declaring("patient", { resourceType: "Patient" });
  const invoice = (note: readonly object[]): object =>
    declaring("invoice", { resourceType: "Invoice", status: "draft", lineItem: [LINE], note } as never);

  test("are told apart where the profile's own canonical stands in a slice of meta.profile", () => {
    expect(broken(declaring("bundle", collection(patient, invoice([{ text: "1" }]))), DEFINED)).toEqual([]);
    expect(broken(declaring("bundle", collection(patient, { resourceType: "Basic", code: { text: "x" } })), DEFINED)).toEqual([
      "profile-slice-unknown Bundle.entry[1]",
      "profile-slice-missing Bundle",
    ]);
  });

  test("ask what is said of them of themselves: %resource is the entry's", () => {
    const constraint = [{ key: "one-line", severity: "error", human: "one line", expression: "%resource.lineItem.count() = 1" }] as const;
    const asking = profile(
      "bundle",
      "Bundle",
      ...(BUNDLE.snapshot?.element ?? []).map((one) => (one.id === "Bundle.entry:invoice.resource" ? { ...one, constraint } : one)),
    );
    const whole = declaring("bundle", collection(patient, invoice([{ text: "1" }])));
    expect(broken(whole, { profiles: [asking, PATIENT, INVOICE] })).toEqual([]);
  });
});

describe("the value of an extension", () => {
  const extension = profile(
    "size",
    "Extension",
    { path: "Extension" },
    { path: "Extension.url", fixedUri: `${BASE}size` },
    {
      path: "Extension.value[x]",
      min: 1,
      max: "1",
      type: [{ code: "code" }],
      binding: { strength: "required", valueSet: "https://example.org/sizes" },
    },
  );
  const patient = profile(
    "patient",
    "Patient",
    { path: "Patient" },
    { path: "Patient.extension", id: "Patient.extension", slicing: { discriminator: [{ type: "value", path: "url" }], rules: "open" } },
    {
      path: "Patient.extension",
      id: "Patient.extension:size",
      sliceName: "size",
      min: 0,
      max: "1",
      type: [{ code: "Extension", profile: [`${BASE}size`] }],
    },
  );
  const system = "https://example.org/size-codes";
  const defined = {
    profiles: [extension, patient],
    valueSets: [{ url: "https://example.org/sizes", compose: { include: [{ system }] } }],
    codeSystems: [{ url: system, content: "complete", caseSensitive: true, concept: [{ code: "N1" }] }],
  } as const;

  test("is bound where it is a code", () => {
    const of = (valueCode: string): object =>
      declaring("patient", { resourceType: "Patient", extension: [{ url: `${BASE}size`, valueCode }] } as never);
    expect(broken(of("N1"), defined)).toEqual([]);
    expect(broken(of("N4"), defined)).toEqual(["profile-code Patient.extension[0].value"]);
  });
});
