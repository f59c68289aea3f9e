/** Parts of a certificate (RFC 5280 section 4.1) that messages name it by, or that say what its key may sign, read from its DER. */
import type { Certificate } from "../crypto/certificate.ts";
import { contentOf, DerError, identifierIn, readDer, readWholeDer, TAG, valuesIn, type DerValue } from "../crypto/read-der.ts";

const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const KEY_IDENTIFIER = "2.5.29.14";
const KEY_USAGE = "2.5.29.15";
const EXTENDED_KEY_USAGE = "2.5.29.37";
const TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
/** Bits of keyUsage: digitalSignature and nonRepudiation. */
const SIGNS = 0xc0;

/** Issuer and serial number, as the certificate has them. AppError `malformed`. */
export function nameAndNumberOf({ raw }: Pick<Certificate, "raw">): [Uint8Array, Uint8Array] {
  const [number, , issuer] = fieldsOf(raw);
  if (number === undefined || issuer === undefined) throw new DerError("a certificate without an issuer");
  return [issuer.whole, number.whole];
}

/**
 * Whether a key may sign time-stamps and nothing else (RFC 3161 section 2.3): extendedKeyUsage is critical and has that purpose alone, and keyUsage, where there is one, has
 * signatures of content alone. False also for what cannot be read.
 */
export function isForTimeStamps({ raw }: Pick<Certificate, "raw">): boolean {
  try {
    const found = extensionsOf(raw);
    const named = (name: string): DerValue[][] => found.filter(([identifier]) => identifierIn(identifier) === name);
    const [purposes, second] = named(EXTENDED_KEY_USAGE);
    const [usage] = named(KEY_USAGE);
    if (!purposes || second || !isCritical(purposes)) return false;
    const [purpose, other] = valuesIn(extensionValue(purposes), TAG.sequence).map(identifierIn);
    const bits = usage && contentOf(extensionValue(usage), TAG.bitString);
    const signs = bits === undefined || (((bits[1] ?? 0) & SIGNS) !== 0 && ((bits[1] ?? 0) & ~SIGNS) === 0);
    return purpose === TIME_STAMPING && other === undefined && signs;
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

/** The key identifier that a certificate gives itself (RFC 5280 section 4.2.1.2); undefined where it has none, or cannot be read. */
export function keyIdentifierOf({ raw }: Pick<Certificate, "raw">): Uint8Array | undefined {
  try {
    const [found] = extensionsOf(raw).filter(([name]) => identifierIn(name) === KEY_IDENTIFIER);
    return found && contentOf(extensionValue(found), TAG.octetString);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function extensionsOf(raw: Uint8Array): DerValue[][] {
  const field = fieldsOf(raw).find(({ tag }) => tag === EXTENSIONS);
  return field ? valuesIn(valuesIn(field)[0], TAG.sequence).map((extension) => valuesIn(extension, TAG.sequence)) : [];
}

/** What stands in the signed part, without the version. */
function fieldsOf(raw: Uint8Array): DerValue[] {
  const [body] = valuesIn(readWholeDer(raw), TAG.sequence);
  const fields = valuesIn(body, TAG.sequence);
  return fields[0]?.tag === VERSION ? fields.slice(1) : fields;
}

function isCritical([, critical]: readonly DerValue[]): boolean {
  return critical?.tag === TAG.boolean && critical.content[0] === 0xff;
}

function extensionValue(parts: readonly DerValue[]): DerValue {
  return readDer(contentOf(parts.at(-1), TAG.octetString));
}
