/** Where a certificate says that lists about it are, and where a list says that it lies (RFC 5280 sections 4.2.1.13, 4.2.1.15 and 5.2.5). */
import { bitsIn, type CertificateFields } from "../crypto/certificate-fields.ts";
import { EXTENSION } from "../crypto/certificate-rules.ts";
import { toHex } from "../crypto/bytes.ts";
import { NAME_TAG, readGeneralName, type GeneralName } from "../crypto/general-names.ts";
import { keyOfName, readName, type DistinguishedName } from "../crypto/platform/der-names.ts";
import { DerError, TAG, valuesIn, type DerValue } from "../crypto/read-der.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";

/** Reasons for which certificates are revoked (ReasonFlags), as `bitsIn` numbers them: all that there are, keyCompromise to aACompromise, and that of a hold. */
export const REASONS = { all: 0x7f80, hold: 0x0200 } as const;

/** Of ReasonFlags with another tag than that of bits. DerError where they are none. */
export function reasonsIn({ content, whole }: DerValue): number {
  return bitsIn({ tag: TAG.bitString, content, whole }) & REASONS.all;
}

/** Names of a point: in full, or one that lies below its issuer's. */
export function namesOfPoint(name: DerValue | undefined, issuer: DistinguishedName): GeneralName[] {
  if (name?.tag === FULL_NAME) return valuesIn(name, undefined, SIGNATURE_LIMITS.listNames).map(readGeneralName);
  if (name?.tag !== BELOW_ISSUER) return [];
  const set = Uint8Array.from(name.whole);
  set[0] = TAG.set;
  const below = readName({ tag: TAG.sequence, content: set, whole: set });
  return [directoryOf([...issuer, ...below])];
}

const [FULL_NAME, BELOW_ISSUER] = [0xa0, 0xa1];

/** A place where a certificate says that lists about it are (cRLDistributionPoints). */
export interface DistributionPoint {
  readonly names: readonly GeneralName[];
  /** Who issues the lists there (cRLIssuer); undefined: the certificate's issuer. */
  readonly listIssuer: DistinguishedName | undefined;
  /** Of which reasons the lists there tell (`REASONS`). */
  readonly reasons: number;
}

/** DerError where they cannot be read. @param which `freshest`: those of lists of changes */
export function distributionPointsOf(
  { extensions, issuer }: Pick<CertificateFields, "extensions" | "issuer">,
  which: "complete" | "freshest" = "complete",
): DistributionPoint[] {
  const points = extensions.get(which === "freshest" ? FRESHEST : EXTENSION.distributionPoints);
  return points === undefined ? [] : pointsIn(points.value, issuer);
}

const FRESHEST = "2.5.29.46";

function pointsIn(points: DerValue, issuer: DistinguishedName): DistributionPoint[] {
  return valuesIn(points, TAG.sequence).map((point) => {
    const parts = new Map(valuesIn(point, TAG.sequence).map((part) => [part.tag, part]));
    const [names, some] = [parts.get(POINT), parts.get(SOME_REASONS)];
    const listIssuer = parts.has(LIST_ISSUER) ? issuerIn(parts.get(LIST_ISSUER)) : undefined;
    return { names: names ? namesOfPoint(valuesIn(names)[0], listIssuer ?? issuer) : [], listIssuer, reasons: some ? reasonsIn(some) : REASONS.all };
  });
}

const [POINT, SOME_REASONS, LIST_ISSUER] = [0xa0, 0x81, 0xa2];

function issuerIn(names: DerValue | undefined): DistinguishedName {
  const directory = valuesIn(names, undefined, SIGNATURE_LIMITS.listNames)
    .map(readGeneralName)
    .find(({ tag }) => tag === NAME_TAG.directory);
  if (directory?.name === undefined) throw new DerError("an issuer of lists without a name");
  return directory.name;
}

/** A name of a place that is a directory's. */
export function directoryOf(name: DistinguishedName): GeneralName {
  return { tag: NAME_TAG.directory, text: "", bytes: new Uint8Array(), name };
}

/** The same for names that mean the same: whoever wrote the list may have put thousands in it. */
export function keyOf({ tag, name, bytes }: GeneralName): string {
  return `${tag} ${tag === NAME_TAG.directory ? keyOfName(name ?? []) : toHex(bytes)}`;
}
