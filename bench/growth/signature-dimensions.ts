/** What can be repeated in a signature that comes with a document. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { issueCertificate } from "../../src/adapters/keys/issue-certificate.ts";
import type { Dimension } from "./dimension.ts";
import { documentWith, PATIENT, repeated } from "./document.ts";
import { toBase64 } from "../../src/core/crypto/base64.ts";
import type { Certificate } from "../../src/core/crypto/certificate.ts";

/** The same key in every process would be a secret in the sources: the harness needs none that lasts. */
let key: KeyObject | undefined;

function authority(): Certificate {
  key ??= createPrivateKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }));
  const [validFrom, validTo] = [new Date("2020-01-01"), new Date("2120-01-01")];
  return issueCertificate({ subject: "A", publicKey: createPublicKey(key), issuer: "A", issuerKey: key, validFrom, validTo, isAuthority: true });
}

function signed(data: string, format: string): string {
  const when = `"type":[{"system":"urn:iso-astm:E1762-95:2013","code":"1.2.840.10065.1.12.1.1"}],"when":"2026-03-14T09:30:00+01:00","who":{"reference":"${PATIENT}"}`;
  return documentWith({ bundle: `"signature":{${when},"sigFormat":"${format}","data":"${Buffer.from(data).toString("base64")}"}` });
}

function jws(header: string): string {
  return signed(`${Buffer.from(header).toString("base64url")}..${Buffer.from("a".repeat(64)).toString("base64url")}`, "application/jose");
}

const DSIG = "http://www.w3.org/2000/09/xmldsig#";
const INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";

function xmlSignature(parts: {
  readonly attributes?: string;
  readonly signedInfo?: string;
  readonly keyInfo?: string;
  readonly transforms?: string;
}): string {
  const { attributes = "", signedInfo = "", keyInfo = "", transforms = "" } = parts;
  const certificate = `<X509Data><X509Certificate>${toBase64(authority().raw)}</X509Certificate></X509Data>`;
  const reference = `<Reference URI=""><Transforms>${transforms}</Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue>AAAA</DigestValue></Reference>`;
  return signed(
    `<Signature xmlns="${DSIG}"${attributes}><SignedInfo><CanonicalizationMethod Algorithm="${INCLUSIVE}"/><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>${reference}${signedInfo}</SignedInfo>` +
      `<SignatureValue>AAAA</SignatureValue><KeyInfo>${certificate}${keyInfo}</KeyInfo></Signature>`,
    "application/signature+xml",
  );
}

/** Until the checks of signatures have limits of their own. */
const UNBOUNDED = "the limits of signatures come with another change";

export const SIGNATURE_DIMENSIONS: readonly Dimension[] = [
  {
    name: "certificates that issue each other",
    counts: [4, 8, 16],
    make: (count) => jws(`{"alg":"ES256","sigT":"2026-03-14T09:30:00Z","x5c":[${repeated(count, () => `"${toBase64(authority().raw)}"`)}]}`),
    known: { signatures: UNBOUNDED, verify: UNBOUNDED },
  },
  { name: "names in a signature's header", make: (count) => jws(`{"alg":"ES256",${repeated(count, (at) => `"n${at}":1`)}}`) },
  { name: "values in a signature's header", make: (count) => jws(`{"alg":"ES256","a":[${repeated(count, () => "1")}]}`) },
  { name: "bytes of a signature", make: (count) => signed("A".repeat(count), "application/octet-stream") },
  {
    name: "blanks in a signature",
    make: (count) => documentWith({ bundle: `"signature":{"sigFormat":"application/jose","data":"A${" ".repeat(count)}A"}` }),
  },
  {
    name: "transforms",
    make: (count) => xmlSignature({ transforms: `<Transform Algorithm="a"/>`.repeat(count) }),
    known: { signatures: UNBOUNDED, verify: UNBOUNDED },
  },
  {
    name: "references of a signature",
    make: (count) => xmlSignature({ signedInfo: `<Reference URI=""/>`.repeat(count) }),
    known: { signatures: UNBOUNDED, verify: UNBOUNDED },
  },
  {
    name: "certificates in an XML signature",
    make: (count) => xmlSignature({ keyInfo: `<X509Data><X509Certificate>AAAA</X509Certificate></X509Data>`.repeat(count) }),
  },
  {
    name: "namespaces x elements of a signature",
    counts: [8_000, 16_000, 32_000],
    make: (count) =>
      xmlSignature({ attributes: repeated(Math.floor(count / 16), (at) => ` xmlns:n${at}="u"`, ""), signedInfo: "<a/>".repeat(count) }),
    known: { signatures: UNBOUNDED, verify: UNBOUNDED },
  },
  { name: "attributes in a signature", make: (count) => xmlSignature({ signedInfo: `<a ${repeated(count, (at) => `a${at}="1"`, " ")}/>` }) },
  {
    name: "levels of a signature",
    counts: [20_000, 40_000, 80_000],
    make: (count) => xmlSignature({ signedInfo: "<a>".repeat(count) + "</a>".repeat(count) }),
  },
];
