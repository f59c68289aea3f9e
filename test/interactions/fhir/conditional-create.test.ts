import { expect, test } from "@jest/globals";
import { askedByProgram } from "../../../src/core/asked.ts";
import { conditionQuery, noneExists } from "../../../src/interactions/fhir/conditional-create.ts";
import type { SearchPage } from "../../../src/search/search-page.ts";
import { R4, SEARCH_PARAMETERS } from "../../r4.ts";

const NEEDS = {
  definitions: R4.definitions,
  parameters: SEARCH_PARAMETERS,
  terminology: R4.terminology,
  fhirBase: "https://documents.example.org/fhir",
};
const QUERY = conditionQuery("identifier=urn:oid:1.2.3|4711", { ...NEEDS, reader: { find: () => Promise.reject(new Error("not asked")) } });
const asked = askedByProgram("test");
const nothing: SearchPage = { matches: [], included: [], total: undefined, size: 5, missing: 0, next: undefined, isCut: false };

const holds = (find: () => Promise<SearchPage>, size: number): Promise<boolean> | boolean | undefined =>
  noneExists(asked, [QUERY], { reader: { find } })?.(size);

test("a condition holds when all of the log was searched and nothing was found", async () => {
  expect(await holds(() => Promise.resolve(nothing), 5)).toBe(true);
  expect(await holds(() => Promise.resolve(nothing), 6)).toBe(false);
  expect(await holds(() => Promise.resolve({ ...nothing, missing: 1 }), 5)).toBe(false);
});

test("one that cannot be answered at once holds up nobody's commit: it counts as not held", async () => {
  expect(await holds(() => new Promise(() => undefined), 5)).toBe(false);
});

test("one that fails fails", async () => {
  await expect(holds(() => Promise.reject(new Error("away")), 5)).rejects.toThrow("away");
});
