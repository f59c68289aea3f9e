/** What a certificate says that a path through it must keep to (RFC 5280 section 4.2.1). */
import { bitsIn, countIn, fieldsOf, flagIn, type CertificateFields, type Extension } from "./certificate-fields.ts";
import type { Certificate } from "./certificate.ts";
import { POLICY_EXTENSIONS, readPolicyRules, type PolicyRules } from "./certificate-policies.ts";
import { NAME_TAG, readGeneralName, readGeneralNames, readNameConstraints, type GeneralName, type NameConstraints } from "./general-names.ts";
import { isSameName } from "./platform/der-names.ts";
import { contentOf, DerError, identifierIn, TAG, valuesIn } from "./read-der.ts";

/** Bits of keyUsage (section 4.2.1.3), as `bitsIn` numbers them. */
export const USAGE = { digitalSignature: 0x8000, nonRepudiation: 0x4000, keyCertSign: 0x0400, crlSign: 0x0200 } as const;

export interface CertificateRules extends CertificateFields {
  readonly isSelfIssued: boolean;
  /** basicConstraints: CA, and how many authorities may follow. */
  readonly isAuthority: boolean;
  readonly pathLength: number | undefined;
  /** Undefined where the key may be used for everything. */
  readonly keyUsage: number | undefined;
  /** Object identifiers of extendedKeyUsage; undefined where it may be used for everything. */
  readonly purposes: readonly string[] | undefined;
  /** Subject (if it has one) and alternative names, which constraints are about. */
  readonly names: readonly GeneralName[];
  readonly constraints: NameConstraints | undefined;
  readonly policy: PolicyRules;
  /** Critical extensions of which nothing is known here: nobody may rely on the certificate who does not know them. */
  readonly unknown: readonly string[];
}

/** Identifiers of extensions that are asked for by name. */
export const EXTENSION = {
  keyUsage: "2.5.29.15",
  alternativeNames: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  nameConstraints: "2.5.29.30",
  distributionPoints: "2.5.29.31",
  extendedKeyUsage: "2.5.29.37",
  informationAccess: "1.3.6.1.5.5.7.1.1",
  noCheck: "1.3.6.1.5.5.7.48.1.5",
} as const;

const SUBJECT_KEY_ID = "2.5.29.14";
const AUTHORITY_KEY_ID = "2.5.29.35";
const EMAIL_ADDRESS = "1.2.840.113549.1.9.1=";
/** Where more is told, and that nothing need be, is never critical (sections 4.2.2 and RFC 6960 4.2.2.2.1): where it is, it means something else. */
const KNOWN: ReadonlySet<string> = new Set(
  [...Object.values(EXTENSION), ...POLICY_EXTENSIONS, SUBJECT_KEY_ID, AUTHORITY_KEY_ID].filter(
    (name) => name !== EXTENSION.informationAccess && name !== EXTENSION.noCheck,
  ),
);

/** DerError where the certificate cannot be read, or says what RFC 5280 does not allow. */
export function readRules(certificate: Pick<Certificate, "raw">): CertificateRules {
  const fields = fieldsOf(certificate);
  const { extensions, subject, issuer } = fields;
  const of = (name: string) => extensions.get(name)?.value;
  const basic = of(EXTENSION.basicConstraints);
  const usage = of(EXTENSION.keyUsage);
  const purposes = of(EXTENSION.extendedKeyUsage);
  const constraints = of(EXTENSION.nameConstraints);
  const { isAuthority, pathLength } = basic ? readBasicConstraints(basic) : { isAuthority: false, pathLength: undefined };
  if (constraints && !isAuthority) throw new DerError("constraints on names by whoever is no authority");
  return {
    ...fields,
    isSelfIssued: isSameName(subject, issuer),
    isAuthority,
    pathLength,
    keyUsage: usage && bitsIn(usage),
    purposes: purposes && valuesIn(purposes, TAG.sequence).map(identifierIn),
    names: namesOf(fields),
    constraints: constraints && readNameConstraints(constraints),
    policy: readPolicyRules(extensions),
    unknown: [...extensions].filter(([name, { isCritical }]) => isCritical && !KNOWN.has(name)).map(([name]) => name),
  };
}

function readBasicConstraints(value: Extension["value"]): { readonly isAuthority: boolean; readonly pathLength: number | undefined } {
  const parts = valuesIn(value, TAG.sequence);
  const isAuthority = parts[0]?.tag === TAG.boolean && flagIn(contentOf(parts.shift(), TAG.boolean));
  const [length, ...more] = parts;
  if (more.length > 0) throw new DerError("basic constraints of another form");
  const pathLength = length && countIn(length);
  return { isAuthority, pathLength: isAuthority ? pathLength : undefined };
}

function namesOf({ subject, extensions }: CertificateFields): GeneralName[] {
  const listed = extensions.get(EXTENSION.alternativeNames);
  const names = listed ? readGeneralNames(listed.value) : [];
  if (subject.length === 0) return names;
  const directory: GeneralName = { tag: NAME_TAG.directory, text: "", bytes: new Uint8Array(), name: subject };
  if (names.some(({ tag }) => tag === NAME_TAG.email)) return [...names, directory];
  // Constraints on mailboxes are about the subject's, where it has none elsewhere (section 4.2.1.10).
  const mailboxes = subject.flat().filter(({ key }) => key.startsWith(EMAIL_ADDRESS));
  return [...names, directory, ...mailboxes.map(({ value }) => emailOf(value))];
}

function emailOf(text: string): GeneralName {
  return readGeneralName({ tag: NAME_TAG.email, content: new TextEncoder().encode(text), whole: new Uint8Array() });
}
