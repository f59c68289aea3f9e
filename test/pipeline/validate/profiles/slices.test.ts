import { describe, expect, test } from "@jest/globals";
import type { Discriminator, ElementDefinition, Slicing } from "../../../../src/core/fhir/conformance/structure-definition.ts";
import { aProfile, errorsOf, held, URL } from "./memory-conformance.ts";

const patient = (...name: object[]): object => ({ resourceType: "Patient", name });
const use = (code: string, more: object = {}): object => ({ use: code, ...more });

/** Names of a Patient, parted by their use. */
function byUse(slicing: Partial<Slicing>, ...slices: (Partial<ElementDefinition> & { readonly sliceName: string })[]): ElementDefinition[] {
  return byPath({ type: "value", path: "use" }, slicing, ...slices);
}

function byPath(
  discriminator: Discriminator,
  slicing: Partial<Slicing>,
  ...slices: (Partial<ElementDefinition> & { readonly sliceName: string })[]
): ElementDefinition[] {
  return [
    { path: "Patient.name", slicing: { discriminator: [discriminator], rules: "open", ...slicing } },
    ...slices.flatMap((slice) => [
      { path: "Patient.name", min: 0, max: "*", ...slice },
      { path: "Patient.name.use", fixedCode: slice.sliceName },
    ]),
  ];
}

const said = (resource: object, elements: readonly ElementDefinition[]): string[] => errorsOf(resource, [aProfile("p", "Patient", elements)]);

describe("slices", () => {
  const two = [{ sliceName: "official" }, { sliceName: "usual" }] as const;
  test.each<[what: string, resource: object, elements: ElementDefinition[], lines: string[]]>([
    ["open: others may stand there", patient(use("old")), byUse({}, ...two), []],
    ["closed: none may", patient(use("official"), use("old")), byUse({ rules: "closed" }, ...two), ["profile-slice-unknown Patient.name[1]"]],
    ["open at the end: others stand behind", patient(use("usual"), use("old")), byUse({ rules: "openAtEnd" }, ...two), []],
    ["and not before", patient(use("old"), use("usual")), byUse({ rules: "openAtEnd" }, ...two), ["profile-slice-order Patient.name[1]"]],
    ["ordered", patient(use("official"), use("official"), use("usual")), byUse({ ordered: true }, ...two), []],
    ["in another order", patient(use("usual"), use("official")), byUse({ ordered: true }, ...two), ["profile-slice-order Patient.name[1]"]],
    ["one that has to be there", patient(use("old")), byUse({}, { sliceName: "usual", min: 1 }), ["profile-slice-missing Patient"]],
    ["none at all", { resourceType: "Patient" }, byUse({}, { sliceName: "usual", min: 1 }), ["profile-slice-missing Patient"]],
    ["one too many", patient(use("usual"), use("usual")), byUse({}, { sliceName: "usual", max: "1" }), ["profile-slice-count Patient"]],
    [
      "one that may not be there",
      patient(use("old"), use("usual")),
      byUse({}, { sliceName: "usual", max: "0" }),
      ["profile-slice-count Patient.name[1]"],
    ],
  ])("%s", (_, resource, elements, lines) => {
    expect(said(resource, elements)).toEqual(lines);
  });

  test("what is said of a slice is asked of its elements alone, and what is said of all of all", () => {
    const elements = [...byUse({}, { sliceName: "usual" }), { path: "Patient.name.family", min: 1 }];
    const all = [
      { path: "Patient.name", slicing: elements[0]?.slicing },
      { path: "Patient.name.text", min: 1 },
      ...elements.slice(1),
    ] as ElementDefinition[];
    expect(said(patient(use("usual", { text: "a" }), use("old", { text: "a" })), all)).toEqual(["profile-element-missing Patient.name[0]"]);
    expect(said(patient(use("usual", { family: "a" }), use("old")), all)).toEqual([
      "profile-element-missing Patient.name[0]",
      "profile-element-missing Patient.name[1]",
    ]);
  });

  test("slices of slices", () => {
    const elements: ElementDefinition[] = [
      ...byUse({}, { sliceName: "usual" }),
      { path: "Patient.name", sliceName: "usual/long", min: 1, max: "1" },
      { path: "Patient.name.use", fixedCode: "usual" },
      { path: "Patient.name.suffix", min: 1 },
    ];
    elements[1] = { ...elements[1]!, slicing: { discriminator: [{ type: "exists", path: "suffix" }], rules: "closed" } };
    expect(said(patient(use("usual", { suffix: ["x"] })), elements)).toEqual([]);
    expect(said(patient(use("usual", { suffix: ["x"] }), use("old")), elements)).toEqual([]);
    expect(said(patient(use("usual")), elements)).toEqual(["profile-slice-unknown Patient.name[0]", "profile-slice-missing Patient"]);
  });

  test("by what exists and what does not", () => {
    const elements: ElementDefinition[] = [
      { path: "Patient.name", slicing: { discriminator: [{ type: "exists", path: "family" }], rules: "closed" } },
      { path: "Patient.name", sliceName: "with", max: "1" },
      { path: "Patient.name.family", min: 1 },
      { path: "Patient.name", sliceName: "without", max: "1" },
      { path: "Patient.name.family", max: "0" },
      { path: "Patient.name.text", min: 1 },
    ];
    expect(said(patient({ family: "a" }, { text: "b" }), elements)).toEqual([]);
    expect(said(patient({ family: "a" }, { given: ["b"] }), elements)).toEqual(["profile-element-missing Patient.name[1]"]);
    expect(said(patient({ family: "a" }, { family: "b" }), elements)).toEqual(["profile-slice-count Patient"]);
  });

  test("by position", () => {
    const elements = byPath({ type: "position", path: "$this" }, {}, { sliceName: "official", min: 1, max: "1" }, { sliceName: "usual" });
    expect(said(patient(use("official"), use("usual"), use("usual")), elements)).toEqual([]);
    expect(said(patient(use("usual"), use("usual")), elements)).toEqual(["profile-value Patient.name[0].use"]);
  });

  test("of a choice, by type or by its short name", () => {
    const observation = (more: object): object => ({ resourceType: "Observation", ...more });
    const sliced: ElementDefinition[] = [
      { path: "Observation.value[x]", slicing: { discriminator: [{ type: "type", path: "$this" }], rules: "closed" } },
      { path: "Observation.value[x]", sliceName: "valueQuantity", type: [{ code: "Quantity" }] },
      { path: "Observation.value[x].unit", min: 1 },
    ];
    const short: ElementDefinition[] = [{ path: "Observation.valueQuantity" }, { path: "Observation.valueQuantity.unit", min: 1 }];
    for (const elements of [sliced, short]) {
      const profile = aProfile("p", "Observation", elements);
      expect(errorsOf(observation({ valueQuantity: { value: 1 } }), [profile])).toEqual(["profile-element-missing Observation.value"]);
      expect(errorsOf(observation({ valueString: "x" }), [profile])).toEqual(elements === sliced ? ["profile-slice-unknown Observation.value"] : []);
    }
  });

  test("the value may stand above its path, or in the slices of what it leads to", () => {
    const coding = { system: "urn:s", code: "a" };
    const identifier = (code: string): object => ({
      type: {
        coding: [
          { system: "urn:other", code: "z" },
          { system: "urn:s", code },
        ],
      },
    });
    const above: ElementDefinition[] = [
      {
        path: "Patient.identifier",
        slicing: {
          discriminator: [
            { type: "value", path: "type.coding.system" },
            { type: "value", path: "type.coding.code" },
          ],
          rules: "closed",
        },
      },
      { path: "Patient.identifier", sliceName: "a" },
      { path: "Patient.identifier.type", patternCodeableConcept: { coding: [coding] } },
    ];
    const below: ElementDefinition[] = [
      ...above.slice(0, 2),
      { path: "Patient.identifier.type.coding", slicing: { discriminator: [{ type: "value", path: "code" }], rules: "open" } },
      { path: "Patient.identifier.type.coding", sliceName: "x", min: 1 },
      { path: "Patient.identifier.type.coding.system", fixedUri: "urn:s" },
      { path: "Patient.identifier.type.coding.code", fixedCode: "a" },
    ];
    for (const elements of [above, below]) {
      const profile = aProfile("p", "Patient", elements);
      expect(errorsOf({ resourceType: "Patient", identifier: [identifier("a")] }, [profile])).toEqual([]);
      expect(errorsOf({ resourceType: "Patient", identifier: [identifier("b")] }, [profile])).toEqual([
        "profile-slice-unknown Patient.identifier[0]",
      ]);
    }
  });

  test("several discriminators ask of one and the same coding", () => {
    const elements: ElementDefinition[] = [
      {
        path: "Observation.component",
        slicing: {
          discriminator: [
            { type: "value", path: "code.coding.code" },
            { type: "value", path: "code.coding.system" },
          ],
          rules: "open",
        },
      },
      ...["a", "b"].flatMap((code): ElementDefinition[] => [
        { path: "Observation.component", sliceName: code, min: 1 },
        { path: "Observation.component.code", patternCodeableConcept: { coding: [{ system: "urn:s", code }] } },
      ]),
    ];
    const component = (...coding: object[]): object => ({ code: { coding } });
    const mixed = component({ system: "urn:s", code: "a" }, { system: "urn:other", code: "b" });
    const resource = { resourceType: "Observation", component: [mixed, component({ system: "urn:s", code: "b" })] };
    expect(errorsOf(resource, [aProfile("p", "Observation", elements)])).toEqual([]);
  });

  test("in the profile of a datatype", () => {
    const type = aProfile("id", "Identifier", [{ path: "Identifier.system", fixedUri: "urn:a" }]);
    const profile = aProfile("p", "Patient", [
      { path: "Patient.identifier", slicing: { discriminator: [{ type: "value", path: "system" }], rules: "open" } },
      { path: "Patient.identifier", sliceName: "a", min: 1, type: [{ code: "Identifier", profile: [type.url] }] },
    ]);
    expect(errorsOf({ resourceType: "Patient", identifier: [{ system: "urn:a" }] }, [profile, type])).toEqual([]);
    expect(errorsOf({ resourceType: "Patient", identifier: [{ system: "urn:b" }] }, [profile, type])).toEqual(["profile-slice-missing Patient"]);
  });

  test("extensions, by url: theirs is that of their profile, and each is held against it", () => {
    const colour = aProfile("colour", "Extension", [
      { path: "Extension.url", fixedUri: `${URL}colour` },
      { path: "Extension.value[x]", min: 1, type: [{ code: "string" }] },
    ]);
    const profile = aProfile("p", "Patient", [
      { path: "Patient.extension", slicing: { discriminator: [{ type: "value", path: "url" }], rules: "closed" } },
      { path: "Patient.extension", sliceName: "colour", min: 1, type: [{ code: "Extension", profile: [`${URL}colour`] }] },
    ]);
    const extended = (...extension: object[]): object => ({ resourceType: "Patient", extension });
    expect(errorsOf(extended({ url: `${URL}colour`, valueString: "x" }), [profile, colour])).toEqual([]);
    expect(errorsOf(extended({ url: `${URL}colour`, valueCode: "x" }), [profile, colour])).toEqual(["profile-type Patient.extension[0].value"]);
    expect(errorsOf(extended({ url: "urn:x:y", valueCode: "x" }), [profile, colour])).toEqual([
      "profile-slice-unknown Patient.extension[0]",
      "profile-slice-missing Patient",
    ]);
  });

  test("what nobody can tell selects no slice: it is none too many, and none is missing", () => {
    const binding = { strength: "required", valueSet: "urn:unheld" } as const;
    const elements: ElementDefinition[] = [
      { path: "Patient.contact", slicing: { discriminator: [{ type: "value", path: "relationship" }], rules: "closed" } },
      ...["a", "b"].flatMap((sliceName): ElementDefinition[] => [
        { path: "Patient.contact", sliceName, min: 1, max: "1" },
        { path: "Patient.contact.relationship", binding },
      ]),
    ];
    const contact = { relationship: [{ coding: [{ system: "urn:s", code: "x" }] }] };
    const { issues, verdicts } = held({ resourceType: "Patient", contact: [contact, contact] }, [aProfile("p", "Patient", elements)]);
    expect(issues).toEqual([]);
    expect(verdicts).toMatchObject([{ result: "open" }]);
  });

  test("a slice that nothing tells from others is said to be unusable, and is none", () => {
    const elements = [
      { path: "Patient.name", slicing: { discriminator: [{ type: "value", path: "use" }], rules: "open" } },
      { path: "Patient.name", sliceName: "a", min: 1 },
    ] as const;
    const { issues } = held(patient(use("usual")), [aProfile("p", "Patient", elements)]);
    expect(issues.map(({ severity, rule }) => `${severity} ${rule}`)).toEqual(["warning profile-unusable"]);
  });

  test("without a discriminator what the slice says tells it", () => {
    const elements: ElementDefinition[] = [
      { path: "Patient.name", slicing: { rules: "closed" } },
      { path: "Patient.name", sliceName: "a", min: 1 },
      { path: "Patient.name.use", fixedCode: "usual" },
    ];
    expect(said(patient(use("usual")), elements)).toEqual([]);
    expect(said(patient(use("old")), elements)).toEqual(["profile-slice-unknown Patient.name[0]", "profile-slice-missing Patient"]);
  });

  test("one of several slices at once", () => {
    const elements = byPath({ type: "value", path: "use" }, {}, { sliceName: "usual" });
    elements.push({ path: "Patient.name", sliceName: "again" }, { path: "Patient.name.use", fixedCode: "usual" });
    expect(said(patient(use("usual")), elements)).toEqual(["profile-slice-several Patient.name[0]"]);
  });

  test("the one line of a missing slice names the nearest and what is otherwise", () => {
    const observation = aProfile("o", "Observation", [{ path: "Observation.subject", min: 1 }]);
    const profile = aProfile("p", "Bundle", [
      { path: "Bundle.entry", slicing: { discriminator: [{ type: "profile", path: "resource" }], rules: "open" } },
      { path: "Bundle.entry", sliceName: "observation", min: 1 },
      { path: "Bundle.entry.resource", type: [{ code: "Observation", profile: [observation.url] }] },
    ]);
    const bundle = {
      resourceType: "Bundle",
      type: "collection",
      entry: [{ resource: { resourceType: "Patient" } }, { resource: { resourceType: "Observation" } }],
    };
    const { issues } = held(bundle, [profile, observation]);
    expect(issues.map(({ rule }) => rule)).toEqual(["profile-slice-missing"]);
    expect(issues[0]?.text).toContain("nearest is entry[1]: Bundle.entry[1].resource: Observation.subject is required (at least 1): add it.");
  });
});

test("a type that R4 has already tells no slice where profiles are asked for", () => {
  const mine = aProfile("mine", "string", [{ path: "string", fixedString: "mine" }]);
  const elements: ElementDefinition[] = [
    {
      path: "Patient.name",
      slicing: {
        discriminator: [
          { type: "profile", path: "family" },
          { type: "profile", path: "text" },
        ],
        rules: "open",
      },
    },
    { path: "Patient.name", sliceName: "mine", min: 1, max: "*" },
    { path: "Patient.name.family", type: [{ code: "string", profile: [mine.url] }] },
    { path: "Patient.name.text", type: [{ code: "string" }] },
  ];
  const profiles = [aProfile("p", "Patient", elements), mine];
  expect(errorsOf(patient({ family: "mine" }), profiles)).toEqual([]);
  expect(errorsOf(patient({ family: "other", text: "mine" }), profiles)).toEqual(["profile-slice-missing Patient"]);
});

test("slices that nothing tells but all that they say may be true of one element, which is worth a warning", () => {
  const elements: ElementDefinition[] = [
    { path: "Patient.name", slicing: { rules: "open" } },
    { path: "Patient.name", sliceName: "a", min: 0, max: "*" },
    { path: "Patient.name.family", min: 1 },
    { path: "Patient.name", sliceName: "b", min: 0, max: "*" },
    { path: "Patient.name.text", min: 1 },
  ];
  const { issues } = held(patient({ family: "x", text: "y" }), [aProfile("p", "Patient", elements)]);
  expect(issues.map(({ severity, rule }) => `${severity} ${rule}`)).toEqual(["warning profile-slice-several"]);
});
