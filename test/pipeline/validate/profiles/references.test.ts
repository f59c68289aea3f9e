import { describe, expect, test } from "@jest/globals";
import type { StructureDefinition } from "../../../../src/core/fhir/conformance/structure-definition.ts";
import { isError } from "../../../../src/core/fhir/issue.ts";
import { aDocument, resourceAt } from "../a-document.ts";
import { aProfile, brief, errorsOf, held, tree, URL, validatorWith } from "./memory-conformance.ts";

const linked = (gender: string, targets: readonly string[] = [`${URL}linked`]): StructureDefinition =>
  aProfile("linked", "Patient", [
    { path: "Patient.gender", fixedCode: gender },
    { path: "Patient.link.other", type: [{ code: "Reference", targetProfile: targets }] },
  ]);
const patient = (id: string, gender: string, ...others: string[]): object => ({
  fullUrl: `urn:uuid:${id}`,
  resource: { resourceType: "Patient", id, gender, link: others.map((other) => ({ other: { reference: `urn:uuid:${other}` }, type: "seealso" })) },
});
const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
/** A Bundle whose first entry is held against the profile. */
const bundled = (...entry: object[]): [object, StructureDefinition] => [
  { resourceType: "Bundle", type: "collection", entry },
  aProfile("bundle", "Bundle", [
    { path: "Bundle.entry", slicing: { discriminator: [{ type: "value", path: "fullUrl" }], rules: "open" } },
    { path: "Bundle.entry", sliceName: "first", min: 1 },
    { path: "Bundle.entry.fullUrl", fixedUri: `urn:uuid:${id(1)}` },
    { path: "Bundle.entry.resource", type: [{ code: "Patient", profile: [`${URL}linked`] }] },
  ]),
];

describe("what is referred to", () => {
  test("holds to the target profile, round in a circle", () => {
    const [bundle, profile] = bundled(patient(id(1), "other", id(2)), patient(id(2), "other", id(1)));
    expect(errorsOf(bundle, [profile, linked("other")])).toEqual([]);
  });

  test("or does not, and what refers to it is told why; also where that is further away", () => {
    const [near, profile] = bundled(patient(id(1), "other", id(2)), patient(id(2), "male", id(1)));
    const { issues } = held(near, [profile, linked("other")]);
    expect(issues.map(brief)).toEqual(["profile-target Bundle.entry[0].resource.link[0].other"]);
    expect(issues[0]?.text).toContain(`Bundle.entry[1].resource.gender: the fixed value is "other", and it is "male".`);
    const [far] = bundled(patient(id(1), "other", id(2)), patient(id(2), "other", id(3)), patient(id(3), "male"));
    expect(errorsOf(far, [profile, linked("other")])).toEqual(["profile-target Bundle.entry[0].resource.link[0].other"]);
  });

  test("holds to one of several target profiles", () => {
    const other = aProfile("named", "Patient", [{ path: "Patient.name", min: 1 }]);
    const [bundle, profile] = bundled(patient(id(1), "other", id(2)), patient(id(2), "other"));
    const profiles = [profile, linked("other", [other.url, `${URL}linked`]), other];
    expect(errorsOf(bundle, profiles)).toEqual([]);
  });

  test("is of another type", () => {
    const profile = aProfile("p", "Observation", [
      { path: "Observation.subject", type: [{ code: "Reference", targetProfile: ["http://hl7.org/fhir/StructureDefinition/Patient"] }] },
    ]);
    const contained = [{ resourceType: "Group", id: "g" }];
    expect(errorsOf({ resourceType: "Observation", contained, subject: { reference: "#g" } }, [profile])).toEqual([
      "profile-target Observation.subject",
    ]);
    const { issues } = held({ resourceType: "Observation", subject: { reference: "Group/1" } }, [profile]);
    expect(issues.map(({ severity, rule }) => `${severity} ${rule}`)).toEqual(["warning profile-target"]);
    expect(held({ resourceType: "Observation", subject: { reference: "Patient/1" } }, [profile]).issues).toEqual([]);
  });

  test("of ten thousand in a chain none is forgotten, and no stack overflows", () => {
    const count = 10_000;
    const chain = (last: string): object[] =>
      Array.from({ length: count }, (_, at) => patient(id(at + 1), at === count - 1 ? last : "other", ...(at < count - 1 ? [id(at + 2)] : [])));
    const [good, profile] = bundled(...chain("other"));
    expect(errorsOf(good, [profile, linked("other")])).toEqual([]);
    const [bad] = bundled(...chain("male"));
    expect(errorsOf(bad, [profile, linked("other")])).toEqual(["profile-target Bundle.entry[0].resource.link[0].other"]);
  });

  test("tells a slice by its type, its code or its profile", () => {
    const observation = aProfile("o", "Observation", [{ path: "Observation.code", patternCodeableConcept: { coding: [{ code: "x" }] } }]);
    const slicing = (type: "type" | "profile" | "value", path: string): StructureDefinition =>
      aProfile("list", "List", [
        { path: "List.entry", slicing: { discriminator: [{ type, path }], rules: "open" } },
        { path: "List.entry", sliceName: "observation", min: 1 },
        { path: "List.entry.item", type: [{ code: "Reference", targetProfile: [observation.url] }] },
      ]);
    const list = (code: string): object => ({
      resourceType: "List",
      contained: [
        { resourceType: "Observation", id: "o", code: { coding: [{ code }] } },
        { resourceType: "Patient", id: "p" },
      ],
      entry: [{ item: { reference: "#p" } }, { item: { reference: "#o" } }],
    });
    for (const profile of [slicing("type", "item.resolve()"), slicing("profile", "item.resolve()"), slicing("value", "item.resolve().code")]) {
      expect(errorsOf(list("x"), [profile, observation])).toEqual([]);
      const isByType = profile.snapshot?.element[1]?.slicing?.discriminator?.[0]?.type === "type";
      expect(errorsOf(list("y"), [profile, observation])).toEqual([isByType ? "profile-target List.entry[1].item" : "profile-slice-missing List"]);
    }
  });
});

describe("what a document is held against", () => {
  const gender = aProfile("gender", "Patient", [{ path: "Patient.gender", min: 1 }], { title: "A gender", imposes: [`${URL}name`] });
  const name = aProfile("name", "Patient", [{ path: "Patient.telecom", min: 1 }]);
  const title = aProfile("title", "Composition", [{ path: "Composition.title", fixedString: "Another" }]);
  const bundle = aProfile("bundle", "Bundle", [{ path: "Bundle.timestamp", max: "0" }]);

  test("the profiles that its resources declare, what those impose, what the set has for its type; what is not held is not checked", () => {
    const document = aDocument();
    const subject = resourceAt(document, 1);
    delete subject["gender"];
    delete subject["telecom"];
    subject["meta"] = { profile: [`${gender.url}|1.0.0`, `${URL}unheld`, "http://hl7.org/fhir/StructureDefinition/Patient"] };
    resourceAt(document, 0)["type"] = { coding: [{ system: "urn:types", code: "t" }] };
    const documents = [
      { system: "urn:types", code: "t", profiles: [title.url, bundle.url] },
      { system: undefined, code: "x", profiles: [gender.url] },
    ];
    const { issues, verdicts } = validatorWith([gender, name, title, bundle], [], { documents }).judge(tree(document), []);
    expect(verdicts).toEqual([
      { place: "Bundle.entry[1].resource", profile: `${gender.url}|1.0.0`, version: "1.0.0", title: "A gender", by: "declared", result: "broken" },
      { place: "Bundle.entry[1].resource", profile: name.url, version: "1.0.0", title: "name", by: "imposed", result: "broken" },
      { place: "Bundle.entry[1].resource", profile: `${URL}unheld`, by: "declared", result: "unheld" },
      { place: "Bundle.entry[0].resource", profile: title.url, version: "1.0.0", title: "title", by: "document-type", result: "broken" },
      { place: "Bundle", profile: bundle.url, version: "1.0.0", title: "bundle", by: "document-type", result: "broken" },
    ]);
    expect(issues.filter(({ rule }) => rule.startsWith("profile-")).map(brief)).toEqual([
      "profile-not-held Bundle.entry[1].resource.meta.profile[1]",
      "profile-element-missing Bundle.entry[1].resource",
      "profile-element-missing Bundle.entry[1].resource",
      "profile-value Bundle.entry[0].resource.title",
      "profile-element-forbidden Bundle",
    ]);
  });

  test("a vital sign is held against R4's profile, under whatever set", () => {
    const observation = { resourceType: "Observation", status: "final", code: { coding: [{ system: "http://loinc.org", code: "29463-7" }] } };
    const { issues, verdicts } = validatorWith([gender]).judge(tree(observation), []);
    expect(verdicts.map(({ profile, by, result }) => [profile.slice(-10), by, result])).toEqual([["bodyweight", "r4", "broken"]]);
    expect(issues.filter(isError).map(({ rule }) => rule)).toContain("vital-sign-category");
  });
});

test("an invariant of a resource that is a part of another may mean either by %resource", () => {
  const contained = { resourceType: "Patient", contained: [{ resourceType: "Organization", id: "a", name: "x" }] };
  const asking = (expression: string): string[] =>
    errorsOf(contained, [
      aProfile("p", "Patient", [{ path: "Patient.contained", constraint: [{ key: "k", severity: "error", human: "k", expression }] }]),
    ]);
  expect(asking("%resource.type().name = 'Patient'")).toEqual([]);
  expect(asking("%resource.type().name = 'Organization'")).toEqual([]);
  expect(asking("%resource.type().name = 'Bundle'")).toEqual(["k Patient.contained[0]"]);
});
