import { expect, test } from "@jest/globals";
import { briefly, saidOf, type Plain } from "../a-document.ts";

const errors = (resource: Plain): string[] => briefly(saidOf(resource)).filter((line) => line.startsWith("error canonical"));
const activity = (url: string): Plain => ({ resourceType: "ActivityDefinition", status: "draft", url });
const library = (...addresses: string[]): Plain => ({ resourceType: "ActivityDefinition", status: "draft", library: addresses });

test("the address of a resource that is published is absolute", () => {
  expect(errors(activity("activities/1"))).toEqual(["error canonical-relative ActivityDefinition.url"]);
  expect(errors(activity("#a"))).toEqual(["error canonical-relative ActivityDefinition.url"]);
  expect([...errors(activity("https://x.example/a")), ...errors(activity("urn:oid:2.999.1"))]).toEqual([]);
  // A Contract's url is no canonical, and a Bundle.link's is none either.
  expect(errors({ resourceType: "Contract", url: "contracts/1" })).toEqual([]);
});

test("one that names another is absolute, or a fragment that leads to a contained resource", () => {
  expect(errors(library("https://x.example/l|1", "Library/l", "#l"))).toEqual([
    "error canonical-relative ActivityDefinition.library[1]",
    "error canonical-unresolved ActivityDefinition.library[2]",
  ]);
  const contained = [{ resourceType: "Library", id: "l", status: "draft", type: { text: "logic" } }];
  expect(errors({ ...library("#l"), contained })).toEqual([]);
});
