import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { connect } from "node:net";
import { codingFor } from "../../../src/http/answers/compression.ts";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

let house: House;
let id: string;
const get = (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<RawAnswer> => ask(house.port, { method, path, headers });
beforeAll(async () => {
  house = await openHouse();
  const headers = { "Content-Type": "application/fhir+json" };
  const answer = await ask(house.port, { method: "POST", path: "/fhir/Bundle", body: documentJson(), headers });
  id = /Bundle\/([^/]+)/.exec(String(answer.headers.location))?.[1] ?? "";
});
afterAll(() => house.close());

describe("pages of other origins", () => {
  test.each([["/trust.json"], ["/log/checkpoint"], ["/log/tile/0/000.p/1"], ["/fhir/metadata"]])("may read %s", async (path) => {
    const answer = await get(path, { Origin: "https://auditor.example" });
    expect([answer.status, answer.headers["access-control-allow-origin"], answer.headers["cross-origin-resource-policy"]]).toEqual([
      200,
      "*",
      "cross-origin",
    ]);
    expect(answer.headers["access-control-allow-credentials"]).toBeUndefined();
    const preflight = await get(path, { Origin: "https://auditor.example", "Access-Control-Request-Method": "GET" }, "OPTIONS");
    expect([preflight.status, preflight.headers["access-control-allow-methods"]]).toEqual([204, "GET, HEAD"]);
  });

  test("may follow the log from where they were", async () => {
    const asking = { Origin: "https://auditor.example", "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "last-event-id" };
    const preflight = await get("/log/events", asking, "OPTIONS");
    expect([preflight.status, String(preflight.headers["access-control-allow-headers"]).split(", ")]).toEqual([204, expect.arrayContaining(["Last-Event-ID"])]); // prettier-ignore
  });

  test("may read nothing that was made from a document", async () => {
    const paths = [
      `/fhir/Bundle/${id}`,
      `/fhir/Binary/${id}`,
      `/documents/${id}`,
      `/documents/${id}/receipt`,
      `/documents/${id}/verify`,
      "/",
      "/fhir/metadatax",
    ];
    for (const path of paths) {
      for (const method of ["GET", "OPTIONS"]) {
        const answer = await get(path, { Origin: "https://evil.example" }, method);
        expect([path, answer.headers["access-control-allow-origin"]]).toEqual([path, undefined]);
        expect(answer.headers["cross-origin-resource-policy"]).toBe("same-origin");
      }
    }
  });
});

test("the statement has a tag that a client can ask with", async () => {
  const first = await get("/fhir/metadata");
  const tag = String(first.headers.etag);
  expect([first.headers["cache-control"], (await get("/fhir/metadata", { "If-None-Match": tag })).status]).toEqual(["no-cache", 304]);
  expect((await get("/fhir/metadata?_format=xml", { "If-None-Match": tag })).status).toBe(200);
});

describe("answers are compressed", () => {
  test.each([
    ["gzip", gunzipSync],
    ["br", brotliDecompressSync],
  ])("with %s for whoever asks", async (coding, undo) => {
    const plain = await get(`/fhir/Bundle/${id}`);
    const compressed = await get(`/fhir/Bundle/${id}`, { "Accept-Encoding": coding });
    expect([compressed.headers["content-encoding"], undo(compressed.body).equals(plain.body)]).toEqual([coding, true]);
    expect(compressed.body.length).toBeLessThan(plain.body.length);
    expect([plain.headers["content-encoding"], plain.headers.vary]).toEqual([undefined, "Accept, Accept-Encoding"]);
    expect((await get("/fhir/metadata", { "Accept-Encoding": coding }, "HEAD")).body).toHaveLength(0);
  });

  test("but not what is compressed already, short, or stands beside what the asker typed", async () => {
    for (const path of [`/documents/${id}.pdf`, "/healthz", "/?q=Brandt", "/log/tile/0/000.p/1"])
      expect([path, (await get(path, { "Accept-Encoding": "gzip, br" })).headers["content-encoding"]]).toEqual([path, undefined]);
  });

  test.each([
    [undefined, undefined],
    ["", undefined],
    ["gzip", "gzip"],
    ["gzip, deflate, br", "br"],
    ["br;q=0.5, gzip", "gzip"],
    ["x-gzip", "gzip"],
    ["*", "br"],
    ["*;q=0", undefined],
    ["br;q=0, *", "gzip"],
    ["identity, gzip;q=0.5", undefined],
    ["deflate", undefined],
  ])("%p asks for %p", (header, coding) => expect(codingFor(header)).toBe(coding));
});

test("a request with two Hosts is malformed", async () => {
  const status = await new Promise<string>((resolve) => {
    const socket = connect(house.port, "127.0.0.1");
    socket.once("data", (data) => {
      resolve(String(data).slice(0, 12));
      socket.destroy();
    });
    socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n");
  });
  expect(status).toBe("HTTP/1.1 400");
});
