import { describe, expect, test } from "@jest/globals";
import { strippedStructureDefinition } from "../../../../src/core/fhir/packages/strip-structure-definition.ts";
import { strippedCodeSystem, strippedValueSet } from "../../../../src/core/fhir/packages/strip-terminology.ts";

const HL7 = "http://hl7.org/fhir/StructureDefinition";
const TOOLS = "http://hl7.org/fhir/tools/StructureDefinition";

const PROFILE = {
  resourceType: "StructureDefinition",
  url: "http://example.org/p",
  name: "P",
  type: "Observation",
  kind: "resource",
};

describe("of a StructureDefinition", () => {
  test("stays what is asked of it, and what extensions say stands under a name", () => {
    const element = {
      ...{ id: "Observation.code", path: "Observation.code", definition: "long", comment: "long", mapping: [{ identity: "x" }], min: 1, max: "1" },
      extension: [
        { url: `${HL7}/minLength`, valueInteger: 3 },
        { url: "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.mustHaveValue", valueBoolean: true },
        { url: "http://hl7.org/fhir/5.0/StructureDefinition/extension-ElementDefinition.valueAlternatives", valueCanonical: "http://example.org/e" },
        { url: `${HL7}/narrative-language-control`, valueCode: "_no" },
        {
          url: `${HL7}/obligation`,
          extension: [
            { url: "code", valueCode: "SHALL:handle" },
            { url: "actor", valueCanonical: "http://example.org/a" },
          ],
        },
        { url: `${HL7}/obligation`, extension: [{ url: "code", valueCode: "SHOULD:display" }] },
      ],
      base: { path: "Observation.code", min: 1, max: "1" },
      type: [
        {
          ...{ code: "CodeableConcept", profile: ["http://example.org/c", "http://example.org/d"], aggregation: ["bundled"] },
          _profile: [null, { extension: [{ url: `${HL7}/elementdefinition-profile-element`, valueString: "Observation.code:a" }] }],
        },
      ],
      slicing: { discriminator: [{ type: "value", path: "system" }, { type: "strange", path: "x" }], rules: "closed", description: "d" }, // prettier-ignore
      patternCodeableConcept: { coding: [{ code: "c" }] },
      minValueQuantity: { value: 1 },
      constraint: [{ key: "k", severity: "warning", human: "h", expression: "true", xpath: "x", source: "s" }, { severity: "error" }],
      binding: {
        strength: "extensible",
        description: "d",
        valueSet: "http://example.org/v",
        extension: [
          { url: `${HL7}/elementdefinition-maxValueSet`, valueCanonical: "http://example.org/max" },
          {
            url: `${TOOLS}/additional-binding`,
            extension: [
              { url: "purpose", valueCode: "candidate" },
              { url: "valueSet", valueCanonical: "http://example.org/more" },
            ],
          },
        ],
        additional: [{ purpose: "required", valueSet: "http://example.org/r", usage: [{}] }],
      },
    };
    const stripped = strippedStructureDefinition({
      ...PROFILE,
      publisher: "x",
      extension: [{ url: `${HL7}/structuredefinition-imposeProfile`, valueCanonical: "http://example.org/other" }],
      context: [{ type: "element", expression: "Patient" }, { type: "element" }],
      snapshot: { element: [element] },
    });
    expect(stripped).toEqual({
      ...{ url: "http://example.org/p", name: "P", type: "Observation", kind: "resource", imposes: ["http://example.org/other"] },
      context: [{ type: "element", expression: "Patient" }],
      snapshot: {
        element: [
          {
            ...{ id: "Observation.code", path: "Observation.code", min: 1, max: "1", base: { path: "Observation.code", min: 1, max: "1" } },
            type: [
              {
                ...{ code: "CodeableConcept", aggregation: ["bundled"] },
                profile: ["http://example.org/c", "http://example.org/d#Observation.code:a"],
              },
            ],
            slicing: { discriminator: [{ type: "value", path: "system" }], rules: "closed" },
            patternCodeableConcept: { coding: [{ code: "c" }] },
            minValueQuantity: { value: 1 },
            constraint: [{ key: "k", severity: "warning", human: "h", expression: "true", source: "s" }],
            ...{ minLength: 3, mustHaveValue: true, valueAlternatives: ["http://example.org/e"], narrativeLanguage: "_no" },
            obligation: ["SHALL:handle", "SHOULD:display"],
            binding: {
              ...{ strength: "extensible", valueSet: "http://example.org/v", maxValueSet: "http://example.org/max" },
              additional: [
                { purpose: "required", valueSet: "http://example.org/r", usage: true },
                { purpose: "candidate", valueSet: "http://example.org/more" },
              ],
            },
          },
        ],
      },
    });
  });

  test.each([
    ["url", undefined],
    ["url", 1],
    ["type", undefined],
    ["kind", "something"],
  ])("nothing stays where its %s is %s", (name, value) => {
    expect(strippedStructureDefinition({ ...PROFILE, [name]: value })).toBeUndefined();
  });

  test("properties of other types than they should be of count as absent", () => {
    const element = [{ path: "Observation", min: "1", max: 1, type: "x", slicing: [], binding: { strength: 1 }, constraint: {}, base: { path: 1 } }, { min: 1 }, null, "x"]; // prettier-ignore
    const stripped = strippedStructureDefinition({ ...PROFILE, version: {}, differential: { element }, snapshot: [], context: [1], extension: {} });
    expect(stripped).toEqual({ url: PROFILE.url, name: "P", type: "Observation", kind: "resource", differential: { element: [{ path: "Observation" }] } }); // prettier-ignore
  });

  test("a value that is nested without end is left out", () => {
    let deep: unknown = 1;
    for (let depth = 0; depth < 10_000; depth += 1) deep = { extension: [deep] };
    const stripped = strippedStructureDefinition({ ...PROFILE, snapshot: { element: [{ path: "Observation", patternQuantity: deep }] } });
    expect(stripped?.snapshot?.element).toEqual([{ path: "Observation" }]);
  });
});

describe("of terminology", () => {
  test("code systems keep concepts with their displays and properties", () => {
    const concept = [
      {
        ...{ code: "a", display: "A", definition: "d", extension: [{}] },
        designation: [{ language: "de", use: { system: "s", code: "preferred" }, value: "Ä" }, { language: "fr" }],
        property: [
          { code: "parent", valueCode: "b" },
          { code: "coding", valueCoding: { system: "s", code: "c" } },
          { code: "no", valueBoolean: false },
          { code: "strange", valueQuantity: { value: 1 } },
        ],
        concept: [{ code: "b" }, { display: "no code" }],
      },
    ];
    expect(strippedCodeSystem({ url: "http://example.org/s", content: "complete", text: { div: "x" }, concept })).toEqual({
      url: "http://example.org/s",
      content: "complete",
      concept: [
        {
          ...{ code: "a", display: "A", definition: "d" },
          designation: [{ language: "de", use: "preferred", value: "Ä" }],
          property: [
            { code: "parent", value: "b" },
            { code: "coding", value: "c" },
            { code: "no", value: false },
          ],
          concept: [{ code: "b" }],
        },
      ],
    });
    expect(strippedCodeSystem({ url: "http://example.org/s", content: "all" })).toBeUndefined();
  });

  test("what of an include can't be read does not make it wider", () => {
    const include = [
      { system: "s", concept: [{ display: "no code" }] },
      { system: "s", filter: [{ property: "p", op: "=", value: 1 }] },
      { system: "s", valueSet: "x" },
      { system: "s", version: "1", concept: [{ code: "a", display: "A", designation: [] }], extension: [] },
    ];
    expect(strippedValueSet({ url: "http://example.org/v", compose: { inactive: false, include, exclude: [{ system: "t" }] } })?.compose).toEqual({
      inactive: false,
      include: [
        { system: "s", concept: [] },
        { system: "s", filter: [{ property: "p", op: "=", value: "" }] },
        { system: "s", valueSet: [] },
        { system: "s", version: "1", concept: [{ code: "a", display: "A" }] },
      ],
      exclude: [{ system: "t" }],
    });
  });

  const contains = [{ system: "s", code: "a", contains: [{ system: "s", code: "b" }] }, { display: "group" }];
  test.each([
    [{ contains }, true],
    [{ contains, total: 2 }, true],
    [{ contains, total: 3 }, false],
    [{ contains, offset: 10 }, false],
    [{ contains, parameter: [{ name: "limitedExpansion", valueBoolean: true }] }, false],
    [{ contains, parameter: [{ name: "limitedExpansion", valueBoolean: false }] }, true],
    [{ contains, parameter: [{ name: "count", valueInteger: 1000 }] }, true],
    [{ contains, extension: [{ url: `${HL7}/valueset-unclosed`, valueBoolean: true }] }, false],
  ])("the expansion %j is whole: %s", (expansion, isWhole) => {
    expect(strippedValueSet({ url: "http://example.org/v", expansion })?.expansion).toEqual({ isWhole, contains });
  });
});
