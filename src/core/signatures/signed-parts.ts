/** What the signatures within a document's entries are over: of a Provenance its targets, of a Bundle in the Bundle that one (R4 provenance.html, bundle.html). */
import { JsonArray, type JsonObject, type JsonValue } from "../fhir/tree/tree.ts";
import type { Placed, PlacedSignature } from "./signature-places.ts";

/** Most targets of a Provenance that are looked at. */
const MOST_TARGETS = 10;

/** The parts that a signature is over, or a clause about *it* that says why they are not known. */
export type SignedParts = readonly [Placed, ...Placed[]] | string;

/** What a signature within the entries is over. */
export function signedParts({ holder, bundle }: PlacedSignature): SignedParts {
  const type = holder.resource.string("resourceType");
  if (type === "Bundle") return [holder];
  if (type !== "Provenance") return `it is that of a part (${type ?? "an element"}), and what such a one covers is not laid down`;
  const targets = holder.resource.objects("target").map((target) => target.string("reference"));
  if (targets.length > MOST_TARGETS) return `its Provenance names more than ${MOST_TARGETS} targets`;
  const found = targets.map((reference) => entryOf(reference, bundle));
  const [first, ...others] = found.filter((part) => part !== undefined);
  if (first === undefined || others.length + 1 < targets.length) return "what it covers (Provenance.target) is not in this document";
  return [first, ...others];
}

/** The entry that a reference of a Provenance leads to: by its fullUrl, by the end of one, or by its version there. */
function entryOf(reference: string | undefined, { place, resource }: Placed): Placed | undefined {
  const url = reference?.replace(/\/_history\/[A-Za-z0-9.-]{1,64}$/, "");
  if (url === undefined || url === "") return undefined;
  const isRelative = /^[A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.test(url);
  const entries = resource.objects("entry");
  const matches = entries.flatMap((entry, at) => {
    const fullUrl = entry.string("fullUrl") ?? "";
    const part = entry.object("resource");
    return part && (fullUrl === url || (isRelative && fullUrl.endsWith(`/${url}`)))
      ? [{ place: `${place}.entry[${at}].resource`, resource: part }]
      : [];
  });
  // Of several that are called so, none is the one that was meant.
  return matches.length === 1 ? matches[0] : undefined;
}

/** Characters of a signature that may be looked at for each of its targets: real ones have a few thousand. */
const SMALL = 10_000;

/** What the check of a signature over one of these parts looks at: each of them, and for each beyond the first a large signature once more. */
export function extentOfCheck(parts: readonly Placed[], signature: JsonObject): number {
  const again = (parts.length - 1) * Math.max(0, (signature.string("data")?.length ?? 0) - SMALL);
  return parts.reduce((sum, part) => sum + extentOf(part.resource), again);
}

/** How much there is of a part: values and characters, which is what it costs to write it in a canonical form. */
export function extentOf(part: JsonObject): number {
  let extent = 0;
  const pending: JsonValue[] = [part];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    extent += typeof next === "string" ? next.length + 1 : 1;
    if (typeof next !== "object" || next === null) continue;
    if ("names" in next) {
      for (const name of next.names) extent += name.length;
      pending.push(...next.values);
    } else if (next instanceof JsonArray) for (const item of next.items) pending.push(item);
  }
  return extent;
}
