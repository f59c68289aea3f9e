/** The matrix of signatures that other tools made of one document (fixtures/signatures/matrix): every form by every algorithm by every maker, and why a cell is empty. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toBase64 } from "../../../../src/core/crypto/base64.ts";
import { utf8 } from "../../../../src/core/crypto/bytes.ts";
import { parseCertificate } from "../../../../src/core/crypto/certificate.ts";
import { DEFAULT_READ_LIMITS } from "../../../../src/core/fhir/reading/read-limits.ts";
import { shelfOf } from "../../../../src/core/revocation/revocation-shelf.ts";
import type { SignatureCheck } from "../../../../src/core/signatures/signature-check.ts";
import type { SignerTrust } from "../../../../src/core/signatures/signer-trust.ts";
import { answerHere, readResource } from "../../../r4.ts";

export const FOLDER = "fixtures/signatures/matrix";

/** Who made which file; a maker has a column for each. */
export const MAKERS = {
  Chartulary: ["ours"],
  OpenSSL: ["openssl-jws", "openssl-xml", "openssl-cms"],
  "EU DSS": ["dss"],
  jose: ["jose"],
  jwcrypto: ["jwcrypto"],
  xmlsec: ["xmlsec"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type Maker = keyof typeof MAKERS;

export const ALGORITHMS = [
  ...["rsa-sha256", "rsa-sha384", "rsa-sha512", "pss-sha256", "pss-sha384", "pss-sha512"],
  ...["p256", "p384", "p521", "k256", "bp256", "bp384", "bp512", "ed25519", "ed448"],
] as const;

const LEVEL_PACKAGES = { jades: ["flattened", "detached"], xades: ["enveloped", "detached"], cades: ["enveloping", "detached"] } as const;
const [JWS, WAYS] = [
  ["compact-detached", "compact-embedded", "unencoded", "flattened", "general"],
  ["c14n", "c14n-comments", "c14n11", "c14n11-comments"],
];
const [PACKAGES, LEVELS] = [
  ["detached", "enveloped", "enveloping"],
  ["t", "lt", "lta"],
];
/** Forms that stand with every algorithm, and those of which one is enough: the rest is independent of the key. */
export const FORMS = [
  ...JWS,
  ...PACKAGES.map((form) => `xml-${form}-exclusive`),
  ...["cms-enveloping", "cms-detached", "cms-enveloping-no-attributes", "cms-detached-no-attributes"],
];
export const FORMS_OF_ONE_KEY = [
  ...["jades-sigd-uri", "jades-sigd-hash"],
  ...PACKAGES.flatMap((form) => [...WAYS, "exclusive-comments"].map((way) => `xml-${form}-${way}`)),
  ...LEVELS.flatMap((level) =>
    ["jades", "xades", "cades"].flatMap((kind) => LEVEL_PACKAGES[kind as "jades"].map((form) => `${kind}-${level}-${form}`)),
  ),
];

/** A signature, or why its maker makes none. */
export interface Cell {
  readonly maker: Maker;
  readonly form: string;
  readonly algorithm: string;
  readonly data?: string;
  readonly reason?: string;
}

/** The first part of a form's name tells what it is: `xml-`, `xades-`, `cms-`, `cades-`; every other is a JWS. */
export type Family = "jws" | "xml" | "cms";

export function familyOf(form: string): Family {
  return /^(xml|xades)-/.test(form) ? "xml" : /^(cms|cades)-/.test(form) ? "cms" : "jws";
}

/** Why a maker has no line of a form at all. */
export function absence(maker: Maker, form: string): string {
  if (maker === "Chartulary") return "seals are a detached JWS, XML over external data by C14N 1.1, and in PDFs a detached message";
  const family = familyOf(form);
  if ((maker === "jose" || maker === "jwcrypto") && family !== "jws") return "makes JSON Web Signatures alone";
  if (maker === "xmlsec" && family !== "xml") return "makes XML signatures alone";
  if (/^(jades|xades|cades)-/.test(form)) return "makes no AdES with a time-stamp or sigD";
  return maker === "EU DSS" ? "CAdES always has signed attributes" : "";
}

/** Every signature that was made, and what a maker said where it made none. */
export function cells(): Cell[] {
  return Object.entries(MAKERS).flatMap(([maker, files]) =>
    files.flatMap((file) =>
      linesOf(`${file}.jsonl`).map((line) => ({
        maker: maker as Maker,
        ...(JSON.parse(line) as Pick<Cell, "form" | "algorithm" | "data" | "reason">),
      })),
    ),
  );
}

function linesOf(file: string): string[] {
  return readFileSync(join(FOLDER, file), "utf8").split("\n").filter(Boolean);
}

const root = parseCertificate(readFileSync(join(FOLDER, "root.pem")));
const listIn = (file: string) => shelfOf([new Uint8Array(readFileSync(join(FOLDER, file)))]);
const revocations = listIn("root.crl");
/** The authority's list after everything was signed: `brief` stands on it. */
export const REVOKED = listIn("revoked.crl");
export const TRUST: SignerTrust = { signers: [root], timeAuthorities: [root], revocations };
/** When the documents come: the certificate of `brief` has ended. */
export const RECEIVED_AT = new Date("2027-01-15T12:00:00Z");

const DOCUMENTS = { json: readFileSync(join(FOLDER, "document.json"), "utf8"), xml: readFileSync(join(FOLDER, "document.xml"), "utf8") };
const FORMATS = { jws: "application/jose", xml: "application/signature+xml", cms: "application/pkcs7-mime" } as const;

/** The document as its sender deposits it, with a signature of some form; altered where asked. */
export function signedDocument(form: string, algorithm: string, data: string, change: (document: string) => string = (same) => same): string {
  const family = familyOf(form);
  const key = algorithm.includes("-sha") ? "rsa" : /-(t|lt|lta)-/.test(form) ? "brief" : algorithm;
  const who = `Dr Fixture ${key}`;
  const encoded = family === "cms" ? data : toBase64(utf8(data));
  const [code, when] = ["1.2.840.10065.1.12.1.1", "2026-11-29T18:00:00Z"];
  if (family === "xml") {
    const element = `<signature><type><code value="${code}"/></type><when value="${when}"/><who><display value="${who}"/></who><sigFormat value="${FORMATS.xml}"/><data value="${encoded}"/></signature>`;
    return change(DOCUMENTS.xml).replace("</Bundle>", `  ${element}\n</Bundle>`);
  }
  const signature = {
    type: [{ code }],
    when,
    who: { display: who },
    targetFormat: "application/fhir+json;canonicalization=http://hl7.org/fhir/canonicalization/json#document",
    sigFormat: FORMATS[family],
    data: encoded,
  };
  return change(DOCUMENTS.json).replace(/}$/, `,"signature":${JSON.stringify(signature)}}`);
}

/** What is said of a document's signature when it comes. */
export async function judge(text: string, trust: SignerTrust | undefined = TRUST): Promise<SignatureCheck> {
  const bytes = utf8(text);
  const isXml = text.startsWith("<");
  const { resource } = readResource(bytes, isXml ? "application/fhir+xml" : "application/fhir+json", DEFAULT_READ_LIMITS);
  if (resource === undefined) throw new Error("the document was not read");
  const [check, ...others] = await answerHere({ bundle: resource, bytes, isXml, trust, receivedAt: RECEIVED_AT });
  if (check === undefined || others.length > 0) throw new Error(`${others.length + 1} signatures were found`);
  return check;
}
