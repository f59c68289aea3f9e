/** Any folder of instances beside any folder of archives; and documents with an index, of which nobody says how they should be judged. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { definitionsIn } from "./archive.ts";
import type { Case, CaseSet } from "./case.ts";
import { readPlain, type Plain } from "./plain.ts";

const COMMON = { anyExtensions: true, everyProfileHeld: false, assumeValidReferences: false, profiles: [] } as const;

/** The archives of a folder as one set. */
export function setOfFolder(folder: string): CaseSet {
  const archives = readdirSync(folder)
    .filter((name) => name.endsWith(".tgz"))
    .sort()
    .map((name) => join(folder, name));
  return { name: basename(folder), archives, definitions: [], ignoredSystems: [] };
}

/** Each JSON and XML file below a folder. One below a folder `valid` or `invalid` is expected to be so. */
export function folderCases(instances: string, set: CaseSet): Case[] {
  return readdirSync(instances, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:json|xml)$/.test(entry.name) && entry.name !== "index.json")
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file): Case => {
      const name = file.slice(instances.length + 1);
      const [word] = name.split("/").filter((part) => part === "valid" || part === "invalid");
      return { ...COMMON, family: basename(instances), name, file, sets: [set], valid: word === undefined ? undefined : word === "valid" };
    });
}

/**
 * The documents of a folder with an index that declare profiles, each against the set that holds most of what it declares, and of those the smallest.
 * @param sets what there is: folders of archives, dated lists of a programme
 */
export function documentCases(folder: string, sets: readonly CaseSet[]): { readonly cases: Case[]; readonly told: string[] } {
  const index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as readonly { readonly file: string }[];
  const indexes = sets.map((set) => ({ set, canonicals: canonicalsOf(set) }));
  const cases: Case[] = [];
  const told: string[] = [];
  for (const { file } of index) {
    const declared = declaredIn(join(folder, file));
    if (declared.length === 0) continue;
    const ranked = indexes
      .map(({ set, canonicals }) => ({ set, size: canonicals.size, held: declared.filter((canonical) => isHeld(canonical, canonicals)).length }))
      .filter(({ held }) => held > 0)
      .sort((left, right) => right.held - left.held || left.size - right.size);
    const best = ranked[0];
    const family = best?.set.name ?? "no set";
    told.push(`${file}: ${best?.held ?? 0} of ${declared.length} declared profiles are held by ${family}`);
    cases.push({ ...COMMON, family, name: file, file: join(folder, file), sets: best ? [best.set] : [], valid: undefined });
  }
  return { cases, told };
}

const archives = new Map<string, readonly string[]>();

/** What a set's archives define: `url|version`. */
function canonicalsOf(set: CaseSet): ReadonlySet<string> {
  return new Set(
    set.archives.flatMap((archive) => {
      const known =
        archives.get(archive) ?? [...definitionsIn(archive)].filter(isProfile).map(({ url, version }) => `${String(url)}|${String(version)}`);
      archives.set(archive, known);
      return known;
    }),
  );
}

function isProfile({ resourceType }: Plain): boolean {
  return resourceType === "StructureDefinition";
}

const CORE = /^http:\/\/hl7\.org\/fhir\/StructureDefinition\//;

/** `|1.5` is 1.5 and each 1.5.x. */
function isHeld(canonical: string, held: ReadonlySet<string>): boolean {
  const [url = "", version] = canonical.split("|");
  if (CORE.test(url)) return true;
  for (const one of held) if (one.startsWith(`${url}|`) && (version === undefined || `${one}.`.startsWith(`${url}|${version}.`))) return true;
  return false;
}

/** The profiles that the resources of a document declare, each once. What can't be read declares none. */
function declaredIn(file: string): string[] {
  let plain: Plain;
  try {
    plain = readPlain(file);
  } catch {
    return [];
  }
  const entries = (plain["entry"] ?? []) as readonly { readonly resource?: Plain }[];
  const profiles = [plain, ...entries.flatMap(({ resource }) => (resource ? [resource] : []))].flatMap(
    ({ meta }) => (meta as { readonly profile?: readonly unknown[] } | undefined)?.profile ?? [],
  );
  return [...new Set(profiles.filter((profile) => typeof profile === "string"))];
}
