import { describe, expect, test } from "@jest/globals";
import type { ElementDefinition } from "../../../../src/core/fhir/conformance/structure-definition.ts";
import { aProfile, errorsOf, held, URL, validatorWith, tree } from "./memory-conformance.ts";

const patient = (more: object = {}): object => ({ resourceType: "Patient", ...more });
const parted = (language = ' lang="en"'): object =>
  patient({ language: "en", text: { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml"><div${language}>x</div></div>` } });
const ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";
const years = (value: number): object => ({ value, unit: "a", system: "http://unitsofmeasure.org", code: "a" });
const today = new Date().toISOString().slice(0, "2000-01-01".length);
const said = (resource: object, ...element: ElementDefinition[]): string[] => errorsOf(resource, [aProfile("p", "Patient", element)]);

describe("what a profile says of elements", () => {
  test.each<[what: string, resource: object, element: ElementDefinition, lines: string[]]>([
    ["one that is required", patient(), { path: "Patient.birthDate", min: 1 }, ["profile-element-missing Patient"]],
    ["and is there", patient({ birthDate: "1980" }), { path: "Patient.birthDate", min: 1 }, []],
    [
      "more than there may be",
      patient({ name: [{ text: "a" }, { text: "b" }] }),
      { path: "Patient.name", max: "1" },
      ["profile-element-count Patient"],
    ],
    ["less than there have to be", patient({ name: [{ text: "a" }] }), { path: "Patient.name", min: 2 }, ["profile-element-count Patient"]],
    ["one that may not be there", patient({ gender: "male" }), { path: "Patient.gender", max: "0" }, ["profile-element-forbidden Patient"]],
    ["a fixed value", patient({ gender: "male" }), { path: "Patient.gender", fixedCode: "female" }, ["profile-value Patient.gender"]],
    ["a resource of another type", { resourceType: "Observation" }, { path: "Patient" }, ["profile-of-other-type Observation"]],
    [
      "a fixed value where only extensions are",
      patient({ _gender: { extension: [{ url: "urn:x:y", valueCode: "x" }] } }),
      { path: "Patient.gender", fixedCode: "male" },
      ["profile-value Patient.gender"],
    ],
    [
      "a pattern",
      patient({ maritalStatus: { coding: [{ system: "urn:a", code: "b" }], text: "x" } }),
      { path: "Patient.maritalStatus", patternCodeableConcept: { coding: [{ code: "b" }] } },
      [],
    ],
    [
      "a pattern that is not there",
      patient({ maritalStatus: { text: "b" } }),
      { path: "Patient.maritalStatus", patternCodeableConcept: { coding: [{ code: "b" }] } },
      ["profile-pattern Patient.maritalStatus"],
    ],
    [
      "a fixed whole has nothing else",
      patient({ maritalStatus: { coding: [{ code: "b" }], text: "x" } }),
      { path: "Patient.maritalStatus", fixedCodeableConcept: { coding: [{ code: "b" }] } },
      ["profile-value Patient.maritalStatus"],
    ],
    ["a length that is too short", patient({ id: "abcd" }), { path: "Patient.id", minLength: 5 }, ["profile-length Patient.id"]],
    ["a length that just suffices", patient({ id: "abcde" }), { path: "Patient.id", minLength: 5, maxLength: 5 }, []],
    [
      "a value where only extensions are",
      patient({ _gender: { extension: [{ url: "urn:x:y", valueCode: "x" }] } }),
      { path: "Patient.gender", mustHaveValue: true },
      ["profile-element-missing Patient.gender"],
    ],
    [
      "sections by language where none may be",
      parted(),
      { path: "Patient.text", narrativeLanguage: "_no" },
      ["profile-narrative-language Patient.text"],
    ],
    ["no sections by language where none may be", parted(""), { path: "Patient.text", narrativeLanguage: "_no" }, []],
    ["sections by language", parted(), { path: "Patient.text", narrativeLanguage: "_yes" }, []],
    ["no sections by language", parted(""), { path: "Patient.text", narrativeLanguage: "_yes" }, ["profile-narrative-language Patient.text"]],
    ["a section in the language of the resource", parted(), { path: "Patient.text", narrativeLanguage: "_resource" }, []],
    [
      "none in the language of the resource",
      parted(' lang="de"'),
      { path: "Patient.text", narrativeLanguage: "_resource" },
      ["profile-narrative-language Patient.text"],
    ],
    ["a section in a language", parted(' xml:lang="de"'), { path: "Patient.text", narrativeLanguage: "de" }, []],
    ["a value that is there", patient({ gender: "male" }), { path: "Patient.gender", mustHaveValue: true }, []],
    ["a length", patient({ id: "abcdef" }), { path: "Patient.id", maxLength: 5 }, ["profile-length Patient.id"]],
    [
      "the least",
      patient({ birthDate: "1979-12-31" }),
      { path: "Patient.birthDate", minValueDate: "1980-01-01" },
      ["profile-range Patient.birthDate"],
    ],
    [
      "the least, by how long ago",
      patient({ birthDate: "1850-01-01" }),
      { path: "Patient.birthDate", minValueDuration: years(100) },
      ["profile-range Patient.birthDate"],
    ],
    ["not longer ago than that", patient({ birthDate: today }), { path: "Patient.birthDate", minValueQuantity: years(100) }, []],
    [
      "the most, by how far ahead",
      patient({ deceasedDateTime: "9000-01-01T00:00:00Z" }),
      { path: "Patient.deceased[x]", maxValueDuration: years(10) },
      ["profile-range Patient.deceased"],
    ],
    ["not further ahead than that", patient({ deceasedDateTime: today }), { path: "Patient.deceased[x]", maxValueDuration: years(10) }, []],
    [
      "an extension in place of a value",
      patient({ _gender: { extension: [{ url: ABSENT, valueCode: "unknown" }] } }),
      { path: "Patient.gender", valueAlternatives: [ABSENT] },
      [],
    ],
    [
      "another extension than may stand for a value",
      patient({ _gender: { extension: [{ url: "urn:x:y", valueCode: "x" }] } }),
      { path: "Patient.gender", valueAlternatives: [ABSENT] },
      ["profile-element-missing Patient.gender"],
    ],
    [
      "the most",
      patient({ multipleBirthInteger: 3 }),
      { path: "Patient.multipleBirth[x]", maxValueInteger: 2 },
      ["profile-range Patient.multipleBirth"],
    ],
    [
      "a type of a choice",
      patient({ deceasedDateTime: "2020" }),
      { path: "Patient.deceased[x]", type: [{ code: "boolean" }] },
      ["profile-type Patient.deceased"],
    ],
    [
      "a choice by its short name",
      patient({ deceasedBoolean: true }),
      { path: "Patient.deceasedBoolean", fixedBoolean: false },
      ["profile-value Patient.deceased"],
    ],
    [
      "an element of a primitive",
      patient({ birthDate: "1980" }),
      { path: "Patient.birthDate.extension", min: 1 },
      ["profile-element-missing Patient.birthDate"],
    ],
    [
      "elements that a snapshot leaves out between",
      patient({ contact: [{ name: { family: "x" } }] }),
      { path: "Patient.contact.name.given", min: 1 },
      ["profile-element-missing Patient.contact[0].name"],
    ],
  ])("%s", (_, resource, element, lines) => {
    expect(said(resource, element)).toEqual(lines);
  });

  test("invariants of the profile, under their own keys; R4's own are asked once, by the walk", () => {
    const constraint = [
      { key: "p-1", severity: "error", human: "A patient has a gender", expression: "gender.exists()" },
      { key: "pat-1", severity: "error", human: "x", expression: "false" },
      { key: "dom-6", severity: "warning", human: "x", expression: "false" },
    ] as const;
    const { issues } = held(patient(), [aProfile("p", "Patient", [{ path: "Patient", constraint }])]);
    // pat-1 is R4's, but of Patient.contact.
    expect(issues.map(({ rule }) => rule)).toEqual(["p-1", "pat-1"]);
  });

  test("invariants may call a FHIR boolean a Boolean, as a German prescription's does of its extension", () => {
    const expression = "active.as(Boolean) = false implies name.empty()";
    const constraint = [{ key: "p-1", severity: "error", human: "who is not active has no name", expression }] as const;
    const keys = (active: boolean): string[] =>
      held(patient({ active, name: [{ text: "x" }] }), [aProfile("p", "Patient", [{ path: "Patient", constraint }])]).issues.map(({ rule }) => rule);
    expect(keys(true)).toEqual([]);
    expect(keys(false)).toEqual(["p-1"]);
  });

  test("an invariant that can't be read makes the profile unusable in part, and is no error", () => {
    const broken = { key: "p-1", severity: "error", human: "x", expression: "name.(" } as const;
    const { issues, verdicts } = held(patient(), [aProfile("p", "Patient", [{ path: "Patient", constraint: [broken] }])]);
    expect(issues.map(({ rule, severity }) => `${severity} ${rule}`)).toEqual(["warning profile-unusable"]);
    expect(verdicts).toMatchObject([{ result: "open" }]);
  });

  test("a profile of a datatype, on the values of its type", () => {
    const address = aProfile("address", "Address", [{ path: "Address.city", min: 1 }]);
    const profile = aProfile("p", "Patient", [{ path: "Patient.address", type: [{ code: "Address", profile: [address.url] }] }]);
    const resource = patient({ address: [{ city: "x" }, { text: "y" }] });
    expect(errorsOf(resource, [profile, address])).toEqual(["profile-element-missing Patient.address[1]"]);
  });

  test("a value that holds to one of several profiles; the text says by what it fails the first", () => {
    const [city, country] = ["city", "country"].map((name) => aProfile(name, "Address", [{ path: `Address.${name}`, min: 1 }]));
    const profile = aProfile("p", "Patient", [{ path: "Patient.address", type: [{ code: "Address", profile: [`${URL}city`, `${URL}country`] }] }]);
    const resource = patient({ address: [{ city: "x" }, { country: "y" }, { text: "z" }] });
    const { issues } = held(resource, [profile, city!, country!]);
    expect(issues.map(({ rule, expression, text }) => [rule, expression, text.includes("Address.city is required")])).toEqual([
      ["profile-type", "Patient.address[2]", true],
    ]);
  });

  test("what the profile says of an element that is referred to holds in what refers to it", () => {
    const profile = aProfile("p", "Composition", [
      { path: "Composition.section" },
      { path: "Composition.section.title", min: 1 },
      { path: "Composition.section.section", contentReference: "#Composition.section" },
    ]);
    const section = { title: "a", section: [{ title: "b", section: [{ code: { text: "c" } }] }] };
    expect(errorsOf({ resourceType: "Composition", section: [section] }, [profile])).toEqual([
      "profile-element-missing Composition.section[0].section[0].section[0]",
    ]);
  });

  test("a policy names a rule, and a rule of an element", () => {
    const profile = aProfile("p", "Patient", [
      { path: "Patient.gender", min: 1 },
      { path: "Patient.birthDate", min: 1 },
    ]);
    const severities = new Map([["profile-element-missing Patient.gender", "warning"]] as const);
    const validator = validatorWith([profile], [], {}, { version: "x", rules: "x", severities });
    const found = validator.heldAgainst(profile.url, tree(patient()));
    expect(found?.issues.map(({ severity }) => severity)).toEqual(["warning", "error"]);
  });
});

describe("codes", () => {
  const valueSet = {
    url: "http://example.org/ValueSet/v",
    compose: { include: [{ system: "urn:s", concept: [{ code: "a" }] }, { system: "urn:open" }] },
  };
  const bound = (strength: "required" | "extensible"): ReturnType<typeof aProfile> =>
    aProfile("p", "Observation", [{ path: "Observation.code", binding: { strength, valueSet: valueSet.url } }]);
  const observation = (...coding: object[]): object => ({ resourceType: "Observation", code: { coding } });
  const told = (strength: "required" | "extensible", ...coding: object[]): string[] =>
    held(observation(...coding), [bound(strength)], [valueSet]).issues.map(({ severity, rule }) => `${severity} ${rule}`);

  test.each([
    ["required", [{ system: "urn:s", code: "a" }], []],
    ["required", [{ system: "urn:s", code: "b" }], ["error profile-code"]],
    ["required", [], ["error profile-code"]],
    ["extensible", [{ system: "urn:s", code: "b" }], ["warning profile-code"]],
    // A sibling that nobody can tell of undoes no other.
    [
      "required",
      [
        { system: "urn:open", code: "x" },
        { system: "urn:s", code: "a" },
      ],
      [],
    ],
    ["required", [{ system: "urn:open", code: "x" }], ["warning profile-code-unknown"]],
    ["extensible", [{ system: "urn:open", code: "x" }], ["information profile-code-unknown"]],
  ] as const)("%s %j", (strength, coding, lines) => {
    expect(told(strength, ...coding)).toEqual(lines);
  });

  test("what is not held is told of once, however often it is asked for", () => {
    const profile = aProfile("p", "Patient", [{ path: "Patient.contact.relationship", binding: { strength: "required", valueSet: "urn:none" } }]);
    const contact = [1, 2, 3].map((code) => ({ relationship: [{ coding: [{ system: "urn:s", code: String(code) }] }] }));
    const { issues, verdicts } = held(patient({ contact }), [profile]);
    expect(issues.map(({ rule }) => rule)).toEqual(["profile-code-unknown"]);
    expect(verdicts).toMatchObject([{ result: "open", by: "request" }]);
  });
});

test("an element that holds to one element of another profile", () => {
  const library = aProfile("library", "Patient", [
    { path: "Patient.contact", slicing: { discriminator: [{ type: "value", path: "gender" }], rules: "open" } },
    { path: "Patient.contact", sliceName: "a" },
    { path: "Patient.contact.gender", fixedCode: "male" },
    { path: "Patient.contact", sliceName: "b" },
    { path: "Patient.contact.gender", fixedCode: "female" },
    { path: "Patient.contact.name", min: 1 },
  ]);
  const type = [{ code: "BackboneElement", profile: [`${URL}library#Patient.contact:b`] }];
  const profile = aProfile("p", "Patient", [
    { path: "Patient.contact", slicing: { discriminator: [{ type: "value", path: "gender" }], rules: "open" } },
    { path: "Patient.contact", sliceName: "mine", min: 1, type },
  ]);
  const contact = (...some: object[]): object => patient({ contact: some });
  expect(errorsOf(contact({ gender: "male" }, { gender: "female", name: {} }), [profile, library])).toEqual([]);
  expect(errorsOf(contact({ gender: "female" }), [profile, library])).toEqual(["profile-element-missing Patient.contact[0]"]);
  expect(errorsOf(contact({ gender: "male" }), [profile, library])).toEqual(["profile-slice-missing Patient"]);
  // What no profile says it is.
  const strange = { ...type[0], code: "BackboneElement", profile: [`${URL}library#Patient.contact:c`] };
  const other = aProfile("p", "Patient", [{ path: "Patient.contact", type: [strange] }]);
  expect(errorsOf(contact({ gender: "female" }), [other, library])).toEqual([]);
});
