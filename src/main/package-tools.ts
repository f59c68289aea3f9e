/** What `chartulary packages` does. A part of the composition root. */
import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type {
  AddedPackage,
  CheckedPackages,
  CheckedSet,
  ListedPackages,
  OpenArchives,
  RemovedPackage,
  ToldPackage,
  ToldSet,
} from "../cli/package-tools.ts";
import { AppError } from "../core/errors.ts";
import { sha256 } from "../core/crypto/digest.ts";
import { toHex } from "../core/crypto/bytes.ts";
import { replaceFile } from "../core/files/durable-files.ts";
import { today } from "../core/fhir/dates.ts";
import { readArchive } from "../core/fhir/packages/archive.ts";
import type { Lack } from "../core/fhir/packages/closure.ts";
import { nameOf, R4_CORE, readCompiledSet } from "../core/fhir/packages/compiled-set.ts";
import { conformanceOf } from "../core/fhir/packages/held-definitions.ts";
import { originNamed } from "../core/fhir/packages/package-facts.ts";
import { setOn } from "../core/fhir/packages/profile-sets.ts";
import { unresolvedIn } from "../core/fhir/packages/set-findings.ts";
import type { FoundPackages, HeldArchive, PackageFolder } from "./package-folder.ts";
import { compiledSet, keyOf, setsOf, type Compiling, type FoundSet } from "./packages.ts";

export function openArchives(folder: PackageFolder, compiling: Compiling): OpenArchives {
  return {
    folder: folder.folder,
    add: (archive) => add(archive, folder),
    list: async () => listed(await folder.find()),
    check: async () => check(folder, compiling),
    remove: (name) => remove(name, folder),
  };
}

async function add(archive: Uint8Array, folder: PackageFolder): Promise<AddedPackage> {
  const { facts, definitions } = await readArchive(archive);
  const name = nameOf(facts);
  if (facts.name === R4_CORE.name) throw new AppError("conflict", `${name} is R4 itself, which comes with the program (${nameOf(R4_CORE)})`);
  await mkdir(folder.folder, { recursive: true });
  const digest = toHex(sha256(archive));
  const before = (await folder.find()).archives.find((one) => nameOf(one) === name);
  if (before !== undefined && before.digest !== digest)
    throw new AppError(
      "conflict",
      `${name} is there already as ${before.file}, and is not the same: remove that first (chartulary packages remove ${name})`,
    );
  if (before === undefined) {
    const file = join(folder.folder, `${facts.name}-${facts.version}.tgz`);
    await changed(file, async () => {
      await replaceFile(file, archive);
      // The service may run as somebody else, and what is published is no secret.
      await chmod(file, 0o644);
    });
  }
  const found = await folder.find();
  const held = found.archives.find((one) => nameOf(one) === name);
  if (held === undefined) throw new AppError("conflict", `${name} is there twice: chartulary packages check tells more`);
  return {
    ...toldPackage(held),
    isNew: before === undefined,
    definitions: definitions.length,
  };
}

function listed(found: FoundPackages): ListedPackages {
  return {
    packages: found.archives.map(toldPackage),
    sets: [...toldSets(setsOf(found))].map(([{ lacks }, set]) => ({ ...set, lacks: missingIn(lacks) })),
    broken: found.broken.map(({ file, error }) => ({ file, why: error.message })),
  };
}

function missingIn(lacks: readonly Lack[]): number {
  return new Set(lacks.flatMap(({ needs, instead }) => (instead === undefined ? [nameOf(needs)] : []))).size;
}

async function check(folder: PackageFolder, compiling: Compiling): Promise<CheckedPackages> {
  const found = await folder.find();
  const sets = setsOf(found);
  const r4 = compiling.r4();
  const checked: CheckedSet[] = [];
  for (const [set, told] of toldSets(sets)) {
    const compiled = readCompiledSet(await compiledSet(set.archives, { folder, found, r4, compiling }));
    const conformance = conformanceOf([readCompiledSet(r4), compiled], set.digest);
    const asked = new Set(set.documents.flatMap(({ profiles }) => profiles));
    checked.push({
      ...told,
      bytes: compiled.bytes,
      definitions: compiled.entries.length,
      lacks: set.lacks.map(({ by, needs, instead }) => ({ by: nameOf(by), needs: nameOf(needs), ...(instead && { instead: nameOf(instead) }) })),
      unusable: compiled.unusable.map(({ canonical, why, ...origin }) => ({ canonical, package: nameOf(origin), why })),
      unresolved: unresolvedIn(compiled, conformance).map(({ origin, ...one }) => ({ ...one, package: nameOf(origin) })),
      unheld: [...asked].filter((canonical) => conformance.structureDefinition(canonical) === undefined),
    });
  }
  await folder.forgetOthers(sets.map(({ archives }) => keyOf(archives, r4, compiling.by)));
  const passedOver = [];
  for (const archive of found.archives) {
    const { passedOver: files } = await found.read(archive);
    passedOver.push(...files.map((one) => ({ package: nameOf(archive), ...one })));
  }
  return { broken: found.broken.map(({ file, error }) => ({ file, why: error.message })), sets: checked, passedOver };
}

async function remove(name: string, folder: PackageFolder): Promise<RemovedPackage> {
  const asked = originNamed(name);
  if (asked === undefined) throw new AppError("invalid", `${name} is not of the form NAME#VERSION, such as hl7.fhir.uv.ips#1.1.0`);
  const found = await folder.find();
  const called = nameOf(asked);
  const held = found.archives.find((one) => nameOf(one) === called);
  if (held === undefined) throw new AppError("not-found", `${called} is not there: chartulary packages list names what is`);
  const pinned = found.pins?.sets?.find(({ packages }) => packages.some((one) => nameOf(one) === called));
  if (pinned !== undefined) throw new AppError("conflict", `set ${pinned.name} of packages.json names ${called}: take it out there first`);
  const file = join(folder.folder, held.file);
  await changed(file, () => rm(file));
  const neededBy = found.archives.filter(({ dependencies }) => dependencies.some((one) => nameOf(one) === called)).map(nameOf);
  return { ...toldPackage(held), neededBy };
}

/** Says in words that a folder can't be written or has no room: an AppError `unavailable`, for which the archive is not to blame. */
async function changed(file: string, change: () => Promise<void>): Promise<void> {
  try {
    await change();
  } catch (error) {
    throw new AppError("unavailable", `${file} can't be changed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function toldPackage({ file, digest, bytes, title, license, ...origin }: HeldArchive): ToldPackage {
  return { name: nameOf(origin), ...(title !== undefined && { title }), ...(license !== undefined && { license }), file, digest, bytes };
}

function toldSets(sets: readonly FoundSet[]): ReadonlyMap<FoundSet, ToldSet> {
  const inForce = setOn(today(), sets);
  const told = (set: FoundSet): ToldSet => ({
    ...{ name: set.name, ...(set.from !== undefined && { from: set.from }), ...(set.till !== undefined && { till: set.till }) },
    ...{ digest: set.digest, isInForce: set === inForce, packages: set.archives.map(nameOf) },
  });
  return new Map(sets.map((set) => [set, told(set)]));
}
