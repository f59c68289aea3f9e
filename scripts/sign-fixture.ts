/**
 * Signs a document of fixtures/ as its author would: a detached JWS (ES256, x5c) over the canonical form `#document`, put into the file as Bundle.signature. The
 * key is thrown away; the certificate is kept beside, so that it can be trusted.
 *
 *   node scripts/sign-fixture.ts DOCUMENT.json fullUrl-of-the-signer when common-name CERTIFICATE.pem
 */
import { generateKeyPairSync, sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { selfSignedCertificate } from "../src/adapters/keys/issue-certificate.ts";
import { pemOf, thumbprintOf } from "../src/core/crypto/certificate.ts";
import { detachedJws, protectedHeaderOf, signingInput } from "../src/core/signatures/jws.ts";
import { CANONICAL_DOCUMENT_URI, canonicalDocument } from "../src/core/fhir/canonical.ts";
import { readJson } from "../src/core/fhir/json/read-json.ts";
import { DEFAULT_READ_LIMITS } from "../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../src/core/fhir/reading/source-text.ts";
import { toBase64 } from "../src/core/crypto/base64.ts";

const YEARS = 20;
const [file, signer, when, commonName, certificateFile] = process.argv.slice(2);
if (!file || !signer || !when || !commonName || !certificateFile)
  throw new Error("usage: sign-fixture.ts DOCUMENT.json SIGNER WHEN COMMON-NAME CERTIFICATE.pem");

const text = readFileSync(file, "utf8");
const { resource } = readJson(new SourceText(text), DEFAULT_READ_LIMITS);
if (resource === undefined || resource.has("signature")) throw new Error(`${file} is no resource, or it is signed already`);

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const from = new Date(when);
const to = new Date(from);
to.setUTCFullYear(from.getUTCFullYear() + YEARS);
const certificate = selfSignedCertificate(privateKey, commonName, new Date(from.getTime() - 86_400_000), to);
const header = {
  alg: "ES256",
  x5c: [toBase64(certificate.raw)],
  "x5t#S256": Buffer.from(thumbprintOf(certificate)).toString("base64url"),
  sigT: from.toISOString().replace(".000", ""),
  canon: CANONICAL_DOCUMENT_URI,
  crit: ["sigT"],
};
const payload = new TextEncoder().encode(canonicalDocument(resource));
const protectedHeader = protectedHeaderOf(header);
const input = signingInput(protectedHeader, payload);
const jws = detachedJws(protectedHeader, sign("sha256", input, { key: privateKey, dsaEncoding: "ieee-p1363" }));
const signature = {
  type: [{ system: "urn:iso-astm:E1762-95:2013", code: "1.2.840.10065.1.12.1.1", display: "Author's Signature" }],
  when,
  who: { reference: signer },
  targetFormat: `application/fhir+json;canonicalization=${CANONICAL_DOCUMENT_URI}`,
  sigFormat: "application/jose",
  data: Buffer.from(jws).toString("base64"),
};
// The rest of the file stays as its author laid it out.
const lines = JSON.stringify(signature, undefined, 2).replace(/\n/g, "\n  ");
writeFileSync(file, text.replace(/\n\}\s*$/, `,\n  "signature": ${lines}\n}\n`));
writeFileSync(certificateFile, pemOf(certificate));
