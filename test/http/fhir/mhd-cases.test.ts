/** IHE MHD: what a source may do otherwise than most, and what somebody hostile would send (docs/design/mhd.md). */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";
import { submission, urnUuid } from "./mhd-submission.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const JSON_TYPE = "application/fhir+json";
const post = (body: string, contentType = JSON_TYPE): Promise<RawAnswer> =>
  ask(house.port, { method: "POST", path: "/fhir", headers: { "Content-Type": contentType, Accept: JSON_TYPE }, body });
const sizeOfLog = async (): Promise<number> => (await house.store.checkpoint())?.size ?? 0;
const one = () => ({ text: documentJson(), as: "binary" as const });
const EXTENSION = "https://profiles.ihe.net/ITI/MHD/StructureDefinition";

test("an intended recipient is nobody that is told, and the source is warned", async () => {
  const sourceId = { url: `${EXTENSION}/ihe-sourceId`, valueIdentifier: { value: "urn:oid:1.2.3.4" } };
  const recipient = { url: `${EXTENSION}/ihe-intendedRecipient`, valueReference: { display: "Ward 3" } };
  const { status, body } = await post(submission({ documents: [one()], set: { extension: [sourceId, recipient] } }));
  expect([status, String(body)]).toEqual([200, expect.stringContaining("UnknownRecipient")]);
});

test("a Patient in the submission is answered with the document's own", async () => {
  const patient = urnUuid();
  const identifier = [{ system: "urn:oid:2.16.756.5.32.99", value: "J-4711" }];
  const more = [{ fullUrl: patient, resource: { resourceType: "Patient", identifier }, request: { method: "POST", url: "Patient" } }];
  const text = submission({
    documents: [{ ...one(), reference: { subject: { reference: patient } } }],
    set: { subject: { reference: patient } },
    more,
  });
  const { status, body } = await post(text);
  expect(status).toBe(200);
  const { entry } = JSON.parse(String(body)) as { entry: { response: { status: string; location: string } }[] };
  expect(entry[3]?.response).toMatchObject({ status: "201 Created", location: expect.stringMatching(/\/Patient\/[0-9a-f-]{36}\.1\/_history\/1$/) });
  expect(await post(text)).toMatchObject({ status: 200 });
});

test("base64 may have line breaks, and what was sent is told apart from what it holds", async () => {
  const text = documentJson();
  const data = Buffer.from(text).toString("base64").replace(/.{76}/g, "$&\n");
  const { status, body } = await post(submission({ documents: [{ text, as: "binary", binary: { data } }] }));
  expect([status, String(body).slice(0, 800)]).toEqual([200, expect.stringContaining("201 Created")]);
  const [, id = ""] = /Binary\/([0-9a-f-]{36})/.exec(String(body)) ?? [];
  expect(String((await ask(house.port, { path: `/fhir/Binary/${id}` })).body)).toBe(text);
});

describe("is refused, and leaves nothing:", () => {
  const many = (count: number) => Array.from({ length: count }, () => ({ text: documentJson(), as: "bundle" as const }));
  const identifier = urnUuid();
  const shared = submission({ documents: [one(), one()] });
  const [first = "", second = ""] = [...shared.matchAll(/"url": "(urn:uuid:[^"]+)"/g)].map(([, url]) => url);
  test.each<[string, () => string, string]>([
    [
      "two documents of one identifier",
      () =>
        submission({
          documents: [
            { text: documentJson({ identifier }), as: "bundle" },
            { text: documentJson({ identifier, words: "Other." }), as: "bundle" },
          ],
        }),
      "identifier",
    ],
    ["two references to one document", () => shared.replace(`"url": "${second}"`, `"url": "${first}"`), "Another DocumentReference"],
    ["two entries of one fullUrl", () => shared.replaceAll(second, first), "same fullUrl"],
    [
      "a document of which nothing is said",
      () =>
        submission({
          documents: [one()],
          more: [
            {
              fullUrl: urnUuid(),
              resource: { resourceType: "Binary", contentType: JSON_TYPE, data: "e30=" },
              request: { method: "POST", url: "Binary" },
            },
          ],
        }),
      "nothing is said of it",
    ],
    ["data that is no base64", () => submission({ documents: [{ ...one(), binary: { data: "&&&&" } }] }), "base64"],
    ["data that holds no document", () => submission({ documents: [{ text: '{"resourceType":"Patient"}', as: "binary" }] }), "document"],
    [
      "more entries than one submission may have",
      () => submission({ documents: [one()], more: Array.from({ length: 1_000 }, () => ({ request: { method: "POST", url: "List" } })) }),
      "at most 1000 entries",
    ],
    ["more documents than one submission may have", () => submission({ documents: many(65) }), "at most"],
    [
      "a version that is to be changed",
      () => submission({ documents: [one()] }).replace('"method": "POST"', '"method": "POST", "ifMatch": "W/1"'),
      "ifMatch",
    ],
    ["an entry without a resource", () => submission({ documents: [one()], more: [{ request: { method: "POST", url: "Binary" } }] }), "resource"],
    ["a List that is no submission", () => submission({ documents: [one()], set: { code: { text: "a list" } } }), "submissionset"],
  ])("%s", async (_, make, words) => {
    const before = await sizeOfLog();
    const { status, body } = await post(make());
    expect([status, String(body)]).toEqual([expect.any(Number), expect.stringContaining(words)]);
    expect([400, 413, 422]).toContain(status);
    expect(await sizeOfLog()).toBe(before);
  });
});

test("the text of a document cannot stand in for the hole of another", async () => {
  const text = documentJson({ words: '{\\"resourceType\\":\\"Bundle\\"} &lt;Bundle&gt;' });
  const { status, body } = await post(
    submission({
      documents: [
        { text, as: "bundle" },
        { text: documentJson(), as: "bundle" },
      ],
    }),
  );
  expect([status, String(body).slice(0, 300)]).toEqual([200, expect.anything()]);
});
