/** Lists of revoked certificates (CRL, RFC 5280 section 5), and which certificates one is about. */
import { toHex } from "../crypto/bytes.ts";
import { flagIn, readExtensions, type CertificateFields, type Extension } from "../crypto/certificate-fields.ts";
import { EXTENSION, readRules } from "../crypto/certificate-rules.ts";
import type { Certificate } from "../crypto/certificate.ts";
import { NAME_TAG, readGeneralName, readGeneralNames, type GeneralName } from "../crypto/general-names.ts";
import { isSameName, keyOfName, readName, type DistinguishedName } from "../crypto/platform/der-names.ts";
import { bytesOfBits, contentOf, DerError, eachValueIn, numberIn, readWholeDer, TAG, timeIn, valuesIn, type DerValue } from "../crypto/read-der.ts";
import { SIGNATURE_LIMITS } from "../crypto/signature-limits.ts";
import type { SignedValue } from "../crypto/signed-value.ts";

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
  /** Whether it lists changes to another list alone (delta CRL): what it does not list, it says nothing of. */
  readonly isDelta: boolean;
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
    isDelta: extensions.has(IDENTIFIERS.delta),
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
const [POINT, PEOPLE, AUTHORITIES, REASONS, INDIRECT, ATTRIBUTES] = [0xa0, 0x81, 0x82, 0x83, 0x84, 0x85];
const EVERYTHING: Scope = { names: undefined, isForPeople: false, isForAuthorities: false, isIndirect: false };

function readScope(value: DerValue | undefined, issuer: DistinguishedName): Scope & { readonly limits?: string | undefined } {
  if (value === undefined) return EVERYTHING;
  const parts = new Map(valuesIn(value, TAG.sequence).map((part) => [part.tag, part]));
  const isSet = (tag: number): boolean => parts.has(tag) && flagIn(parts.get(tag)?.content ?? new Uint8Array());
  const point = parts.get(POINT);
  const limits = isSet(ATTRIBUTES)
    ? "it is about attribute certificates alone"
    : parts.has(REASONS)
      ? "it is about some reasons alone, which is not worked out"
      : undefined;
  const names = point && new Set(namesOfPoint(valuesIn(point)[0], issuer).map(keyOf));
  return { names, isForPeople: isSet(PEOPLE), isForAuthorities: isSet(AUTHORITIES), isIndirect: isSet(INDIRECT), limits };
}

/** Names of a point: in full, or one that lies below its issuer's. */
function namesOfPoint(name: DerValue | undefined, issuer: DistinguishedName): GeneralName[] {
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
  /** Whether the lists there tell of some reasons alone. */
  readonly isPartial: boolean;
}

/** DerError where they cannot be read. */
export function distributionPointsOf({ extensions, issuer }: Pick<CertificateFields, "extensions" | "issuer">): DistributionPoint[] {
  const points = extensions.get(EXTENSION.distributionPoints);
  if (points === undefined) return [];
  return valuesIn(points.value, TAG.sequence).map((point) => {
    const parts = new Map(valuesIn(point, TAG.sequence).map((part) => [part.tag, part]));
    const names = parts.get(POINT);
    const listIssuer = parts.has(LIST_ISSUER) ? issuerIn(parts.get(LIST_ISSUER)) : undefined;
    return { names: names ? namesOfPoint(valuesIn(names)[0], listIssuer ?? issuer) : [], listIssuer, isPartial: parts.has(SOME_REASONS) };
  });
}

const [SOME_REASONS, LIST_ISSUER] = [0x81, 0xa2];

function issuerIn(names: DerValue | undefined): DistinguishedName {
  const directory = valuesIn(names, undefined, SIGNATURE_LIMITS.listNames)
    .map(readGeneralName)
    .find(({ tag }) => tag === NAME_TAG.directory);
  if (directory?.name === undefined) throw new DerError("an issuer of lists without a name");
  return directory.name;
}

/** Whether a list is about a certificate, by what the two say (section 6.3.3 b). */
export function isAbout(list: RevocationList, certificate: Certificate): boolean {
  const rules = readRules(certificate);
  const { names, isForPeople, isForAuthorities, isIndirect } = list.scope;
  if ((isForPeople && rules.isAuthority) || (isForAuthorities && !rules.isAuthority)) return false;
  const isOwn = isSameName(list.issuer, rules.issuer);
  if (isOwn && names === undefined) return true;
  // Whom the certificate names for it may issue the list, and where that is another, the list must say that it is about others' certificates (section 6.3.3 b 1).
  return distributionPointsOf(rules).some(
    ({ listIssuer, isPartial, names: placed }) =>
      !isPartial &&
      (listIssuer ? isSameName(list.issuer, listIssuer) && (isOwn || isIndirect) : isOwn) &&
      (names === undefined || (placed.length > 0 ? placed : listIssuer ? [directoryOf(listIssuer)] : []).some((name) => names.has(keyOf(name)))),
  );
}

function directoryOf(name: DistinguishedName): GeneralName {
  return { tag: NAME_TAG.directory, text: "", bytes: new Uint8Array(), name };
}

/** The same for names that mean the same: whoever wrote the list may have put thousands in it. */
function keyOf({ tag, name, bytes }: GeneralName): string {
  return `${tag} ${tag === NAME_TAG.directory ? keyOfName(name ?? []) : toHex(bytes)}`;
}
