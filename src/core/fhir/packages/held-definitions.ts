import type { Conformance, Held, Listed, Origin } from "../conformance/conformance.ts";
import type { CodeSystem } from "../conformance/terminology-resources.ts";
import { nameOf, R4_CORE, type CompiledSet, type DefinitionKind, type KindOf, type PackageFacts, type SetEntry } from "./compiled-set.ts";
import { compareVersions, majorMinorOf } from "./versions.ts";

/** An entry with the set that it stands in. */
interface Standing {
  readonly entry: SetEntry;
  readonly set: CompiledSet;
}

type Definition = KindOf[DefinitionKind];

/**
 * The definitions of several compiled sets together: R4's own, and that of the packages.
 * @param digest names them (`Conformance.digest`)
 */
export function conformanceOf(sets: readonly CompiledSet[], digest: string): Conformance {
  const packages = sets.flatMap((set) => set.packages);
  const standing = sets.flatMap((set) => set.entries.map((entry): Standing => ({ entry, set })));
  const byUrl = Map.groupBy(standing, ({ entry }) => calledBy(entry.isSupplement ? "supplement" : entry.kind, entry.url));
  const parsed = new Map<SetEntry, Held<Definition>>();
  const found = new Map<string, Standing>();
  const distances = new Map<string, ReadonlyMap<PackageFacts, number>>();

  const held = <Kind extends DefinitionKind>({ entry, set }: Standing): Held<KindOf[Kind]> => {
    let one = parsed.get(entry);
    if (one === undefined) parsed.set(entry, (one = { resource: set.read(entry), origin: entry.origin }));
    return one as Held<KindOf[Kind]>;
  };
  const distancesFrom = (from: Origin): ReadonlyMap<PackageFacts, number> => {
    const name = nameOf(from);
    let known = distances.get(name);
    if (known === undefined) distances.set(name, (known = distancesOf(from, packages)));
    return known;
  };
  const find = (kind: DefinitionKind, canonical: string, from: Origin | undefined): Standing | undefined => {
    const [, url = "", version] = /^([^|#]*)(?:\|([^#]*))?/s.exec(canonical) ?? [];
    const asked = calledBy(kind, version === undefined ? url : `${url}|${version}`, from && nameOf(from));
    const known = found.get(asked);
    if (known !== undefined) return known;
    const chosen = choose(byUrl.get(calledBy(kind, url)) ?? [], version, from && distancesFrom(from));
    // What strangers write into documents is not remembered: only what is held is, under its own version and without one.
    if (chosen !== undefined && (version === undefined || version === chosen.entry.version)) found.set(asked, chosen);
    return chosen;
  };
  const finder =
    <Kind extends DefinitionKind>(kind: Kind) =>
    (canonical: string, from?: Origin): Held<KindOf[Kind]> | undefined => {
      const one = find(kind, canonical, from);
      return one && held<Kind>(one);
    };
  let listed: readonly Listed[] | undefined;
  return {
    digest,
    // Opened one by one and not kept: nobody else may ever ask for most of them.
    listCodeSystems: () => (listed ??= standing.filter(({ entry }) => entry.kind === "CodeSystem" && !entry.isSupplement).flatMap(listedOf)),
    structureDefinition: finder("StructureDefinition"),
    valueSet: finder("ValueSet"),
    codeSystem: finder("CodeSystem"),
    supplements: (system) => (byUrl.get(calledBy("supplement", system)) ?? []).map((one) => held<"CodeSystem">(one)),
  };
}

/** Nothing of a system of which no codes are held. */
function listedOf({ entry, set }: Standing): Listed[] {
  const { url, version, content, copyright } = set.read(entry) as CodeSystem;
  const what = { url, ...(version !== undefined && { version }), ...(copyright !== undefined && { copyright }) };
  return content === "complete" || content === "fragment" ? [what] : [];
}

function calledBy(kind: DefinitionKind | "supplement", canonical: string, from = ""): string {
  return `${kind} ${from} ${canonical}`;
}

/**
 * Of definitions with the same canonical the one that is meant: of the version that is said, else of the newest with the same major and minor number; of several, that of the package which is nearest by the dependencies;
 * among those the newest. R4's own comes after those of packages, which are later.
 */
function choose(
  some: readonly Standing[],
  version: string | undefined,
  distances: ReadonlyMap<PackageFacts, number> | undefined,
): Standing | undefined {
  if (some.length <= 1 && version === undefined) return some[0];
  const exact = version === undefined ? some : some.filter(({ entry }) => entry.version === version);
  const majorMinor = version === undefined ? undefined : majorMinorOf(version);
  const matching =
    exact.length > 0 || majorMinor === undefined
      ? exact
      : some.filter(({ entry }) => entry.version !== undefined && majorMinorOf(entry.version) === majorMinor);
  return matching.toSorted((one, other) => order(one.entry, other.entry, distances))[0];
}

function order(one: SetEntry, other: SetEntry, distances: ReadonlyMap<PackageFacts, number> | undefined): number {
  const [near, far] = [distances?.get(one.origin) ?? Infinity, distances?.get(other.origin) ?? Infinity];
  if (near !== far) return near - far;
  const [isR4, isOtherR4] = [one.origin.name === R4_CORE.name, other.origin.name === R4_CORE.name];
  if (isR4 !== isOtherR4) return isR4 ? 1 : -1;
  return compareVersions(other.version ?? "", one.version ?? "") || compareVersions(other.origin.version, one.origin.version);
}

/** How many steps of dependencies lead from a package to each other one: itself 0, those it names 1. R4 is left out but from itself: it is what everything stands upon, not what a package chose. */
function distancesOf(from: Origin, packages: readonly PackageFacts[]): ReadonlyMap<PackageFacts, number> {
  const distances = new Map<PackageFacts, number>();
  let some = packages.filter((one) => nameOf(one) === nameOf(from));
  for (let distance = 0; some.length > 0; distance += 1) {
    for (const one of some) distances.set(one, distance);
    const named = some.flatMap(({ dependencies }) => dependencies.flatMap((one) => packageFor(one, packages) ?? []));
    some = [...new Set(named)].filter((one) => !distances.has(one));
  }
  return distances;
}

/**
 * The package that a dependency leads to: of that version, else the newest of the same major and minor number (`5.0.x`, `5.0`), else the newest of that name: an operator chose it. Names are compared without case (KBV.Basis).
 */
export function packageFor<One extends Origin>({ name, version }: Origin, packages: readonly One[]): One | undefined {
  const called = packages
    .filter((one) => one.name.toLowerCase() === name.toLowerCase())
    .toSorted((one, other) => compareVersions(other.version, one.version));
  const majorMinor = majorMinorOf(version);
  return (
    called.find((one) => one.version === version) ??
    called.find((one) => majorMinor !== undefined && majorMinorOf(one.version) === majorMinor) ??
    called[0]
  );
}
