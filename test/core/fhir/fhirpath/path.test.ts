import { describe, expect, test } from "@jest/globals";
import { FhirPathError } from "../../../../src/core/fhir/fhirpath/errors.ts";
import { found, resourceNode } from "./reading.ts";

const PATIENT = resourceNode(`{
  "resourceType": "Patient", "id": "p", "active": true,
  "_birthDate": {"extension": [{"url": "http://example.org/why", "valueCode": "unknown"}]},
  "name": [{"family": "Meyer", "given": ["Ada", null, "B."], "_given": [null, {"id": "g2", "extension": [{"url": "http://example.org/x", "valueString": "y"}]}, null]}, {"given": ["Eva"]}],
  "multipleBirthInteger": 2,
  "contained": [{"resourceType": "Organization", "id": "o", "name": "Ward"}],
  "unknown": 1
}`);
const OBSERVATION = resourceNode(
  '{"resourceType":"Observation","valueQuantity":{"value":1.10,"unit":"g","system":"http://unitsofmeasure.org","code":"g"}}',
);

describe("paths", () => {
  test.each([
    ["name.given", ["Ada", "string", "B.", "Eva"]],
    ["Patient.name.family", ["Meyer"]],
    ["Resource.id | DomainResource.active", ["p", "true"]],
    ["Observation.status", []],
    ["multipleBirth", ["2"]],
    ["multipleBirth is integer", ["true"]],
    ["multipleBirthInteger", []],
    ["contained.name", ["Ward"]],
    ["contained.type().name", ["Organization"]],
    ["unknown", []],
    ["name[1].given", ["Eva"]],
    ["name[2]", []],
    ["active.value.type().namespace", ["System"]],
  ])("%s", (expression, expected) => {
    expect(found(expression, PATIENT)).toEqual(expected);
  });

  test.each([
    ["birthDate.exists()", ["true"]],
    ["birthDate.hasValue()", ["false"]],
    ["birthDate.extension('http://example.org/why').value", ["unknown"]],
    ["name.given.id", ["g2"]],
    ["name.given.extension.value", ["y"]],
    ["name.given[1].hasValue()", ["false"]],
    ["name.given.where(hasValue()).count()", ["3"]],
    ["birthDate = @2014", ["false"]],
    ["birthDate < @2014", []],
  ])("a primitive without a value: %s", (expression, expected) => {
    expect(found(expression, PATIENT)).toEqual(expected);
  });

  test("a decimal keeps its zero", () => {
    expect(found("value.value.toString() | value.toString()", OBSERVATION)).toEqual(["1.10", "1.10 'g'"]);
    expect(found("value.value = 1.1 and value = 1100 'mg'", OBSERVATION)).toEqual(["true"]);
    expect(found("(value as Quantity).value | value.ofType(Period)", OBSERVATION)).toEqual(["1.10"]);
  });

  test("children are all that stands within, descendants all below", () => {
    expect(found("children().count()", PATIENT)).toEqual(["7"]);
    expect(found("descendants().where($this = 'Ward').count()", PATIENT)).toEqual(["1"]);
    expect(found("descendants().ofType(Extension).count()", PATIENT)).toEqual(["2"]);
  });

  test("strict mode knows what a type has not", () => {
    expect(() => found("name.familiy", PATIENT, {}, "strict")).toThrow(FhirPathError);
    expect(() => found("name.given.familiy", PATIENT, {}, "strict")).toThrow(FhirPathError);
    expect(() => found("Observation.status", PATIENT, {}, "strict")).toThrow(FhirPathError);
    expect(found("name.familiy", PATIENT)).toEqual([]);
  });
});
