/** What a source said of its documents (IHE MHD) over time, and where it cannot be read any more. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { askedByProgram } from "../../../src/core/asked.ts";
import { deposit } from "../../../src/pipeline/deposit.ts";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask } from "../local-server.ts";
import { depositSubmission } from "../submission.ts";

let house: House;
const faults: string[] = [];
beforeAll(async () => {
  house = await openHouse({ onFault: (fault) => faults.push(String(fault)) });
});
afterAll(() => house.close());

const get = async (path: string): Promise<readonly [number, string]> => {
  const { status, body } = await ask(house.port, { path: `/fhir/${path}` });
  return [status, String(body)];
};

interface History {
  readonly type: string;
  readonly total?: number;
  readonly entry: readonly {
    readonly resource?: { readonly id: string; readonly status: string; readonly meta: { readonly versionId: string } };
    readonly request: { readonly method: string; readonly url: string };
    readonly response: { readonly etag?: string };
  }[];
}
const history = async (path: string): Promise<History> => {
  const [status, body] = await get(`${path}/_history`);
  expect([path, status]).toEqual([path, 200]);
  return JSON.parse(body) as History;
};
const told = ({ entry }: History): unknown[] => entry.map(({ resource, request }) => [request.method, resource?.meta.versionId, resource?.status]);

describe("the history of what a source submitted", () => {
  test("tells of the status that its document lost, and versions can be read", async () => {
    const [one = ""] = await depositSubmission({ documents: [{ text: documentJson() }], folders: [[0]] }, house.depositing);
    const path = `DocumentReference/${one}.submitted`;
    expect(told(await history(path))).toEqual([["POST", "1", "current"]]);
    await depositSubmission(
      { documents: [{ text: documentJson(), reference: { relatesTo: [{ code: "replaces", target: { reference: path } }] } }] },
      house.depositing,
    );
    expect(told(await history(path))).toEqual([
      ["PUT", "2", "superseded"],
      ["POST", "1", "current"],
    ]);
    for (const [version, status] of [
      ["1", "current"],
      ["2", "superseded"],
    ]) {
      const [code, body] = await get(`${path}/_history/${version}`);
      expect([code, JSON.parse(body)]).toEqual([200, expect.objectContaining({ id: `${one}.submitted`, status })]);
    }
    expect((await get(`${path}/_history/3`))[0]).toBe(404);
    // Lists stay as they were sent.
    for (const list of [`List/${one}.submitted`, `List/${one}.folder-1`]) {
      expect(told(await history(list))).toEqual([["POST", "1", "current"]]);
      expect((await get(`${list}/_history/2`))[0]).toBe(404);
    }
  });

  test("ends with the document", async () => {
    const [one = ""] = await depositSubmission({ documents: [{ text: documentJson() }] }, house.depositing);
    await house.erase(one);
    for (const path of [`DocumentReference/${one}.submitted`, `List/${one}.submitted`])
      for (const version of ["", "/_history", "/_history/1"]) expect([path, version, (await get(path + version))[0]]).toEqual([path, version, 410]);
  });
});

test("metadata that cannot be read keep nothing else from being found or read", async () => {
  const id = randomUUID();
  const place = { submission: randomUUID(), places: [] };
  const submitted = { ...place, reference: '{"resourceType":"DocumentReference","status":', lists: ['{"resourceType":"Patient"}', "{}"] };
  const content = { bytes: Buffer.from(documentJson({ title: "Unread" })), mediaType: "application/fhir+json" as const };
  const asked = askedByProgram("a test");
  const result = await deposit({ ...content, receivedAt: new Date(), asked, submitted }, { ...house.depositing, newId: () => id });
  expect(result.kind).toBe("created");
  expect(faults).toEqual(
    ["DocumentReference.submitted", "List.submitted", "List.folder-1"].map((one) => `AppError: ${one}: what the source sent cannot be read`),
  );
  const found = async (query: string): Promise<string[]> => {
    const [status, body] = await get(query);
    expect([query, status]).toEqual([query, 200]);
    return ((JSON.parse(body) as { entry?: { resource: { id: string } }[] }).entry ?? []).map(({ resource }) => resource.id);
  };
  // Ours is found in the place of the source's, as of a document of which its source said nothing.
  expect(await found("DocumentReference?description=Unread")).toEqual([id]);
  expect(await found("List?title=Unread")).toEqual([id]);
  expect(await found("Composition?title=Unread")).toEqual([`${id}.0`]);
  for (const path of [`DocumentReference/${id}`, `Bundle/${id}`, `Binary/${id}`, `Observation/${id}.4`])
    expect([path, (await get(path))[0]]).toEqual([path, 200]);
  for (const path of [`DocumentReference/${id}.submitted`, `List/${id}.submitted`, `List/${id}.folder-1`])
    expect([path, (await get(path))[0]]).toEqual([path, 404]);
});
