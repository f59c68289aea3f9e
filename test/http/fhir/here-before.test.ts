/** Requests that bring documents of which some are here already, perhaps in other bytes: what was sent is kept to the byte all the same. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parseSubmissionLeaf } from "../../../src/core/formats/submission.ts";
import { readJson } from "../../../src/core/fhir/json/read-json.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../src/core/fhir/reading/source-text.ts";
import { writeXml } from "../../../src/core/fhir/xml/write-xml.ts";
import { fetchOriginal } from "../../../src/pipeline/fetch.ts";
import { openSubmission, openSubmissionRecord } from "../../../src/pipeline/submissions.ts";
import { documentJson } from "../../journeys/documents.ts";
import { R4 } from "../../r4.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";
import { message } from "./message.ts";
import { submission } from "./mhd-submission.ts";

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const post = (path: string, body: string, type = "application/fhir+json"): Promise<RawAnswer> =>
  ask(house.port, { method: "POST", path: `/fhir${path}`, headers: { "Content-Type": type }, body });

async function deposited(text: string): Promise<string> {
  expect([200, 201]).toContain((await post("/Bundle", text)).status);
  return text;
}

/** The same document in other bytes; numbers stay as they are. */
const tight = (text: string): string => text.replace(/\n */g, " ");
const binary = (text: string): string =>
  JSON.stringify({ resourceType: "Binary", contentType: "application/fhir+json", data: Buffer.from(text).toString("base64") });

function xmlOf(json: string): string {
  const { resource } = readJson(new SourceText(json), DEFAULT_READ_LIMITS);
  return resource ? writeXml(resource, R4.definitions) : "";
}

/** What was sent last, as it is kept: put together again, with how many documents are cut out of it. */
async function lastKept(): Promise<{ readonly text: string; readonly cut: number }> {
  const { store, depositing } = house;
  const [entry] = await store.entries(((await store.checkpoint())?.size ?? 0) - 1, 1);
  const key = entry && (await depositing.documentKeys.read(entry.id));
  if (!entry || !key) throw new Error("nothing was entered");
  const record = openSubmissionRecord(entry, await store.evidence(entry.id), key);
  const { documents } = parseSubmissionLeaf(entry.leaf);
  const bytes = new Map(await Promise.all(documents.map(async (one) => [one, (await fetchOriginal(one, { ...depositing, store })).bytes] as const)));
  const whole = openSubmission(entry, { content: await store.content(entry.id), record, key }, (one) => bytes.get(one) ?? new Uint8Array());
  return { text: Buffer.from(whole).toString(), cut: record.pieces.length };
}

describe("what is kept of a message", () => {
  test.each([
    ["in the same bytes", (text: string) => text, 3],
    ["with other white space", tight, 2],
    ["in a Binary, with other white space", (text: string) => binary(tight(text)), 2],
  ] as const)("of three documents, the second of which was here %s", async (_how, sentAs, cut) => {
    const old = await deposited(documentJson());
    const body = message({ document: documentJson(), more: [sentAs(old), documentJson()] });
    expect(String((await post("/$process-message", body)).body)).toContain('"code":"ok"');
    expect(await lastKept()).toEqual({ text: body, cut });
  });

  test("in XML, of a document that was here in JSON", async () => {
    const body = xmlOf(message({ document: await deposited(documentJson()), more: [documentJson()] }));
    expect((await post("/$process-message", body, "application/fhir+xml")).status).toBe(200);
    expect(await lastKept()).toEqual({ text: body, cut: 1 });
  });
});

test("what is kept of a submission, one document of which was here with other white space", async () => {
  const old = tight(await deposited(documentJson()));
  const body = submission({
    documents: [
      { text: old, as: "bundle" },
      { text: documentJson(), as: "bundle" },
    ],
  });
  expect((await post("", body)).status).toBe(200);
  expect(await lastKept()).toEqual({ text: body, cut: 1 });
});

test.each([
  ["that is here", true],
  ["that is new", false],
])("one document %s is not taken twice in a message", async (_what, isHere) => {
  const document = documentJson();
  if (isHere) await deposited(document);
  const before = (await house.store.checkpoint())?.size;
  const { status, body } = await post("/$process-message", message({ document, more: [tight(document)] }));
  expect([status, String(body), (await house.store.checkpoint())?.size]).toEqual([
    200,
    expect.stringMatching(/"code":"fatal-error".*with the identifier of/),
    before,
  ]);
});
