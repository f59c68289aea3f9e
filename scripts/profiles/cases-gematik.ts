/** German prescriptions and certificates: a folder with an index, and a checkout of gematik/app-referencevalidator with its dated sets. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Case, CaseSet } from "./case.ts";
import { creationDay } from "./creation-day.ts";
import { readPlain, type Plain } from "./plain.ts";
import { readYaml } from "./yaml.ts";

/** What the official validator leaves to others. */
const KBV_IGNORED = [
  "http://fhir.de/CodeSystem/ifa/pzn",
  "http://fhir.de/CodeSystem/ask",
  "http://fhir.de/CodeSystem/bfarm/atc",
  "http://snomed.info/sct",
];

/** Whoever sends by these programmes may use no extension that they don't define, and declare no profile that they don't have. */
const COMMON = { anyExtensions: false, everyProfileHeld: true, assumeValidReferences: false, profiles: [] } as const;

/** Cases of a folder whose `index.json` says of each whether it is valid, and whose `packages/` has the set. */
export function kbvCases(folder: string): Case[] {
  const index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as readonly { readonly file: string; readonly valid: boolean }[];
  const archives = readdirSync(join(folder, "packages")).map((name) => join(folder, "packages", name));
  const set: CaseSet = { name: "kbv 2024-10-01 to 2025-03-31", archives, definitions: [], ignoredSystems: KBV_IGNORED };
  return index.map(({ file, valid }) => ({ ...COMMON, family: "kbv", name: file, file: join(folder, file), sets: [set], valid }));
}

interface Dated {
  readonly name: string;
  readonly packages: readonly string[];
  readonly validFrom?: string;
  readonly validTill?: string;
}
interface Config {
  readonly ignoredCodeSystems?: readonly string[];
  readonly dependencyLists: Readonly<Record<string, Omit<Dated, "name">>>;
  readonly supportedProfiles: Readonly<
    Record<
      string,
      { readonly profileVersions: Readonly<Record<string, { readonly dependencyLists: readonly string[]; readonly creationDateLocator?: string }>> }
    >
  >;
}

/** The dated sets of its modules, for instances of others. */
export function gematikSets(checkout: string, more: readonly string[]): CaseSet[] {
  return MODULES.flatMap((module) => {
    const resources = join(checkout, `valmodule-${module}/src/main/resources`, module);
    const config = configOf(resources);
    return Object.entries(config.dependencyLists).map(([name, list]) => setOf(name, list, config, [join(resources, "package"), ...more]));
  });
}

function configOf(resources: string): Config {
  return readYaml(readFileSync(join(resources, "config.yaml"), "utf8")) as unknown as Config;
}

const MODULES = ["erp", "eau"] as const;

/**
 * The instances of its modules, each with the sets that are in force for it by its profile, version and day. One that falls outside of all has none, and is to be refused for that alone.
 * @param more folders in which archives are looked for that the checkout lacks (over 4 MB)
 */
export function gematikCases(checkout: string, more: readonly string[]): Case[] {
  return MODULES.flatMap((module) => {
    const resources = join(checkout, `valmodule-${module}/src/main/resources`, module);
    const config = configOf(resources);
    const sets = new Map(
      Object.entries(config.dependencyLists).map(([name, list]) => [name, setOf(name, list, config, [join(resources, "package"), ...more])]),
    );
    const tests = join(checkout, `valmodule-${module}/src/test/resources`);
    return filesBelow(tests)
      .filter((file) => /\.(?:xml|json)$/.test(file) && /\/(?:in)?valid\//.test(file))
      .map((file): Case => {
        const name = file.slice(tests.length + 1);
        const sets_ = inForce(file, config).map((list) => sets.get(list) as CaseSet);
        return { ...COMMON, family: `${module} ${name.split("/")[0] ?? ""}`, name, file, sets: sets_, valid: name.includes("/valid/") };
      });
  });
}

function setOf(name: string, { packages }: Omit<Dated, "name">, config: Config, folders: readonly string[]): CaseSet {
  const archives = packages.map((archive) => archiveIn(archive, folders)).filter((archive) => archive !== undefined);
  return { name, archives, definitions: [], ignoredSystems: config.ignoredCodeSystems ?? [] };
}

/** An archive of that name; of HL7's terminology, which is large and changes little, one of another version will do. */
function archiveIn(name: string, folders: readonly string[]): string | undefined {
  const exact = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (exact !== undefined || !name.startsWith("hl7.terminology")) return exact;
  for (const folder of folders) {
    const other = existsSync(folder) ? readdirSync(folder).find((one) => one.startsWith("hl7.terminology")) : undefined;
    if (other !== undefined) return join(folder, other);
  }
  return undefined;
}

/** Which lists are in force for an instance: by the first of its profiles that the programme has, its version, and its day. */
function inForce(file: string, config: Config): string[] {
  let plain: Plain;
  try {
    plain = readPlain(file);
  } catch {
    return []; // what can't be read is in force nowhere, and is refused
  }
  const declared = ((plain["meta"] as { readonly profile?: readonly string[] } | undefined)?.profile ?? []).map((canonical) => canonical.split("|"));
  for (const [url = "", version] of declared) {
    const versions = config.supportedProfiles[url]?.profileVersions;
    const found = versions && (version === undefined ? Object.values(versions).at(-1) : versions[version]);
    if (!found) continue;
    if (found.creationDateLocator === undefined) return [...found.dependencyLists];
    const day = creationDay(plain, found.creationDateLocator);
    return found.dependencyLists.filter((list) => {
      const { validFrom, validTill } = config.dependencyLists[list] ?? {};
      return day !== undefined && (validFrom === undefined || day >= validFrom) && (validTill === undefined || day <= validTill);
    });
  }
  return [];
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
