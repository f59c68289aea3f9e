/**
 * Archive time-stamps of CAdES, version 3 (ETSI EN 319 122-1 section 5.5.3): over the signer's own fields, the digest of what was signed, and a list of hashes that names each certificate, each list or answer about
 * revocation, and each unsigned attribute that stood there. What the list does not name is not covered: it may have come later, or have been left out.
 */
import { concat, toHex } from "../crypto/bytes.ts";
import { hashOf } from "../crypto/digest.ts";
import type { Hash } from "../crypto/platform/platform.ts";
import { contentOf, DerError, TAG, valuesIn, type DerValue } from "../crypto/read-der.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import { hashIn } from "../crypto/signature-algorithms.ts";
import type { ArchiveClaim, ArchiveCover } from "./archive-claim.ts";
import { statedIn } from "./check-time-stamp.ts";
import { OID } from "./identifiers.ts";
import { derOrAsItIs } from "./proven-time.ts";
import type { MessageSigner, SignedMessage, UnsignedValue } from "./signed-message.ts";

/** Of a signer's archive time-stamps, at most as many as are looked at. @param content what it signed, where that was found */
export function archiveClaims(message: SignedMessage, signer: MessageSigner, content: Uint8Array | undefined): ArchiveClaim[] {
  return signer.unsigned
    .filter(({ name }) => name === OID.archiveStamp || name === OID.archiveStamp2 || name === OID.archiveStamp1)
    .slice(0, SIGNATURE_LIMITS.timeStamps)
    .map(({ name, value }) => ({
      token: value,
      covered: () => (name === OID.archiveStamp ? coverOrNone(value, message, signer, content) : EARLIER),
    }));
}

const EARLIER = "it is of a kind before the third, whose parts are not put together here";

function coverOrNone(token: Uint8Array, message: SignedMessage, signer: MessageSigner, content: Uint8Array | undefined): ArchiveCover | string {
  try {
    return coverOf(derOrAsItIs(token), message, signer, content);
  } catch (error) {
    if (error instanceof DerError) return "its list of hashes cannot be read";
    throw error;
  }
}

function coverOf(token: Uint8Array, { encoded }: SignedMessage, signer: MessageSigner, content: Uint8Array | undefined): ArchiveCover | string {
  if (content === undefined) return "what was signed is not at hand";
  if (!encoded.isSame) return "what it is over came in another encoding than DER, in which it may have been hashed";
  const { unsigned = new Map<string, DerValue>(), hash } = statedIn(token) ?? {};
  const [name, value] =
    [OID.hashIndex3, OID.hashIndex2, OID.hashIndex1].map((each) => [each, unsigned.get(each)] as const).find(([, found]) => found) ?? [];
  if (value === undefined || hash === undefined) return "it brings no list of hashes that is known here";
  const fields = valuesIn(value, TAG.sequence, 4);
  // The algorithm stands first, unless it is SHA-256.
  const isTold = fields.length === 4;
  const algorithm = isTold ? hashIn(fields[0]) : "sha256";
  if (algorithm === undefined || algorithm === "sha1" || fields.length < 3) return "its list of hashes is made by a hash that is not used here";
  const [certificates, revocations, attributes] = fields.slice(isTold ? 1 : 0).map(namesIn);
  const attributeBytes = ({ type, value: own, attribute }: UnsignedValue): Uint8Array => (name === OID.hashIndex3 ? concat(type, own) : attribute);
  const rest = [
    namesLeft(certificates, encoded.certificates, algorithm),
    namesLeft(revocations, encoded.revocations, algorithm),
    namesLeft(attributes, signer.unsigned.map(attributeBytes), algorithm),
  ];
  if (rest.some(({ unknown }) => unknown > 0)) return "its list of hashes names something that does not stand here";
  const [missing = 0, untold = 0] = rest.map(({ leftOut }) => leftOut);
  const isNamed = (each: UnsignedValue): boolean => attributes?.has(toHex(hashOf(algorithm, attributeBytes(each)))) === true;
  const leavesOut = [
    ...(missing > 0 ? [`${missing} of the certificates`] : []),
    ...(untold > 0 ? [`${untold} of the lists and answers about revocation`] : []),
  ].join(" and ");
  return {
    over: [concat(encoded.contentType, hashOf(hash, content), signer.fields, value.whole)],
    tokens: signer.unsigned.filter(isNamed).map((each) => each.value),
    ...(leavesOut !== "" && { leavesOut }),
  };
}

function namesIn(list: DerValue): Set<string> {
  return new Set(valuesIn(list, TAG.sequence, SIGNATURE_LIMITS.messageAttributes).map((name) => toHex(contentOf(name, TAG.octetString))));
}

/** How many things a list of hashes does not name, and how many names are of nothing that stands here. */
function namesLeft(
  names: ReadonlySet<string> = new Set(),
  things: readonly Uint8Array[],
  hash: Hash,
): { readonly leftOut: number; readonly unknown: number } {
  const here = new Set(things.map((thing) => toHex(hashOf(hash, thing))));
  return { leftOut: [...here].filter((name) => !names.has(name)).length, unknown: [...names].filter((name) => !here.has(name)).length };
}
