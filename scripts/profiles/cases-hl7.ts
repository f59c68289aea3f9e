/** HL7's cases: those of a folder with an index, and those of a checkout of FHIR/fhir-test-cases. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { packageFacts } from "../../src/core/fhir/packages/package-facts.ts";
import { dependenciesOf, manifestOf } from "./archive.ts";
import type { Case, CaseSet, Expected } from "./case.ts";
import { readPlain, resourcesIn } from "./plain.ts";

interface Indexed {
  readonly name: string;
  readonly file: string;
  readonly profile: string;
  readonly load: readonly string[];
  readonly assumeValidRestReferences: boolean;
  readonly expected: { readonly errorCount?: number; readonly issues?: readonly Expected[] };
}

const COMMON = { anyExtensions: true, everyProfileHeld: false } as const;

/** Cases of a folder whose `index.json` names for each an instance, a profile and what to load beside it. */
export function indexedCases(folder: string): Case[] {
  const index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as readonly Indexed[];
  return index.map(({ name, file, profile, load, assumeValidRestReferences, expected }) => {
    const definitions = [...new Set([profile, ...load])].map((one) => join(folder, one));
    return {
      ...COMMON,
      family: "hl7",
      name,
      file: join(folder, file),
      profiles: [canonicalIn(join(folder, profile))],
      sets: [setOf(definitions, [])],
      assumeValidReferences: assumeValidRestReferences,
      valid: expected.errorCount === 0,
      ...(expected.issues && { expected: expected.issues }),
    };
  });
}

function setOf(definitions: readonly string[], archives: readonly string[]): CaseSet {
  return { name: [...archives, ...definitions].map((path) => basename(path)).join(" "), archives, definitions, ignoredSystems: [] };
}

/** The canonical that a definition file defines. */
function canonicalIn(file: string): string {
  for (const { url } of resourcesIn(readPlain(file))) if (typeof url === "string") return url;
  throw new Error(`${file} defines nothing.`);
}

interface Outcome {
  readonly issue?: readonly (Expected & { readonly details?: { readonly text?: string } })[];
}
type Told = string | { readonly outcome?: Outcome; readonly errorCount?: number } | undefined;
interface Listed {
  readonly name: string;
  readonly file: string;
  readonly version?: string;
  readonly java?: Told;
  readonly profiles?: readonly string[];
  readonly supporting?: readonly string[];
  readonly packages?: readonly string[];
  readonly logical?: object;
  readonly assumeValidRestReferences?: boolean;
  readonly "allowed-extension-domain"?: string;
  readonly profile?: {
    readonly source?: string;
    readonly supporting?: readonly string[];
    readonly packages?: readonly string[];
    readonly java?: Told;
    readonly assumeValidRestReferences?: boolean;
  };
}

/** Cases that can't be run from a checkout alone, and why. */
export interface Left {
  readonly name: string;
  readonly why: string;
}

/**
 * The R4 cases of a checkout that need a profile (`hl7-profile`), and those that declare profiles of packages or files that they name (`hl7-declared`).
 * @param archives folders in which packages are looked for that the checkout has not
 */
export function checkoutCases(checkout: string, archives: readonly string[]): { readonly cases: Case[]; readonly left: Left[] } {
  const folder = join(checkout, "validator");
  const manifest = JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as { readonly "test-cases": readonly Listed[] };
  const packages = packagesIn(archives);
  const cases: Case[] = [];
  const left: Left[] = [];
  for (const listed of manifest["test-cases"]) {
    if (listed.version?.startsWith("4.0") !== true || listed.logical) continue;
    const { profile } = listed;
    const hasDefinitions = [listed.profiles, listed.supporting, listed.packages].some((list) => list !== undefined && list.length > 0);
    if (profile?.source === undefined && !hasDefinitions) continue;
    try {
      cases.push(caseOf(listed, folder, packages));
    } catch (error) {
      left.push({ name: listed.name, why: (error as Error).message });
    }
  }
  return { cases, left };
}

/** @throws Error saying what is missing */
function caseOf(listed: Listed, folder: string, packages: ReadonlyMap<string, string>): Case {
  const { profile } = listed;
  const source = profile?.source;
  const isFile = source !== undefined && !source.startsWith("http");
  const names = [...(isFile ? [source] : []), ...(listed.profiles ?? []), ...(listed.supporting ?? []), ...(profile?.supporting ?? [])];
  const definitions = [...new Set(names)].map((name) => join(folder, name));
  for (const file of [join(folder, listed.file), ...definitions]) if (!existsSync(file)) throw new Error(`${file} is not there`);
  const archives = [...(listed.packages ?? []), ...(profile?.packages ?? [])].map((name) => {
    const archive = existsSync(join(folder, name)) ? join(folder, name) : packages.get(name);
    if (archive === undefined) throw new Error(`package ${name}`);
    return archive;
  });
  const closed = withDependencies(archives, folder);
  for (const archive of closed) packageFacts(manifestOf(archive)); // those of other releases of FHIR are refused here as by the service
  if (!/\.(?:json|xml)$/.test(listed.file)) throw new Error("neither JSON nor XML");
  const type = source === undefined ? typeIn(join(folder, listed.file)) : "";
  const isNoProfile = NO_PROFILES[type];
  if (isNoProfile !== undefined) throw new Error(`${type}: ${isNoProfile}`);
  const told = outcomeOf(source === undefined ? listed.java : profile?.java, folder);
  if (told === undefined) throw new Error("no outcome");
  return {
    ...COMMON,
    family: source === undefined ? "hl7-declared" : "hl7-profile",
    name: listed.name,
    file: join(folder, listed.file),
    profiles: source === undefined ? [] : [isFile ? canonicalIn(join(folder, source)) : source],
    sets: [setOf(definitions, closed)],
    assumeValidReferences: listed.assumeValidRestReferences ?? profile?.assumeValidRestReferences ?? false,
    ...told,
  };
}

const OF_DEFINITIONS = "a definition held against other definitions, not a resource against a profile";
/** Instances whose cases are about something else than profiles, by their type: which verdict they have plays no part. */
const NO_PROFILES: Readonly<Record<string, string>> = {
  QuestionnaireResponse: "held against a Questionnaire, not a profile",
  MeasureReport: "held against a Measure, not a profile",
  ...Object.fromEntries(
    ["StructureDefinition", "ValueSet", "CodeSystem", "ConceptMap", "Measure", "Questionnaire", "SearchParameter", "ImplementationGuide"].map(
      (type) => [type, OF_DEFINITIONS],
    ),
  ),
};

/** The type of the resource of a file; nothing where it can't be read, which is a case of its own. */
function typeIn(file: string): string {
  try {
    for (const { resourceType } of resourcesIn(readPlain(file))) return String(resourceType);
  } catch {
    return "";
  }
  return "";
}

/** With the archives of the checkout that they depend on: each lies beside whoever needs it. */
function withDependencies(archives: readonly string[], folder: string): string[] {
  const all = new Set(archives);
  for (const archive of all) {
    if (!archive.startsWith(folder)) continue; // those from elsewhere come whole
    for (const [name, version] of Object.entries(dependenciesOf(archive))) {
      const beside = join(dirname(archive), `${name}#${version}.tgz`);
      if (existsSync(beside)) all.add(beside);
    }
  }
  return [...all];
}

function outcomeOf(told: Told, folder: string): Pick<Case, "valid" | "expected"> | undefined {
  if (typeof told === "string") {
    const file = join(folder, "outcomes", told);
    return existsSync(file) ? outcomeIn(JSON.parse(readFileSync(file, "utf8")) as Outcome) : undefined;
  }
  if (told?.outcome) return outcomeIn(told.outcome);
  return told?.errorCount === undefined ? undefined : { valid: told.errorCount === 0 };
}

function outcomeIn({ issue = [] }: Outcome): Pick<Case, "valid" | "expected"> {
  const errors = issue.filter(({ severity }) => severity === "error" || severity === "fatal");
  return { valid: errors.length === 0, expected: errors };
}

/** Archives by `name#version`, from names such as `x#1.0.0.tgz` and `x-1.0.0.tgz`. */
export function packagesIn(folders: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder)) {
      const parts = /^(.+?)[#-](\d[^#]*)\.tgz$/.exec(name);
      if (parts) found.set(`${parts[1] ?? ""}#${parts[2] ?? ""}`, join(folder, name));
    }
  }
  return found;
}
