/** Documents that are signed by keys of every kind, in both forms, each by somebody whom the document names. */
import { constants, createHash, sign } from "node:crypto";
import { pemOf, parseCertificate } from "../../../src/core/crypto/certificate.ts";
import { toBase64, toBase64Url } from "../../../src/core/crypto/base64.ts";
import { integer, nothing, objectIdentifier, sequence, tagged } from "../../../src/core/der/write-der.ts";
import { canonicalXml } from "../../../src/core/crypto/canonical-xml.ts";
import { readXmlTree } from "../../../src/core/crypto/xml-tree.ts";
import { canonicalDocument } from "../../../src/core/fhir/canonical.ts";
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { writeJson } from "../../../src/core/fhir/json/write-json.ts";
import { NO_AUTHORITY, certificate, type Kind, KINDS, plainName } from "../crypto/platform/certificates.ts";
import { message } from "../cms/messages.ts";
import { sampleDocument, treeOfText } from "../../pipeline/sign/deposited.ts";
import { canonicalXmlForms } from "../../r4.ts";

export interface SignedDocument {
  readonly name: string;
  readonly text: string;
  /** PEM of the certificate by which it is signed. */
  readonly signer: string;
  /** Whether the algorithm takes such a key. */
  readonly isUsual: boolean;
}

interface Algorithm {
  readonly name: string;
  readonly hash: string | null;
  readonly isPss?: boolean;
  readonly keys: RegExp;
}

const JWS: readonly Algorithm[] = [
  { name: "ES256", hash: "sha256", keys: /^P-256$/ },
  { name: "ES384", hash: "sha384", keys: /^P-384$/ },
  { name: "ES512", hash: "sha512", keys: /^P-521$/ },
  { name: "RS256", hash: "sha256", keys: /^rsa/ },
  { name: "RS512", hash: "sha512", keys: /^rsa/ },
  { name: "PS256", hash: "sha256", isPss: true, keys: /^rsa/ },
  { name: "PS384", hash: "sha384", isPss: true, keys: /^rsa/ },
  { name: "EdDSA", hash: null, keys: /^ed/ },
];
const MORE = "http://www.w3.org/2001/04/xmldsig-more#";
const XML: readonly Algorithm[] = [
  { name: `${MORE}rsa-sha256`, hash: "sha256", keys: /^rsa/ },
  { name: `${MORE}rsa-sha512`, hash: "sha512", keys: /^rsa/ },
  { name: "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1", hash: "sha256", isPss: true, keys: /^rsa/ },
  { name: `${MORE}ecdsa-sha256`, hash: "sha256", keys: /^(P-|secp|brainpool)/ },
  { name: `${MORE}ecdsa-sha384`, hash: "sha384", keys: /^(P-|secp|brainpool)/ },
];
/** CMS, by their AlgorithmIdentifiers; RSASSA-PSS with SHA-256 and its mask. */
const CMS: readonly (Algorithm & { readonly identifier: Uint8Array })[] = [
  { name: "CMS RSA with SHA-256", hash: "sha256", keys: /^rsa/, identifier: sequence(objectIdentifier("1.2.840.113549.1.1.11"), nothing()) },
  { name: "CMS rsaEncryption", hash: "sha256", keys: /^rsa/, identifier: sequence(objectIdentifier("1.2.840.113549.1.1.1"), nothing()) },
  { name: "CMS RSASSA-PSS", hash: "sha256", isPss: true, keys: /^rsa/, identifier: pss("2.16.840.1.101.3.4.2.1", 32) },
  { name: "CMS ECDSA with SHA-256", hash: "sha256", keys: /^(P-|secp|brainpool)/, identifier: sequence(objectIdentifier("1.2.840.10045.4.3.2")) },
  { name: "CMS Ed25519", hash: null, keys: /^ed25519$/, identifier: sequence(objectIdentifier("1.3.101.112")) },
];

function pss(hash: string, salt: number): Uint8Array {
  const digest = sequence(objectIdentifier(hash), nothing());
  const mask = sequence(objectIdentifier("1.2.840.113549.1.1.8"), digest);
  return sequence(objectIdentifier("1.2.840.113549.1.1.10"), sequence(tagged(0, digest), tagged(1, mask), tagged(2, integer(salt))));
}

const FORM = "http://hl7.org/fhir/canonicalization/xml#document";

/** Every algorithm with every kind of key that can sign by it at all. */
export function signedDocuments(): SignedDocument[] {
  return KINDS.flatMap((kind, at) => {
    const name = `Dr ${kind.name.replace(/[^A-Za-z0-9]/g, "")}`;
    const der = certificate({ by: kind, subject: plainName(name), extensions: [NO_AUTHORITY] });
    const bundle = treeOfText(sampleDocument(`urn:uuid:${at}`));
    const made = (algorithm: Algorithm, sigFormat: string, data: string | Uint8Array): SignedDocument => ({
      name: `${algorithm.name} by ${kind.name}`,
      text: writeJson(
        bundle
          .without("signature")
          .add(
            "signature",
            treeOf({ ...SIGNATURE, who: { display: name }, sigFormat, data: toBase64(typeof data === "string" ? utf8(data) : data) }),
          ),
      ),
      signer: pemOf(parseCertificate(der)),
      isUsual: algorithm.keys.test(kind.name),
    });
    return [
      ...JWS.filter((algorithm) => maySign(kind, algorithm)).map((algorithm) =>
        made(algorithm, "application/jose", jws(bundle, kind, algorithm, der)),
      ),
      ...XML.filter((algorithm) => maySign(kind, algorithm)).map((algorithm) =>
        made(algorithm, "application/signature+xml", xml(bundle, kind, algorithm, der)),
      ),
      ...CMS.filter((algorithm) => maySign(kind, algorithm)).map((algorithm) =>
        made(algorithm, "application/pkcs7-mime", cms(bundle, kind, algorithm, der)),
      ),
    ];
  });
}

const SIGNATURE = { type: [{ code: "1.2.840.10065.1.12.1.1" }], when: "2026-03-14T08:00:00Z" } as const;

function maySign({ name }: Kind, { hash, isPss = false }: Algorithm): boolean {
  if (name.startsWith("ed")) return hash === null;
  return hash !== null && (name.startsWith("rsa") || !isPss);
}

function jws(bundle: JsonObject, kind: Kind, algorithm: Algorithm, der: Uint8Array): string {
  const header = toBase64Url(JSON.stringify({ alg: algorithm.name, x5c: [toBase64(der)], sigT: "2026-03-14T08:00:00Z" }));
  const signature = signatureOf(kind, algorithm, utf8(`${header}.${toBase64Url(canonicalDocument(bundle))}`));
  return `${header}..${toBase64Url(signature)}`;
}

function xml(bundle: JsonObject, kind: Kind, algorithm: Algorithm, der: Uint8Array): string {
  const [form = new Uint8Array()] = canonicalXmlForms(bundle, FORM, false);
  const digest = createHash("sha256").update(form).digest("base64");
  const reference = `<Reference URI="#"><Transforms><Transform Algorithm="${FORM}"/></Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue>${digest}</DigestValue></Reference>`;
  const info = `<SignedInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/><SignatureMethod Algorithm="${algorithm.name}"/>${reference}</SignedInfo>`;
  const value = toBase64(signatureOf(kind, algorithm, utf8(canonicalXml(readXmlTree(info), { isExclusive: false }))));
  return `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#">${info}<SignatureValue>${value}</SignatureValue><KeyInfo><X509Data><X509Certificate>${toBase64(der)}</X509Certificate></X509Data></KeyInfo></Signature>`;
}

/** Enveloping, with signed attributes. */
function cms(bundle: JsonObject, kind: Kind, algorithm: (typeof CMS)[number], der: Uint8Array): Uint8Array {
  const content = utf8(canonicalDocument(bundle));
  const certificate = parseCertificate(der);
  const sign = (input: Uint8Array): Uint8Array => {
    const value = signatureOf(kind, algorithm, input);
    const half = value.length / 2;
    const isSequence = /^(P-|secp|brainpool)/.test(kind.name);
    return isSequence ? sequence(integer(...value.subarray(0, half)), integer(...value.subarray(half))) : value;
  };
  return message({ content, signers: [{ by: { certificate, sign }, over: content, algorithm: algorithm.identifier }] });
}

function signatureOf({ name, pair }: Kind, { hash, isPss }: Algorithm, input: Uint8Array): Uint8Array {
  const padding = isPss ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {};
  const how = name.startsWith("rsa") ? padding : ({ dsaEncoding: "ieee-p1363" } as const);
  return new Uint8Array(sign(hash, input, { key: pair.privateKey, ...how }));
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
