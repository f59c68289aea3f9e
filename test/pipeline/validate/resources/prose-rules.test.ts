import { describe, expect, test } from "@jest/globals";
import { treeOf, type JsonObject } from "../../../../src/core/fhir/tree/tree.ts";
import { DEFAULT_POLICY } from "../../../../src/pipeline/validate/policy.ts";
import { validate } from "../../../r4.ts";

const RULES = new Set([
  "canonical-relative",
  "composite-components",
  "enable-when-unknown",
  "enable-when-within",
  "link-repeated",
  "differential-binding",
  "differential-path",
  "differential-root-sliced",
  "differential-unusable",
  "search-expression",
  "include-system",
]);
const said = (resource: object): string[] =>
  validate(treeOf(resource) as JsonObject, [], DEFAULT_POLICY)
    .filter(({ rule }) => RULES.has(rule))
    .map(({ severity, rule, expression }) => `${severity} ${rule} ${expression}`);

const questionnaire = (...item: object[]): object => ({ resourceType: "Questionnaire", status: "draft", item });
const asking = (linkId: string, question: string, item?: object[]): object => ({
  linkId,
  type: item ? "group" : "string",
  enableWhen: [{ question, operator: "exists", answerBoolean: true }],
  ...(item && { item }),
});
const plain = (linkId: string): object => ({ linkId, type: "boolean" });

describe("enableWhen (questionnaire.html)", () => {
  test("asks for an item of the questionnaire, before or after, beside or above", () => {
    expect(said(questionnaire(plain("a"), asking("b", "a"), asking("c", "d"), { ...plain("d"), type: "group", item: [asking("e", "d")] }))).toEqual(
      [],
    );
  });

  test("asks for an item that is not there", () => {
    expect(said(questionnaire(plain("a"), asking("b", "x")))).toEqual(["error enable-when-unknown Questionnaire.item[1]"]);
  });

  test("asks for an item within, or for itself", () => {
    expect(said(questionnaire(asking("a", "c", [{ linkId: "b", type: "group", item: [plain("c")] }])))).toEqual([
      "error enable-when-within Questionnaire.item[0]",
    ]);
    expect(said(questionnaire(asking("a", "a")))).toEqual(["error enable-when-within Questionnaire.item[0]"]);
  });
});

test("a composite search parameter has two components", () => {
  const component = { definition: "http://hl7.org/fhir/SearchParameter/code", expression: "code" };
  const parameter = {
    resourceType: "SearchParameter",
    url: "http://e.org/s",
    name: "S",
    status: "draft",
    description: "d",
    code: "c",
    base: ["Observation"],
    type: "composite",
  };
  expect(said({ ...parameter, component: [component] })).toEqual(["error composite-components SearchParameter"]);
  expect(said({ ...parameter, component: [component, component] })).toEqual([]);
  expect(said({ ...parameter, type: "token" })).toEqual([]);
});

test("a Bundle has one link of a kind, other kinds may repeat", () => {
  const bundle = (...relations: string[]): object => ({
    resourceType: "Bundle",
    type: "searchset",
    link: relations.map((relation) => ({ relation, url: "http://e.org/" })),
  });
  expect(said(bundle("self", "next", "alternate", "alternate"))).toEqual([]);
  expect(said(bundle("self", "self", "first", "first"))).toEqual(["error link-repeated Bundle.link[1]", "error link-repeated Bundle.link[3]"]);
});

test("a canonical is absolute or a fragment", () => {
  const measure = (library: string): object => ({ resourceType: "Measure", status: "draft", library: [library] });
  for (const address of ["http://e.org/Library/l|1", "urn:uuid:00000000-0000-4000-8000-000000000000"]) expect(said(measure(address))).toEqual([]);
  expect(said({ ...measure("#l"), contained: [{ resourceType: "Library", id: "l", status: "draft", type: { text: "logic" } }] })).toEqual([]);
  expect(said(measure("Library/l"))).toEqual(["error canonical-relative Measure.library[0]"]);
});

describe("the differential of a profile (structuredefinition.html)", () => {
  const profile = (...element: object[]): object => ({
    resourceType: "StructureDefinition",
    url: "http://e.org/p",
    name: "P",
    status: "draft",
    kind: "resource",
    abstract: false,
    type: "Observation",
    baseDefinition: "http://hl7.org/fhir/StructureDefinition/Observation",
    derivation: "constraint",
    differential: { element: element.map((one, at) => ({ id: `e${at}`, ...one })) },
  });
  const slicing = { discriminator: [{ type: "value", path: "url" }], rules: "open" };
  const binding = { strength: "required", valueSet: "http://e.org/v" };

  test("names elements of the type, choices by their type or as a choice, to any depth", () => {
    const paths = [
      "Observation",
      "Observation.value[x]",
      "Observation.valueQuantity.unit",
      "Observation.component.referenceRange.low.value",
      "Observation.subject.identifier.system",
    ];
    expect(said(profile(...paths.map((path) => ({ path }))))).toEqual([]);
  });

  test.each([
    ["a path that is none", { path: "Observation.valueBla" }, "differential-path"],
    ["a path of another type", { path: "Patient.name" }, "differential-path"],
    ["a path that goes wrong below", { path: "Observation.component.valu" }, "differential-path"],
    ["a sliced root", { path: "Observation", slicing }, "differential-root-sliced"],
    ["a binding where there is no code", { path: "Observation.issued", type: [{ code: "instant" }], binding }, "differential-binding"],
  ])("%s", (_, element, rule) => {
    const whole = rule === "differential-binding" ? [] : ["error differential-unusable StructureDefinition"];
    expect(said(profile({ path: "Observation" }, element))).toEqual([`error ${rule} StructureDefinition.differential.element[1]`, ...whole]);
  });

  test("a sliced element, a binding on a code, a logical model of its own", () => {
    expect(
      said(profile({ path: "Observation.category", slicing }, { path: "Observation.code", type: [{ code: "CodeableConcept" }], binding })),
    ).toEqual([]);
    expect(said({ ...profile({ path: "Mine.thing" }), type: "Mine", derivation: "specialization" })).toEqual([]);
  });
});

test("the expression of a SearchParameter is FHIRPath", () => {
  const parameter = (expression: string): object => ({ resourceType: "SearchParameter", type: "token", expression });
  expect(said(parameter("Patient.name.where(use = 'official').family | (Observation.value as Quantity)"))).toEqual([]);
  expect(said(parameter("Patient.name.where("))).toEqual(["error search-expression SearchParameter.expression"]);
  expect(said(parameter("Patient | | Group"))).toEqual(["error search-expression SearchParameter.expression"]);
  // A chain of thousands is read, not followed into the stack's end.
  for (const link of [".b", "[0]", "|a", "+1", " and a"]) expect(said(parameter("a" + link.repeat(1500)))).toEqual([]);
});

test("a ValueSet takes in code systems by their absolute addresses, without a version", () => {
  const taking = (...systems: string[]): object => ({ resourceType: "ValueSet", compose: { include: systems.map((system) => ({ system })) } });
  expect(said(taking("https://x.example/c", "#contained"))).toEqual([]);
  expect(said(taking("codes", "https://x.example/c|2"))).toEqual([
    "error include-system ValueSet.compose.include[0]",
    "error include-system ValueSet.compose.include[1]",
  ]);
});
