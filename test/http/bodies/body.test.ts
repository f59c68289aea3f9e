import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { AppError } from "../../../src/core/errors.ts";
import { fhirBodyType, withBody } from "../../../src/http/bodies/body.ts";
import { ByteBudget } from "../../../src/http/bodies/byte-budget.ts";
import { Intake } from "../../../src/http/bodies/intake.ts";
import { HTTP_LIMITS } from "../../../src/http/bounds/limits.ts";
import { SpoolFolder } from "../../../src/http/bodies/spool.ts";
import { Turns } from "../../../src/interactions/turns.ts";
import { removeFolder, temporaryFolder } from "../../journeys/program.ts";
import { ask, serveLocally, type LocalServer } from "../local-server.ts";

const LIMIT = 100_000;
/** Larger ones are spooled. */
const SPOOL_ABOVE = 30_000;
const memory = new ByteBudget(10 * LIMIT);
const disk = new ByteBudget(10_000_000);
let folder: string;
let server: LocalServer;
beforeAll(async () => {
  folder = temporaryFolder();
  const spool = await SpoolFolder.open(folder, 0);
  const intake = new Intake({ memory, disk, spool, limits: { ...HTTP_LIMITS, spoolAbove: SPOOL_ABOVE } });
  const turns = new Turns();
  server = await serveLocally((request, response) => {
    withBody(request, response, { maxBytes: LIMIT, intake, turns }, (bytes) => Promise.resolve(Buffer.from(bytes))).then(
      (bytes) => response.end(bytes),
      (error: unknown) => response.writeHead(500).end(error instanceof AppError ? error.code : "other"),
    );
  });
});
afterAll(async () => {
  await server.close();
  removeFolder(folder);
});
afterEach(() => expect([memory.held, disk.held, readdirSync(folder)]).toEqual([0, 0, []]));

const post = async (body: Uint8Array | string, headers: Record<string, string> = {}): Promise<Buffer> =>
  (await ask(server.port, { method: "POST", body, headers })).body;

describe("a body", () => {
  test("arrives as it was sent, up to the limit", async () => {
    const bytes = Buffer.alloc(LIMIT, 0xe9);
    expect((await post(bytes)).equals(bytes)).toBe(true);
    expect((await post("")).length).toBe(0);
  });

  test.each([
    ["announced", {}],
    ["chunked", { "Transfer-Encoding": "chunked" }],
  ])("above the limit, %s, is refused, and the connection lives on", async (_how, headers) => {
    expect(String(await post(Buffer.alloc(LIMIT + 1), headers))).toBe("too-large");
    expect(String(await post(Buffer.alloc(20 * LIMIT), headers))).toBe("too-large");
  });

  test("is unzipped, within the same limit", async () => {
    const bytes = Buffer.from("<Bundle/>".repeat(1000));
    expect((await post(gzipSync(bytes), { "Content-Encoding": "gzip" })).equals(bytes)).toBe(true);
    expect(String(await post(gzipSync(Buffer.alloc(50 * LIMIT)), { "Content-Encoding": "GZIP" }))).toBe("too-large");
  });

  test("that is no gzip, or half of one, is malformed", async () => {
    expect(String(await post("{}", { "Content-Encoding": "gzip" }))).toBe("malformed");
    const zipped = gzipSync(Buffer.from("abc".repeat(5000)));
    expect(String(await post(zipped.subarray(0, zipped.length - 9), { "Content-Encoding": "gzip" }))).toBe("malformed");
  });

  test("in another encoding is refused, and told which are known", async () => {
    const answer = await ask(server.port, { method: "POST", body: "x", headers: { "Content-Encoding": "br" } });
    expect(String(answer.body)).toBe("unsupported-media-type");
    expect(answer.headers["accept-encoding"]).toBe("gzip, identity");
  });

  test("that breaks off does no harm to the next", async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, "127.0.0.1", () => {
        socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc", () => socket.destroy());
        socket.on("close", () => resolve());
      });
    });
    expect(String(await post("abc"))).toBe("abc");
  });

  test("that waits for 100 Continue is asked for only when it may come", async () => {
    const talk = (length: number): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect(server.port, "127.0.0.1");
        socket.write(`POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`);
        socket.once("data", (data) => {
          resolve(String(data).split("\r\n")[0] as string);
          socket.destroy();
        });
      });
    expect(await talk(10)).toBe("HTTP/1.1 100 Continue");
    expect(await talk(LIMIT + 1)).toBe("HTTP/1.1 500 Internal Server Error");
  });
});

describe("the type of a body", () => {
  test.each([
    ["application/fhir+json", "json"],
    ["application/fhir+json; charset=UTF-8", "json"],
    ['application/fhir+xml;charset="utf-8"; fhirVersion=4.0', "xml"],
    ["application/json", "json"],
    ["application/xml", "xml"],
    ["text/xml", "xml"],
  ])("%s is %s", (contentType, form) => expect(fhirBodyType(contentType)).toBe(`application/fhir+${form}`));

  test.each([
    [undefined],
    [""],
    ["text/plain"],
    ["application/pdf"],
    ["application/fhir+turtle"],
    ["application/fhir+xml; charset=iso-8859-1"],
    ["application/fhir+json; fhirVersion=5.0"],
  ])("%p is refused", (contentType) => expect(() => fhirBodyType(contentType)).toThrow(expect.objectContaining({ code: "unsupported-media-type" })));
});
