/** A document whose labels forbid to keep it is refused on every way in, with the rule, the reason and what to do. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";
import { submission } from "./mhd-submission.ts";

interface Outcome {
  readonly issue: readonly {
    readonly severity: string;
    readonly expression?: readonly string[];
    readonly extension?: readonly { readonly valueCode?: string; readonly valueString?: string; readonly valueId?: string }[];
    readonly details: { readonly text: string };
  }[];
}

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const post = (path: string, body: string): Promise<RawAnswer> =>
  ask(house.port, { method: "POST", path: `/fhir${path}`, headers: { "Content-Type": "application/fhir+json" }, body });
const labels = (code: string): object[] => [
  { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "NORELINK" },
  { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code },
];
const labelled = (code = "DELAU"): string =>
  documentJson().replace('"resourceType": "Bundle",', `"resourceType": "Bundle", "meta": { "security": ${JSON.stringify(labels(code))} },`);

function published(text: string, change: object = {}): string {
  return JSON.stringify({
    resourceType: "DocumentReference",
    meta: { profile: ["https://profiles.ihe.net/ITI/MHD/StructureDefinition/IHE.MHD.SimplifiedPublish.DocumentReference"] },
    masterIdentifier: { system: "urn:ietf:rfc:3986", value: "urn:oid:1.2.3" },
    status: "current",
    subject: { identifier: { system: "urn:oid:2.16.756.5.32.99", value: "J-4711" } },
    content: [{ attachment: { contentType: "application/fhir+json", data: Buffer.from(text).toString("base64") } }],
    ...change,
  });
}

test.each<[way: string, path: string, body: () => string, place: RegExp]>([
  ["a deposit", "/Bundle", () => labelled(), /^Bundle\.meta\.security\[1\]$/],
  ["ITI-65, of the document", "", () => submission({ documents: [{ text: labelled(), as: "binary" }] }), /meta\.security\[1\]$/],
  [
    "ITI-65, of what its source says of it",
    "",
    () => submission({ documents: [{ text: documentJson(), as: "binary", reference: { securityLabel: [{ coding: labels("DELAU") }] } }] }),
    /^Bundle\.entry\[1\]\.resource\.securityLabel\[0\]\.coding\[1\]$/,
  ],
  ["ITI-105, of the document", "/DocumentReference", () => published(labelled()), /meta\.security\[1\]$/],
  [
    "ITI-105, of what its source says of it",
    "/DocumentReference",
    () => published(documentJson(), { securityLabel: [{ coding: labels("DELAU") }] }),
    /^DocumentReference\.securityLabel\[0\]\.coding\[1\]$/,
  ],
  ["ITI-106", "/DocumentReference/$generate-metadata", () => labelled(), /meta\.security\[1\]$/],
])("%s", async (_way, path, body, place) => {
  const before = (await house.store.checkpoint())?.size ?? 0;
  const answer = await post(path, body());
  expect([answer.status, String(answer.body).slice(0, 1_500)]).toEqual([422, expect.anything()]);
  const { issue } = JSON.parse(String(answer.body)) as Outcome;
  const errors = issue.filter(({ severity }) => severity === "error");
  // Of a document within, its entry is told of too.
  const found = errors.find(({ expression }) => place.test(expression?.[0] ?? ""));
  expect(found?.details.text).toMatch(/DELAU.*deleted after use.*kept for ever.*Send it without this label/);
  expect(JSON.stringify(found?.extension)).toMatch(/label-against-keeping|mhd-label/);
  expect((await house.store.checkpoint())?.size ?? 0).toBe(before);
});

test("$validate says so beforehand", async () => {
  const answer = await post("/Bundle/$validate?mode=create", labelled());
  expect(String(answer.body)).toMatch(/label-against-keeping/);
  expect(String(answer.body)).toMatch(/deleted after use/);
});

test("any other obligation or refrain policy is taken, and stays in meta of what is read", async () => {
  const answer = await post("/Bundle", labelled("NODSCLCD"));
  expect(answer.status).toBe(201);
  const [, id = ""] = /Bundle\/([0-9a-f-]{36})/.exec(answer.headers.location ?? "") ?? [];
  const read = JSON.parse(String((await ask(house.port, { path: `/fhir/Bundle/${id}` })).body)) as { readonly meta: { readonly security: unknown } };
  expect(read.meta.security).toEqual(labels("NODSCLCD"));
});
