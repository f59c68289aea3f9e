/** The sets of packages that documents are held against, opened from PACKAGES_DIR. A part of the composition root. */
import { AppError } from "../core/errors.ts";
import { sha256 } from "../core/crypto/digest.ts";
import { toHex } from "../core/crypto/bytes.ts";
import { compileSet, type MakesSnapshots } from "../core/fhir/packages/compile-set.ts";
import { nameOf, R4_CORE, readCompiledSet } from "../core/fhir/packages/compiled-set.ts";
import { closureOf, type Lack } from "../core/fhir/packages/closure.ts";
import { PINS_FILE, type PinnedSet } from "../core/fhir/packages/pins.ts";
import type { ProfileSetData, ProfileSetsData } from "../core/fhir/packages/profile-sets.ts";
import type { FoundPackages, HeldArchive, PackageFolder } from "./package-folder.ts";

/** What packages are compiled with. */
export interface Compiling {
  /** R4's own definitions: a compiled set, in memory that threads share. */
  readonly r4: () => Uint8Array<SharedArrayBuffer>;
  readonly makesSnapshots: MakesSnapshots;
  /** Names the code that compiles (`compiledBy`). */
  readonly by: string;
  /** Told what takes a moment, or is not as it should be. */
  readonly tell?: (text: string) => void;
}

/** One set of the folder, before it is compiled. */
export interface FoundSet extends Omit<PinnedSet, "packages"> {
  readonly archives: readonly HeldArchive[];
  readonly lacks: readonly Lack[];
  /** `Conformance.digest`. */
  readonly digest: string;
}

/**
 * Opens the sets of a folder: what was compiled before is read, else made and kept.
 *
 * @returns undefined where the folder holds no package
 * @throws AppError `invalid` where an archive or packages.json can't be used: a gate that held documents against less than an operator put there would be silent about it
 */
export async function openPackages(folder: PackageFolder, compiling: Compiling): Promise<ProfileSetsData | undefined> {
  const found = await folder.find();
  const [first] = found.broken;
  if (first !== undefined)
    throw new AppError("invalid", `PACKAGES_DIR ${folder.folder}: ${first.file}: ${first.error.message}`, { cause: first.error });
  if (found.archives.length === 0) return undefined;
  const sets = setsOf(found);
  const r4 = compiling.r4();
  const opened: ProfileSetData[] = [];
  for (const { name, from, till, digest, documents, ignoredSystems, archives } of sets)
    opened.push({ name, from, till, digest, documents, ignoredSystems, compiled: await compiledSet(archives, { folder, found, r4, compiling }) });
  return { r4, sets: opened };
}

/** The sets that packages.json names, else the one of all archives. AppError `invalid` where it names a package that is not there. */
export function setsOf({ archives, pins }: FoundPackages): readonly FoundSet[] {
  if (archives.length === 0) return [];
  const all: PinnedSet = { name: nameOfAll(archives), from: undefined, till: undefined, packages: archives, documents: [], ignoredSystems: [] };
  const pinned = pins?.sets ?? [{ ...all, ...(pins && { documents: pins.documents, ignoredSystems: pins.ignoredSystems }) }];
  return pinned.map(({ packages, ...set }): FoundSet => {
    const roots = packages.map((one) => archives.find((archive) => nameOf(archive) === nameOf(one)) ?? missing(set.name, nameOf(one)));
    const { packages: closed, lacks } = closureOf(roots, archives);
    return { ...set, archives: closed, lacks, digest: digestOf(closed) };
  });
}

function missing(set: string, name: string): never {
  throw new AppError("invalid", `${PINS_FILE}: set ${set} names ${name}, which is not there: add it, or take it out`);
}

/** Names a set for people, where nobody gave it one. */
function nameOfAll(archives: readonly HeldArchive[]): string {
  const names = archives.map(nameOf);
  return names.length > 3 ? `${names.slice(0, 3).join(", ")} and ${names.length - 3} more` : names.join(", ");
}

/** What a set is made of: each package by name and digest, in order. It stands in deposit records: whoever has the archives can make it again (docs/formats.md, "Deposit record"). */
export function digestOf(archives: readonly HeldArchive[]): string {
  const lines = [`${nameOf(R4_CORE)}\n`, ...archives.map((one) => `${nameOf(one)} sha256:${one.digest}\n`)];
  return toHex(sha256(Buffer.from(lines.join(""))));
}

interface Making {
  readonly folder: PackageFolder;
  readonly found: FoundPackages;
  readonly r4: Uint8Array<SharedArrayBuffer>;
  readonly compiling: Compiling;
}

/** What is compiled of some packages: read where it was kept, else made and kept. */
export async function compiledSet(
  archives: readonly HeldArchive[],
  { folder, found, r4, compiling }: Making,
): Promise<Uint8Array<SharedArrayBuffer>> {
  const { makesSnapshots, by, tell = () => undefined } = compiling;
  const key = keyOf(archives, r4, by);
  const kept = await folder.compiled(key);
  if (kept !== undefined && isSound(kept, key)) return kept;
  tell(`${archives.length === 1 ? "1 package is" : `${archives.length} packages are`} compiled, which is done once`);
  const packages = [];
  for (const archive of archives) packages.push(await found.read(archive));
  const made = compileSet(packages, { key, r4: readCompiledSet(r4), makesSnapshots });
  if (!(await folder.keep(key, made)))
    tell("what was compiled of packages can be kept neither in PACKAGES_DIR nor in CACHE_DIR: it is made anew at each start");
  const shared = new Uint8Array(new SharedArrayBuffer(made.length));
  shared.set(made);
  return shared;
}

/** Under what a compiled set is kept: it changes with the archives, the code that compiles, and R4's own set. */
export function keyOf(archives: readonly HeldArchive[], r4: Uint8Array, by: string): string {
  const head = r4.subarray(0, 1000);
  const end = head.indexOf(10);
  return toHex(sha256(Buffer.from(`${by}\n${digestOf(archives)}\n`), Uint8Array.from(head.subarray(0, end < 0 ? head.length : end))));
}

function isSound(bytes: Uint8Array, key: string): boolean {
  try {
    readCompiledSet(bytes, key);
    return true;
  } catch {
    return false;
  }
}
