import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { validate } from "../../src/library/validate.ts";
import { madePackage } from "../core/fhir/packages/made-archive.ts";

const URL = "http://example.org/StructureDefinition/named";
const PROFILE = {
  ...{ resourceType: "StructureDefinition", url: URL, version: "1.0.0", name: "Named", type: "Patient", kind: "resource" },
  ...{ derivation: "constraint", baseDefinition: "http://hl7.org/fhir/StructureDefinition/Patient" },
  differential: { element: [{ id: "Patient.name", path: "Patient.name", min: 1 }] },
};
const PATIENT = JSON.stringify({ resourceType: "Patient", meta: { profile: [URL] } });
const packages = mkdtempSync(join(tmpdir(), "chartulary-packages-"));

afterAll(() => rmSync(packages, { recursive: true, force: true }));

test("chartulary/validate holds resources against the packages of a folder, and of none without being told", async () => {
  writeFileSync(join(packages, "example.tgz"), await madePackage("example", "1.0.0", [PROFILE]));
  const rulesOf = ({ issues }: Awaited<ReturnType<typeof validate>>): readonly string[] => issues.map(({ rule }) => rule);
  const alone = await validate(PATIENT);
  expect([alone.valid, rulesOf(alone).includes("profile-not-held")]).toEqual([true, true]);
  const held = await validate(PATIENT, { packages });
  expect([held.valid, rulesOf(held)]).toEqual([false, expect.arrayContaining(["profile-element-missing"])]);
  expect([alone.profiles, held.profiles?.verdicts]).toEqual([undefined, [expect.objectContaining({ profile: URL, result: "broken" })]]);
  writeFileSync(join(packages, "broken.tgz"), "");
  await expect(validate(PATIENT, { packages })).rejects.toMatchObject({ code: "invalid", message: expect.stringContaining("broken.tgz") });
});
