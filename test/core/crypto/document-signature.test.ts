import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { FlattenedSign } from "jose";
import { checkDocumentSignatures, coversServerFields } from "../../../src/core/crypto/document-signature.ts";
import { canonicalDocument, canonicalJson } from "../../../src/core/fhir/canonical.ts";
import { treeOf, type JsonObject } from "../../../src/core/fhir/json/tree.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/read-limits.ts";
import { SourceText } from "../../../src/core/fhir/source-text.ts";
import { readXml } from "../../../src/core/fhir/xml/read-xml.ts";
import { sampleDocument, treeOfText } from "../../pipeline/sign/deposited.ts";
import { testOnCases } from "./cases.ts";
import { person, type Person } from "./people.ts";

const AUTHOR = "urn:uuid:1c3151bd-1cbf-4d64-b04d-cd9187a4c6e0";
const root = person("Test root", { isAuthority: true });
const doctor = person("Dr A. Meyer", { by: root });
const trust = { signers: [root.certificate] };

interface Signing {
  readonly by?: Person;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly embed?: boolean;
  readonly payload?: string;
  readonly element?: Readonly<Record<string, unknown>>;
}

/** The document with a signature over it, or over what else a test wants to pass off as it. */
async function signed(
  bundle: JsonObject,
  { by = doctor, header = {}, embed = false, payload = canonicalDocument(bundle), element = {} }: Signing = {},
): Promise<JsonObject> {
  const jws = await new FlattenedSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: "ES256", x5c: [by.certificate.raw.toString("base64")], sigT: "2026-03-14T09:00:00Z", ...header })
    .sign(by.key, { crit: { sigT: true } });
  const data = Buffer.from(`${jws.protected ?? ""}.${embed ? jws.payload : ""}.${jws.signature}`).toString("base64");
  const signature = {
    type: [{ code: "1.2.840.10065.1.12.1.1" }],
    when: "2026-03-14T10:00:00Z",
    who: { reference: AUTHOR },
    sigFormat: "application/jose",
    data,
    ...element,
  };
  return bundle.without("signature").add("signature", treeOf(signature));
}

const DOCUMENT = treeOfText(sampleDocument("urn:uuid:1"));

async function check(bundle: JsonObject, list: typeof trust | "no list" = trust) {
  const [result, ...more] = await checkDocumentSignatures(bundle, list === "no list" ? undefined : list);
  expect(more).toEqual([]);
  expect(result?.explanation).toMatch(/^[A-Z].*\.$/);
  return result;
}

describe("checkDocumentSignatures, of a JWS", () => {
  test("an unsigned document has no results", async () => {
    expect(await checkDocumentSignatures(DOCUMENT, trust)).toEqual([]);
  });

  test("over our canonical form, by an attester with a trusted certificate", async () => {
    expect(await check(await signed(DOCUMENT))).toEqual({
      place: "Bundle.signature",
      form: "jws",
      integrity: "valid",
      certificate: "trusted",
      signer: "attester",
      signerName: "Dr A. Meyer",
      signedAt: "2026-03-14T09:00:00Z",
      explanation: "The signature of Dr A. Meyer covers this content; the certificate is trusted and was valid when it was signed.",
    });
  });

  test("of a certificate that was tampered with, or exchanged for another, the block is false", async () => {
    const raw = doctor.certificate.raw;
    const cut = { x5c: [raw.subarray(0, -20).toString("base64")] };
    expect(await check(await signed(DOCUMENT, { header: cut }))).toMatchObject({ integrity: "invalid", certificate: "none" });
    const digest = createHash("sha256").update(raw).digest("base64url");
    expect(await check(await signed(DOCUMENT, { header: { "x5t#S256": digest } }))).toMatchObject({ integrity: "valid" });
    const other = { "x5t#S256": createHash("sha256").update("another").digest("base64url") };
    expect(await check(await signed(DOCUMENT, { header: other }))).toMatchObject({
      integrity: "invalid",
      explanation: expect.stringContaining("x5t#S256"),
    });
  });

  test("covers the content, not what a server sets", async () => {
    const bundle = await signed(DOCUMENT);
    const moved = bundle.without("id", "meta").add("id", "elsewhere");
    expect(await check(moved)).toMatchObject({ integrity: "valid" });
    expect(await check(bundle.without("timestamp"))).toMatchObject({ integrity: "invalid" });
  });

  test.each<[string, (bundle: JsonObject) => JsonObject]>([
    ["without signature alone", (bundle) => bundle.without("signature")],
    ["without id and signature", (bundle) => bundle.without("id", "signature")],
  ])("is also accepted over the form %s", async (_, form) => {
    expect(await check(await signed(DOCUMENT, { payload: canonicalJson(form(DOCUMENT)) }))).toMatchObject({ integrity: "valid" });
  });

  test("with the payload embedded, when that is this document", async () => {
    expect(await check(await signed(DOCUMENT, { embed: true }))).toMatchObject({ integrity: "valid" });
  });

  test("a payload that is another document proves nothing about this one", async () => {
    const other = treeOfText(sampleDocument("urn:uuid:2"));
    const result = await check(await signed(DOCUMENT, { embed: true, payload: canonicalDocument(other) }));
    expect(result).toMatchObject({ integrity: "invalid", explanation: expect.stringContaining("embeds") });
  });

  test("a payload that is this document, under a signature over another one", async () => {
    const own = await signed(DOCUMENT, { embed: true });
    const other = await signed(treeOfText(sampleDocument("urn:uuid:2")), { embed: true });
    const [header, payload] = jwsIn(own).split(".");
    const [, , signature] = jwsIn(other).split(".");
    expect(await check(withData(own, `${header}.${payload}.${signature}`))).toMatchObject({ integrity: "invalid" });
  });

  test("no part of the content may be left out or written in another way", async () => {
    for (const payload of ["", "{}", canonicalDocument(DOCUMENT.without("entry")), ` ${canonicalDocument(DOCUMENT)}`]) {
      expect(await check(await signed(DOCUMENT, { payload, embed: true }))).toMatchObject({ integrity: "invalid" });
    }
  });

  test("a certificate that nobody vouches for leaves integrity as it is", async () => {
    const bundle = await signed(DOCUMENT, { by: person("Dr A. Meyer") });
    expect(await check(bundle)).toMatchObject({ integrity: "valid", certificate: "not-trusted" });
    expect(await check(bundle, "no list")).toMatchObject({ integrity: "valid", certificate: "unknown" });
  });

  test("validity counts at the signing time", async () => {
    const by = person("Brief", { by: root, validTo: new Date("2026-03-14T08:59:59Z") });
    expect(await check(await signed(DOCUMENT, { by }))).toMatchObject({ integrity: "valid", certificate: "expired" });
    expect(await check(await signed(DOCUMENT, { by, header: { sigT: "2026-03-14T08:59:59Z" } }))).toMatchObject({ certificate: "trusted" });
    expect(await check(await signed(DOCUMENT, { by, header: { sigT: undefined, iat: 1_773_478_799 } }))).toMatchObject({
      certificate: "trusted",
      signedAt: "2026-03-14T08:59:59.000Z",
    });
    expect(await check(await signed(DOCUMENT, { by, header: { sigT: "yesterday" } }))).toMatchObject({
      certificate: "expired",
      signedAt: "2026-03-14T10:00:00Z",
    });
  });

  test("a key that comes along in the header is not used", async () => {
    const { x, y, crv, kty } = doctor.key.export({ format: "jwk" });
    const result = await check(await signed(DOCUMENT, { header: { x5c: undefined, jwk: { kty, crv, x, y } } }));
    expect(result).toMatchObject({ integrity: "unsupported", certificate: "none" });
  });

  test("the certificate of another is not enough", async () => {
    const result = await check(await signed(DOCUMENT, { by: person("Mallory"), header: { x5c: [doctor.certificate.raw.toString("base64")] } }));
    expect(result).toMatchObject({ integrity: "invalid" });
  });

  test("critical sigT is understood", async () => {
    expect(await check(await signed(DOCUMENT, { header: { crit: ["sigT"] } }))).toMatchObject({ integrity: "valid" });
  });
});

describe("checkDocumentSignatures, of who signed", () => {
  const practitioner = { reference: AUTHOR };
  const role = { reference: "urn:uuid:2c3151bd-1cbf-4d64-b04d-cd9187a4c6e0" };
  test.each([
    ["a role of the attester's", role, "attester"],
    ["the practitioner in the attester's role", practitioner, "attester"],
    ["somebody else", { reference: "Practitioner/9" }, "other"],
    ["nobody", undefined, "unknown"],
    ["a name alone", { display: "Dr A" }, "unknown"],
  ])("%s", async (_, who, signer) => {
    expect(await check(await signed(DOCUMENT, { element: { who } }))).toMatchObject({ signer });
  });

  test("an author who does not attest", async () => {
    const text = sampleDocument("urn:uuid:1").replace("urn:uuid:2c3151bd", "urn:uuid:9c3151bd");
    expect(await check(await signed(treeOfText(text)))).toMatchObject({ signer: "author" });
  });
});

describe("checkDocumentSignatures, of what is no signature", () => {
  test.each<[string, unknown, string, string]>([
    ["no data", { sigFormat: "application/jose" }, "other", "unsupported"],
    ["data that was snipped", { sigFormat: "application/jose", data: "dGhpcyBibG9iIGlzIHNuaXBwZWQ=" }, "jws", "invalid"],
    ["data that is no base64", { sigFormat: "application/jose", data: "..." }, "other", "unsupported"],
    ["a picture", { sigFormat: "image/jpeg", data: "/9j/4AAQSkZJRgABAQEAYABgAAD/2w==" }, "other", "unsupported"],
    ["PKCS #7", { sigFormat: "application/pkcs7-mime", data: "MIIUoAYJKoZIhvcNAQcC" }, "other", "unsupported"],
    ["a hash", { data: "JbuZIFILUSYF+aYl8kjqjbsk/cZg6rTDexO+RtamBIOUG+742R1LXTraOB63/mb2EzixN1+MyodFp1hLYzOgsg==" }, "other", "unsupported"],
    ["XML that is none", { data: Buffer.from("<Signature").toString("base64") }, "xml-dsig", "invalid"],
    ["a string", "signed", "other", "unsupported"],
    ["a list", [], "other", "unsupported"],
    ["null", null, "other", "unsupported"],
  ])("%s", async (_, signature, form, integrity) => {
    expect(await check(DOCUMENT.without().add("signature", treeOf(signature)))).toMatchObject({ form, integrity, certificate: "none" });
  });
});

describe("HL7's signed examples", () => {
  testOnCases("signatures", "a detached JWS that covers the id", async (read) => {
    const bundle = treeOfText(read("bundle-signed-good.json"));
    expect(await check(bundle, "no list")).toMatchObject({
      form: "jws",
      integrity: "valid",
      signerName: "hl7.org",
      signedAt: "2025-07-01T07:59:50Z",
    });
    expect(coversServerFields(bundle)).toBe(true);
    expect(await check(bundle.without("timestamp"))).toMatchObject({ integrity: "invalid" });
    expect(await check(bundle.without("id"))).toMatchObject({ integrity: "invalid" });
  });

  testOnCases("signatures", "a JWS with its payload", async (read) => {
    const bundle = treeOfText(read("example-1.json"));
    expect(await check(bundle, "no list")).toMatchObject({ form: "jws", integrity: "valid", signerName: "John Hancock, MD" });
    expect(await check(bundle.without("total"))).toMatchObject({ integrity: "invalid" });
  });

  testOnCases("signatures", "XML-DSig with XAdES properties", async (read) => {
    const text = read("bundle-sign-xml.xml");
    const { resource } = readXml(new SourceText(text), DEFAULT_READ_LIMITS);
    if (resource === undefined) throw new Error("not read");
    expect(await check(resource, "no list")).toMatchObject({
      form: "xml-dsig",
      integrity: "valid",
      signerName: "hl7.org",
      signedAt: "2025-07-01T08:24:48Z",
    });
    for (const [from, to] of [
      ["simple", "simpel"],
      ['value="1"', 'value="1.0"'],
      ["obs1", "obs2"],
      ["<b>example</b>", "example"],
    ] as const) {
      const { resource: changed } = readXml(new SourceText(text.replaceAll(from, to)), DEFAULT_READ_LIMITS);
      expect(await check(changed!)).toMatchObject({ integrity: "invalid" });
    }
  });
});

function jwsIn(bundle: JsonObject): string {
  return Buffer.from(bundle.object("signature")?.string("data") ?? "", "base64").toString("ascii");
}

function withData(bundle: JsonObject, jws: string): JsonObject {
  const signature = bundle.object("signature")!.without("data").add("data", Buffer.from(jws).toString("base64"));
  return bundle.without("signature").add("signature", signature);
}
