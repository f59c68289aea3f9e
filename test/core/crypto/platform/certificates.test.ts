import { describe, expect, test } from "@jest/globals";
import { fingerprintOf, pemOf, subjectNameOf } from "../../../../src/core/crypto/certificate.ts";
import { nodePlatform } from "../../../../src/core/crypto/platform/node.ts";
import type { Certificate } from "../../../../src/core/crypto/platform/platform.ts";
import { webPlatform } from "../../../../src/core/crypto/platform/web.ts";
import { utf8String } from "../../../../src/adapters/keys/der.ts";
import {
  alternativeNames,
  AUTHORITY,
  authorityKeyId,
  certificate,
  CN,
  type Draft,
  keyUsage,
  KINDS,
  nameOf,
  NO_AUTHORITY,
  plainName,
  subjectKeyId,
  text,
} from "./certificates.ts";

const P256 = KINDS[2]!;
const RSA = KINDS[0]!;
const ATTRIBUTES = ["CN", "GN", "SN", "serialNumber", "UID", "organizationIdentifier", "O", "1.2.3.4.5"];

/** What is said of a certificate, apart from other certificates. */
function factsOf(read: Certificate | undefined) {
  if (read === undefined) return undefined;
  const { keyType, modulusLength, publicExponent, curve } = read.publicKey;
  return {
    fingerprint: fingerprintOf(read),
    subject: read.subject,
    name: subjectNameOf(read),
    values: ATTRIBUTES.map((name) => read.subjectValues(name)),
    uris: read.uris,
    period: [read.validFrom.toISOString(), read.validTo.toISOString()],
    isAuthority: read.isAuthority,
    key: [keyType, modulusLength, publicExponent, curve],
  };
}

function both(der: Uint8Array | string): [Certificate, Certificate] {
  const read = [nodePlatform.readCertificate(der), webPlatform.readCertificate(der)];
  expect(read).not.toContain(undefined);
  return read as [Certificate, Certificate];
}

describe("Node and a browser say the same of a certificate", () => {
  const names: Readonly<Record<string, Uint8Array>> = {
    "one with everything that our verifier asks for": nameOf(
      ["2.5.4.6", text(0x13, "DE")],
      [CN, utf8String("Dr. Änne Meyer (test)")],
      ["2.5.4.42", utf8String("Änne")],
      ["2.5.4.4", utf8String("Meyer")],
      ["2.5.4.5", text(0x13, "123-4")],
      ["0.9.2342.19200300.100.1.1", utf8String("u1")],
      ["2.5.4.97", utf8String("VATDE-1")],
    ),
    "one with what must be escaped": nameOf([CN, utf8String(' a, "b" + c\\d; <e> #')], ["2.5.4.10", utf8String("#first\nsecond\u007f")]),
    "two common names, and several attributes in one set": nameOf([CN, utf8String("one")], [[CN, utf8String("two")], ["2.5.4.10", utf8String("org")]], [CN, utf8String("three")]), // prettier-ignore
    "other types of string": nameOf(
      [CN, text(0x14, Uint8Array.of(0x41, 0xe4))],
      ["2.5.4.10", text(0x1e, Uint8Array.of(0, 0x41, 0x20, 0xac))],
      ["2.5.4.11", text(0x1c, Uint8Array.of(0, 1, 0xf6, 0))],
      ["2.5.4.5", text(0x12, "12")],
      ["1.2.3.4.5", text(0x16, "an attribute without a name")],
    ),
    "no common name": nameOf(["2.5.4.10", utf8String("Somewhere")], ["2.5.4.6", text(0x13, "CH")]),
    "an empty name": nameOf(),
  };
  test.each(Object.entries(names))("with the name of %s", (_, subject) => {
    const [node, web] = both(certificate({ by: P256, subject }));
    expect(factsOf(web)).toEqual(factsOf(node));
  });

  test.each(KINDS)("with a key of $name, and by that key's signature", async (kind) => {
    const [node, web] = both(certificate({ by: kind, extensions: [AUTHORITY] }));
    expect(factsOf(web)).toEqual(factsOf(node));
    expect([await node.isSignedBy(node), await web.isSignedBy(web)]).toEqual([true, true]);
    const [nodeOther, webOther] = both(certificate({ by: { ...kind, pair: kind.pair }, key: P256, issuer: plainName("x") }));
    expect([await nodeOther.isSignedBy(node), await webOther.isSignedBy(web)]).toEqual([true, true]);
    const altered = nodeOther.raw.slice();
    altered[40] = (altered[40] ?? 0) ^ 1;
    const [nodeAltered, webAltered] = [nodePlatform.readCertificate(altered), webPlatform.readCertificate(altered)];
    if (nodeAltered && webAltered) expect([await nodeAltered.isSignedBy(node), await webAltered.isSignedBy(web)]).toEqual([false, false]);
  });

  test("in alternative names, where only what nobody can misread is taken", () => {
    const uri = (value: string): Uint8Array => text(0x86, value);
    const [node, web] = both(
      certificate({
        by: P256,
        extensions: [alternativeNames(uri("urn:oid:1.2.3"), text(0x82, 'a", URI:9999'), uri("http://x/,y"), uri("http://z/?a=1"))],
      }),
    );
    expect(web.uris).toEqual(["urn:oid:1.2.3", "http://z/?a=1"]);
    expect(node.uris).toEqual(web.uris);
  });

  test("as PEM, among other text, and with something behind its DER", () => {
    const der = certificate({ by: RSA });
    const [node, web] = both(der);
    expect(factsOf(both(`Ward 7\n${pemOf(node)}`)[1])).toEqual(factsOf(node));
    const [longer, longerWeb] = both(Uint8Array.from([...der, 1, 2, 3]));
    expect(longerWeb.raw).toEqual(longer.raw);
    expect(web.raw).toEqual(node.raw);
    for (const none of ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", Uint8Array.of(0x30, 0), new Uint8Array()])
      expect([nodePlatform.readCertificate(none), webPlatform.readCertificate(none)]).toEqual([undefined, undefined]);
  });
});

describe("Node and a browser agree about who may have issued a certificate", () => {
  const issuers: readonly Omit<Draft, "by">[] = [
    { extensions: [AUTHORITY] },
    { extensions: [AUTHORITY, keyUsage(0x04), subjectKeyId("key 1")] },
    { extensions: [AUTHORITY, keyUsage(0x80)] },
    { extensions: [NO_AUTHORITY] },
    {},
    { extensions: [AUTHORITY, AUTHORITY] },
    { extensions: [AUTHORITY, subjectKeyId("key 2")], serial: 5 },
    { extensions: [AUTHORITY], issuer: nameOf([CN, text(0x13, "  p-256 ")]) },
    { extensions: [AUTHORITY], issuer: nameOf([CN, utf8String("P- 256")]) },
    {
      extensions: [AUTHORITY],
      issuer: nameOf([CN, text(0x1e, Uint8Array.from(["P", "-", "2", "5", "6"].flatMap((letter) => [0, letter.charCodeAt(0)])))]),
    },
    { extensions: [AUTHORITY], key: RSA },
  ];
  const issued: readonly Omit<Draft, "by">[] = [
    {},
    { extensions: [authorityKeyId(text(0x80, "key 1"))] },
    { extensions: [authorityKeyId(text(0x80, "key 2"), text(0xa1, text(0xa4, plainName("P-256"))), text(0x82, Uint8Array.of(5)))] },
    { extensions: [authorityKeyId(text(0xa1, text(0xa4, plainName("Another"))), text(0x82, Uint8Array.of(77)))] },
    { extensions: [authorityKeyId(), authorityKeyId()] },
    { issuer: nameOf([CN, utf8String(" p-256")]) },
    { saidAlgorithm: RSA.algorithm },
  ];

  test("by names, key identifiers and keyUsage, and which of them may issue at all", async () => {
    const counts = { named: 0, signed: 0, authorities: 0 };
    for (const issuer of issuers) {
      const [node, web] = both(certificate({ by: P256, ...issuer }));
      expect(web.isAuthority).toBe(node.isAuthority);
      if (web.isAuthority) counts.authorities += 1;
      for (const one of issued) {
        const [nodeIssued, webIssued] = both(certificate({ by: P256, subject: plainName("Dr A"), ...one }));
        expect(webIssued.namesIssuer(web)).toBe(nodeIssued.namesIssuer(node));
        if (!webIssued.namesIssuer(web)) continue;
        counts.named += 1;
        expect(await webIssued.isSignedBy(web)).toBe(await nodeIssued.isSignedBy(node));
        if (await webIssued.isSignedBy(web)) counts.signed += 1;
      }
    }
    // Had all been refused, they would have agreed too.
    expect(counts.authorities).toBeGreaterThan(5);
    expect(counts.named).toBeGreaterThan(10);
    expect(counts.signed).toBeGreaterThan(5);
  });

  test("and a browser takes no altered certificate for issued that Node does not", async () => {
    const [authority, webAuthority] = both(certificate({ by: P256, extensions: [AUTHORITY, subjectKeyId("key 1")] }));
    const der = certificate({
      by: P256,
      subject: plainName("Dr A"),
      extensions: [authorityKeyId(text(0x80, "key 1")), alternativeNames(text(0x86, "urn:oid:1.2"))],
    });
    let read = 0;
    for (let at = 0; at < der.length; at += 1) {
      const altered = der.with(at, (der[at] ?? 0) ^ (1 << (at % 8)));
      const node = nodePlatform.readCertificate(altered);
      const web = webPlatform.readCertificate(altered);
      if (web?.namesIssuer(webAuthority) !== true || (await web.isSignedBy(webAuthority)) !== true) continue;
      read += 1;
      expect(node?.namesIssuer(authority)).toBe(true);
      expect(await node?.isSignedBy(authority)).toBe(true);
    }
    // Nothing of a certificate can be altered without its signature noticing.
    expect(read).toBe(0);
  });
});
