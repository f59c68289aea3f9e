import { expect, test } from "@jest/globals";
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { rootPlace } from "../../../src/pipeline/validate/place.ts";

test("names and indexes make the FHIRPath, in and out again", () => {
  const place = rootPlace(treeOf({ resourceType: "Bundle" }) as JsonObject);
  for (const step of ["entry", 3, "resource", "name", 0]) place.enter(step);
  expect([place.expression(), place.name()]).toEqual(["Bundle.entry[3].resource.name[0]", "name"]);
  place.leave();
  place.leave();
  expect([place.expression(), place.name()]).toEqual(["Bundle.entry[3].resource", "resource"]);
  expect(place.owner()).toBe("Bundle.entry[3]");
});

test.each([[{}], [{ resourceType: 1 }], [{ resourceType: "a b" }], [{ resourceType: "x".repeat(65) }]])("%j can't begin a FHIRPath", (resource) => {
  expect(rootPlace(treeOf(resource) as JsonObject).expression()).toBe("");
});
