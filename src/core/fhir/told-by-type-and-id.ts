/** References that lead nowhere by R4's rules, and yet can be told by the type and id that they name. Which of them count is a policy's matter (pipeline/validate/policy.ts). */
import { isAbsoluteUrl, restfulRoot, restfulTail, type ReferenceForm } from "./references.ts";

/**
 * How far a resolver goes. `full-url`: as R4 has it (bundle.html, "Resolving references in Bundles"), and no further. `missing-full-url`: besides, `[type]/[id]` leads to the one entry of that type and id, where that has
 * no fullUrl, or none that is absolute. `type-and-id`: to the one entry of that type and id, whatever its fullUrl is.
 */
export type Resolving = "full-url" | "missing-full-url" | "type-and-id";

/** What of an entry tells whether it is meant. */
interface Identified {
  readonly fullUrl: string | undefined;
  /** What its `meta` calls its version. */
  readonly versionId?: string | undefined;
}

/**
 * The entry that a relative reference means, told by type and id; undefined when that would be guessed.
 *
 * @param form the reference, taken apart
 * @param from the entry that it stands in
 * @param entry the only one of the document that has its type and id, by the resource or by a fullUrl `urn:uuid:[id]`
 */
export function toldByTypeAndId<Entry extends Identified>(
  form: ReferenceForm,
  from: Identified,
  entry: Entry | undefined,
  resolving: Resolving,
): Entry | undefined {
  if (resolving === "full-url" || form.kind !== "relative" || entry === undefined) return undefined;
  const { fullUrl = "", versionId } = entry;
  if (form.version !== undefined && form.version !== versionId) return undefined;
  if (resolving === "missing-full-url") return isAbsoluteUrl(fullUrl) ? undefined : entry;
  // Whoever names two servers means two resources.
  const isElsewhere = from.fullUrl !== undefined && restfulRoot(from.fullUrl) !== undefined && restfulRoot(fullUrl) !== undefined;
  const tail = restfulTail(fullUrl);
  const isAnother = tail !== undefined && (tail.type !== form.type || tail.id !== form.id);
  return isElsewhere || isAnother ? undefined : entry;
}
