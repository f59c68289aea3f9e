import { describe, expect, test } from "@jest/globals";
import { isOfResource } from "../../../../src/core/fhir/fhirpath/hoist.ts";
import { parseFhirPath } from "../../../../src/core/fhir/fhirpath/parser.ts";
import type { FhirPathNode } from "../../../../src/core/fhir/fhirpath/node.ts";
import { found, resourceNode } from "./reading.ts";
import { compileFhirPath } from "../../../r4.ts";

describe("what is the same for a whole resource", () => {
  test.each([
    ["%resource.snapshot.element.first().path & '.'", true],
    ["%rootResource.contained.id.trace('ids')", true],
    ["%resource.type = 'batch' or %resource.type = 'history'", true],
    ["path.startsWith(%resource.type)", false],
    ["%resource.entry.where(fullUrl = 'x')", false],
    ["%context.grouping.id", true],
    ["$this.grouping.id", false],
    ["%resource.type = type", false],
    ["'a' | 'b'", false],
    ["%resource.meta.lastUpdated < now()", false],
  ])("%s: %s", (text, expected) => {
    expect(isOfResource(parseFhirPath(text))).toBe(expected);
  });

  test("is worked out once for an environment, however many elements ask", () => {
    const list = resourceNode(`{"resourceType":"List","entry":[${Array.from({ length: 20 }, () => '{"deleted":true}').join()}]}`);
    let traced = 0;
    const environment = { resource: list, trace: () => traced++ };
    const expression = compileFhirPath("entry.all(%resource.entry.deleted.trace('t').exists())");
    expect(expression.holds(list, environment)).toBe(true);
    expect(expression.holds(list, environment)).toBe(true);
    expect(traced).toBe(1);
    expression.holds(list, { ...environment });
    expect(traced).toBe(2);
  });

  test("%context is another one for every focus", () => {
    const list = resourceNode('{"resourceType":"List","contained":[{"resourceType":"Basic","id":"a"},{"resourceType":"Basic","id":"b"}]}');
    const environment = { resource: list };
    const ids = compileFhirPath("contained").evaluate(list) as FhirPathNode[];
    const expression = compileFhirPath("%context.id & %resource.contained.count().toString()");
    expect(ids.map((node) => expression.evaluate(node, environment)[0])).toEqual(["a2", "b2"]);
  });

  test("is never taken from another resource", () => {
    const [one, other] = ["a", "b"].map((id) => resourceNode(`{"resourceType":"Patient","id":"${id}"}`));
    const expression = compileFhirPath("%resource.id = id");
    for (const node of [one!, other!]) {
      expect(expression.holds(node)).toBe(true);
      expect(expression.holds(node, { resource: node })).toBe(true);
    }
    expect(found("%resource.id", one)).toEqual(["a"]);
  });
});
