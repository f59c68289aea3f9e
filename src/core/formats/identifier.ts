import { digestOf, keyedHash } from "../crypto/digest.ts";
import { toBase64 } from "../crypto/base64.ts";
import { canonicalJson } from "../fhir/canonical.ts";
import { treeOf, type JsonObject } from "../fhir/tree/tree.ts";

/** What names a document for ever: Bundle.identifier's system, if it has one, and value. */
export interface DocumentIdentifier {
  readonly system?: string;
  readonly value: string;
}

/** Bundle.identifier; undefined when it has no value. */
export function identifierOf(bundle: JsonObject): DocumentIdentifier | undefined {
  const identifier = bundle.object("identifier");
  const value = identifier?.string("value");
  const system = identifier?.string("system");
  return value === undefined ? undefined : { value, ...(system !== undefined && { system }) };
}

/**
 * A commitment to an identifier: it says nothing about it (the salt is 32 random bytes), and can be opened with the salt to that identifier alone.
 * docs/formats.md, "Identifier commitment".
 */
export function commitmentTo({ system, value }: DocumentIdentifier, salt: Uint8Array): string {
  return digestOf(canonicalJson(treeOf({ format: "chartulary-identifier/1", salt: toBase64(salt), system, value })));
}

/** The keyed hash by which repeats are recognised: HMAC-SHA-256, 64 lower-case hex digits. docs/formats.md, "Identity key". */
export function identityKey({ system, value }: DocumentIdentifier, key: Uint8Array): string {
  return keyedHash(key, canonicalJson(treeOf({ format: "chartulary-identity/1", system, value })));
}

/** The secret by which persons' identifiers are hashed: derived from the identity key, so that what one hash tells is of no use for the other. */
export function personSecret(identity: Uint8Array): Uint8Array {
  return new TextEncoder().encode(keyedHash(identity, "chartulary-patient/1"));
}

/** The keyed hash that a derived Patient is called by: HMAC-SHA-256, 64 lower-case hex digits. docs/formats.md, "Derived Patient". */
export function personKey({ system, value }: Required<DocumentIdentifier>, secret: Uint8Array): string {
  return keyedHash(secret, canonicalJson(treeOf({ system, value })));
}

/** A secret for one purpose of the program's own, derived from the identity key: 64 bytes. What it is used for can be made again, so that it stands in no format. */
export function secretFor(purpose: string, identity: Uint8Array): Uint8Array {
  return new TextEncoder().encode(keyedHash(identity, `chartulary-secret/1\n${purpose}`));
}
