/** What `chartulary packages` asks for, and is told. */
import type { ProfileSets } from "../core/fhir/conformance/conformance.ts";

export interface PackageTools {
  /** The archives of PACKAGES_DIR. AppError `invalid` where that is not set, or can't be read. */
  openArchives(): Promise<OpenArchives>;
  /**
   * The sets that documents are held against; undefined where there is no package.
   * @param folder undefined: that of PACKAGES_DIR
   */
  openProfileSets(folder: string | undefined): Promise<ProfileSets | undefined>;
}

export interface OpenArchives {
  readonly folder: string;
  /** AppErrors `malformed`, `too-large`, `unsupported`: it can't be used; `conflict`: another archive is called so. */
  add(archive: Uint8Array): Promise<AddedPackage>;
  list(): Promise<ListedPackages>;
  /** Compiles what is not yet. */
  check(): Promise<CheckedPackages>;
  /** AppErrors `not-found`; `conflict`: a set of packages.json needs it. */
  remove(name: string): Promise<RemovedPackage>;
}

/** A package as it is told. */
export interface ToldPackage {
  /** `name#version` */
  readonly name: string;
  readonly title?: string;
  readonly license?: string;
  /** Of the archive. */
  readonly file: string;
  readonly digest: string;
  readonly bytes: number;
}

export interface AddedPackage extends ToldPackage {
  /** False: it was there already, and nothing was changed. */
  readonly isNew: boolean;
  readonly definitions: number;
}

/** A set as it is told. */
export interface ToldSet {
  readonly name: string;
  readonly from?: string;
  readonly till?: string;
  readonly digest: string;
  /** Today. */
  readonly isInForce: boolean;
  readonly packages: readonly string[];
}

/** With how many of the packages that its own depend on are not there in any version. */
export interface ListedSet extends ToldSet {
  readonly lacks: number;
}

export interface ListedPackages {
  readonly packages: readonly ToldPackage[];
  readonly sets: readonly ListedSet[];
  readonly broken: readonly BrokenPackage[];
}

export interface BrokenPackage {
  readonly file: string;
  readonly why: string;
}

export interface CheckedPackages {
  /** Archives that can't be used: the service does not start with them. */
  readonly broken: readonly BrokenPackage[];
  readonly sets: readonly CheckedSet[];
  /** Files of archives that were passed over. */
  readonly passedOver: readonly { readonly package: string; readonly file: string; readonly why: string }[];
}

export interface CheckedSet extends ToldSet {
  readonly bytes: number;
  readonly definitions: number;
  readonly lacks: readonly { readonly by: string; readonly needs: string; readonly instead?: string }[];
  readonly unusable: readonly { readonly canonical: string; readonly package: string; readonly why: string }[];
  readonly unresolved: readonly {
    readonly kind: string;
    readonly canonical: string;
    readonly count: number;
    readonly by: string;
    readonly package: string;
  }[];
  /** Profiles that documents are held against by their type, and that are not there. */
  readonly unheld: readonly string[];
}

export interface RemovedPackage extends ToldPackage {
  /** Packages that depend on it. */
  readonly neededBy: readonly string[];
}
