/** Signed messages (CMS) of a megabyte that are meant to cost more than that, and certificates that are. */
import { canonicalDocument } from "../../src/core/fhir/canonical.ts";
import { sequence, objectIdentifier, octetString, setOf, tagged, utf8String } from "../../src/core/der/write-der.ts";
import { attribute, message, type SignerDraft } from "../../test/core/cms/messages.ts";
import { person } from "../../test/core/signatures/people.ts";
import { AUTHORITY, certificateWith, doctor, ecKey, extension, mallory, manyBytes, MEGABYTE, root, type Hostile, type Signature } from "./actors.ts";
import { hostileAnswer, hostileList, LISTS } from "./revocations.ts";

function cms(encoded: Uint8Array): Signature {
  return { sigFormat: "application/pkcs7-mime", data: Buffer.from(encoded).toString("base64") };
}

const signer = (over: Uint8Array, more: Partial<SignerDraft> = {}): SignerDraft => ({ by: doctor, over, ...more });
const bytesOf = (text: string): Uint8Array => Buffer.from(text);

/** The head of a signed message, and behind it whatever it is to hold. */
function beginning(...rest: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Uint8Array.of(0x30, 0x80), objectIdentifier("1.2.840.113549.1.7.2"), Uint8Array.of(0xa0, 0x80), ...rest]);
}

/** An AlgorithmIdentifier of RSASSA-PSS with parameters that are large, or deep. */
function pss(parameters: Uint8Array): Uint8Array {
  return sequence(objectIdentifier("1.2.840.113549.1.1.10"), parameters);
}

/** Sequences in each other; each takes up to five bytes of its own. */
function nested(bytes: number): Uint8Array {
  const made = new Uint8Array(bytes);
  let from = bytes;
  while (from > 8) {
    const length = bytes - from;
    const head =
      length < 128
        ? [0x30, length]
        : length < 65_536
          ? [0x30, 0x82, length >> 8, length & 255]
          : [0x30, 0x83, length >> 16, (length >> 8) & 255, length & 255];
    if (length >= 128 && length < 256) head.splice(1, 3, 0x81, length);
    from -= head.length;
    made.set(head, from);
  }
  return made.subarray(from);
}

/** A chain below the trust list whose authority limits names, and whose signer has some: as many as are compared. */
function limitedChain(): {
  readonly authority: ReturnType<typeof ecKey>;
  readonly certificates: ReturnType<typeof certificateWith>[];
  readonly key: ReturnType<typeof ecKey>;
} {
  const [authority, key] = [ecKey("P-256"), ecKey("P-256")];
  const deep = (at: number): Uint8Array =>
    sequence(...Array.from({ length: 10 }, (_, level) => setOf(sequence(objectIdentifier("2.5.4.11"), utf8String(level === 9 ? `x${at}` : "a")))));
  const names = Array.from({ length: 140 }, (_, at) => tagged(4, deep(at)));
  const limits = extension("2.5.29.30", sequence(tagged(1, ...Array.from({ length: 140 }, (_, at) => sequence(tagged(4, deep(1_000 + at)))))), true);
  return {
    authority,
    key,
    certificates: [
      certificateWith({ subject: "Mallory", key, issuer: "Limited", issuerKey: authority, extensions: [extension("2.5.29.17", sequence(...names))] }),
      certificateWith({ subject: "Limited", key: authority, issuer: root.name, issuerKey: root.key, extensions: [AUTHORITY, limits] }),
    ],
  };
}

export const HOSTILE_CMS: readonly Hostile[] = [
  { name: "CMS: levels without an end", make: () => cms(beginning(Buffer.alloc(MEGABYTE, Uint8Array.of(0x30, 0x80)))) },
  { name: "CMS: levels with their lengths", make: () => cms(sequence(objectIdentifier("1.2.840.113549.1.7.2"), tagged(0, nested(MEGABYTE)))) },
  {
    name: "CMS: content in pieces of a byte",
    make: () => cms(beginning(Uint8Array.of(0x30, 0x80, 0x24, 0x80), Buffer.alloc(MEGABYTE - 1, Uint8Array.of(0x04, 1, 0x41)), new Uint8Array(8))),
  },
  {
    name: "CMS: values",
    make: () => cms(sequence(objectIdentifier("1.2.840.113549.1.7.2"), tagged(0, sequence(manyBytes(MEGABYTE / 2, () => Uint8Array.of(5, 0)))))),
  },
  {
    name: "CMS: ten signers of a large content",
    make: () => {
      const content = Buffer.alloc(MEGABYTE, 0x41);
      return cms(
        message({ content, signers: Array.from({ length: 10 }, () => signer(content, { attributes: null })), certificates: [doctor.certificate] }),
      );
    },
  },
  {
    name: "CMS: ten signers with large attributes",
    make: (document) => {
      const over = bytesOf(canonicalDocument(document));
      const more = Array.from({ length: 45 }, (_, at) => attribute(`1.2.3.${at + 1}`, octetString(new Uint8Array(MEGABYTE / 500))));
      return cms(
        message({
          signers: Array.from({ length: 10 }, () => signer(over, { more, order: "sorted when signed" })),
          certificates: [doctor.certificate],
        }),
      );
    },
  },
  {
    name: "CMS: ten signers over a document of a megabyte, which fits nothing",
    isOverLarge: true,
    make: () => cms(message({ signers: Array.from({ length: 10 }, () => signer(bytesOf("other"))), certificates: [doctor.certificate] })),
  },
  {
    name: "CMS: the same without attributes",
    isOverLarge: true,
    make: () =>
      cms(message({ signers: Array.from({ length: 10 }, () => signer(bytesOf("other"), { attributes: null })), certificates: [doctor.certificate] })),
  },
  {
    name: "CMS: thirty certificates of 32 KB",
    make: (document) => {
      const large = extension("1.2.3.4", octetString(new Uint8Array(31_000)));
      const certificates = Array.from({ length: 29 }, (_, at) =>
        certificateWith({ subject: `A${at}`, key: mallory.key, issuer: "B", issuerKey: mallory.key, extensions: [AUTHORITY, large] }),
      );
      return cms(message({ signers: [signer(bytesOf(canonicalDocument(document)))], certificates: [doctor.certificate, ...certificates] }));
    },
  },
  ...(["large", "deep"] as const).map((kind) => ({
    name: `CMS: parameters of RSASSA-PSS that are ${kind}`,
    make: (): Signature => {
      const parameters = kind === "large" ? sequence(manyBytes(MEGABYTE / 2, () => Uint8Array.of(5, 0))) : nested(MEGABYTE);
      return cms(message({ signers: [signer(bytesOf("other"), { algorithm: pss(parameters) })] }));
    },
  })),
  {
    name: "CMS: lists (CRL) and answers (OCSP) of every kind",
    make: (document) =>
      cms(message({ signers: [signer(bytesOf(canonicalDocument(document)))], revocations: [...LISTS.map(hostileList), hostileAnswer()] })),
  },
  {
    name: "CMS: time-stamps",
    make: (document) => {
      const token = message({
        content: Buffer.alloc(MEGABYTE / 6),
        contentType: "1.2.840.113549.1.9.16.1.4",
        signers: [signer(Buffer.alloc(MEGABYTE / 6))],
      });
      return cms(
        message({
          signers: [
            signer(bytesOf(canonicalDocument(document)), {
              unsigned: () => [attribute("1.2.840.113549.1.9.16.2.14", ...Array.from({ length: 5 }, () => token))],
            }),
          ],
        }),
      );
    },
  },
  {
    name: "CMS: names that an authority limits (a trusted one's)",
    make: (document) => {
      const { certificates, key } = limitedChain();
      const [own] = certificates;
      if (own === undefined) throw new Error("no certificate");
      return cms(
        message({ signers: [signer(bytesOf(canonicalDocument(document)), { by: { ...person("x"), key, certificate: own } })], certificates }),
      );
    },
  },
  {
    name: "CMS: places of lists x names of lists (a trusted one's)",
    make: (document) => {
      const key = ecKey("P-256");
      const address = (at: number): Uint8Array => Uint8Array.of(0x86, 6, ...Buffer.from(`g://${String(at % 100).padStart(2, "0")}`));
      const points = extension("2.5.29.31", sequence(sequence(tagged(0, tagged(0, ...Array.from({ length: 3_800 }, (_, at) => address(at)))))));
      const certificate = certificateWith({ subject: "Mallory", key, issuer: root.name, issuerKey: root.key, extensions: [points] });
      const lists = Array.from({ length: 4 }, () => hostileList("of many names"));
      return cms(
        message({
          signers: [signer(bytesOf(canonicalDocument(document)), { by: { ...person("x"), key, certificate } })],
          certificates: [certificate],
          revocations: lists,
        }),
      );
    },
  },
];
