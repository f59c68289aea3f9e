import { describe, expect, test } from "@jest/globals";
import { treeOf, type JsonObject } from "../../../../src/core/fhir/json/tree.ts";
import { DEFAULT_POLICY } from "../../../../src/pipeline/validate/policy.ts";
import { validate } from "../../../../src/pipeline/validate/validate.ts";

const RULES = new Set(["canonical-relative", "composite-components", "enable-when-unknown", "enable-when-within", "link-repeated"]);
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
    expect(said(questionnaire(plain("a"), asking("b", "x")))).toEqual(["error enable-when-unknown Questionnaire.item[1].enableWhen[0]"]);
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
