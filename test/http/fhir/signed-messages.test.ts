/** Documents that come within a signed message (CMS), as German prescriptions and receipts do: the message is what was submitted, the Bundle within is the document. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { digestOf } from "../../../src/core/crypto/digest.ts";
import { stateOf } from "../../../src/core/signatures/signature-check.ts";
import { auditDocument } from "../../../src/pipeline/audit/audit-document.ts";
import { R4, verifyFile } from "../../r4.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

const file = (name: string): Uint8Array => readFileSync(new URL(`../../../fixtures/signatures/cms/${name}`, import.meta.url));
const MESSAGE = file("enveloping-bp256.p7s");

let house: House;
let created: RawAnswer;
let id: string;
beforeAll(async () => {
  house = await openHouse();
  created = await post(MESSAGE);
  id = /Bundle\/([0-9a-f-]{36})\//.exec(created.headers.location ?? "")?.[1] ?? "";
});
afterAll(() => house.close());

const post = (body: Uint8Array, type = "application/pkcs7-mime; smime-type=signed-data", path = "/fhir/Bundle"): Promise<RawAnswer> =>
  ask(house.port, { method: "POST", path, body, headers: { "Content-Type": type, Accept: "application/fhir+json" } });
const get = (path: string, accept: string): Promise<RawAnswer> => ask(house.port, { method: "GET", path, headers: { Accept: accept } });

describe("a document within a signed message", () => {
  test("is deposited, and its bytes are the message for ever", async () => {
    expect(created.status).toBe(201);
    const binary = await get(`/fhir/Binary/${id}`, "*/*");
    expect(binary.headers["content-type"]).toBe("application/pkcs7-mime");
    expect(Buffer.compare(binary.body, MESSAGE)).toBe(0);
    const receipt = JSON.parse(String((await get(`/documents/${id}/receipt`, "application/json")).body)) as { leaf: string };
    expect((JSON.parse(receipt.leaf) as { submittedDigest: string }).submittedDigest).toBe(digestOf(MESSAGE));
  });

  test("is served as FHIR with the message as its signature, about which nothing else is said", async () => {
    const answer = await get(`/fhir/Bundle/${id}`, "application/fhir+json");
    const bundle = JSON.parse(String(answer.body)) as { signature: Record<string, unknown>; entry: unknown[] };
    expect(bundle.signature).toMatchObject({ sigFormat: "application/pkcs7-mime", data: Buffer.from(MESSAGE).toString("base64") });
    expect(bundle.signature["when"]).toBeUndefined();
    expect(bundle.entry.length).toBeGreaterThan(1);
    expect((await get(`/fhir/Bundle/${id}`, "application/fhir+xml")).status).toBe(200);
    // Sending back what one has read is a repeat.
    expect((await post(answer.body, "application/fhir+json")).status).toBe(200);
  });

  test("a retry is a repeat; the document without its signature is another deposit of the same", async () => {
    expect((await post(MESSAGE)).status).toBe(200);
    expect((await post(file("document.xml"), "application/fhir+xml")).status).toBe(409);
    expect((await post(file("enveloping-p256.p7s"))).status).toBe(409);
  });

  test("is audited as what it is", async () => {
    const [proof, content, documentKey] = await Promise.all([house.store.proof(id), house.store.content(id), house.depositing.documentKeys.read(id)]);
    const { entry, evidence } = proof ?? {};
    if (!entry || !documentKey) throw new Error("it is not there");
    const kept = { id, index: entry.index, leaf: entry.leaf, content, evidence, documentKey };
    const audited = await auditDocument(kept, { definitions: R4.definitions, faultOfSeal: () => Promise.resolve(undefined) });
    expect(audited.faults).toEqual([]);
  });

  test("is shown on its page, found, and verified as it was submitted", async () => {
    const page = await get(`/documents/${id}`, "text/html");
    expect(page.status).toBe(200);
    const receipt = (await get(`/documents/${id}/receipt`, "application/json")).body;
    const report = await verifyFile({ bytes: MESSAGE, receipt });
    expect(report.checks).toContainEqual(expect.objectContaining({ name: "digest", result: "pass" }));
    expect(report.checks).toContainEqual(expect.objectContaining({ name: "document", text: "A Bundle in a signed message (CMS)." }));
    expect(report.checks.filter(({ result }) => result === "fail")).toEqual([]);
    expect(report.signatures.map(stateOf)).toEqual(["unconfirmed"]);
    expect(report.signatures[0]?.reasons?.signer).toBe("the document does not say who signed");
    const served = (await get(`/fhir/Bundle/${id}`, "application/fhir+json")).body;
    expect((await verifyFile({ bytes: served, receipt })).checks.filter(({ result }) => result === "fail")).toEqual([]);
    const altered = Uint8Array.from(MESSAGE);
    altered[5_000] = (altered[5_000] ?? 0) ^ 1;
    expect((await verifyFile({ bytes: altered, receipt })).verdict).toBe("false");
  });

  test.each<[string, string, string | undefined, number]>([
    ["without content", "detached-p256.p7s", undefined, 400],
    ["of something else than a document", "enveloping-text.p7s", undefined, 400],
    ["that is said to be encrypted", "enveloping-rsa.p7s", "application/pkcs7-mime; smime-type=enveloped-data", 415],
    ["that is none", "document.xml", undefined, 400],
  ])("a message %s is refused", async (_, name, type, status) => {
    expect((await post(file(name), type)).status).toBe(status);
  });

  test("is verified by $verify as it is, or within a Binary beside its receipt", async () => {
    const whole = String((await post(MESSAGE, undefined, "/fhir/$verify")).body);
    expect(whole).toContain("A Bundle in a signed message (CMS).");
    expect(whole).toContain('{"name":"place","valueString":"Bundle.signature"}');
    const altered = Uint8Array.from(MESSAGE);
    // In the signature's value.
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    expect(String((await post(altered, "application/cms", "/fhir/$verify")).body)).toContain('{"name":"verdict","valueCode":"false"}');
    const receipt = (await get(`/documents/${id}/receipt`, "application/json")).body.toString("base64");
    const binary = { resourceType: "Binary", contentType: "application/pkcs7-mime", data: Buffer.from(MESSAGE).toString("base64") };
    const parameter = [
      { name: "document", resource: binary },
      { name: "receipt", valueBase64Binary: receipt },
    ];
    const sent = Buffer.from(JSON.stringify({ resourceType: "Parameters", parameter }));
    expect(String((await post(sent, "application/fhir+json", "/fhir/$verify")).body)).toContain("The file is byte for byte what was deposited");
  });

  test("of $verify too, one that is none is refused, and what is kept is verified as it is kept", async () => {
    expect((await post(file("document.xml"), undefined, "/fhir/$verify")).status).toBe(400);
    expect((await post(file("detached-p256.p7s"), undefined, "/fhir/$verify")).status).toBe(400);
    expect((await post(MESSAGE, "application/pkcs7-mime; smime-type=enveloped-data", "/fhir/$verify")).status).toBe(415);
    expect((await post(MESSAGE, undefined, `/fhir/Bundle/${id}/$verify`)).status).toBe(400);
  });

  test("nothing else than a document comes so", async () => {
    expect((await post(MESSAGE, undefined, "/fhir/DocumentReference")).status).toBe(415);
    expect((await post(MESSAGE, undefined, "/fhir/Bundle/$validate")).status).toBe(415);
  });
});
