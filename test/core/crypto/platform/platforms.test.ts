import { createPublicKey, constants, generateKeyPairSync, sign } from "node:crypto";
import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "@jest/globals";
import { nodePlatform } from "../../../../src/core/crypto/platform/node.ts";
import type { SignatureMethod } from "../../../../src/core/crypto/platform/platform.ts";
import { webPlatform } from "../../../../src/core/crypto/platform/web.ts";
import { certificate, type Kind, KINDS } from "./certificates.ts";

const PLATFORMS = [
  ["Node", nodePlatform],
  ["a browser", webPlatform],
] as const;
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.each(PLATFORMS)("%s", (_, platform) => {
  test("hashes as FIPS 180-4, over parts as over the whole", () => {
    expect(platform.sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(platform.toHex(platform.hash("sha256", [ascii("a"), ascii(""), ascii("bc")]))).toBe(platform.sha256Hex("abc"));
    expect(platform.toHex(platform.hash("sha1", [ascii("abc")]))).toBe("a9993e364706816aba3e25717850c26c9cd0d89d");
    expect(platform.toHex(platform.hash("sha384", [ascii("abc")]))).toMatch(/^cb00753f45a35e8bb5a03d699ac65007/);
    expect(platform.toHex(platform.hash("sha512", [ascii("abc")]))).toMatch(/^ddaf35a193617abacc417349ae204131/);
    expect(platform.toHex(platform.hash("shake256", [ascii("ab"), ascii("c")]))).toMatch(
      /^483366601360a8771c6863080cc4114d.*27e1faa9f8726e462a12a4feb06bd8801e751e4$/,
    );
    expect(platform.sha256Hex("\ud800ä")).toBe(platform.sha256Hex("\ufffdä"));
  });

  test("has the keyed hash of RFC 4231, case 2", () => {
    expect(platform.hmacSha256Hex(ascii("Jefe"), "what do ya want for nothing?")).toBe(
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    );
  });

  test("compares", () => {
    expect(platform.isEqual(ascii("abc"), ascii("abc"))).toBe(true);
    expect(platform.isEqual(ascii("abc"), ascii("abd"))).toBe(false);
    expect(platform.isEqual(ascii(""), ascii(""))).toBe(true);
  });

  test("writes base64 and hex of every length, of a view as of the whole", () => {
    for (let length = 0; length < 70; length += 1) {
      const bytes = Uint8Array.from({ length }, (__, at) => (at * 167 + length) % 256);
      const view = Uint8Array.from([1, ...bytes, 2]).subarray(1, -1);
      expect(platform.toHex(view)).toBe(Buffer.from(bytes).toString("hex"));
      for (const alphabet of ["base64", "base64url"] as const) {
        const text = Buffer.from(bytes).toString(alphabet);
        expect(platform.toBase64(view, alphabet)).toBe(text);
        expect(platform.fromBase64(text, alphabet)).toEqual(bytes);
      }
    }
  });

  test.each(["A", "AA", "AAA", "AB==", "AAB=", "A===", "=", "====", "AA==AA==", "AA=A", "AA==\n", " AA==", "AA-_", "AAé=", "AA\u0100=", "AAAAA"])(
    "knows one spelling of base64: not %j",
    (text) => {
      expect(platform.fromBase64(text, "base64")).toBeUndefined();
    },
  );

  test.each(["A", "AB", "AAB", "AA==", "AA=", "AA+/", "AA ", "AAAAA"])("nor %j in base64url", (text) => {
    expect(platform.fromBase64(text, "base64url")).toBeUndefined();
  });

  test("undoes compression, up to a limit, of one stream from the first byte to the last", async () => {
    const text = ascii("Metoprolol 47.5 mg\n".repeat(5_000));
    const packed = new Uint8Array(deflateSync(text));
    expect(await platform.inflate(packed, text.length)).toEqual(text);
    expect(await platform.inflate(Uint8Array.from([9, ...packed, 9]).subarray(1, -1), text.length)).toEqual(text);
    expect(await platform.inflate(new Uint8Array(deflateSync(ascii(""))), 1)).toEqual(ascii(""));
    const damaged = packed.map((byte, at) => (at === 20 ? byte ^ 0xff : byte));
    const others = [new Uint8Array(), ascii("plain"), packed.subarray(1), packed.subarray(0, -1), Uint8Array.from([...packed, 0]), damaged];
    for (const each of [...others, new Uint8Array(deflateRawSync(text)), new Uint8Array(gzipSync(text))])
      expect(await platform.inflate(each, 10_000_000)).toBeUndefined();
    expect(await platform.inflate(packed, text.length - 1)).toBeUndefined();
    // 200 MB in 200 KB: given up at once.
    expect(await platform.inflate(new Uint8Array(deflateSync(Buffer.alloc(200_000_000), { level: 9 })), 1_000_000)).toBeUndefined();
  });

  test("checks Ed25519 signatures (RFC 8032, 7.1, test 2)", () => {
    const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
    const isSigned = platform.ed25519(bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"));
    const signature = bytes(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
    expect(isSigned(bytes("72"), signature)).toBe(true);
    expect(isSigned(bytes("73"), signature)).toBe(false);
    expect(isSigned(bytes("72"), signature.with(40, 1))).toBe(false);
    expect(isSigned(bytes("72"), signature.subarray(1))).toBe(false);
    expect(isSigned(bytes("72"), new Uint8Array(64))).toBe(false);
  });

  const INPUT = ascii("a document's SignedInfo");
  const methods = (kind: Kind): SignatureMethod[] => {
    const hashes = ["sha256", "sha384", "sha512"] as const;
    if (!kind.name.startsWith("rsa")) return hashes.map((hash) => ({ hash, keyType: "ec" }));
    return hashes.flatMap((hash) => [false, true].map((isPss) => ({ hash, keyType: "rsa", isPss })));
  };

  test.each(KINDS.filter(({ name }) => !name.startsWith("ed")))("checks signatures by a key of $name, whatever the hash", async (kind) => {
    const key = platform.readCertificate(certificate({ by: kind }))!.publicKey;
    const { privateKey } = kind.pair;
    for (const method of methods(kind)) {
      const padding = method.isPss
        ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
        : { padding: constants.RSA_PKCS1_PADDING };
      const how = method.keyType === "ec" ? ({ key: privateKey, dsaEncoding: "ieee-p1363" } as const) : { key: privateKey, ...padding };
      const signature = new Uint8Array(sign(method.hash, INPUT, how));
      expect(await platform.verify(method, key, INPUT, signature)).toBe(true);
      expect(await platform.verify(method, key, INPUT.with(0, 66), signature)).toBe(false);
      expect(await platform.verify(method, key, INPUT, signature.with(9, (signature[9] ?? 0) ^ 1))).toBe(false);
      expect(await platform.verify(method, key, INPUT, signature.subarray(1))).toBe(false);
      expect(await platform.verify(method, key, INPUT, new Uint8Array(signature.length))).toBe(false);
    }
  });

  test("takes no RSA signature that lacks its leading zeros", async () => {
    const kind = KINDS.find(({ pair }) => pair.privateKey.asymmetricKeyType === "rsa")!;
    const key = platform.readCertificate(certificate({ by: kind }))!.publicKey;
    const method = { hash: "sha256", keyType: "rsa", isPss: true } as const;
    const how = { key: kind.pair.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
    let signature = new Uint8Array([1]);
    // One of 256 begins with a zero.
    for (let tries = 0; tries < 10_000 && signature[0] !== 0; tries++) signature = new Uint8Array(sign("sha256", INPUT, how));
    expect(signature[0]).toBe(0);
    expect(await platform.verify(method, key, INPUT, signature)).toBe(true);
    expect(await platform.verify(method, key, INPUT, signature.subarray(1))).toBe(false);
    expect(await platform.verify(method, key, INPUT, new Uint8Array([0, ...signature]))).toBe(false);
  });

  test("takes a high s for as good as a low one: only some protocols forbid it", async () => {
    const { pair } = KINDS[2]!;
    const { publicKey } = platform.readCertificate(certificate({ by: KINDS[2]! }))!;
    for (let tries = 0; tries < 20; tries += 1) {
      const signature = new Uint8Array(sign("sha256", INPUT, { key: pair.privateKey, dsaEncoding: "ieee-p1363" }));
      expect(await platform.verify({ hash: "sha256", keyType: "ec" }, publicKey, INPUT, signature)).toBe(true);
    }
  });
});

test("what a browser cannot check is not said to be false", async () => {
  const kinds: Kind[] = [
    { ...KINDS[2]!, name: "secp224r1", pair: generateKeyPairSync("ec", { namedCurve: "secp224r1" }) },
    { ...KINDS[2]!, name: "P-256 written out", pair: generateKeyPairSync("ec", { namedCurve: "P-256", paramEncoding: "explicit" }) },
  ];
  for (const kind of kinds) {
    const der = certificate({ by: kind });
    const read = webPlatform.readCertificate(der)!;
    expect(read.publicKey.keyType).toBe(createPublicKey(kind.pair.privateKey).asymmetricKeyType);
    expect(await read.isSignedBy(read)).toBeUndefined();
    expect(await webPlatform.verify({ hash: "sha256", keyType: "ec" }, read.publicKey, new Uint8Array(3), new Uint8Array(64))).toBeUndefined();
  }
});
