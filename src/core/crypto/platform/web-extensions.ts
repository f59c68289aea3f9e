/** A certificate's extensions (RFC 5280 section 4.2.1), as far as verifying asks for them. */
import { readName, type DistinguishedName } from "./der-names.ts";
import { contentOf, DerError, identifierIn, readDer, TAG, valuesIn, type DerValue } from "../read-der.ts";

export interface Extensions {
  /** Whether one of them cannot be read, or stands there twice: then the certificate issues nothing, and nothing is said of who issued it. */
  readonly isFaulty: boolean;
  /** basicConstraints: CA. */
  readonly isAuthority: boolean;
  /** Whether keyUsage, where there is one, has keyCertSign. */
  readonly mayIssue: boolean;
  readonly keyId: Uint8Array | undefined;
  /** By what it names the key of its issuer. */
  readonly authority: {
    readonly keyId?: Uint8Array | undefined;
    readonly issuer?: DistinguishedName | undefined;
    readonly serial?: Uint8Array | undefined;
  };
  readonly uris: readonly string[];
}

const NO_EXTENSIONS: Extensions = { isFaulty: false, isAuthority: false, mayIssue: true, keyId: undefined, authority: {}, uris: [] };

const SUBJECT_KEY_ID = "2.5.29.14";
const KEY_USAGE = "2.5.29.15";
const ALTERNATIVE_NAMES = "2.5.29.17";
const BASIC_CONSTRAINTS = "2.5.29.19";
const AUTHORITY_KEY_ID = "2.5.29.35";

/** keyCertSign: the sixth bit. */
const MAY_ISSUE = 0x04;
/** Tags of GeneralName, and of the parts of AuthorityKeyIdentifier. */
const [DIRECTORY_NAME, URI] = [0xa4, 0x86];
const [KEY_ID, ISSUER, SERIAL] = [0x80, 0xa1, 0x82];

/** @param field the certificate's extensions, if it has any */
export function readExtensions(field: DerValue | undefined): Extensions {
  if (field === undefined) return NO_EXTENSIONS;
  const found = new Map<string, DerValue>();
  let isTwice = false;
  for (const extension of valuesIn(valuesIn(field)[0], TAG.sequence)) {
    const parts = valuesIn(extension, TAG.sequence);
    const identifier = identifierIn(parts[0]);
    isTwice ||= found.has(identifier);
    found.set(identifier, readDer(contentOf(parts.at(-1), TAG.octetString)));
  }
  const uris = urisIn(found.get(ALTERNATIVE_NAMES));
  try {
    const [isCa] = found.has(BASIC_CONSTRAINTS) ? valuesIn(found.get(BASIC_CONSTRAINTS), TAG.sequence) : [];
    const usage = found.has(KEY_USAGE) ? contentOf(found.get(KEY_USAGE), TAG.bitString) : undefined;
    return {
      isFaulty: isTwice,
      isAuthority: isCa?.tag === TAG.boolean && isCa.content[0] !== 0,
      mayIssue: usage === undefined || ((usage[1] ?? 0) & MAY_ISSUE) !== 0,
      keyId: found.has(SUBJECT_KEY_ID) ? contentOf(found.get(SUBJECT_KEY_ID), TAG.octetString) : undefined,
      authority: found.has(AUTHORITY_KEY_ID) ? readAuthority(found.get(AUTHORITY_KEY_ID)) : {},
      uris,
    };
  } catch (error) {
    if (error instanceof DerError) return { ...NO_EXTENSIONS, isFaulty: true, uris };
    throw error;
  }
}

function readAuthority(value: DerValue | undefined): Extensions["authority"] {
  const parts = new Map(valuesIn(value, TAG.sequence).map((part) => [part.tag, part]));
  const names = parts.has(ISSUER) ? valuesIn(parts.get(ISSUER)) : [];
  const directoryName = names.find(({ tag }) => tag === DIRECTORY_NAME);
  return {
    keyId: parts.get(KEY_ID)?.content,
    issuer: directoryName && readName(valuesIn(directoryName)[0]),
    serial: parts.get(SERIAL)?.content,
  };
}

/** Those in printable ASCII without commas, quotes and backslashes, which nobody can take for more than one. */
function urisIn(value: DerValue | undefined): string[] {
  try {
    return valuesIn(value, TAG.sequence)
      .filter(({ tag }) => tag === URI)
      .map(({ content }) => String.fromCharCode(...content.subarray(0, 2000)))
      .filter((uri) => /^[ -~]+$/.test(uri) && !/["\\,']/.test(uri));
  } catch {
    return []; // there are none, or they cannot be read
  }
}
