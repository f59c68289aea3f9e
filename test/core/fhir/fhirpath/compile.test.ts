import { describe, expect, test } from "@jest/globals";
import { FhirPathError, FhirPathSyntaxError } from "../../../../src/core/fhir/fhirpath/errors.ts";
import { found, NOTHING, resourceNode } from "./reading.ts";
import { compileFhirPath } from "../../../r4.ts";

const PATIENT = resourceNode('{"resourceType":"Patient","active":true,"name":[{"use":"official","family":"A"},{"family":"B"}]}');
const LIST = resourceNode(`{"resourceType":"List","contained":[{"resourceType":"Patient","id":"p"}],
  "entry":[{"item":{"reference":"#p"}},{"item":{"reference":"Patient/far"}},{"item":{"reference":"#none"}},{"item":{"reference":"#"}}]}`);

describe("an expression", () => {
  test("as a condition: nothing does not hold, and is told from false", () => {
    expect(compileFhirPath("gender = 'male'").truth(PATIENT)).toBeUndefined();
    expect(compileFhirPath("gender = 'male'").holds(PATIENT)).toBe(false);
    expect(compileFhirPath("active").holds(PATIENT)).toBe(true);
    expect(compileFhirPath("name.first()").holds(PATIENT)).toBe(true);
    expect(() => compileFhirPath("name").holds(PATIENT)).toThrow(FhirPathError);
  });

  test("can be asked again and again, also after it failed", () => {
    const expression = compileFhirPath("name.where(family.single() = 'A').use");
    expect(expression.evaluate(PATIENT)).toHaveLength(1);
    expect(() => compileFhirPath("name.select(%absent)").evaluate(PATIENT)).toThrow(FhirPathError);
    expect(expression.evaluate(PATIENT)).toHaveLength(1);
  });

  test.each(["1 > 'a'", "name.single()", "true.startsWith('t')", "name + 1", "-'a'", "true and (1 | 2)", "name.skip('1')", "'a'.matches('[')"])(
    "%s cannot be worked out",
    (text) => {
      expect(() => compileFhirPath(text, "standard").truth(PATIENT)).toThrow(FhirPathError);
    },
  );

  test("$this, $index and $total are those of the innermost function", () => {
    expect(found("name.select(iif($index = 1, family, {}))", PATIENT)).toEqual(["B"]);
    expect(found("name.where(family.where($this = 'B').exists()).family", PATIENT)).toEqual(["B"]);
    expect(found("(1 | 2 | 3).aggregate($total + $this, 0)")).toEqual(["6"]);
    expect(found("name.select((1 | 2).select($index) | $index)", PATIENT)).toEqual(["0", "1", "0", "1"]);
  });

  test("the right side is asked only where the left does not decide", () => {
    expect(found("true or (1 | 2).single()")).toEqual(["true"]);
    expect(found("false and (1 | 2).single()")).toEqual(["false"]);
    expect(found("false implies (1 | 2).single()")).toEqual(["true"]);
  });
});

describe("the environment", () => {
  test("%resource, %rootResource and %context", () => {
    expect(found("%resource.active | %context.active", PATIENT)).toEqual(["true"]);
    expect(found("%rootResource.name.family", NOTHING, { resource: NOTHING, rootResource: PATIENT })).toEqual(["A", "B"]);
    expect(found("%`ext-a` | %`vs-b` | %us", NOTHING, { variables: { us: "here" } })).toEqual([
      "http://hl7.org/fhir/StructureDefinition/a",
      "http://hl7.org/fhir/ValueSet/b",
      "here",
    ]);
  });

  test("resolve() looks in the container itself, and asks for the rest", () => {
    const asked: string[] = [];
    const resolve = (reference: string): typeof PATIENT | undefined => {
      asked.push(reference);
      return reference === "Patient/far" ? PATIENT : undefined;
    };
    expect(found("entry.item.resolve().type().name", LIST, { resource: LIST, rootResource: LIST, resolve })).toEqual(["Patient", "Patient", "List"]);
    expect(asked).toEqual(["Patient/far"]);
  });

  test("memberOf() and conformsTo() ask", () => {
    expect(found("gender.memberOf('x')", PATIENT)).toEqual([]);
    expect(found("active.memberOf('x')", PATIENT, { memberOf: () => true })).toEqual(["true"]);
    expect(found("conformsTo('http://example.org/p')", PATIENT, { conformsTo: () => false })).toEqual(["false"]);
    expect(found("conformsTo('http://hl7.org/fhir/StructureDefinition/DomainResource')", PATIENT)).toEqual(["true"]);
    expect(() => found("conformsTo('http://example.org/p')", PATIENT)).toThrow(FhirPathError);
  });

  test("time stands still", () => {
    const now = new Date("2026-03-14T09:31:05.020Z");
    expect(found("now() | today() | timeOfDay()", NOTHING, { now })).toEqual(["2026-03-14T09:31:05.020Z", "2026-03-14", "09:31:05.020"]);
  });

  test("trace() tells and changes nothing", () => {
    const told: unknown[] = [];
    expect(found("name.trace('n', family).count()", PATIENT, { trace: (name, items) => told.push([name, items.length]) })).toEqual(["2"]);
    expect(told).toEqual([["n", 2]]);
  });
});

describe("modes", () => {
  test("as() on a collection filters for R4's invariants, and is an error in the language", () => {
    expect(found("name.as(HumanName).family", PATIENT, {}, "lenient")).toEqual(["A", "B"]);
    expect(() => found("name.as(HumanName).family", PATIENT)).toThrow(FhirPathError);
  });

  test("a choice by the name that it has in JSON, as guides write it, leads to it for invariants, and nowhere in the language", () => {
    const patient = resourceNode('{"resourceType":"Patient","deceasedBoolean":true}');
    expect(found("deceasedBoolean", patient, {}, "lenient")).toEqual(["true"]);
    expect(found("deceasedDateTime", patient, {}, "lenient")).toEqual([]);
    expect(found("deceasedBoolean", patient)).toEqual([]);
  });

  test("a FHIR boolean is a Boolean for R4's invariants (que-7), and is none in the language", () => {
    expect(found("active is Boolean", PATIENT, {}, "lenient")).toEqual(["true"]);
    expect(found("active is Boolean", PATIENT)).toEqual(["false"]);
    expect(found("active.as(Boolean)", PATIENT, {}, "lenient")).toEqual(["true"]);
    expect(found("active.as(Boolean)", PATIENT)).toEqual([]);
  });

  test("strict sees a wrong name behind a cast before anything is evaluated", () => {
    expect(() => compileFhirPath("(Observation.value as Period).unit", "strict")).toThrow(FhirPathSyntaxError);
    expect(() => compileFhirPath("children().first()", "strict")).toThrow(FhirPathSyntaxError);
  });
});
