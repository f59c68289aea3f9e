/** Files that stand within documents: whatever a sender calls them, they come alive in nobody's browser. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

const FILES = [
  ["image/png", "\u0089PNG"],
  ["text/plain; charset=utf-16", "plain <b>words</b>"],
  ["text/html", "<script>alert(1)</script>"],
  ["image/svg+xml", "<svg onload='alert(1)'/>"],
  ["application/pdf", "%PDF-1.7"],
] as const;

let house: House;
let id: string;
const get = (path: string, method = "GET"): Promise<RawAnswer> => ask(house.port, { method, path, headers: {} });

beforeAll(async () => {
  house = await openHouse({});
  const content = FILES.map(([contentType, text], at) => ({
    attachment: { contentType, title: `File ${at}`, data: Buffer.from(text).toString("base64") },
  }));
  const reference = { resourceType: "DocumentReference", status: "current", content };
  const observed = /"resourceType": "Observation",[^]*"referenceRange": [^]*?\}\]/;
  const body = documentJson().replace(observed, JSON.stringify(reference).slice(1, -1));
  const answer = await ask(house.port, { method: "POST", path: "/fhir/Bundle", body, headers: { "Content-Type": "application/fhir+json" } });
  expect(answer.status).toBe(201);
  id = /Bundle\/([0-9a-f-]{36})/.exec(String(answer.headers.location))?.[1] ?? "";
});
afterAll(() => house.close());

test.each([
  [1, "image/png", "inline", ".png"],
  [2, "text/plain; charset=utf-8", "inline", ".txt"],
  [3, "application/octet-stream", "attachment", ".html"],
  [4, "application/octet-stream", "attachment", ".svg"],
  [5, "application/octet-stream", "attachment", ".pdf"],
])("file %d is given as %s, %s", async (number, type, disposition, ending) => {
  const answer = await get(`/documents/${id}/files/${number}`);
  expect([answer.status, answer.headers["content-type"]]).toEqual([200, type]);
  expect(answer.headers["content-disposition"]).toBe(`${disposition}; filename="document-${id}-file-${number}${ending}"`);
  expect(answer.headers["content-security-policy"]).toBe("default-src 'none'; frame-ancestors 'none'; sandbox");
  expect([answer.headers["x-content-type-options"], answer.headers["cache-control"]]).toEqual(["nosniff", "no-store"]);
  expect(Buffer.from(answer.body)).toEqual(Buffer.from(FILES[number - 1]?.[1] ?? ""));
});

test.each(["0", "6", "01", "1.0", "-1", "x", "99999999", "1%2F2"])("there is no file %s", async (number) => {
  expect((await get(`/documents/${id}/files/${number}`)).status).toBe(404);
});

test("of another document, by other methods, there is none", async () => {
  expect((await get(`/documents/${randomUUID()}/files/1`)).status).toBe(404);
  expect((await get(`/documents/${id}/files/1`, "POST")).status).toBe(405);
  const head = await get(`/documents/${id}/files/1`, "HEAD");
  expect([head.status, head.body.length]).toEqual([200, 0]);
});
