import type { DocumentProfiles, ProfileSet, ProfileSets } from "../conformance/conformance.ts";
import { readCompiledSet, type CompiledSet } from "./compiled-set.ts";
import { conformanceOf } from "./held-definitions.ts";

/** Sets as plain data: threads are given it, and share the memory of what is compiled. */
export interface ProfileSetsData {
  /** R4's own definitions: a compiled set. */
  readonly r4: Uint8Array<SharedArrayBuffer>;
  readonly sets: readonly ProfileSetData[];
}

export interface ProfileSetData {
  readonly name: string;
  /** Days, both within it. */
  readonly from: string | undefined;
  readonly till: string | undefined;
  readonly digest: string;
  readonly documents: readonly DocumentProfiles[];
  readonly ignoredSystems: readonly string[];
  /** The definitions of its packages: a compiled set. */
  readonly compiled: Uint8Array<SharedArrayBuffer>;
}

/** The sets over memory that is shared. What is in them is read when a set is first asked for. */
export function profileSetsOf({ r4: r4Bytes, sets }: ProfileSetsData): ProfileSets {
  let r4: CompiledSet | undefined;
  const opened = new Map<ProfileSetData, ProfileSet>();
  const openSet = (data: ProfileSetData): ProfileSet => {
    const { name, digest, documents, ignoredSystems, compiled } = data;
    r4 ??= readCompiledSet(r4Bytes);
    const conformance = conformanceOf([r4, readCompiledSet(compiled)], digest);
    return { name, conformance, documents, ignoredSystems: new Set(ignoredSystems) };
  };
  return {
    on: (day) => {
      const data = setOn(day, sets);
      if (data === undefined) return undefined;
      let set = opened.get(data);
      if (set === undefined) opened.set(data, (set = openSet(data)));
      return set;
    },
  };
}

/** Of the sets that are in force on a day the one that began last; of those the first. */
export function setOn<Dated extends { readonly from: string | undefined; readonly till: string | undefined }>(
  day: string,
  sets: readonly Dated[],
): Dated | undefined {
  return sets
    .filter(({ from = "", till = "9999-12-31" }) => from <= day && day <= till)
    .toSorted(({ from: one = "" }, { from: other = "" }) => (one > other ? -1 : one < other ? 1 : 0))[0];
}
