/** What a signature was made for: as the document says (Signature.type), and as the signature itself says where it covers that (commitment types of XAdES, CAdES and JAdES). */
import type { JsonObject } from "../fhir/tree/tree.ts";
import type { SigningPurpose } from "./signature-check.ts";

/** Most purposes of one signature that are told of. */
const MOST = 10;
/** ASTM E1762, by which R4 names purposes (value set signature-type). */
const ASTM = "1.2.840.10065.1.12.1.";

/**
 * Both purposes held together; undefined where there is none.
 *
 * @param signed as the signature has them: object identifiers, in dots, as URNs or as ETSI's addresses
 */
export function signingPurpose(signature: JsonObject | undefined, signed: readonly string[]): SigningPurpose | undefined {
  const codes = signature?.objects("type").map((type) => type.string("code")) ?? [];
  const told = { claimed: purposesIn(codes), signed: purposesIn(signed) };
  if (told.claimed.length + told.signed.length === 0) return undefined;
  // Of another vocabulary nobody can say whether it is the same.
  const comparable = told.signed.filter((purpose) => purpose.startsWith(ASTM));
  const result = comparable.length === 0 || told.claimed.length === 0 ? "claimed" : told.claimed.every((one) => comparable.includes(one)) ? "agrees" : "differs"; // prettier-ignore
  return { ...told, result };
}

function purposesIn(texts: readonly (string | undefined)[]): string[] {
  const read = texts.slice(0, MOST).flatMap((text) => (text === undefined ? [] : text.trim().slice(0, 200).replace(/^urn:oid:/i, ""))); // prettier-ignore
  return [...new Set(read)].filter((text) => text !== "");
}
