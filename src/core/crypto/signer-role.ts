import type { JsonObject } from "../fhir/json/tree.ts";

/**
 * Whether Signature.who is one of the Composition's attesters or authors: by the same reference, by the entry that both lead to, or by a shared identifier. A role
 * (PractitionerRole) counts for its practitioner. It tells whom the signature names, not who holds the key.
 */
export function signerRole(bundle: JsonObject, who: JsonObject | undefined): "attester" | "author" | "other" | "unknown" {
  const composition = bundle.objects("entry")[0]?.object("resource");
  if (who === undefined || composition?.string("resourceType") !== "Composition") return "unknown";
  const signer = keysOf(bundle, who);
  if (signer.size === 0) return "unknown";
  const isSigner = (party: JsonObject | undefined) => party !== undefined && [...keysOf(bundle, party)].some((key) => signer.has(key));
  if (composition.objects("attester").some((attester) => isSigner(attester.object("party")))) return "attester";
  if (composition.objects("author").some(isSigner)) return "author";
  return "other";
}

/** Everything by which a Reference names somebody. */
function keysOf(bundle: JsonObject, reference: JsonObject): Set<string> {
  const keys = new Set<string>();
  const url = reference.string("reference");
  addIdentifiers(keys, [reference.object("identifier")]);
  if (url !== undefined) {
    keys.add(`reference ${url}`);
    const entry = entryOf(bundle, url);
    if (entry) addEntry(keys, bundle, entry);
  }
  return keys;
}

function addEntry(keys: Set<string>, bundle: JsonObject, entry: JsonObject): void {
  const fullUrl = entry.string("fullUrl");
  const resource = entry.object("resource");
  if (fullUrl !== undefined) keys.add(`reference ${fullUrl}`);
  addIdentifiers(keys, resource?.objects("identifier") ?? []);
  const practitioner = resource?.string("resourceType") === "PractitionerRole" ? resource.object("practitioner") : undefined;
  if (practitioner) for (const key of keysOf(bundle, practitioner)) keys.add(key);
}

function entryOf(bundle: JsonObject, url: string): JsonObject | undefined {
  const isRelative = /^[A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/.test(url);
  return bundle.objects("entry").find((entry) => {
    const fullUrl = entry.string("fullUrl");
    return fullUrl === url || (isRelative && fullUrl?.endsWith(`/${url}`));
  });
}

function addIdentifiers(keys: Set<string>, identifiers: readonly (JsonObject | undefined)[]): void {
  for (const identifier of identifiers) {
    const value = identifier?.string("value");
    if (value !== undefined) keys.add(`identifier ${identifier?.string("system") ?? ""}|${value}`);
  }
}
