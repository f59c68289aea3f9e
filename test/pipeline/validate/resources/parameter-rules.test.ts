import { expect, test } from "@jest/globals";
import { briefly, saidOf, type Plain } from "../a-document.ts";

const NAME = "http://hl7.org/fhir/SearchParameter/Organization-name";

const parameter = (more: Plain): Plain => ({
  resourceType: "SearchParameter",
  url: "http://example.org/x",
  name: "X",
  status: "active",
  description: "x",
  code: "x",
  base: ["Organization"],
  type: "string",
  expression: "Organization.name",
  derivedFrom: NAME,
  ...more,
});

const statement = (definition: string, type: string): Plain => ({
  resourceType: "CapabilityStatement",
  status: "active",
  date: "2026-01-01",
  kind: "requirements",
  description: "x",
  fhirVersion: "4.0.1",
  format: ["json"],
  rest: [{ mode: "server", resource: [{ type: "Organization", searchParam: [{ name: "name", definition, type }] }] }],
});

test("what is derived from a SearchParameter of R4 is of its type, for some of its resources", () => {
  expect(briefly(saidOf(parameter({})))).toEqual([]);
  expect(briefly(saidOf(parameter({ type: "token" })))).toEqual(["error parameter-type SearchParameter"]);
  expect(briefly(saidOf(parameter({ base: ["Organization", "Patient"] })))).toEqual(["error parameter-base SearchParameter"]);
  expect(briefly(saidOf(parameter({ derivedFrom: `${NAME}|4.0.1`, type: "token" })))).toEqual(["error parameter-type SearchParameter"]);
  expect(briefly(saidOf(parameter({ base: ["Patient"], derivedFrom: "http://hl7.org/fhir/SearchParameter/Resource-id", type: "token" })))).toEqual(
    [],
  );
  expect(briefly(saidOf(parameter({ derivedFrom: "http://example.org/SearchParameter/x", type: "token" })))).toEqual([]);
});

test("a CapabilityStatement says of R4's SearchParameters what they are", () => {
  expect(briefly(saidOf(statement(NAME, "string")))).toEqual([]);
  expect(briefly(saidOf(statement(NAME, "token")))).toEqual(["error parameter-type CapabilityStatement.rest[0].resource[0].searchParam[0]"]);
  expect(briefly(saidOf(statement("http://hl7.org/fhir/SearchParameter/constructor", "token")))).toEqual([]);
});
