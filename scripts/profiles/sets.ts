/** Sets of cases, opened as the service opens those of PACKAGES_DIR: read, stripped, given snapshots, compiled. */
import { readFileSync } from "node:fs";
import type { ProfileSet } from "../../src/core/fhir/conformance/conformance.ts";
import { readArchive, type ReadPackage } from "../../src/core/fhir/packages/archive.ts";
import { compileSet } from "../../src/core/fhir/packages/compile-set.ts";
import { readCompiledSet, type CompiledSet, type SetDefinition } from "../../src/core/fhir/packages/compiled-set.ts";
import { conformanceOf } from "../../src/core/fhir/packages/held-definitions.ts";
import { strippedStructureDefinition } from "../../src/core/fhir/packages/strip-structure-definition.ts";
import { strippedCodeSystem, strippedValueSet } from "../../src/core/fhir/packages/strip-terminology.ts";
import { readR4Set } from "../../src/core/fhir/r4/open-r4-set.ts";
import { createSnapshots } from "../../src/core/fhir/snapshots/snapshots.ts";
import type { CaseSet } from "./case.ts";
import { readPlain, resourcesIn, type Plain } from "./plain.ts";

let r4: CompiledSet | undefined;
const archives = new Map<string, Promise<ReadPackage>>();

/** Compiles a set anew. @returns with what could not be used of it */
export async function openSet({
  name,
  archives: files,
  definitions,
  ignoredSystems,
}: CaseSet): Promise<{ readonly set: ProfileSet; readonly faults: readonly string[] }> {
  r4 ??= readCompiledSet(readR4Set());
  const packages = await Promise.all(files.map(readOnce));
  const all = definitions.length === 0 ? packages : [...packages, packageOf(definitions, packages)];
  const compiled = readCompiledSet(compileSet(all, { key: name, r4, makesSnapshots: createSnapshots }));
  const conformance = conformanceOf([r4, compiled], name);
  const faults = compiled.unusable.map(({ canonical, why }) => `${canonical}: ${why}`);
  return { set: { name, conformance, documents: [], ignoredSystems: new Set(ignoredSystems) }, faults };
}

function readOnce(file: string): Promise<ReadPackage> {
  const known = archives.get(file) ?? readArchive(readFileSync(file));
  archives.set(file, known);
  return known;
}

const CASES = { name: "cases", version: "1" };

/** Definitions that stand alone, as a package that depends upon the others. */
function packageOf(files: readonly string[], others: readonly ReadPackage[]): ReadPackage {
  const definitions = files.flatMap((file) => resourcesIn(readPlain(file))).flatMap(strippedDefinition);
  return { facts: { ...CASES, dependencies: others.map(({ facts: { name, version } }) => ({ name, version })) }, definitions, passedOver: [] };
}

function strippedDefinition(plain: Plain): SetDefinition[] {
  switch (plain["resourceType"]) {
    case "StructureDefinition": {
      const resource = strippedStructureDefinition(plain);
      return resource ? [{ kind: "StructureDefinition", resource, origin: CASES }] : [];
    }
    case "ValueSet": {
      const resource = strippedValueSet(plain);
      return resource ? [{ kind: "ValueSet", resource, origin: CASES }] : [];
    }
    case "CodeSystem": {
      const resource = strippedCodeSystem(plain);
      return resource ? [{ kind: "CodeSystem", resource, origin: CASES }] : [];
    }
    default:
      return [];
  }
}
