/** By what a password opens parts of a PKCS #12 file, and how it is known that it is the right one: PBES2 and PBMAC1 (RFC 8018, RFC 9579), and the older forms of RFC 7292 appendices B and C. */
import { createDecipheriv, createHash, createHmac, pbkdf2Sync, timingSafeEqual } from "node:crypto";
import { AppError } from "../../core/errors.ts";
import { contentOf, identifierIn, numberIn, TAG, valuesIn, type DerValue } from "../../core/crypto/read-der.ts";
import { decryptRc2 } from "./rc2.ts";

/** More turns take minutes: a slip, or somebody's joke. OpenSSL and Java make 2,048 to 10,000. */
const MOST_TURNS = 10_000_000;

const HASHES: Readonly<Record<string, string>> = {
  "1.3.14.3.2.26": "sha1",
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};
const HMACS: Readonly<Record<string, string>> = {
  "1.2.840.113549.2.7": "sha1",
  "1.2.840.113549.2.9": "sha256",
  "1.2.840.113549.2.10": "sha384",
  "1.2.840.113549.2.11": "sha512",
};
/** Of PBES2: Node's name, and bytes of the key. */
const CIPHERS: Readonly<Record<string, readonly [name: string, length: number]>> = {
  "2.16.840.1.101.3.4.1.2": ["aes-128-cbc", 16],
  "2.16.840.1.101.3.4.1.22": ["aes-192-cbc", 24],
  "2.16.840.1.101.3.4.1.42": ["aes-256-cbc", 32],
  "1.2.840.113549.3.7": ["des-ede3-cbc", 24],
};
/** RFC 7292 appendix C, with SHA-1. */
const OLDER: Readonly<Record<string, { readonly cipher: "des-ede3-cbc" | "rc2"; readonly length: number }>> = {
  "1.2.840.113549.1.12.1.3": { cipher: "des-ede3-cbc", length: 24 },
  "1.2.840.113549.1.12.1.4": { cipher: "des-ede3-cbc", length: 16 },
  "1.2.840.113549.1.12.1.5": { cipher: "rc2", length: 16 },
  "1.2.840.113549.1.12.1.6": { cipher: "rc2", length: 5 },
};
const PBES2 = "1.2.840.113549.1.5.13";
const PBKDF2 = "1.2.840.113549.1.5.12";
const PBMAC1 = "1.2.840.113549.1.5.14";
/** What a derived key is for (RFC 7292 appendix B.3). */
const PURPOSE = { key: 1, vector: 2, mac: 3 } as const;
const VECTOR_LENGTH = 8;

/** What is encrypted under the algorithm of a part; undefined when the password is not the one. AppErrors `unsupported`, `malformed`. */
export function decrypted(algorithm: DerValue | undefined, encrypted: Uint8Array, password: string): Uint8Array | undefined {
  const [name, parameters] = valuesIn(algorithm, TAG.sequence);
  const identifier = identifierIn(name);
  if (identifier === PBES2) return pbes2(parameters, encrypted, password);
  const older = OLDER[identifier];
  if (older === undefined) throw new AppError("unsupported", `a part of it is encrypted in a way that is not known here (${identifier})`);
  const [salt, turns] = valuesIn(parameters, TAG.sequence);
  const derive = (purpose: number, length: number): Uint8Array => derived("sha1", password, saltIn(salt), turnsIn(turns), purpose, length);
  const [key, vector] = [derive(PURPOSE.key, older.length), derive(PURPOSE.vector, VECTOR_LENGTH)];
  if (older.cipher === "rc2") return decryptRc2(encrypted, key, older.length * 8, vector);
  // Of two keys the first is the third, too.
  return deciphered("des-ede3-cbc", older.length === 16 ? Buffer.concat([key, key.subarray(0, 8)]) : key, vector, encrypted);
}

function pbes2(parameters: DerValue | undefined, encrypted: Uint8Array, password: string): Uint8Array | undefined {
  const [derivation, scheme] = valuesIn(parameters, TAG.sequence);
  const [cipherName, vector] = valuesIn(scheme, TAG.sequence);
  const cipher = CIPHERS[identifierIn(cipherName)];
  if (cipher === undefined)
    throw new AppError("unsupported", `a part of it is encrypted by a cipher that is not known here (${identifierIn(cipherName)})`);
  return deciphered(cipher[0], pbkdf2(derivation, password, cipher[1]), contentOf(vector, TAG.octetString), encrypted);
}

function pbkdf2(derivation: DerValue | undefined, password: string, length: number): Uint8Array {
  const [name, parameters] = valuesIn(derivation, TAG.sequence);
  if (identifierIn(name) !== PBKDF2)
    throw new AppError("unsupported", `its keys are derived in a way that is not known here (${identifierIn(name)})`);
  const [salt, turns, ...rest] = valuesIn(parameters, TAG.sequence);
  const pseudoRandom = rest.find(({ tag }) => tag === TAG.sequence);
  const hash = pseudoRandom === undefined ? "sha1" : HMACS[identifierIn(valuesIn(pseudoRandom)[0])];
  if (hash === undefined) throw new AppError("unsupported", "its keys are derived by a hash that is not known here");
  return pbkdf2Sync(password, saltIn(salt), turnsIn(turns), length, hash);
}

function deciphered(cipher: string, key: Uint8Array, vector: Uint8Array, encrypted: Uint8Array): Uint8Array | undefined {
  try {
    const decipher = createDecipheriv(cipher, key, vector);
    return new Uint8Array(Buffer.concat([decipher.update(encrypted), decipher.final()]));
  } catch {
    return undefined;
  }
}

/** Whether a MacData is that of content under the password. AppErrors `unsupported`, `malformed`. */
export function isAuthentic(macData: DerValue, content: Uint8Array, password: string): boolean {
  const [mac, salt, turns] = valuesIn(macData, TAG.sequence);
  const [algorithm, digest] = valuesIn(mac, TAG.sequence);
  const [name, parameters] = valuesIn(algorithm, TAG.sequence);
  const expected = contentOf(digest, TAG.octetString);
  const { hash, key } =
    identifierIn(name) === PBMAC1
      ? macKey(parameters, password, expected.length)
      : olderMacKey(identifierIn(name), saltIn(salt), turnsIn(turns), password);
  const actual = createHmac(hash, key).update(content).digest();
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

interface MacKey {
  readonly hash: string;
  readonly key: Uint8Array;
}

function macKey(parameters: DerValue | undefined, password: string, length: number): MacKey {
  const [derivation, scheme] = valuesIn(parameters, TAG.sequence);
  const hash = HMACS[identifierIn(valuesIn(scheme, TAG.sequence)[0])];
  if (hash === undefined) throw new AppError("unsupported", "it is authenticated by a hash that is not known here");
  return { hash, key: pbkdf2(derivation, password, length) };
}

function olderMacKey(identifier: string, salt: Uint8Array, turns: number, password: string): MacKey {
  const hash = HASHES[identifier];
  if (hash === undefined) throw new AppError("unsupported", `it is authenticated by a hash that is not known here (${identifier})`);
  return { hash, key: derived(hash, password, salt, turns, PURPOSE.mac, createHash(hash).digest().length) };
}

/** RFC 7292 appendix B.2: v bytes of a hash's block, u bytes of its result. */
function derived(hash: string, password: string, salt: Uint8Array, turns: number, purpose: number, length: number): Uint8Array {
  const v = hash === "sha384" || hash === "sha512" ? 128 : 64;
  // UTF-16, the higher byte first, with a zero character at the end.
  const text = Buffer.from(`${password}\0`, "utf16le").swap16();
  const stretched = (bytes: Uint8Array): Buffer => (bytes.length === 0 ? Buffer.alloc(0) : Buffer.alloc(v * Math.ceil(bytes.length / v), bytes));
  const input = Buffer.concat([stretched(salt), stretched(text)]);
  const parts: Buffer[] = [];
  for (let made = 0; made < length;) {
    let part = createHash(hash).update(Buffer.alloc(v, purpose)).update(input).digest();
    for (let turn = 1; turn < turns; turn += 1) part = createHash(hash).update(part).digest();
    parts.push(part);
    made += part.length;
    addToEach(input, Buffer.alloc(v, part));
  }
  return new Uint8Array(Buffer.concat(parts).subarray(0, length));
}

/** Each block of `input`, as a number, plus `block` plus one. */
function addToEach(input: Buffer, block: Buffer): void {
  for (let start = 0; start < input.length; start += block.length)
    for (let at = block.length - 1, carry = 1; at >= 0; at -= 1) {
      const sum = (input[start + at] ?? 0) + (block[at] ?? 0) + carry;
      input[start + at] = sum & 255;
      carry = sum >> 8;
    }
}

function saltIn(value: DerValue | undefined): Uint8Array {
  return contentOf(value, TAG.octetString);
}

function turnsIn(value: DerValue | undefined): number {
  const turns = value === undefined ? 1n : numberIn(value);
  if (turns < 1n || turns > BigInt(MOST_TURNS))
    throw new AppError("unsupported", `its password is to be hashed ${turns} times: at most ${MOST_TURNS} are`);
  return Number(turns);
}
