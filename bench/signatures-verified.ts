/** What it costs to verify signed documents whole, from their bytes to what is said of signature, content, certificate and signer, and to make both seals; beside what others take for a part of it. */
import { execFileSync } from "node:child_process";
import { createHash, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { flattenedVerify } from "jose";
import { SignedXml } from "xml-crypto";
import { openKeyFolder } from "../src/adapters/keys/key-folder.ts";
import { canonicalDocument } from "../src/core/fhir/canonical.ts";
import type { Definitions } from "../src/core/fhir/r4/definitions.ts";
import { DEFAULT_READ_LIMITS } from "../src/core/fhir/reading/read-limits.ts";
import { readResource } from "../src/core/fhir/reading/read-resource.ts";
import { treeOf, type JsonObject } from "../src/core/fhir/tree/tree.ts";
import { writeXml } from "../src/core/fhir/xml/write-xml.ts";
import { checkDocumentSignatures } from "../src/core/signatures/document-signature.ts";
import { checkSeal, makeSeal } from "../src/core/signatures/seal.ts";
import { stateOf } from "../src/core/signatures/signature-check.ts";
import { canonicalXmlDocument, checkXmlSeal, makeXmlSeal } from "../src/core/signatures/xml-seal.ts";
import { xmlSignatureOver } from "../test/core/signatures/xml-signing.ts";
import { der, doctor, documentOf, root } from "./hostile/actors.ts";
import { measureCost, type Cost } from "./measure.ts";
import type { Table } from "./report.ts";

const BYTES = 113_000;
const ROUNDS = 7;
const FORM = "http://hl7.org/fhir/canonicalization/xml#document";
const encoder = new TextEncoder();

interface Surroundings {
  readonly folder: string;
  readonly definitions: Definitions;
}

/** Adds its figures to `figures`. */
export async function measureVerified({ folder, definitions }: Surroundings, figures: Record<string, number>): Promise<Table> {
  const document = documentOf(BYTES);
  const rows: (string | number)[][] = [];
  const add = async (
    name: string,
    job: () => unknown,
    { asked = "-", figure, each = 20 }: { asked?: number | string; figure?: string; each?: number } = {},
  ): Promise<void> => {
    const { processor, clock }: Cost = await measureCost(job, { rounds: ROUNDS, each });
    rows.push([name, processor.least, processor.median, clock.least, clock.median, asked]);
    if (figure !== undefined) Object.assign(figures, { [`${figure}_processor_Ms`]: processor.least, [`${figure}_Ms`]: clock.least });
  };
  const canonical = canonicalDocument(document);
  const header = Buffer.from(JSON.stringify({ alg: "ES256", x5c: [der(doctor)] })).toString("base64url");
  const payload = Buffer.from(canonical).toString("base64url");
  const signature = sign("sha256", Buffer.from(`${header}.${payload}`), { key: doctor.key, dsaEncoding: "ieee-p1363" }).toString("base64url");
  const json = encoder.encode(canonicalWith(document, "application/jose", `${header}..${signature}`));
  const whole = (bytes: Uint8Array, mediaType: "application/fhir+json" | "application/fhir+xml") => async (): Promise<void> => {
    const { resource } = readResource(bytes, mediaType, DEFAULT_READ_LIMITS, definitions);
    if (resource === undefined) throw new Error("the signed document cannot be read");
    const xmlSource = mediaType === "application/fhir+xml" ? { xmlSource: new TextDecoder().decode(bytes) } : {};
    const [check] = await checkDocumentSignatures(resource, { signers: [root.certificate] }, { definitions, ...xmlSource });
    if (check?.block !== "valid" || check.content !== "valid" || check.certificate !== "valid")
      throw new Error(`the signed document is ${check ? stateOf(check) : "not signed"}`);
  };
  await add(`JWS over ${Math.round(json.length / 1_000)} KB: bytes to results`, whole(json, "application/fhir+json"), { asked: 4, figure: "jws" });
  const key = createPublicKey(doctor.key);
  await add("· jose flattenedVerify, the canonical form given", () => flattenedVerify({ protected: header, payload, signature }, key));
  const plain = sign("sha256", Buffer.from(canonical), doctor.key);
  const files = { key: join(folder, "key.pem"), form: join(folder, "form"), value: join(folder, "value") };
  writeFileSync(files.key, key.export({ type: "spki", format: "pem" }));
  writeFileSync(files.form, canonical);
  writeFileSync(files.value, plain);
  await addProcess(
    "· openssl dgst -verify over it, a process each",
    ["openssl", "dgst", "-sha256", "-verify", files.key, "-signature", files.value, files.form],
    rows,
  );

  const form = canonicalXmlDocument(document, definitions);
  if (typeof form === "string") throw new Error(form);
  const dsig = xmlSignatureOver(form, FORM, doctor);
  const signedXml = encoder.encode(writeXml(withSignature(document, "application/signature+xml", dsig), definitions));
  await add(`XML-DSig over ${Math.round(signedXml.length / 1_000)} KB of XML: bytes to results`, whole(signedXml, "application/fhir+xml"), {
    asked: 12,
    figure: "xml_dsig",
  });
  const enveloped = envelopedByXmlCrypto(writeXml(document, definitions));
  await add("· xml-crypto checkSignature of an enveloped one, RSA", () => enveloped(), { each: 3 });

  const { seal, sealCertificates } = await openKeyFolder(join(folder, "keys"));
  const sealed = { documentId: "1c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", digest: createHash("sha256").update(form).digest() };
  const at = new Date();
  const makeFirst = (): Promise<string> => makeSeal(encoder.encode(canonicalDocument(document)), seal, at);
  const makeSecond = async (): Promise<string> => {
    const written = canonicalXmlDocument(document, definitions);
    if (typeof written === "string") throw new Error(written);
    return makeXmlSeal({ ...sealed, digest: createHash("sha256").update(written).digest() }, seal, at);
  };
  await add("both seals made, with both canonical forms", async () => [await makeFirst(), await makeSecond()], { asked: 6, figure: "seals" });
  await add("· the JWS alone, which is on the deposit's path", makeFirst);
  await add("· the XML seal alone, behind it", makeSecond);
  const [first, second] = [await makeFirst(), await makeSecond()];
  const checkBoth = async (): Promise<void> => {
    const checks = [
      await checkSeal(first, encoder.encode(canonicalDocument(document)), sealCertificates),
      await checkXmlSeal(second, canonicalXmlDocument(document, definitions), sealCertificates),
    ];
    if (checks.some(({ content, certificate }) => content !== "valid" || certificate !== "valid")) throw new Error("a seal does not verify");
  };
  await add("both seals checked, with both canonical forms", checkBoth, { figure: "seals_checked" });
  return {
    title: `Signatures over a document of ${BYTES / 1_000} KB, ${ROUNDS} rounds, one at a time`,
    columns: ["what", "processor, least ms", "median", "clock, least ms", "median", "asked"],
    rows,
  };
}

function withSignature(document: JsonObject, sigFormat: string, text: string): JsonObject {
  const data = Buffer.from(text).toString("base64");
  return document.without("signature").add("signature", treeOf({ who: { display: "Dr A. Meyer" }, sigFormat, data }));
}

/** The document with its signature in JSON, as it is sent. */
function canonicalWith(document: JsonObject, sigFormat: string, text: string): string {
  const { sigFormat: format, data } = { sigFormat, data: Buffer.from(text).toString("base64") };
  const written = canonicalDocument(document);
  return `{"signature":{"who":{"display":"Dr A. Meyer"},"sigFormat":"${format}","data":"${data}"},${written.slice(1)}`;
}

/** As many of them as tell, one after the other, by the shell's own account of its children. */
function addProcess(name: string, command: readonly string[], rows: (string | number)[][]): Promise<void> {
  const times = 20;
  try {
    const begun = performance.now();
    const told = execFileSync("sh", ["-c", `for i in $(seq ${times}); do "$@" >/dev/null || exit 1; done; times`, "sh", ...command], {
      encoding: "utf8",
    });
    const clock = (performance.now() - begun) / times;
    const [, children = ""] = told.trim().split("\n");
    const spent =
      [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1_000, 0) /
      times;
    rows.push([name, spent, spent, clock, clock, "-"]);
  } catch {
    // Not installed: then it is no peer here.
  }
  return Promise.resolve();
}

/** The same document signed within itself by xml-crypto, and what it takes to check that. */
function envelopedByXmlCrypto(xml: string): () => void {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
  const algorithms = { canonicalizationAlgorithm: exclusive, signatureAlgorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" } as const;
  const signer = new SignedXml({ ...algorithms, privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) });
  signer.addReference({
    xpath: "/*",
    isEmptyUri: true,
    digestAlgorithm: "http://www.w3.org/2001/04/xmlenc#sha256",
    transforms: ["http://www.w3.org/2000/09/xmldsig#enveloped-signature", exclusive],
  });
  signer.computeSignature(xml);
  const signed = signer.getSignedXml();
  const signature = signed.slice(signed.indexOf("<Signature"), signed.indexOf("</Signature>") + "</Signature>".length);
  return () => {
    const checker = new SignedXml({ publicCert: publicKey.export({ type: "spki", format: "pem" }) });
    checker.loadSignature(signature);
    if (!checker.checkSignature(signed)) throw new Error("xml-crypto does not find its own signature valid");
  };
}
