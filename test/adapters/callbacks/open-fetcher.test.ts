/** What is fetched for imports, of servers that have their days, or mean ill. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { BlockList, type AddressInfo } from "node:net";
import { FETCH_LIMITS, openFetcher } from "../../../src/adapters/callbacks/open-fetcher.ts";
import type { FetchedFile, FileFetcher } from "../../../src/jobs/fetched-files.ts";
import { ALLOW_NOTHING, callbackLookup } from "../../../src/security/issuers/reach.ts";

let server: Server;
let host: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const asked: IncomingMessage[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8);

function fetcher({ hosts = [host], allow = { hosts: new Set<string>(), addresses: loopback }, limits = FETCH_LIMITS } = {}): FileFetcher {
  return openFetcher({ hosts: new Set(hosts), lookupOf: (url) => callbackLookup(url, allow), software: "chartulary/test", limits });
}

const fetched = (from = 0, using = fetcher(), more: { etag?: string; authorization?: string; signal?: AbortSignal } = {}): Promise<FetchedFile> =>
  using.fetch({ url: `http://${host}/file.ndjson`, from, signal: new AbortController().signal, ...more });

async function textOf({ bytes }: FetchedFile): Promise<string> {
  let text = "";
  for await (const piece of bytes) text += Buffer.from(piece).toString("utf8");
  return text;
}

test("a file comes as it is, with what it is known by; the server is told who asks, and for what", async () => {
  answer = (_request, response) => response.writeHead(200, { ETag: '"one"' }).end("a\nb\n");
  const file = await fetched(0, fetcher(), { authorization: "Basic eDp5" });
  expect([file.from, file.etag, await textOf(file)]).toEqual([0, '"one"', "a\nb\n"]);
  expect(asked.at(-1)?.headers).toMatchObject({ authorization: "Basic eDp5", "accept-encoding": "identity", "user-agent": "chartulary/test" });
  expect(asked.at(-1)?.headers.range).toBeUndefined();
});

test("the rest of a file is asked for, and the whole is taken where there are no ranges, or it is another file", async () => {
  answer = (request, response) =>
    request.headers["if-range"] === '"one"'
      ? response.writeHead(206, { "Content-Range": "bytes 2-3/4", ETag: '"one"' }).end("b\n")
      : response.writeHead(200, { ETag: '"two"' }).end("c\nd\n");
  const rest = await fetched(2, fetcher(), { etag: '"one"' });
  expect([asked.at(-1)?.headers.range, rest.from, await textOf(rest)]).toEqual(["bytes=2-", 2, "b\n"]);
  const whole = await fetched(2, fetcher(), { etag: '"other"' });
  expect([whole.from, whole.etag, await textOf(whole)]).toEqual([0, '"two"', "c\nd\n"]);
  answer = (_request, response) => response.writeHead(416).end();
  expect(await textOf(await fetched(4))).toBe("");
  answer = (_request, response) => response.writeHead(416, { "Content-Range": "bytes */4" }).end();
  expect(await textOf(await fetched(4))).toBe("");
  await expect(fetched(6)).rejects.toMatchObject({ code: "not-found", message: expect.stringContaining("another file") as unknown });
  answer = (_request, response) => response.writeHead(206, { "Content-Range": "bytes 0-3/4" }).end("a\nb\n");
  await expect(fetched(2)).rejects.toMatchObject({ code: "not-found" });
});

test.each([
  [302, "not-found", "nobody is followed elsewhere"],
  [404, "not-found", "it answered 404"],
  [403, "not-found", "it answered 403"],
  [429, "unavailable", "it answered 429"],
  [503, "unavailable", "it answered 503"],
])("%d: %s", async (status, code, message) => {
  answer = (_request, response) => response.writeHead(status, { Location: `http://${host}/elsewhere` }).end();
  const before = asked.length;
  await expect(fetched()).rejects.toMatchObject({ code, message: expect.stringContaining(message) as unknown });
  expect(asked.length).toBe(before + 1);
});

test("what breaks off, stands still or trickles is away", async () => {
  const limits = { ...FETCH_LIMITS, head: 300, stall: 300 };
  answer = (_request, response) => {
    response.writeHead(200, { "Content-Length": "9" }).write("a\n");
    setImmediate(() => response.destroy());
  };
  await expect(textOf(await fetched())).rejects.toMatchObject({ code: "unavailable", message: "it broke off" });
  answer = (_request, response) => void response.writeHead(200).write("a\n");
  await expect(textOf(await fetched(0, fetcher({ limits })))).rejects.toMatchObject({ code: "unavailable", message: "no byte of it came for 0.3 s" });
  answer = (_request, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write("a"), 20);
    response.once("close", () => clearInterval(timer));
  };
  await expect(textOf(await fetched(0, fetcher({ limits })))).rejects.toMatchObject({ message: "it came at less than 8192 bytes a second" });
  answer = () => undefined;
  await expect(fetched(0, fetcher({ limits }))).rejects.toMatchObject({ code: "unavailable" });
  answer = (request) => request.socket.destroy();
  await expect(fetched()).rejects.toMatchObject({ code: "unavailable", message: "it closed the connection without an answer" });
});

test("whoever ends the work ends the call", async () => {
  answer = (_request, response) => void response.writeHead(200).write("a\n");
  const stop = new AbortController();
  const file = await fetched(0, fetcher(), { signal: stop.signal });
  const read = textOf(file);
  stop.abort();
  await expect(read).rejects.toMatchObject({ code: "unavailable" });
});

test("nothing is asked of hosts that the operator does not name, nor of private networks that he does not allow", async () => {
  const before = asked.length;
  for (const [using, reason] of [
    [fetcher({ hosts: [] }), "IMPORT_HOSTS"],
    [fetcher({ hosts: ["127.0.0.1"] }), "IMPORT_HOSTS"],
    [fetcher({ allow: ALLOW_NOTHING as never }), "only https"],
    [fetcher({ hosts: [`user@${host}`] }), "IMPORT_HOSTS"],
  ] as const) {
    expect(using.fault(`http://${host}/file.ndjson`)).toContain(reason);
    await expect(fetched(0, using)).rejects.toMatchObject({ message: expect.stringContaining(reason) as unknown });
  }
  expect(fetcher({ hosts: ["localhost"], allow: ALLOW_NOTHING as never }).fault("https://localhost/")).toBeUndefined();
  const named = fetcher({ hosts: [`localhost:${host.split(":")[1] ?? ""}`], allow: ALLOW_NOTHING as never });
  await expect(named.fetch({ url: `https://localhost:${host.split(":")[1] ?? ""}/`, from: 0, signal: new AbortController().signal })).rejects.toMatchObject({ code: "not-found", message: expect.stringContaining("private network") as unknown }); // prettier-ignore
  expect(fetcher().fault("file:///etc/passwd")).toBeDefined();
  expect(fetcher().fault(`http://user:secret@${host}/`)).toContain("no user and no password");
  expect(asked.length).toBe(before);
});
