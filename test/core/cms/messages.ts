/** Signed messages (RFC 5652) as somebody may write them, well or badly. */
import { createHash, sign } from "node:crypto";
import { nameAndNumberOf } from "../../../src/core/cms/certificate-parts.ts";
import { OID } from "../../../src/core/cms/identifiers.ts";
import type { Certificate } from "../../../src/core/crypto/certificate.ts";
import { integer, objectIdentifier, octetString, sequence, setOf, tagged, time } from "../../../src/core/der/write-der.ts";
import type { Person } from "../signatures/people.ts";

const SHA256 = sequence(objectIdentifier(OID.sha256));
export const ECDSA = sequence(objectIdentifier(OID.ecdsaWithSha256));

export interface SignerDraft {
  readonly by: Pick<Person, "certificate"> & (Pick<Person, "key"> | { sign(input: Uint8Array): Uint8Array });
  /** Whom it names, where that is another. */
  readonly named?: Certificate;
  /** What its digest is of. */
  readonly over: Uint8Array;
  /** In the place of the usual ones; `null`: none at all. */
  readonly attributes?: readonly Uint8Array[] | null;
  readonly more?: readonly Uint8Array[];
  readonly unsigned?: (value: Uint8Array) => readonly Uint8Array[];
  readonly algorithm?: Uint8Array;
  /** Writes the attributes in the order in which they stand, which is not DER's, and signs them so, or as they should be. */
  readonly order?: "as written" | "sorted when signed";
}

export interface MessageDraft {
  readonly signers: readonly SignerDraft[];
  readonly content?: Uint8Array;
  readonly contentType?: string;
  readonly certificates?: readonly Certificate[];
  readonly revocations?: readonly Uint8Array[];
}

export function attribute(type: string, ...values: readonly Uint8Array[]): Uint8Array {
  return sequence(objectIdentifier(type), setOf(...values));
}

export const digestAttribute = (over: Uint8Array): Uint8Array =>
  attribute(OID.messageDigest, octetString(createHash("sha256").update(over).digest()));
export const typeAttribute = (type: string = OID.data): Uint8Array => attribute(OID.contentType, objectIdentifier(type));
export const timeAttribute = (at: Date): Uint8Array => attribute(OID.signingTime, time(at));
export const certificateAttribute = ({ raw }: Certificate): Uint8Array =>
  attribute(OID.signingCertificateV2, sequence(sequence(sequence(octetString(createHash("sha256").update(raw).digest())))));

export function message({ signers, content, contentType = OID.data, certificates, revocations = [] }: MessageDraft): Uint8Array {
  const brought = certificates ?? signers.map(({ by }) => by.certificate);
  const encapsulated = sequence(objectIdentifier(contentType), ...(content ? [tagged(0, octetString(content))] : []));
  return sequence(
    objectIdentifier(OID.signedData),
    tagged(
      0,
      sequence(
        integer(1),
        setOf(SHA256),
        encapsulated,
        tagged(0, ...brought.map(({ raw }) => raw)),
        ...(revocations.length > 0 ? [tagged(1, ...revocations)] : []),
        retagged(0x31, tagged(0, ...signers.map(signer))),
      ),
    ),
  );
}

function signer({ by, named = by.certificate, over, attributes, more = [], unsigned, algorithm = ECDSA, order }: SignerDraft): Uint8Array {
  const signed =
    attributes === null ? [] : [...(attributes ?? [typeAttribute(), digestAttribute(over), certificateAttribute(by.certificate)]), ...more];
  const sorted = setOf(...signed);
  const written = order === undefined ? sorted : retagged(0x31, tagged(0, ...signed.toReversed()));
  const input = attributes === null ? over : order === "as written" ? written : sorted;
  const value = "key" in by ? new Uint8Array(sign("sha256", input, by.key)) : by.sign(input);
  const others = unsigned?.(value) ?? [];
  return sequence(
    integer(1),
    sequence(...nameAndNumberOf(named)),
    SHA256,
    ...(attributes === null ? [] : [retagged(0xa0, written)]),
    algorithm,
    octetString(value),
    ...(others.length > 0 ? [tagged(1, ...others)] : []),
  );
}

/** The same content under another tag. */
export function retagged(tag: number, element: Uint8Array): Uint8Array {
  const made = Uint8Array.from(element);
  made[0] = tag;
  return made;
}
