/** One document from end to end: submitted, read back in both forms, repeated, contested, replaced. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { documentJson } from "./documents.ts";
import { idOf, removeFolder, startProgram, submit, type Program } from "./program.ts";

let program: Program;
beforeAll(async () => {
  program = await startProgram();
}, 60_000);
afterAll(async () => {
  await program.end("SIGTERM");
  removeFolder(program.dataFolder);
});

const read = async (path: string, accept: string): Promise<string> => {
  const answer = await fetch(program.url + path, { headers: { accept } });
  expect(answer.status).toBe(200);
  return answer.text();
};
const withoutServerParts = (json: string): string =>
  json.replace(/"(id|signature|meta)":\s*("[^"]*"|\[[^\]]*\]|\{(?:[^{}]|\{[^{}]*\})*\}),?/g, "").replace(/\s+/g, "");

describe("a document submitted as JSON", () => {
  const sent = documentJson({ identifier: "urn:uuid:11111111-0000-4000-8000-000000000001" });
  let id: string;

  test("is acknowledged with an address, an ETag and a time", async () => {
    const answer = await submit(program.url, sent, "application/fhir+json");
    expect(answer.status).toBe(201);
    id = idOf(answer);
    expect(answer.headers.get("etag")).toBe('W/"1"');
    expect(Date.parse(answer.headers.get("last-modified") ?? "")).not.toBeNaN();
  });

  test("comes back byte for byte, digit for digit in JSON, and with every word in XML", async () => {
    expect(await read(`/fhir/Binary/${id}`, "*/*")).toBe(sent);
    const json = await read(`/fhir/Bundle/${id}`, "application/fhir+json");
    expect(withoutServerParts(json)).toBe(withoutServerParts(sent));
    const xml = await read(`/fhir/Bundle/${id}`, "application/fhir+xml");
    for (const digits of ['<value value="2.00"/>', '<value value="3.50"/>', '<value value="5.10"/>']) expect(xml).toContain(digits);
    expect(xml).toContain('<div xmlns="http://www.w3.org/1999/xhtml"><p>Potassium 2.00 mmol/l, recovering.</p></div>');
  });

  test("is the same deposit when it is sent again, in either form", async () => {
    const again = await submit(program.url, sent, "application/fhir+json");
    expect([again.status, idOf(again)]).toEqual([200, id]);
    const xml = (await read(`/fhir/Bundle/${id}`, "application/fhir+xml"))
      .replace(/<id value="[^"]*"\/>/, "")
      .replace(/<meta>.*?<\/meta>/s, "")
      .replace(/<signature>.*<\/signature>/s, "");
    const asXml = await submit(program.url, xml, "application/fhir+xml");
    expect([asXml.status, idOf(asXml)]).toEqual([200, id]);
  });

  test("keeps its identifier: other content under it is a conflict that names both digests", async () => {
    const other = await submit(
      program.url,
      documentJson({ identifier: "urn:uuid:11111111-0000-4000-8000-000000000001", words: "Other." }),
      "application/fhir+json",
    );
    expect(other.status).toBe(409);
    expect((await other.text()).match(/sha256:[0-9a-f]{64}/g)).toHaveLength(2);
  });

  test("says that it was superseded once a later one replaces it", async () => {
    const before = await fetch(`${program.url}/documents/${id}`);
    const etag = before.headers.get("etag") ?? "";
    const later = await submit(
      program.url,
      documentJson({ title: "Discharge letter, corrected", replaces: "urn:uuid:11111111-0000-4000-8000-000000000001" }),
      "application/fhir+json",
    );
    expect(later.status).toBe(201);
    const after = await fetch(`${program.url}/documents/${id}`, { headers: { "if-none-match": etag } });
    expect(after.status).toBe(200);
    expect(await after.text()).toContain(`/documents/${idOf(later)}`);
  });

  test("can't be changed or removed", async () => {
    for (const method of ["PUT", "PATCH", "DELETE"]) {
      const answer = await fetch(`${program.url}/fhir/Bundle/${id}`, { method, headers: { "content-type": "application/fhir+json" } });
      expect([method, answer.status]).toEqual([method, 405]);
      expect(answer.headers.get("allow")).toContain("GET");
    }
  });
});

test("of twenty twins sent at once exactly one is created and all get its address", async () => {
  const twin = documentJson();
  const answers = await Promise.all(Array.from({ length: 20 }, () => submit(program.url, twin, "application/fhir+json")));
  expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(19);
  expect(new Set(answers.map(idOf)).size).toBe(1);
});

test("of twenty rivals for one identifier exactly one is created and the others are conflicts", async () => {
  const identifier = "urn:uuid:22222222-0000-4000-8000-000000000002";
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => submit(program.url, documentJson({ identifier, words: `Rival ${n}.` }), "application/fhir+json")),
  );
  expect(answers.map((answer) => answer.status).sort()).toEqual([201, ...Array<number>(19).fill(409)]);
});
