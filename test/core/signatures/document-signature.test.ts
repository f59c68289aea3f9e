import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { FlattenedSign } from "jose";
import { coversServerFields, type SignerTrust } from "../../../src/core/signatures/document-signature.ts";
import { canonicalDocument, canonicalJson } from "../../../src/core/fhir/canonical.ts";
import { treeOf, type JsonArray, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../src/core/fhir/reading/source-text.ts";
import { sampleDocument, treeOfText } from "../../pipeline/sign/deposited.ts";
import { testOnCases } from "./cases.ts";
import { person, type Person } from "./people.ts";
import { checkDocumentSignatures, readXml } from "../../r4.ts";
import { toBase64 } from "../../../src/core/crypto/base64.ts";

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
    .setProtectedHeader({ alg: "ES256", x5c: [toBase64(by.certificate.raw)], sigT: "2026-03-14T09:00:00Z", ...header })
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

function certificateIn(bundle: JsonObject): string {
  const jws = Buffer.from(bundle.object("signature")?.string("data") ?? "", "base64").toString();
  const header = JSON.parse(Buffer.from(jws.split(".")[0] ?? "", "base64url").toString()) as { readonly x5c: readonly string[] };
  return header.x5c[0] ?? "";
}

const GOOD = { block: "valid", content: "valid" } as const;
/** A detached signature cannot be told apart from what it covers. */
const FALSE = { block: "invalid", content: "not-checked" } as const;
const UNCHECKED = { block: "not-checked", content: "not-checked" } as const;
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
    const digest = (bytes: Uint8Array | string): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    expect(await check(await signed(DOCUMENT))).toEqual({
      place: "Bundle.signature",
      form: "jws",
      ...GOOD,
      certificate: "valid",
      signer: "not-checked",
      standing: "trusted",
      role: "attester",
      signerName: "Dr A. Meyer",
      signedAt: "2026-03-14T09:00:00Z",
      reasons: {
        block: "the signature is that of the key in the certificate that it brings",
        content: "it covers the whole document as it stands; its own id and meta may be left out",
        certificate: "the certificate is trusted and was valid when it was signed (whether it had been revoked is not known)",
        signer: "who signed is claimed: the certificate does not name the party that the document says signed",
      },
      judged: {
        at: "2026-03-14T09:00:00.000Z",
        basis: "signed",
        certificate: digest(doctor.certificate.raw),
        trust: digest(`${digest(root.certificate.raw)}\n`),
      },
      restsOn: [root, doctor].map(({ certificate: { raw } }) => ({ kind: "certificate", digest: digest(raw), der: Uint8Array.from(raw) })),
      purpose: { claimed: ["1.2.840.10065.1.12.1.1"], signed: [], result: "claimed" },
      explanation:
        "The signature of Dr A. Meyer covers this content, but who signed is claimed, not proved; the certificate is trusted and was valid when it was signed (whether it had been revoked is not known).",
    });
  });

  test("a certificate that cannot be read proves nothing; one that is not the one named by digest is not the signer's", async () => {
    const raw = doctor.certificate.raw;
    const cut = { x5c: [toBase64(raw.subarray(0, -20))] };
    expect(await check(await signed(DOCUMENT, { header: cut }))).toMatchObject(UNCHECKED);
    const digest = createHash("sha256").update(raw).digest("base64url");
    expect(await check(await signed(DOCUMENT, { header: { "x5t#S256": digest } }))).toMatchObject({ ...GOOD, certificate: "valid" });
    const other = { "x5t#S256": createHash("sha256").update("another").digest("base64url") };
    const result = await check(await signed(DOCUMENT, { header: other }));
    expect(result).toMatchObject({ ...GOOD, certificate: "invalid", signer: "not-checked" });
    expect(result?.signerName).toBeUndefined();
  });

  test("covers the content, not what a server sets", async () => {
    const bundle = await signed(DOCUMENT);
    const moved = bundle.without("id", "meta").add("id", "elsewhere");
    expect(await check(moved)).toMatchObject(GOOD);
    expect(await check(bundle.without("timestamp"))).toMatchObject(FALSE);
  });

  test.each<[string, (bundle: JsonObject) => JsonObject]>([
    ["without signature alone", (bundle) => bundle.without("signature")],
    ["without id and signature", (bundle) => bundle.without("id", "signature")],
  ])("is also accepted over the form %s", async (_, form) => {
    expect(await check(await signed(DOCUMENT, { payload: canonicalJson(form(DOCUMENT)) }))).toMatchObject(GOOD);
  });

  test("with the payload embedded, when that is this document", async () => {
    expect(await check(await signed(DOCUMENT, { embed: true }))).toMatchObject(GOOD);
  });

  test("a payload that is another document proves nothing about this one", async () => {
    const other = treeOfText(sampleDocument("urn:uuid:2"));
    const result = await check(await signed(DOCUMENT, { embed: true, payload: canonicalDocument(other) }));
    expect(result).toMatchObject({ block: "valid", content: "invalid", signerName: "Dr A. Meyer" });
  });

  test("a payload that is this document, under a signature over another one", async () => {
    const own = await signed(DOCUMENT, { embed: true });
    const other = await signed(treeOfText(sampleDocument("urn:uuid:2")), { embed: true });
    const [header, payload] = jwsIn(own).split(".");
    const [, , signature] = jwsIn(other).split(".");
    expect(await check(withData(own, `${header}.${payload}.${signature}`))).toMatchObject(FALSE);
  });

  test("no part of the content may be left out; it may be laid out in another way", async () => {
    const embedded = async (payload: string) => check(await signed(DOCUMENT, { payload, embed: true }));
    expect(await embedded(canonicalDocument(DOCUMENT.without("entry")))).toMatchObject({ block: "valid", content: "invalid" });
    expect(await embedded("{}")).toMatchObject({ block: "valid", content: "not-checked" });
    expect(await embedded(` ${canonicalDocument(DOCUMENT)}`)).toMatchObject(GOOD);
    expect(await embedded(JSON.stringify(JSON.parse(canonicalDocument(DOCUMENT)), undefined, 4))).toMatchObject(GOOD);
  });

  test("over numbers as RFC 8785 writes them it is whole, but not about their precision", async () => {
    const measured = treeOfText(sampleDocument("urn:uuid:1", { total: 1 }).replace('"total": 1', '"total": 1.50'));
    const payload = canonicalDocument(measured).replace("1.50", "1.5");
    for (const embed of [true, false])
      expect(await check(await signed(measured, { payload, embed }))).toMatchObject({ block: "valid", content: "not-checked" });
  });

  test.each([
    ["compressed", { header: { zip: "DEF" } }],
    ["with sigD", { header: { sigD: { mId: "http://uri.etsi.org/19182/HttpHeaders" } } }],
    ["in a form that its header names", { header: { canon: "http://hl7.org/fhir/canonicalization/json#static" } }],
    [
      "in a form that targetFormat names",
      { element: { targetFormat: "application/fhir+json;canonicalization=http://hl7.org/fhir/canonicalization/json#data" } },
    ],
  ])("what it covers %s is not called false", async (_, signing) => {
    expect(await check(await signed(DOCUMENT, { ...signing, payload: "{}" }))).toMatchObject({ ...UNCHECKED, certificate: "not-checked" });
  });

  test("a server's id and meta may be why it does not fit, unless it names the form without them", async () => {
    const served = treeOfText(sampleDocument("urn:uuid:1", { id: "theirs", meta: { lastUpdated: "2026-03-14T09:00:00Z" } }));
    const own = canonicalJson(served.without("id").add("id", "own"));
    expect(await check(await signed(served, { payload: own }))).toMatchObject(UNCHECKED);
    const header = { canon: "http://hl7.org/fhir/canonicalization/json#document" };
    expect(await check(await signed(served, { payload: own, header }))).toMatchObject(FALSE);
  });

  test("a certificate that nobody vouches for leaves block and content as they are", async () => {
    const bundle = await signed(DOCUMENT, { by: person("Dr A. Meyer") });
    expect(await check(bundle)).toMatchObject({ ...GOOD, certificate: "not-checked", standing: "not-trusted" });
    expect(await check(bundle, "no list")).toMatchObject({ ...GOOD, certificate: "not-checked", standing: "unknown" });
  });

  test("validity counts at the signing time that the signature covers", async () => {
    const by = person("Brief", { by: root, validTo: new Date("2026-03-14T08:59:59Z") });
    expect(await check(await signed(DOCUMENT, { by }))).toMatchObject({ ...GOOD, certificate: "invalid", standing: "expired" });
    expect(await check(await signed(DOCUMENT, { by, header: { sigT: "2026-03-14T08:59:59Z" } }))).toMatchObject({ certificate: "valid" });
    expect(await check(await signed(DOCUMENT, { by, header: { sigT: undefined, iat: 1_773_478_799 } }))).toMatchObject({
      certificate: "valid",
      signedAt: "2026-03-14T08:59:59.000Z",
    });
  });

  test("without a time that it covers, or with one after its receipt, the moment of receipt bounds it, and Signature.when proves nothing", async () => {
    const by = person("Brief", { by: root, validTo: new Date("2026-03-14T08:59:59Z") });
    const at = async (sigT: string | undefined, receivedAt: string) => {
      const bundle = await signed(DOCUMENT, { by, header: { sigT }, element: { when: "2026-03-14T08:00:00Z" } });
      const [result] = await checkDocumentSignatures(bundle, trust, { receivedAt: new Date(receivedAt) });
      return result;
    };
    expect(await at(undefined, "2026-03-14T08:30:00Z")).toMatchObject({ ...GOOD, certificate: "valid" });
    expect(await at(undefined, "2026-03-15T08:30:00Z")).toMatchObject({ ...GOOD, certificate: "not-checked", standing: "unknown" });
    expect((await at(undefined, "2026-03-15T08:30:00Z"))?.signedAt).toBeUndefined();
    expect(await at("2026-03-14T08:33:00Z", "2026-03-14T08:30:00Z")).toMatchObject({ certificate: "valid" });
    const unlisted = await checkDocumentSignatures(await signed(DOCUMENT, { header: { sigT: "2034-03-14T08:00:00Z" } }), undefined, {
      receivedAt: new Date("2026-03-14"),
    });
    expect(unlisted[0]?.explanation).toContain("after its receipt");
    const future = await at("2034-03-14T08:00:00Z", "2026-03-14T08:30:00Z");
    expect(future).toMatchObject({
      ...GOOD,
      certificate: "not-checked",
      standing: "unknown",
      explanation: expect.stringContaining("after its receipt"),
    });
  });

  test("a key that comes along in the header is not used", async () => {
    const { x, y, crv, kty } = doctor.key.export({ format: "jwk" });
    const result = await check(await signed(DOCUMENT, { header: { x5c: undefined, jwk: { kty, crv, x, y } } }));
    expect(result).toMatchObject({ ...UNCHECKED, standing: "none" });
  });

  test("the certificate of another is not enough", async () => {
    const result = await check(await signed(DOCUMENT, { by: person("Mallory"), header: { x5c: [toBase64(doctor.certificate.raw)] } }));
    expect(result).toMatchObject({ ...FALSE, certificate: "not-checked" });
    expect(result?.signerName).toBeUndefined();
  });

  test("critical sigT is understood", async () => {
    expect(await check(await signed(DOCUMENT, { header: { crit: ["sigT"] } }))).toMatchObject(GOOD);
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
  ])("%s", async (_, who, role) => {
    expect(await check(await signed(DOCUMENT, { element: { who } }))).toMatchObject({ role });
  });

  test("an author who does not attest", async () => {
    const text = sampleDocument("urn:uuid:1").replace("urn:uuid:2c3151bd", "urn:uuid:9c3151bd");
    expect(await check(await signed(treeOfText(text)))).toMatchObject({ role: "author" });
  });
});

describe("checkDocumentSignatures, of whom the certificate names", () => {
  const named = async (practitioner: object, { by = doctor, who = { reference: AUTHOR } }: { by?: Person; who?: object } = {}) => {
    const text = JSON.stringify(JSON.parse(sampleDocument("urn:uuid:1"), (key, value: unknown) => (key === "name" ? undefined : value)));
    const document = treeOfText(text.replace('{"resourceType":"Practitioner"}', JSON.stringify({ resourceType: "Practitioner", ...practitioner })));
    return (await check(await signed(document, { by, element: { who } })))?.signer;
  };

  test.each<[string, object, string]>([
    ["the same name", { name: [{ prefix: ["Dr"], given: ["A."], family: "Meyer" }] }, "valid"],
    ["the same name, written otherwise", { name: [{ text: "MEYER, A" }] }, "valid"],
    ["another name", { name: [{ given: ["B"], family: "Meyer" }] }, "not-checked"],
    ["a part of the name", { name: [{ family: "Meyer" }] }, "not-checked"],
    ["the name among others that are not shown", { name: [{ use: "official", text: "Dr Famous" }, { text: "A. Meyer" }] }, "not-checked"],
    ["no name", {}, "not-checked"],
  ])("%s: %j is %s", async (_, practitioner, expected) => {
    expect(await named(practitioner)).toBe(expected);
  });

  test("a role is its holder's, and words beside a reference decide nothing", async () => {
    const role = { reference: "urn:uuid:2c3151bd-1cbf-4d64-b04d-cd9187a4c6e0" };
    expect(await named({ name: [{ text: "A. Meyer" }] }, { who: role })).toBe("valid");
    expect(await named({ name: [{ text: "B. Meyer" }] }, { who: { ...role, display: "A. Meyer" } })).toBe("not-checked");
    expect(await named({}, { who: { display: "Dr. A. Meyer" } })).toBe("valid");
  });

  test("a name proves nothing without a certificate that is trusted", async () => {
    expect(await named({ name: [{ text: "A. Meyer" }] }, { by: person("Dr A. Meyer") })).toBe("not-checked");
  });

  test("a name that is another's is proved where the trust file says whose the certificate is, and by nothing else", async () => {
    const digest = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    const identifier = { system: "urn:oid:1.2.3", value: "4711" };
    const bundle = await signed(DOCUMENT, { by: person("St. Elsewhere", { by: root }), element: { who: { identifier, display: "A. Meyer" } } });
    const hospital = digest(new Uint8Array(Buffer.from(certificateIn(bundle), "base64")));
    const by = async (parties: SignerTrust["parties"]) => (await checkDocumentSignatures(bundle, { ...trust, parties }))[0];
    const proved = await by([{ certificate: hospital, identifiers: [{ system: "urn:oid:9", value: "1" }, identifier] }]);
    expect(proved).toMatchObject({ certificate: "valid", signer: "valid", signerName: "St. Elsewhere" });
    expect(proved?.reasons?.signer).toMatch(/^the trust file says/);
    for (const parties of [
      undefined,
      [{ certificate: hospital, identifiers: [{ value: "4711" }] }],
      [{ certificate: hospital, identifiers: [{ system: "urn:oid:1.2.4", value: "4711" }] }],
      [{ certificate: digest(doctor.certificate.raw), identifiers: [identifier] }],
    ])
      expect(await by(parties)).toMatchObject({ certificate: "valid", signer: "not-checked" });
    // Whom the file names is not trusted by that.
    const [alone] = await checkDocumentSignatures(bundle, { signers: [], parties: [{ certificate: hospital, identifiers: [identifier] }] });
    expect(alone).toMatchObject({ certificate: "not-checked", signer: "not-checked" });
  });

  test("a role that is its own holder comes to an end", async () => {
    const text = sampleDocument("urn:uuid:1").replace('{"reference": "urn:uuid:1c3151bd', '{"reference": "urn:uuid:2c3151bd');
    expect(
      await check(await signed(treeOfText(text), { element: { who: { reference: "urn:uuid:2c3151bd-1cbf-4d64-b04d-cd9187a4c6e0" } } })),
    ).toMatchObject({
      role: "attester",
    });
  });
});

describe("checkDocumentSignatures, of signatures within the document", () => {
  const provenance = {
    resourceType: "Provenance",
    signature: [
      { sigFormat: "application/jose", data: "ZTMwLi5BQQ==" },
      { sigFormat: "image/png", data: "AAAA" },
    ],
  };
  const nested = {
    resourceType: "Bundle",
    signature: { data: "PFNpZ25hdHVyZS8+" },
    entry: [{ resource: { resourceType: "Contract", signer: [{ signature: [{}] }] } }],
  };

  test("each has a line of its own, and none is called checked", async () => {
    const bundle = treeOfText(sampleDocument("urn:uuid:1"));
    const entries = bundle.get("entry") as JsonArray;
    entries.add(treeOf({ resource: provenance })).add(treeOf({ resource: nested }));
    const checks = await checkDocumentSignatures(bundle, trust);
    expect(checks.map(({ place, form }) => [place, form])).toEqual([
      ["Bundle.entry[3].resource.signature[0]", "jws"],
      ["Bundle.entry[3].resource.signature[1]", "picture"],
      ["Bundle.entry[4].resource.signature", "xml-dsig"],
      ["Bundle.entry[4].resource.entry[0].resource.signer[0].signature[0]", "other"],
    ]);
    for (const one of checks) expect(one).toMatchObject({ ...UNCHECKED, certificate: "not-checked", signer: "not-checked" });
  });

  test("a flood of them is told of once", async () => {
    const bundle = treeOfText(sampleDocument("urn:uuid:1"));
    (bundle.get("entry") as JsonArray).add(treeOf({ resource: { resourceType: "Provenance", signature: Array.from({ length: 1000 }, () => ({})) } }));
    const checks = await checkDocumentSignatures(bundle, trust);
    expect(checks).toHaveLength(21);
    expect(checks.at(-1)?.explanation).toContain("more than the 20");
  });
});

describe("checkDocumentSignatures, of what is no signature", () => {
  test.each<[string, unknown, string]>([
    ["no data", { sigFormat: "application/jose" }, "other"],
    ["data that was snipped", { sigFormat: "application/jose", data: "dGhpcyBibG9iIGlzIHNuaXBwZWQ=" }, "jws"],
    ["data that is no base64", { sigFormat: "application/jose", data: "..." }, "other"],
    ["a JWS in JSON serialisation", { sigFormat: "application/jose", data: Buffer.from('{"payload":"","signatures":[]}').toString("base64") }, "jws"],
    ["base64 of base64", { sigFormat: "application/jose", data: Buffer.from(Buffer.from("e30..AA").toString("base64")).toString("base64") }, "jws"],
    ["a picture", { sigFormat: "image/jpeg", data: "/9j/4AAQSkZJRgABAQEAYABgAAD/2w==" }, "picture"],
    ["PKCS #7", { sigFormat: "application/pkcs7-mime", data: "MIIUoAYJKoZIhvcNAQcC" }, "cms"],
    ["a hash", { data: "JbuZIFILUSYF+aYl8kjqjbsk/cZg6rTDexO+RtamBIOUG+742R1LXTraOB63/mb2EzixN1+MyodFp1hLYzOgsg==" }, "other"],
    ["XML that is none", { data: Buffer.from("<Signature").toString("base64") }, "xml-dsig"],
    ["a string", "signed", "other"],
    ["a list", [], "other"],
    ["null", null, "other"],
  ])("%s", async (_, signature, form) => {
    expect(await check(DOCUMENT.without().add("signature", treeOf(signature)))).toMatchObject({ form, ...UNCHECKED, certificate: "not-checked" });
  });
});

describe("HL7's signed examples", () => {
  testOnCases("signatures", "a detached JWS that covers the id", async (read) => {
    const bundle = treeOfText(read("bundle-signed-good.json"));
    expect(await check(bundle, "no list")).toMatchObject({
      form: "jws",
      ...GOOD,
      signerName: "hl7.org",
      signedAt: "2025-07-01T07:59:50Z",
    });
    expect(coversServerFields(bundle)).toBe(true);
    expect(await check(bundle.without("timestamp"))).toMatchObject(FALSE);
    expect(await check(bundle.without("id"))).toMatchObject(FALSE);
  });

  testOnCases("signatures", "a JWS with its payload", async (read) => {
    const bundle = treeOfText(read("example-1.json"));
    expect(await check(bundle, "no list")).toMatchObject({ form: "jws", ...GOOD, signerName: "John Hancock, MD" });
    expect(await check(bundle.without("total"))).toMatchObject({ block: "valid", content: "invalid" });
  });

  testOnCases("signatures", "XML-DSig with XAdES properties", async (read) => {
    const text = read("bundle-sign-xml.xml");
    const { resource } = readXml(new SourceText(text), DEFAULT_READ_LIMITS);
    if (resource === undefined) throw new Error("not read");
    expect(await check(resource, "no list")).toMatchObject({
      form: "xml-dsig",
      ...GOOD,
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
      expect(await check(changed!)).toMatchObject({ block: "valid", content: "invalid" });
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
