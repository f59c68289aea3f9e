/** What somebody may try who holds no trusted key: none of it is ever called the signature of another, or of this document. */
import { createHash, createHmac, createPublicKey, sign } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { canonicalXml } from "../../../src/core/crypto/canonical-xml.ts";
import { stateOf, type SignatureCheck } from "../../../src/core/signatures/signature-check.ts";
import { readXmlTree } from "../../../src/core/crypto/xml-tree.ts";
import { canonicalDocument } from "../../../src/core/fhir/canonical.ts";
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { sampleDocument, treeOfText } from "../../pipeline/sign/deposited.ts";
import { person, type Person } from "./people.ts";
import { canonicalXmlForms, checkDocumentSignatures } from "../../r4.ts";
import { toBase64 } from "../../../src/core/crypto/base64.ts";

const WHO = { display: "Dr A. Meyer" };
const RECEIVED = new Date("2026-03-14T08:31:00Z");
const root = person("Test root", { isAuthority: true });
const doctor = person("Dr A. Meyer", { by: root });
const mallory = person("Mallory");
/** Calls themselves what the doctor is called. */
const namesake = person("Dr A. Meyer");
const DOCUMENT = treeOfText(sampleDocument("urn:uuid:1"));
const OTHER = treeOfText(sampleDocument("urn:uuid:2"));
const url = (content: string | Uint8Array) => Buffer.from(content).toString("base64url");
const der = ({ certificate }: Person) => toBase64(certificate.raw);
const ecdsa = (by: Person, input: string) => sign("sha256", Buffer.from(input), { key: by.key, dsaEncoding: "ieee-p1363" });

/** A JWS with any header and payload, signed by anybody. */
function jws(by: Person, header: string | object, content = canonicalDocument(DOCUMENT), embed = false): string {
  const head = url(typeof header === "string" ? header : JSON.stringify(header));
  return `${head}.${embed ? url(content) : ""}.${url(ecdsa(by, `${head}.${url(content)}`))}`;
}

const honest = { alg: "ES256", sigT: "2026-03-14T08:00:00Z", x5c: [der(doctor)] };
const jwsOf = (text: string): object => ({ who: WHO, sigFormat: "application/jose", data: Buffer.from(text).toString("base64") });

const N = 'xmlns="http://www.w3.org/2000/09/xmldsig#"';
const FORM = "http://hl7.org/fhir/canonicalization/xml#document";
const reference = (digest: string, uri = "", transform = FORM) =>
  `<Reference URI="${uri}"><Transforms><Transform Algorithm="${transform}"></Transform></Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod><DigestValue>${digest}</DigestValue></Reference>`;

function digestOf(bundle: JsonObject): string {
  const [form = new Uint8Array()] = canonicalXmlForms(bundle, FORM, false);
  return createHash("sha256").update(form).digest("base64");
}

function xml(by: Person, { certificate = by, references = reference(digestOf(DOCUMENT)) } = {}): string {
  const info = `<SignedInfo ${N}><CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"></CanonicalizationMethod><SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"></SignatureMethod>${references}</SignedInfo>`;
  const value = ecdsa(by, canonicalXml(readXmlTree(info), { isExclusive: false })).toString("base64");
  return `<Signature ${N}>${info}<SignatureValue>${value}</SignatureValue><KeyInfo><X509Data><X509Certificate>${der(certificate)}</X509Certificate></X509Data></KeyInfo></Signature>`;
}
const xmlOf = (text: string): object => ({ who: WHO, sigFormat: "application/signature+xml", data: Buffer.from(text).toString("base64") });

async function check(signature: object, bundle = DOCUMENT): Promise<SignatureCheck> {
  const signed = bundle.without("signature").add("signature", treeOf(signature));
  const [result] = await checkDocumentSignatures(signed, { signers: [root.certificate] }, { receivedAt: RECEIVED });
  if (result === undefined) throw new Error("no result");
  return result;
}

/** Of what is not proven, no name of another is shown, and no certificate vouches. */
function expectNothingClaimed(result: SignatureCheck): void {
  expect(stateOf(result)).not.toBe("proven");
  if (result.block !== "valid") {
    expect(result).toMatchObject({ certificate: "not-checked", signer: "not-checked" });
    expect(result.signerName).toBeUndefined();
    expect(result.explanation).not.toContain("Meyer");
  }
}

describe("an honest signature", () => {
  test.each([
    ["JWS", jwsOf(jws(doctor, honest))],
    ["JWS with its payload", jwsOf(jws(doctor, honest, canonicalDocument(DOCUMENT), true))],
  ])("%s is proven", async (_, signature) => {
    expect(stateOf(await check(signature))).toBe("proven");
  });

  test("XML-DSig is proven", async () => {
    expect(stateOf(await check(xmlOf(xml(doctor))))).toBe("proven");
  });
});

const flip = (text: string, at: number) => text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
const good = jws(doctor, honest);
const [head = "", , tail = ""] = good.split(".");

describe("of a JWS", () => {
  test.each<[string, string, "false" | "unchecked" | "unconfirmed"]>([
    ["algorithm none beside a copied certificate, with a signature", jws(doctor, { ...honest, alg: "none" }), "unchecked"],
    ["algorithm none without a signature", `${url(JSON.stringify({ ...honest, alg: "none" }))}..`, "unchecked"],
    ["algorithm None in capitals", jws(mallory, { ...honest, alg: "NONE" }), "unchecked"],
    ["no algorithm", jws(mallory, { x5c: [der(doctor)] }), "unchecked"],
    ["an HMAC with the public key", hmacWithPublicKey(), "unchecked"],
    ["an algorithm of another type of key", jws(mallory, { ...honest, alg: "RS256" }), "unchecked"],
    ["an algorithm of another curve", jws(mallory, { ...honest, alg: "ES384" }), "unchecked"],
    ["another's key under a copied certificate", jws(mallory, honest), "false"],
    ["a swapped certificate", `${url(JSON.stringify({ ...honest, x5c: [der(mallory)] }))}..${tail}`, "false"],
    ["the signature over another document", jws(doctor, honest, canonicalDocument(OTHER)), "false"],
    ["another document embedded", jws(doctor, honest, canonicalDocument(OTHER), true), "false"],
    [
      "this document in the place of the embedded one",
      `${head}.${url(canonicalDocument(DOCUMENT))}.${jws(doctor, honest, canonicalDocument(OTHER)).split(".")[2] ?? ""}`,
      "false",
    ],
    ["a truncated signature", good.slice(0, -10), "false"],
    ["a signature of zeros", `${head}..${url(new Uint8Array(64))}`, "false"],
    ["a flipped bit in the signature", flip(good, good.length - 20), "false"],
    ["a header with a name twice", jws(mallory, `{"alg":"none","alg":"ES256","x5c":["${der(doctor)}"]}`), "unchecked"],
    ["a certificate in a second x5c", jws(mallory, `{"alg":"ES256","x5c":["${der(mallory)}"],"x5c":["${der(doctor)}"]}`), "unchecked"],
    ["a huge header", jws(mallory, { ...honest, x: "x".repeat(200_000) }), "unchecked"],
    ["an unknown critical parameter", jws(doctor, { ...honest, crit: ["b65"], b65: true }), "unchecked"],
    [
      "a key of its own beside a copied certificate",
      jws(mallory, { ...honest, jwk: createPublicKey(mallory.key).export({ format: "jwk" }) }),
      "false",
    ],
    ["a copied certificate as authority behind its own", jws(mallory, { ...honest, x5c: [der(mallory), der(doctor), der(root)] }), "unconfirmed"],
    ["a certificate of the same name by nobody", jws(namesake, { ...honest, x5c: [der(namesake)] }), "unconfirmed"],
    ["a signing time in the future", jws(doctor, { ...honest, sigT: "2034-03-14T08:00:00Z" }), "unconfirmed"],
    ["a signing time before its certificate", jws(doctor, { ...honest, sigT: "1999-03-14T08:00:00Z" }), "unconfirmed"],
    ["a named digest of another certificate", jws(doctor, { ...honest, "x5t#S256": url(new Uint8Array(32)) }), "unconfirmed"],
  ])("%s", async (_, text, expected) => {
    const result = await check(jwsOf(text));
    expect(stateOf(result)).toBe(expected);
    expectNothingClaimed(result);
  });

  test("any bit flipped anywhere is never proven", async () => {
    for (let at = 0; at < good.length; at += 7) expectNothingClaimed(await check(jwsOf(flip(good, at))));
  });
});

describe("of an XML signature", () => {
  const own = xml(doctor);
  test.each<[string, string, "false" | "unchecked"]>([
    ["another's key under a copied certificate", xml(mallory, { certificate: doctor }), "false"],
    ["a swapped certificate", own.replace(der(doctor), der(mallory)), "false"],
    ["another document's", xml(doctor, { references: reference(digestOf(OTHER)) }), "false"],
    [
      "another document's, its digest replaced",
      xml(doctor, { references: reference(digestOf(OTHER)) }).replace(digestOf(OTHER), digestOf(DOCUMENT)),
      "false",
    ],
    ["wrapped in another signature", xml(mallory).replace("</Signature>", `<Object>${own}</Object></Signature>`), "unchecked"],
    ["wrapped in an envelope", `<Envelope>${own}</Envelope>`, "unchecked"],
    [
      "a second SignedInfo before the signed one",
      own.replace(/(<SignedInfo.*<\/SignedInfo>)/, `<SignedInfo ${N}>${reference(digestOf(OTHER))}</SignedInfo>$1`),
      "unchecked",
    ],
    ["a reference to a part of another document", xml(doctor, { references: reference(digestOf(OTHER), "#x") }), "unchecked"],
    [
      "a reference to itself",
      xml(doctor, { references: reference(digestOf(DOCUMENT), "", "http://www.w3.org/2000/09/xmldsig#enveloped-signature") }),
      "unchecked",
    ],
    [
      "a reference to another document beside that to this one",
      xml(doctor, { references: reference(digestOf(OTHER)) + reference(digestOf(DOCUMENT)) }),
      "false",
    ],
    ["no reference", xml(doctor, { references: "" }), "unchecked"],
    ["truncated", own.slice(0, -100), "unchecked"],
    ["a comment within a digest", own.replace("<DigestValue>", "<DigestValue>AAAA<!-- -->"), "false"],
    [
      "its certificate in a comment, another's beside it",
      own.replace("<X509Certificate>", `<X509Certificate><!--${der(doctor)}-->${der(mallory)}</X509Certificate><X509Certificate>`),
      "unchecked",
    ],
  ])("%s", async (_, text, expected) => {
    const result = await check(xmlOf(text));
    expect(stateOf(result)).toBe(expected);
    expectNothingClaimed(result);
  });
});

describe("of the document", () => {
  test.each([
    ["a JWS", jwsOf(good)],
    ["an XML signature", xmlOf(xml(doctor))],
  ])("%s of it under a document that was changed is false", async (_, signature) => {
    for (const [from, to] of [
      ["K&#160;4.0", "K&#160;6.0"],
      ["final", "amended"],
      ["Meyer", "Mayer"],
    ] as const) {
      const result = await check(signature, treeOfText(sampleDocument("urn:uuid:1").replace(from, to)));
      expect(stateOf(result)).toBe("false");
      expectNothingClaimed(result);
    }
  });
});

function hmacWithPublicKey(): string {
  const header = url(JSON.stringify({ ...honest, alg: "HS256" }));
  const key = createPublicKey(doctor.key).export({ type: "spki", format: "pem" });
  return `${header}..${url(
    createHmac("sha256", key)
      .update(`${header}.${url(canonicalDocument(DOCUMENT))}`)
      .digest(),
  )}`;
}
