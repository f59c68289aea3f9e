/** PACKAGES_DIR as the settings name it. A part of the composition root. */
import { resolve } from "node:path";
import type { OpenArchives } from "../cli/package-tools.ts";
import { loadConfig, type Config } from "../config.ts";
import { AppError } from "../core/errors.ts";
import type { ProfileSets } from "../core/fhir/conformance/conformance.ts";
import { today } from "../core/fhir/dates.ts";
import { profileSetsOf, type ProfileSetsData } from "../core/fhir/packages/profile-sets.ts";
import type { HeldValueSets } from "../core/fhir/terminology/sent-value-set.ts";
import { compiledBy } from "./compiled-by.ts";
import { packageFolder } from "./package-folder.ts";
import { openPackages, type Compiling } from "./packages.ts";

type Places = Pick<Config, "packagesFolder" | "cacheFolder">;

/** The sets of a folder, and the data that they are made of, which threads share. */
export interface HeldPackages {
  readonly sets: ProfileSets;
  readonly data: ProfileSetsData;
}

/**
 * The sets of PACKAGES_DIR; undefined where none is named, or it holds no package.
 *
 * @param tell told what takes a moment, or is not as it should be
 * @throws AppError `invalid` where an archive or packages.json can't be used
 */
export async function openHeldPackages({ packagesFolder, cacheFolder }: Places, tell: (text: string) => void): Promise<HeldPackages | undefined> {
  if (packagesFolder === undefined) return undefined;
  const using = await compiling(tell);
  const data = await openPackages(packageFolder(packagesFolder, cacheFolder, using.by), using);
  return data && { sets: profileSetsOf(data), data };
}

/** The sets of a folder, for a program that has no settings of ours but where things may be kept. AppError `invalid`. */
export async function openPackagesIn(folder: string): Promise<ProfileSets | undefined> {
  const { cacheFolder } = loadConfig();
  return (await openHeldPackages({ packagesFolder: resolve(folder), cacheFolder }, () => undefined))?.sets;
}

/** The value sets of the set that is in force today, for who sends them to a terminology server. */
export function heldValueSets(sets: ProfileSets | undefined): HeldValueSets {
  return (canonical) => sets?.on(today())?.conformance.valueSet(canonical)?.resource;
}

/** What `chartulary packages` works with. AppError `invalid` where PACKAGES_DIR is not set. */
export async function openHeldArchives({ packagesFolder, cacheFolder }: Places, tell: (text: string) => void): Promise<OpenArchives> {
  if (packagesFolder === undefined) throw new AppError("invalid", "PACKAGES_DIR is not set: it names the folder that packages are kept in");
  const { openArchives } = await import("./package-tools.ts");
  const using = await compiling(tell);
  return openArchives(packageFolder(packagesFolder, cacheFolder, using.by), using);
}

/** R4's own set is unpacked when it is first asked for, and snapshots are made by what comes with the program. */
async function compiling(tell: (text: string) => void): Promise<Compiling> {
  const { createSnapshots } = await import("../core/fhir/snapshots/snapshots.ts");
  const { readR4Set } = await import("../core/fhir/r4/open-r4-set.ts");
  let r4: Uint8Array<SharedArrayBuffer> | undefined;
  const read = (): Uint8Array<SharedArrayBuffer> => {
    const bytes = readR4Set();
    const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
    shared.set(bytes);
    return shared;
  };
  return { r4: () => (r4 ??= read()), makesSnapshots: createSnapshots, by: await compiledBy(), tell };
}
