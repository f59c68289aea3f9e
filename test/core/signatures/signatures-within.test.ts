/** Signatures of parts of a document: in a Provenance over its targets (R4 provenance.html), and of a Bundle in the Bundle. */
import { sign } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { toBase64 } from "../../../src/core/crypto/base64.ts";
import { canonicalDocument, canonicalJson } from "../../../src/core/fhir/canonical.ts";
import { treeOf, type JsonArray, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { detachedJws, protectedHeaderOf, signingInput } from "../../../src/core/signatures/jws.ts";
import { canonicalXmlForms, checkDocumentSignatures } from "../../r4.ts";
import { sampleDocument, treeOfText } from "../../pipeline/sign/deposited.ts";
import { person } from "./people.ts";
import { xmlSignatureOver } from "./xml-signing.ts";

const root = person("Test root", { isAuthority: true });
const doctor = person("A. Meyer", { by: root });
const trust = { signers: [root.certificate] };
const OBSERVATION = "urn:uuid:7c3151bd-1cbf-4d64-b04d-cd9187a4c6e7";
const JSON_FORM = "http://hl7.org/fhir/canonicalization/json";

const observation = (): JsonObject =>
  treeOf({
    resourceType: "Observation",
    id: "o-1",
    meta: { versionId: "3", security: [{ code: "R" }] },
    text: { status: "generated", div: '<div xmlns="http://www.w3.org/1999/xhtml">Glucose 5.40</div>' },
    status: "final",
    code: { text: "Glucose" },
    subject: { reference: "Patient/1" },
  }) as JsonObject;

function jwsOver(text: string, header: Readonly<Record<string, unknown>> = {}): string {
  const named = protectedHeaderOf({ alg: "ES256", x5c: [toBase64(doctor.certificate.raw)], sigT: "2026-03-14T08:00:00Z", ...header });
  const value = sign("sha256", signingInput(named, new TextEncoder().encode(text)), { key: doctor.key, dsaEncoding: "ieee-p1363" });
  return Buffer.from(detachedJws(named, value)).toString("base64");
}

const signature = (data: string, form = JSON_FORM): object => ({
  type: [{ system: "urn:iso-astm:E1762-95:2013", code: "1.2.840.10065.1.12.1.1" }],
  when: "2026-03-14T08:00:00Z",
  who: { display: "A. Meyer" },
  targetFormat: `application/fhir+json;canonicalization=${form}`,
  data,
});

const provenance = (targets: readonly string[], ...signatures: readonly object[]): object => ({
  resourceType: "Provenance",
  target: targets.map((reference) => ({ reference })),
  recorded: "2026-03-14T08:00:00Z",
  signature: signatures,
});

/** The sample with more entries: the first new one is number 3. */
function documentWith(...entries: readonly object[]): JsonObject {
  const bundle = treeOfText(sampleDocument("urn:uuid:1"));
  for (const entry of entries) (bundle.get("entry") as JsonArray).add(treeOf(entry));
  return bundle;
}

const FORMS: readonly (readonly [string, (resource: JsonObject) => JsonObject])[] = [
  ["", (resource) => resource],
  ["#data", (resource) => resource.without("text")],
  ["#static", (resource) => resource.without("text", "meta")],
  ["#narrative", (resource) => resource.without("meta", "status", "code", "subject")],
];
const GAPS: Readonly<Record<string, string>> = {
  "#data": "it covers the resource without its narrative",
  "#static": "it covers the resource without its narrative and metadata",
  "#narrative": "it covers the narrative of the resource alone",
};
/** What is said of a signature over a form that leaves something out: whoever alters that is not seen. */
const partly = (end: string): object => (GAPS[end] === undefined ? {} : { content: "not-checked", reasons: { content: GAPS[end] } });
const PROVEN = { block: "valid", content: "valid", certificate: "valid", signer: "valid", covers: "Bundle.entry[3].resource" };

describe("a signature in a Provenance", () => {
  test.each(FORMS)("as a JWS over the form json%s of its target", async (end, form) => {
    const data = jwsOver(canonicalJson(form(observation())));
    const made = (reference: string, resource: JsonObject = observation()): JsonObject =>
      documentWith(
        { fullUrl: `https://ward.example.org/Observation/o-1`, resource },
        { resource: provenance([reference], signature(data, JSON_FORM + end)) },
      );
    const place = "Bundle.entry[4].resource.signature[0]";
    for (const reference of ["https://ward.example.org/Observation/o-1", "Observation/o-1", "Observation/o-1/_history/3"])
      expect(await checkDocumentSignatures(made(reference), trust)).toMatchObject([{ place, ...PROVEN, ...partly(end) }]);
    const changed = observation().without("text").add("text", "another");
    const otherStatus = observation().without("status").add("status", "amended");
    expect((await checkDocumentSignatures(made("Observation/o-1", changed), trust))[0]?.content).toBe("not-checked");
    const bare = observation().without("text", "meta");
    const [whole] = await checkDocumentSignatures(made("Observation/o-1", bare), trust);
    // Where there is nothing to leave out, nothing is.
    if (end === "#static") expect(whole).toMatchObject(PROVEN);
    expect((await checkDocumentSignatures(made("Observation/o-1", otherStatus), trust))[0]?.block).toBe(end === "#narrative" ? "valid" : "invalid");
  });

  test.each(["", "#data", "#static", "#narrative"])("as an XML signature over the form xml%s of its target", async (end) => {
    const resource = observation();
    const transform = `http://hl7.org/fhir/canonicalization/xml${end}`;
    const form = [...canonicalXmlForms(resource, transform, false)].at(-1) ?? new Uint8Array();
    const data = Buffer.from(xmlSignatureOver(form, transform, doctor)).toString("base64");
    const made = (of: JsonObject): JsonObject =>
      documentWith({ fullUrl: OBSERVATION, resource: of }, { resource: provenance([OBSERVATION], signature(data)) });
    expect((await checkDocumentSignatures(made(resource), trust))[0]).toMatchObject({ form: "xml-dsig", ...PROVEN, ...partly(end) });
    const other = observation().without("id").add("id", "o-2");
    expect((await checkDocumentSignatures(made(other), trust))[0]).toMatchObject({ block: "valid", content: "invalid" });
  });

  test("says what it covers, and nothing about the rest of the document", async () => {
    const data = jwsOver(canonicalJson(observation()));
    const bundle = documentWith({ fullUrl: OBSERVATION, resource: observation() }, { resource: provenance([OBSERVATION], signature(data)) });
    const [check] = await checkDocumentSignatures(bundle.without("timestamp"), trust);
    expect(check?.reasons?.content).toBe("it covers Bundle.entry[3].resource as it stands");
    expect(check?.explanation).toContain("covers Bundle.entry[3].resource, and names");
  });

  test("as a JWS in JSON serialisation has a line for each of those who signed", async () => {
    const parts = [canonicalJson(observation()), canonicalJson(observation().without("status"))].map((text) => {
      const [named, , value] = Buffer.from(jwsOver(text), "base64").toString().split(".");
      return { protected: named, signature: value };
    });
    const data = Buffer.from(JSON.stringify({ signatures: parts })).toString("base64");
    const bundle = documentWith({ fullUrl: OBSERVATION, resource: observation() }, { resource: provenance([OBSERVATION], signature(data)) });
    const place = "Bundle.entry[4].resource.signature[0]";
    expect(await checkDocumentSignatures(bundle, trust)).toMatchObject([
      { place, form: "jws", ...PROVEN },
      { place, form: "jws", block: "invalid", content: "not-checked" },
    ]);
  });

  test("over a resource that a server wrote anew, or that is not there, or is there twice, is not checked", async () => {
    const data = jwsOver(canonicalJson(observation()));
    const served = observation()
      .without("meta")
      .add("meta", treeOf({ lastUpdated: "2026-03-14T09:00:00Z" }));
    const entry = { fullUrl: OBSERVATION, resource: observation() };
    for (const bundle of [
      documentWith({ fullUrl: OBSERVATION, resource: served }, { resource: provenance([OBSERVATION], signature(data)) }),
      documentWith(entry, { resource: provenance(["Observation/elsewhere"], signature(data)) }),
      documentWith(entry, { resource: provenance([OBSERVATION, "Observation/elsewhere"], signature(data)) }),
      documentWith(entry, { resource: provenance([], signature(data)) }),
      documentWith(entry, entry, { resource: provenance([OBSERVATION], signature(data)) }),
    ])
      expect((await checkDocumentSignatures(bundle, trust))[0]).toMatchObject({ block: "not-checked", content: "not-checked" });
  });

  test("of several targets is over one at most, and that is not all of them", async () => {
    const other = { fullUrl: "urn:uuid:8c3151bd-1cbf-4d64-b04d-cd9187a4c6e7", resource: observation().without("id").add("id", "o-2") };
    const bundle = documentWith({ fullUrl: OBSERVATION, resource: observation() }, other, {
      resource: provenance([other.fullUrl, OBSERVATION], signature(jwsOver(canonicalJson(observation()))), signature(jwsOver("{}"))),
    });
    const [one, none] = await checkDocumentSignatures(bundle, trust);
    expect(one).toMatchObject({ block: "valid", content: "not-checked", covers: "Bundle.entry[3].resource" });
    expect(one?.reasons?.content).toBe("it covers Bundle.entry[3].resource, and not the other target of its Provenance");
    expect(none).toMatchObject({ block: "not-checked", content: "not-checked" });
  });
});

describe("the signature of a Bundle in the Bundle", () => {
  const inner = (): JsonObject =>
    treeOf({ resourceType: "Bundle", id: "inner", type: "collection", entry: [{ fullUrl: OBSERVATION, resource: observation() }] }) as JsonObject;

  test("is over that one", async () => {
    const signedInner = inner().add("signature", treeOf(signature(jwsOver(canonicalDocument(inner())), `${JSON_FORM}#document`)));
    const expected = { ...PROVEN, place: "Bundle.entry[3].resource.signature" };
    expect(await checkDocumentSignatures(documentWith({ resource: signedInner }), trust)).toMatchObject([expected]);
    expect((await checkDocumentSignatures(documentWith({ resource: signedInner.without("type") }), trust))[0]).toMatchObject({ block: "invalid" });
  });

  test("and a Provenance within it leads to its entries", async () => {
    const bundle = inner();
    (bundle.get("entry") as JsonArray).add(treeOf({ resource: provenance([OBSERVATION], signature(jwsOver(canonicalJson(observation())))) }));
    const [check] = await checkDocumentSignatures(
      documentWith({ fullUrl: OBSERVATION, resource: treeOf({ resourceType: "Basic" }) }, { resource: bundle }),
      trust,
    );
    expect(check).toMatchObject({ ...PROVEN, covers: "Bundle.entry[4].resource.entry[0].resource" });
  });
});

describe("what a signature was made for", () => {
  const check = async (header: Readonly<Record<string, unknown>>, type: readonly object[]) => {
    const bundle = treeOfText(sampleDocument("urn:uuid:1"));
    const data = jwsOver(canonicalDocument(bundle), header);
    const [found] = await checkDocumentSignatures(bundle.add("signature", treeOf({ ...signature(data, `${JSON_FORM}#document`), type })), trust);
    return found?.purpose;
  };
  const commits = (...ids: readonly string[]) => ({ srCms: ids.map((id) => ({ commId: { id } })) });
  const AUTHOR = "1.2.840.10065.1.12.1.1";
  const WITNESS = "1.2.840.10065.1.12.1.8";

  test.each([
    ["agrees", commits(`urn:oid:${AUTHOR}`), [{ code: AUTHOR }]],
    ["differs", commits(`urn:oid:${WITNESS}`), [{ code: AUTHOR }]],
    ["claimed", {}, [{ code: AUTHOR }]],
    ["claimed", commits("urn:oid:1.2.840.113549.1.9.16.6.1"), [{ code: AUTHOR }]],
  ])("%s", async (result, header, type) => {
    expect(await check(header, type)).toMatchObject({ claimed: [AUTHOR], result });
  });

  test("is not told where nobody says", async () => {
    expect(await check({}, [])).toBeUndefined();
  });
});

test("many signatures over the same large part cost no more than some documents do", async () => {
  const large = treeOf({ resourceType: "Basic", text: { div: "x".repeat(100_000) } }) as JsonObject;
  const data = jwsOver(canonicalJson(large));
  const signatures = Array.from({ length: 10 }, () => signature(data));
  const checks = await checkDocumentSignatures(
    documentWith({ fullUrl: OBSERVATION, resource: large }, { resource: provenance([OBSERVATION], ...signatures) }),
    trust,
  );
  const checked = checks.filter(({ block }) => block === "valid");
  expect([checks.length, checked.length > 1, checked.length < 6]).toEqual([10, true, true]);
  expect(checks.at(-1)?.explanation).toContain("too long");
});
