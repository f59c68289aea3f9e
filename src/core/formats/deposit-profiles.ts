/** What a deposit record says of profiles (docs/formats.md, "Deposit record"). */
import type { ProfileVerdict } from "../fhir/conformance/conformance.ts";
import type { JsonObject } from "../fhir/tree/tree.ts";
import { countField, DIGEST, objectField, optionalText, textField } from "./fields.ts";

/** Under which set of packages a document was accepted, and what came of holding its resources against profiles. */
export interface RecordedProfiles {
  /** Absent: no set was in force, and R4 alone counted. */
  readonly set?: RecordedSet;
  readonly verdicts: readonly RecordedVerdict[];
  /** Verdicts that are left out, so that the record stays small; absent: none is. */
  readonly more?: number;
}

/** A set of packages: the name is for people, the digest tells it from any other. */
export interface RecordedSet {
  readonly name: string;
  /** `sha256:` and hex. */
  readonly digest: string;
}

/** What came of holding resources against one profile: those of the same result together. */
export interface RecordedVerdict {
  /** As it was asked for. */
  readonly profile: string;
  /** As it was held. */
  readonly version?: string;
  readonly title?: string;
  /** `AskedBy`, and what later records have. */
  readonly by: string;
  /** Those of `ProfileVerdict`, and what later records have. */
  readonly result: string;
  /** How many resources. */
  readonly count: number;
  /** The first of them: where it stands. */
  readonly place: string;
}

/** Far more than any guide has profiles in one document. */
const MOST = 100;
/** Longer names than anybody gives are strangers' texts. */
const LONGEST = 500;
const LONGEST_TITLE = 100;

/** What is told first where not all is. */
const WEIGHT: Readonly<Record<ProfileVerdict["result"], number>> = { broken: 0, open: 1, unheld: 2, holds: 3 };

/** What is recorded of verdicts: resources of one profile and result together, and so many of them that it stays small. Undefined where there is nothing to be said. */
export function recordedProfiles(set: RecordedSet | undefined, verdicts: readonly ProfileVerdict[]): RecordedProfiles | undefined {
  if (set === undefined && verdicts.length === 0) return undefined;
  const groups = [...Map.groupBy(verdicts, ({ profile, version, by, result }) => JSON.stringify([profile, version, by, result])).values()];
  const told = groups
    .flatMap((group) => {
      const [first] = group;
      return first !== undefined && first.profile.length <= LONGEST ? [{ first, count: group.length }] : [];
    })
    .toSorted((one, other) => WEIGHT[one.first.result] - WEIGHT[other.first.result])
    .slice(0, MOST);
  const more = groups.length - told.length;
  return {
    ...(set && { set }),
    verdicts: told.map(({ first: { profile, version, title, by, result, place }, count }) => ({
      ...{ profile, ...(version !== undefined && { version }), ...(title !== undefined && { title: title.slice(0, LONGEST_TITLE) }) },
      ...{ by, result, count, place },
    })),
    ...(more > 0 && { more }),
  };
}

/** AppError `malformed`. */
export function readRecordedProfiles(object: JsonObject): RecordedProfiles {
  const set = object.has("set") ? objectField(object, "set") : undefined;
  return {
    ...(set && { set: { name: textField(set, "name"), digest: textField(set, "digest", DIGEST) } }),
    verdicts: object.objects("verdicts").map(readVerdict),
    ...(object.has("more") && { more: countField(object, "more") }),
  };
}

function readVerdict(verdict: JsonObject): RecordedVerdict {
  const [version, title] = [optionalText(verdict, "version"), optionalText(verdict, "title")];
  return {
    ...{ profile: textField(verdict, "profile"), ...(version !== undefined && { version }), ...(title !== undefined && { title }) },
    ...{
      by: textField(verdict, "by"),
      result: textField(verdict, "result"),
      count: countField(verdict, "count"),
      place: textField(verdict, "place"),
    },
  };
}
