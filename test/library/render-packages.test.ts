import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { render } from "../../src/library/render.ts";
import { madePackage } from "../core/fhir/packages/made-archive.ts";

const DOCUMENT = readFileSync("fixtures/documents/valid/discharge-summary-long.json");
const packages = mkdtempSync(join(tmpdir(), "chartulary-packages-"));
const profile = (name: string, element: string): object => ({
  ...{
    resourceType: "StructureDefinition",
    url: `http://example.org/${name}`,
    version: "1.0.0",
    name,
    title: `A ${name} summary`,
    type: "Composition",
  },
  ...{ kind: "resource", derivation: "constraint", baseDefinition: "http://hl7.org/fhir/StructureDefinition/Composition" },
  differential: { element: [{ id: `Composition.${element}`, path: `Composition.${element}`, min: 1 }] },
});
const demand = (name: string): void => {
  const documents = [{ system: "http://loinc.org", code: "18842-5", profiles: [`http://example.org/${name}`] }];
  writeFileSync(join(packages, "packages.json"), JSON.stringify({ format: "chartulary-packages/1", documents }));
};

beforeAll(async () => writeFileSync(join(packages, "example.tgz"), await madePackage("example", "1.0.0", [profile("titled", "title"), profile("related", "relatesTo")]))); // prettier-ignore
afterAll(() => rmSync(packages, { recursive: true, force: true }));

test("chartulary/render shows what a document was held against, refuses what breaks it, and asks no packages without being told", async () => {
  demand("titled");
  expect(await render(DOCUMENT, { packages })).toMatchObject({ valid: true, html: expect.stringContaining("A titled summary") });
  demand("related");
  expect(await render(DOCUMENT, { packages })).toMatchObject({
    valid: false,
    issues: expect.arrayContaining([expect.objectContaining({ rule: "profile-element-missing" })]),
  });
  expect(await render(DOCUMENT)).toMatchObject({ valid: true, html: expect.not.stringContaining("A titled summary") });
  writeFileSync(join(packages, "broken.tgz"), "");
  await expect(render(DOCUMENT, { packages })).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining("broken.tgz") });
});
