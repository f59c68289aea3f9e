/** What a repository demands of senders' signatures (SIGNATURE_POLICY), at deposit, at `$validate`, and in what it records. */
import { sign } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { toBase64 } from "../../../src/core/crypto/base64.ts";
import { canonicalDocument } from "../../../src/core/fhir/canonical.ts";
import { treeOf } from "../../../src/core/fhir/tree/tree.ts";
import { writeJson } from "../../../src/core/fhir/json/write-json.ts";
import { detachedJws, protectedHeaderOf, signingInput } from "../../../src/core/signatures/jws.ts";
import { namedSignaturePolicy } from "../../../src/pipeline/signature-policy.ts";
import { createInlineWork } from "../../../src/pipeline/work/inline-work.ts";
import { person } from "../../core/signatures/people.ts";
import { documentJson } from "../../journeys/documents.ts";
import { treeOfText } from "../../pipeline/sign/deposited.ts";
import { openHouse, PLAIN_PAGES, TOOLS, type House } from "../house.ts";
import { ask } from "../local-server.ts";

const JSON_TYPE = { "Content-Type": "application/fhir+json", Accept: "application/fhir+json" };
const doctor = person("Dr A. Meyer");
let house: House;

beforeAll(async () => {
  house = await openHouse({
    workWith: (tools) =>
      createInlineWork({ ...TOOLS, ...tools, pages: () => Promise.resolve(PLAIN_PAGES), signaturePolicy: namedSignaturePolicy("require-valid") }),
  });
});
afterAll(() => house.close());

function signed(change: (text: string) => string = (text) => text): string {
  const bundle = treeOfText(documentJson());
  const header = protectedHeaderOf({ alg: "ES256", x5c: [toBase64(doctor.certificate.raw)], sigT: "2026-03-14T08:00:00Z" });
  const value = sign("sha256", signingInput(header, new TextEncoder().encode(canonicalDocument(bundle))), {
    key: doctor.key,
    dsaEncoding: "ieee-p1363",
  });
  const data = toBase64(new TextEncoder().encode(detachedJws(header, value)));
  const type = [{ system: "urn:iso-astm:E1762-95:2013", code: "1.2.840.10065.1.12.1.1" }];
  return change(
    writeJson(
      bundle.add("signature", treeOf({ type, when: "2026-03-14T08:00:00Z", who: { display: "A. Meyer" }, sigFormat: "application/jose", data })),
    ),
  );
}

async function post(path: string, body: string): Promise<{ readonly status: number; readonly text: string; readonly id: string }> {
  const { status, body: answer, headers } = await ask(house.port, { method: "POST", path: `/fhir${path}`, headers: JSON_TYPE, body });
  return { status, text: String(answer), id: headers.location?.split("/").at(-3) ?? "" };
}

describe("require-valid", () => {
  test("takes what is signed, records under which policy, and knows it again", async () => {
    const document = signed();
    const { status, id } = await post("/Bundle", document);
    const record = JSON.parse(String((await ask(house.port, { path: `/documents/${id}/record` })).body)) as {
      readonly versions: { readonly signatures?: string };
      readonly signatures: readonly { readonly block: string; readonly reasons: { readonly block: string }; readonly judged?: object }[];
    };
    expect([status, record.versions.signatures]).toEqual([201, "require-valid"]);
    expect(record.signatures).toMatchObject([
      {
        block: "valid",
        content: "valid",
        certificate: "not-checked",
        reasons: { content: "it covers the whole document as it stands; its own id and meta may be left out" },
      },
    ]);
    expect((await post("/Bundle", document)).status).toBe(200);
    // What was read here, with its own signature and all, is the same document.
    const served = String((await ask(house.port, { path: `/fhir/Bundle/${id}`, headers: { Accept: "application/fhir+json" } })).body);
    expect((await post("/Bundle", served)).status).toBe(200);
  });

  test.each([
    ["unsigned", documentJson, "Bundle.signature"],
    ["altered", () => signed((text) => text.replace("Brandt", "Brandl")), "block is invalid"],
  ])("refuses what is %s with 422, says so beforehand, and keeps nothing", async (_, document, reason) => {
    const before = (await house.store.checkpoint())?.size;
    const sent = document();
    const refusal = await post("/Bundle", sent);
    expect(refusal.status).toBe(422);
    expect(refusal.text).toContain("signature-policy");
    expect(refusal.text).toContain(reason);
    expect(refusal.text).toContain("SIGNATURE_POLICY: require-valid");
    const verdict = await post("/Bundle/$validate", sent);
    expect(verdict.text).toContain("As a document it would be refused: 1 error must be mended first.");
    expect((await house.store.checkpoint())?.size).toBe(before);
  });

  test("says of what it would take that it would", async () => {
    expect((await post("/Bundle/$validate", signed())).text).toContain("it would be accepted");
  });
});
