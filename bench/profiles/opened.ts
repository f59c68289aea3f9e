/** Packages as the service opens them, and a validator that holds documents against them. */
import { cpSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { openR4 } from "../../src/core/fhir/r4/open-r4.ts";
import { readR4Set } from "../../src/core/fhir/r4/open-r4-set.ts";
import { profileSetsOf } from "../../src/core/fhir/packages/profile-sets.ts";
import { DEFAULT_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { readResource } from "../../src/core/fhir/reading/read-resource.ts";
import { createSnapshots } from "../../src/core/fhir/snapshots/snapshots.ts";
import { createTerms } from "../../src/core/fhir/terminology/create-terms.ts";
import { compiledBy } from "../../src/main/compiled-by.ts";
import { packageFolder } from "../../src/main/package-folder.ts";
import { openPackages } from "../../src/main/packages.ts";
import { DEFAULT_POLICY } from "../../src/pipeline/validate/policy.ts";
import { createProfiles } from "../../src/pipeline/validate/profiles/create-profiles.ts";
import { createValidator, type Judgement } from "../../src/pipeline/validate/validate.ts";

export type Judge = (bytes: Uint8Array, mediaType: "application/fhir+json" | "application/fhir+xml") => Judgement;

/** The archives in a folder of their own, where what is compiled of them is kept. */
export function folderOf(archives: readonly string[], folder: string): string {
  mkdirSync(folder, { recursive: true });
  for (const archive of archives) cpSync(archive, join(folder, basename(archive)));
  return folder;
}

/** Opens a folder: at first what is compiled is made and kept, afterwards it is read. Ready: the first document can be judged. */
export async function judgeOf(folder: string | undefined): Promise<Judge> {
  const r4 = openR4();
  const by = await compiledBy();
  const opened =
    folder === undefined
      ? undefined
      : await openPackages(packageFolder(folder, join(folder, "cache"), by), { r4: sharedR4, makesSnapshots: createSnapshots, by });
  const sets = opened && profileSetsOf(opened);
  const profiles = createProfiles({
    definitions: r4.definitions,
    core: r4.coreProfiles,
    terms: (conformance) => createTerms({ conformance }),
    ...(sets && { sets }),
  });
  const validator = createValidator({ ...r4, policy: DEFAULT_POLICY, profiles });
  return (bytes, mediaType) => {
    const { resource, issues } = readResource(bytes, mediaType, DEFAULT_READ_LIMITS, r4.definitions);
    if (resource === undefined) throw new Error("The benchmark's document can't be read.");
    return validator.judge(resource, issues);
  };
}

function sharedR4(): Uint8Array<SharedArrayBuffer> {
  const bytes = readR4Set();
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}
