/** Lists of revoked certificates (CRL, RFC 5280 section 5), and which certificates one is about. */
import { toHex } from "../crypto/bytes.ts";
import { flagIn, readExtensions, type CertificateFields, type Extension } from "../crypto/certificate-fields.ts";
import { readRules } from "../crypto/certificate-rules.ts";
import type { Certificate } from "../crypto/certificate.ts";
import { NAME_TAG, readGeneralNames } from "../crypto/general-names.ts";
import { isSameName, keyOfName, readName, type DistinguishedName } from "../crypto/platform/der-names.ts";
import { bytesOfBits, contentOf, DerError, eachValueIn, numberIn, readWholeDer, TAG, timeIn, valuesIn, type DerValue } from "../crypto/read-der.ts";
import type { SignedValue } from "../crypto/signed-value.ts";
import { directoryOf, distributionPointsOf, keyOf, namesOfPoint, REASONS, reasonsIn } from "./distribution-points.ts";

/** An entry of a list. */
export interface RevokedEntry {
  readonly at: Date;
  /** reasonCode (section 5.3.1). */
  readonly reason: number | undefined;
  /** Since when the key was not safe any more, as far as it is known (section 5.3.2). */
  readonly invalidSince: Date | undefined;
}

export interface RevocationList extends SignedValue {
  readonly raw: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly issuedAt: Date;
  readonly nextAt: Date | undefined;
  /** cRLNumber; undefined where it has none that can be read. */
  readonly number: bigint | undefined;
  /** Whether it lists changes to another list alone (delta CRL): what it does not list, it says nothing of by itself. */
  readonly isDelta: boolean;
  /** The number of the complete list to which its changes come; undefined where that cannot be read. */
  readonly base: bigint | undefined;
  readonly extensions: ReadonlyMap<string, Extension>;
  /** The same for two lists of the same scope under the same key, as far as they say (section 5.2.4): changes come to no other. */
  readonly kind: string;
  /** Whether revoked certificates stay listed after their own end. */
  readonly keepsExpired: boolean;
  /** Why nothing is concluded from it; undefined where something may be. */
  readonly unusable: string | undefined;
  readonly scope: Scope;
  /** The entry of a certificate, by its serial number and its issuer, which in an indirect list may be another than the list's. DerError where it cannot be read or holds what is critical and not known. */
  find(certificate: Pick<CertificateFields, "serial" | "issuer">): RevokedEntry | undefined;
}

/** issuingDistributionPoint (section 5.2.5). */
interface Scope {
  /** By which its point goes; undefined: it is about all that its authority issued. */
  readonly names: ReadonlySet<string> | undefined;
  readonly isForPeople: boolean;
  readonly isForAuthorities: boolean;
  /** Whether it may be about certificates of others than its issuer (indirectCRL). */
  readonly isIndirect: boolean;
  /** For which of the reasons it lists who was revoked. */
  readonly reasons: number;
}

const IDENTIFIERS = {
  reason: "2.5.29.21",
  invalidSince: "2.5.29.24",
  delta: "2.5.29.27",
  scope: "2.5.29.28",
  entryIssuer: "2.5.29.29",
  number: "2.5.29.20",
  authorityKey: "2.5.29.35",
  expiredOnList: "2.5.29.60",
} as const;
const EXTENSIONS = 0xa0;
const KNOWN_OF_LIST: readonly string[] = [IDENTIFIERS.scope, IDENTIFIERS.number, IDENTIFIERS.authorityKey, IDENTIFIERS.delta];
const KNOWN_OF_ENTRY: readonly string[] = [IDENTIFIERS.reason, IDENTIFIERS.invalidSince, IDENTIFIERS.entryIssuer];

/** Reads a list in DER. DerError when it is none. */
export function readRevocationList(raw: Uint8Array): RevocationList {
  const [body, algorithm, signature, ...behind] = valuesIn(readWholeDer(raw), TAG.sequence, 3);
  if (!body || !algorithm || behind.length > 0) throw new DerError("not a list of revoked certificates");
  const fields = valuesIn(body, TAG.sequence, 7);
  const version = fields[0]?.tag === TAG.integer ? numberIn(fields.shift()) : 0n;
  const [inner, issuer, issuedAt, ...rest] = fields;
  if (inner?.tag !== TAG.sequence || toHex(inner.whole) !== toHex(algorithm.whole)) throw new DerError("a list that names two algorithms");
  const nextAt = rest[0]?.tag === TAG.utcTime || rest[0]?.tag === TAG.generalizedTime ? timeIn(rest.shift()) : undefined;
  const entries = rest[0]?.tag === TAG.sequence ? rest.shift() : undefined;
  const [last, ...more] = rest;
  if (more.length > 0 || (last && last.tag !== EXTENSIONS) || version > 1n) throw new DerError("not a list of revoked certificates");
  const extensions = last ? readExtensions(valuesIn(last)[0]) : new Map<string, Extension>();
  const scope = extensions.get(IDENTIFIERS.scope);
  const unknown = [...extensions].find(([name, { isCritical }]) => isCritical && !KNOWN_OF_LIST.includes(name));
  let unusable = unknown && `it has a critical extension that is not known here (${unknown[0]})`;
  const name = readName(issuer);
  const { limits, ...read } = readScope(scope?.value, name);
  unusable ??= limits;
  let index: ReadonlyMap<string, ReadonlyMap<string, DerValue>> | undefined;
  return {
    raw,
    body: body.whole,
    algorithm,
    value: bytesOfBits(signature),
    issuer: name,
    issuedAt: timeIn(issuedAt),
    nextAt,
    number: numberOf(extensions.get(IDENTIFIERS.number)),
    isDelta: extensions.has(IDENTIFIERS.delta),
    base: numberOf(extensions.get(IDENTIFIERS.delta)),
    extensions,
    kind: [scope, extensions.get(IDENTIFIERS.authorityKey)].map((each) => (each ? toHex(each.value.whole) : "")).join(" "),
    keepsExpired: extensions.has(IDENTIFIERS.expiredOnList),
    unusable,
    scope: read,
    find: (certificate) => {
      index ??= entriesByCertificate(entries, name, read.isIndirect);
      const entry = index.get(keyOfName(certificate.issuer))?.get(toHex(certificate.serial));
      return entry && readEntry(entry);
    },
  };
}

/** A list with a number that cannot be read still tells who was revoked. */
function numberOf(extension: Extension | undefined): bigint | undefined {
  try {
    return extension && numberIn(extension.value);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

/** The entries by issuer and serial number of the certificate: the issuer that it names, else that of the entry before, else the list's (section 5.3.3). In a list that is not indirect none may name one. */
function entriesByCertificate(entries: DerValue | undefined, listIssuer: DistinguishedName, isIndirect: boolean): Map<string, Map<string, DerValue>> {
  const found = new Map<string, Map<string, DerValue>>();
  let issuer = keyOfName(listIssuer);
  for (const entry of entries ? eachValueIn(entries) : []) {
    const [serial, , list] = valuesIn(entry, TAG.sequence);
    // Only an entry with extensions can name one: those of an ordinary list are not read before they are asked for.
    const named = isIndirect && list ? readExtensions(list).get(IDENTIFIERS.entryIssuer) : undefined;
    if (named) issuer = keyOfIssuer(named);
    const own = found.get(issuer) ?? new Map<string, DerValue>();
    found.set(issuer, own.set(toHex(contentOf(serial, TAG.integer)), entry));
  }
  return found;
}

function keyOfIssuer({ isCritical, value }: Extension): string {
  const directory = readGeneralNames(value).find(({ tag }) => tag === NAME_TAG.directory);
  if (!isCritical || directory?.name === undefined) throw new DerError("an entry whose issuer has no name");
  return keyOfName(directory.name);
}

function readEntry(entry: DerValue): RevokedEntry {
  const [, at, list] = valuesIn(entry, TAG.sequence);
  const extensions = list ? readExtensions(list) : new Map<string, Extension>();
  if ([...extensions].some(([name, { isCritical }]) => isCritical && !KNOWN_OF_ENTRY.includes(name)))
    throw new DerError("an entry with a critical extension that is not known here");
  const reason = extensions.get(IDENTIFIERS.reason)?.value;
  const since = extensions.get(IDENTIFIERS.invalidSince)?.value;
  return { at: timeIn(at), reason: reason && contentOf(reason, ENUMERATED)[0], invalidSince: since && timeIn(since) };
}

const ENUMERATED = 0x0a;
const [POINT, PEOPLE, AUTHORITIES, SOME_REASONS, INDIRECT, ATTRIBUTES] = [0xa0, 0x81, 0x82, 0x83, 0x84, 0x85];
const EVERYTHING: Scope = { names: undefined, isForPeople: false, isForAuthorities: false, isIndirect: false, reasons: REASONS.all };

function readScope(value: DerValue | undefined, issuer: DistinguishedName): Scope & { readonly limits?: string | undefined } {
  if (value === undefined) return EVERYTHING;
  const parts = new Map(valuesIn(value, TAG.sequence).map((part) => [part.tag, part]));
  const isSet = (tag: number): boolean => parts.has(tag) && flagIn(parts.get(tag)?.content ?? new Uint8Array());
  const point = parts.get(POINT);
  const limits = isSet(ATTRIBUTES) ? "it is about attribute certificates alone" : undefined;
  const some = parts.get(SOME_REASONS);
  const names = point && new Set(namesOfPoint(valuesIn(point)[0], issuer).map(keyOf));
  const reasons = some ? reasonsIn(some) : REASONS.all;
  return { names, isForPeople: isSet(PEOPLE), isForAuthorities: isSet(AUTHORITIES), isIndirect: isSet(INDIRECT), reasons, limits };
}

/** Of which reasons a list tells about a certificate, by what the two say (section 6.3.3 b and d, `REASONS`); 0 where it is not about it. */
export function reasonsAbout({ scope, issuer }: RevocationList, certificate: Certificate): number {
  const rules = readRules(certificate);
  const { names, isForPeople, isForAuthorities, isIndirect, reasons } = scope;
  if ((isForPeople && rules.isAuthority) || (isForAuthorities && !rules.isAuthority)) return 0;
  const isOwn = isSameName(issuer, rules.issuer);
  if (isOwn && names === undefined) return reasons;
  // Whom the certificate names for it may issue the list, and where that is another, the list must say that it is about others' certificates (section 6.3.3 b 1).
  return distributionPointsOf(rules)
    .filter(
      ({ listIssuer, names: placed }) =>
        (listIssuer ? isSameName(issuer, listIssuer) && (isOwn || isIndirect) : isOwn) &&
        (names === undefined || (placed.length > 0 ? placed : listIssuer ? [directoryOf(listIssuer)] : []).some((name) => names.has(keyOf(name)))),
    )
    .reduce((told, point) => told | (point.reasons & reasons), 0);
}
