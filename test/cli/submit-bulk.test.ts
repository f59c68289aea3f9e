/** `submit --bulk` against a repository that has its days: what is sent, again, and told. */
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { loadConfig } from "../../src/config.ts";
import { run, type Ran } from "./command-line.ts";

let folder: string;
let server: Server;
let url: string;
let answer: (body: string, request: IncomingMessage, response: ServerResponse) => void;
const sent: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "chartulary-bulk-"));
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const body = Buffer.concat(pieces).toString("utf8");
      if (request.method === "POST") sent.push(body);
      answer(body, request, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

afterEach(() => void sent.splice(0));

const OUTCOME = '{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","details":{"text":"no"}}]}';

/** Takes what is new, knows what it has, refuses what says so. */
function repository(): typeof answer {
  const kept = new Set<string>();
  return (body, _request, response) => {
    const status = body.includes("bad") ? 422 : kept.has(body) ? 200 : 201;
    kept.add(body);
    response.writeHead(status, { "Content-Type": "application/fhir+json" }).end(OUTCOME);
  };
}

const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

const bulk = (args: readonly string[], input?: Uint8Array | string): Promise<Ran> =>
  run(["submit", "--bulk", "--url", url, ...args], {
    ...(input !== undefined && { input }),
    tools: { config: () => loadConfig({ environment: { MAX_DOCUMENT_BYTES: "64" } }) },
  });

const errorsIn = (name: string): unknown[] =>
  readFileSync(name, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as unknown);

const LINES = `{"n":1}\r\n\n{"bad":3}\n{"long":"${"x".repeat(64)}"}\n{"n":5}`;

test("each line is sent by itself; what was not taken stands in a file, by its line; again is harmless", async () => {
  answer = repository();
  const [lines, errors] = [file("lines.ndjson", LINES), join(folder, "errors.ndjson")];
  const first = await bulk(["--errors", errors, lines]);
  expect([first.code, first.stdout]).toEqual([1, expect.stringMatching(/^2 deposited, 0 there before, 2 refused; [\d.]+ a second\n$/)]);
  expect(sent.sort()).toEqual(['{"bad":3}', '{"n":1}', '{"n":5}']);
  expect(errorsIn(errors)).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ file: lines, line: 3, status: 422, outcome: JSON.parse(OUTCOME) as unknown }),
      expect.objectContaining({ file: lines, line: 4, outcome: expect.objectContaining({ resourceType: "OperationOutcome" }) }),
    ]),
  );
  const second = await bulk([lines]);
  expect(second.stdout).toMatch(/^0 deposited, 2 there before, 2 refused/);
  expect(second.stderr).toMatch(/lines\.ndjson:3: refused: it is not valid\n {4}error: no\n/);
  expect(second.stderr).toMatch(/lines\.ndjson:4: passed over: it has more than 64 bytes/);
});

test("packed, from standard input, from an address, and in folders beside single documents", async () => {
  const take = repository();
  answer = (body, request, response) => {
    if (request.method === "POST") return take(body, request, response);
    response.end(gzipSync('{"n":"fetched"}\n'));
  };
  mkdirSync(join(folder, "many", "below"), { recursive: true });
  file("many/below/a.ndjson.gz", gzipSync('{"n":1}\n{"n":2}\n'));
  file("many/b.xml", "<Bundle/>");
  file("many/c.txt", "{}");
  const { code, stdout } = await bulk([join(folder, "many"), "-", `${url}/export.ndjson`], gzipSync('{"n":"stdin"}'));
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^5 deposited/)]);
  expect(sent.sort()).toEqual(["<Bundle/>", '{"n":"fetched"}', '{"n":"stdin"}', '{"n":1}', '{"n":2}']);
});

test("what the repository has no room for is sent again when it says, by everyone at once", async () => {
  const take = repository();
  let refusals = 3;
  answer = (body, request, response) => {
    if (refusals-- > 0) response.writeHead(503, { "Retry-After": "0" }).end(OUTCOME);
    else take(body, request, response);
  };
  const { code, stdout, stderr } = await bulk([file("lines.ndjson", '{"n":1}\n{"n":2}\n')]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^2 deposited, 0 there before, 0 refused/)]);
  expect(stderr).toMatch(/the repository answers 503; trying again in 0 s/);
  expect(sent).toHaveLength(5);
});

test("whom it does not know it takes nothing from: it ends at once, and says where it was", async () => {
  const token = file("token", "secret\n");
  const take = repository();
  answer = (body, request, response) => {
    if (request.headers.authorization === "Bearer secret" && !body.includes("3")) take(body, request, response);
    else response.writeHead(401).end(OUTCOME);
  };
  const lines = file("lines.ndjson", '{"n":1}\n{"n":2}\n{"n":3}\n{"n":4}\n');
  const { code, stderr } = await bulk(["--at-once", "1", "--token-file", token, lines]);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/answers 401: .*--token-file.*\n?.*lines\.ndjson from line 3 on \(--from 3\)/)]);
  answer = repository();
  sent.splice(0);
  expect((await bulk(["--from", "3", lines])).stdout).toMatch(/^2 deposited/);
  expect(sent.sort()).toEqual(['{"n":3}', '{"n":4}']);
});

test.each<[string, () => string[], RegExp]>([
  ["a file that is not there", () => [join(folder, "nowhere")], /nowhere: there is no such file/],
  [
    "a file that is cut off",
    () => [file("cut.ndjson.gz", gzipSync("{}\n".repeat(9_000)).subarray(0, 40))],
    /cut\.ndjson\.gz: it is no whole gzip file/,
  ],
  ["--from of several", () => ["--from", "2", file("a.ndjson", ""), file("b.ndjson", "")], /--from is for one file of lines/],
  ["a number that is none", () => ["--at-once", "0", file("a.ndjson", "")], /--at-once must be a number from 1 to 64, not 0/],
  // A disk without room, where the system has one.
  ...(existsSync("/dev/full")
    ? [["errors for which there is no room", () => ["--errors", "/dev/full", file("a.ndjson", '{"bad":1}\n')], /full cannot be written \(ENOSPC\)/] as [string, () => string[], RegExp]] // prettier-ignore
    : []),
  ["errors that nobody can write", () => ["--errors", join(folder, "no", "such"), file("a.ndjson", "")], /such: there is no such file/],
])("could not: %s", async (_what, args, reason) => {
  answer = repository();
  const { code, stderr } = await bulk(args());
  expect([code, stderr]).toEqual([2, expect.stringMatching(reason)]);
});
