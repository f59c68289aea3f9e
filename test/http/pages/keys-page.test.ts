import { X509Certificate } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createLocalJWKSet, flattenedVerify, type JSONWebKeySet } from "jose";
import { canonicalDocument } from "../../../src/core/fhir/canonical.ts";
import { fingerprintOf } from "../../../src/core/crypto/certificate.ts";
import type { ShownKeys } from "../../../src/pipeline/render/pages/keys-page.ts";
import { documentJson } from "../../journeys/documents.ts";
import { treeOfText } from "../../pipeline/sign/deposited.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

let house: House;
const get = (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<RawAnswer> => ask(house.port, { method, path, headers });
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

test("a JOSE library verifies a served seal by the served key set", async () => {
  const headers = { "Content-Type": "application/fhir+json" };
  const { headers: answered } = await ask(house.port, { method: "POST", path: "/fhir/Bundle", body: documentJson(), headers });
  const id = /Bundle\/([^/]+)/.exec(String(answered.location))?.[1] ?? "";
  const served = await get("/.well-known/jwks.json", { Origin: "https://auditor.example" });
  expect([served.status, served.headers["content-type"], served.headers["cache-control"], served.headers["access-control-allow-origin"]]).toEqual([
    ...[200, "application/jwk-set+json", "public, max-age=300", "*"],
  ]);
  const set = createLocalJWKSet(JSON.parse(String(served.body)) as JSONWebKeySet);
  const bundle = treeOfText(String((await get(`/fhir/Bundle/${id}`, { Accept: "application/fhir+json" })).body));
  const data = bundle.object("signature")?.string("data") ?? "";
  const [header = "", , signature = ""] = Buffer.from(data, "base64").toString().split(".");
  const canonical = canonicalDocument(bundle);
  const { protectedHeader } = await flattenedVerify({ protected: header, payload: Buffer.from(canonical).toString("base64url"), signature }, set);
  expect(protectedHeader?.alg).toBe("ES256");
});

test("the page is given each key, and its certificates as files", async () => {
  const [known] = house.keys.sealCertificates;
  const page = await get("/certificates", { Accept: "text/html" });
  const shown = JSON.parse(String(page.body).replace(/^.*<\/title>/, "")) as ShownKeys;
  const fingerprint = known && fingerprintOf(known.certificate);
  expect(shown.seals).toMatchObject([{ isCurrent: true, fingerprint, chain: [] }]);
  expect(shown.logs).toEqual([{ origin: house.keys.log.origin, vkeys: [house.keys.log.vkey] }]);
  const file = shown.seals[0]?.file ?? "";
  const [pem, der] = await Promise.all(["pem", "der"].map((ending) => get(`/certificates/${file}.${ending}`)));
  expect([pem?.headers["content-type"], der?.headers["content-type"]]).toEqual(["application/pem-certificate-chain", "application/pkix-cert"]);
  for (const answer of [pem, der]) expect(new X509Certificate(answer?.body ?? "").fingerprint256).toBe(fingerprint);
});

test("there is nothing else to be had, and nothing to be done", async () => {
  for (const name of ["x.pem", `${"0".repeat(64)}.pem`, `${"0".repeat(64)}.key`]) expect((await get(`/certificates/${name}`)).status).toBe(404);
  expect((await get("/.well-known/jwks.json", {}, "PUT")).headers.allow).toBe("GET, HEAD");
});
