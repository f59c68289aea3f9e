/** `chartulary/client` against the real program, and against a server that fails as networks do and exports as Bulk Data Access 2.0 has it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ClientError, openClient, type Client, type LogEntry } from "../../src/library/client.ts";
import { verify } from "../../src/library/verify.ts";
import { documentJson } from "../journeys/documents.ts";
import { removeFolder, startProgram, type Program } from "../journeys/program.ts";
import { PROJECT_ROOT } from "../journeys/support/service.ts";

const SUMMARY = readFileSync(join(PROJECT_ROOT, "fixtures/documents/valid/patient-summary.json"));

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("with the repository", () => {
  let program: Program;
  let client: Client;
  beforeAll(async () => {
    program = await startProgram();
    client = openClient({ baseUrl: `${program.url}/fhir/`, verify });
  });
  afterAll(async () => {
    await program.end("SIGTERM");
    removeFolder(program.dataFolder);
  });

  test("deposits once, however often it is sent, and reads back the very bytes, proven", async () => {
    const first = await client.deposit(SUMMARY);
    const again = await client.deposit(SUMMARY.toString("utf8"));
    expect([first.isNew, again.isNew, again.id]).toEqual([true, false, first.id]);
    expect(first.outcome?.resourceType).toBe("OperationOutcome");
    expect(Buffer.from(await client.original(first.id)).equals(SUMMARY)).toBe(true);
    const trust = new Uint8Array(await (await fetch(`${program.url}/trust.json`)).arrayBuffer());
    expect(Buffer.from(await client.verified(first.id, trust)).equals(SUMMARY)).toBe(true);
    await expect(client.verified(first.id, "{}")).rejects.toThrow(/not proven/);
    // What comes in its place is proven too, and is another document.
    const other = await client.deposit(documentJson({}));
    const swapped = openClient({ baseUrl: program.url, verify, fetch: (url, init) => fetch((url as string).replace(first.id, other.id), init) });
    await expect(swapped.verified(first.id, trust)).rejects.toThrow(`the document ${other.id}`);
    await expect(openClient({ baseUrl: program.url }).verified(first.id, trust)).rejects.toThrow(TypeError);
    expect((await client.read("Bundle", first.id)).resourceType).toBe("Bundle");
  });

  test("what is refused is thrown with its reasons, and not sent again", async () => {
    const refused = await client.deposit("{}").catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ClientError);
    expect([(refused as ClientError).status, (refused as ClientError).outcome?.issue[0]?.severity]).toEqual([422, "error"]);
    await expect(client.read("Patient", "none")).rejects.toMatchObject({ status: 404 });
  });

  test("searches over all pages, each resource once", async () => {
    for (let at = 0; at < 3; at++) await client.deposit(documentJson({}));
    const found = await all(client.search("Composition", { _count: 1 }));
    expect(found.length).toBeGreaterThan(3);
    expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
    expect(await all(client.search("Patient", { family: ["Nobody", "Else"] }))).toEqual([]);
  });

  test("takes an export of the repository, and its lines are the documents, proven", async () => {
    const { id } = await client.deposit(SUMMARY);
    const progress: string[] = [];
    const made = await client.export({ types: ["Bundle", "Binary"], onProgress: (text) => progress.push(text) });
    const documents = (await all(made.lines("Bundle"))).map((line) => JSON.parse(line) as { readonly resourceType: string; readonly id: string });
    expect(documents.find((one) => one.id === id)?.resourceType).toBe("Bundle");
    expect(documents).toHaveLength(made.manifest.output.filter(({ type }) => type === "Bundle").reduce((sum, { count = 0 }) => sum + count, 0));
    const binaries = (await all(made.lines("Binary"))).map((line) => JSON.parse(line) as { readonly id: string; readonly data: string });
    expect(Buffer.from(binaries.find((one) => one.id === id)?.data ?? "", "base64").equals(SUMMARY)).toBe(true);
    const status = made.manifest.output[0]?.url ?? "";
    await made.remove();
    expect((await fetch(status)).status).toBe(404);
    const since = await client.export({ since: made.manifest.transactionTime, types: ["Bundle"] });
    expect(await all(since.lines())).toEqual([]);
  });

  test("has a search, an operation and a batch answered later, as they would be at once", async () => {
    await client.deposit(documentJson({}));
    const search = await client.later("Composition?_count=2");
    expect(search).toMatchObject({ resourceType: "Bundle", type: "searchset", entry: [expect.anything(), expect.anything()] });
    expect((await client.later("$versions"))?.resourceType).toBe("Parameters");
    const batch = { resourceType: "Bundle", type: "batch", entry: [{ request: { method: "GET", url: "Patient?_count=1" } }] } as const;
    expect(await client.later("", { body: batch as never })).toMatchObject({
      type: "batch-response",
      entry: [{ response: { status: expect.stringMatching(/^200/) } }],
    });
    // What is refused later is refused, with its reasons.
    await expect(client.later("Patient/nobody/$everything")).rejects.toMatchObject({ status: 404, outcome: { resourceType: "OperationOutcome" } });
    await expect(client.later("Patient?nothing=1&_count=x")).rejects.toMatchObject({ status: 400 });
    // A read is answered at once, whatever is preferred.
    expect((await client.later("metadata"))?.resourceType).toBe("CapabilityStatement");
  });

  test("follows the log from an entry on, until it is ended", async () => {
    const ending = new AbortController();
    const seen: LogEntry[] = [];
    for await (const entry of client.follow({ after: 0, signal: ending.signal })) {
      seen.push(entry);
      if (seen.length === 1) await client.deposit(documentJson({}));
      if (seen.length === 4) ending.abort();
    }
    expect(seen.map(({ index }) => index)).toEqual([1, 2, 3, 4]);
    expect(new Set(seen.map(({ kind }) => kind))).toEqual(new Set(["deposit"]));
  });
});

describe("with a server that fails as networks do", () => {
  type Answer = (request: IncomingMessage, response: ServerResponse) => void;
  let server: Server;
  let url: string;
  let answers: Answer[] = [];
  const asked: IncomingMessage[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request);
      request.resume().on("end", () => (answers.shift() ?? status(500))(request, response));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => {
    answers = [];
    asked.length = 0;
  });
  const status =
    (code: number, headers: Record<string, string> = {}, body = ""): Answer =>
    (_request, response) =>
      void response.writeHead(code, headers).end(body);
  const json = (value: unknown): Answer => status(200, { "Content-Type": "application/fhir+json" }, JSON.stringify(value));
  const quick = (more: Partial<Parameters<typeof openClient>[0]> = {}): Client => openClient({ baseUrl: url, firstWait: 1, ...more });

  test("sends a deposit again after what passes, and waits as long as it is told, with a token of that moment", async () => {
    let tokens = 0;
    answers = [
      (request) => request.socket.destroy(),
      status(503, { "Retry-After": "0" }),
      status(429, { "Retry-After": new Date(0).toUTCString() }),
      status(201, { Location: `${url}/fhir/Bundle/one/_history/1` }),
    ];
    const deposited = await quick({ token: () => `token-${++tokens}` }).deposit("{}");
    expect([deposited.id, deposited.isNew, asked.length]).toEqual(["one", true, 4]);
    expect(new Set(asked.map(({ headers }) => headers.authorization))).toEqual(new Set(["Bearer token-1"]));
    answers = [status(503), status(503)];
    await expect(quick({ attempts: 2 }).deposit("{}")).rejects.toMatchObject({ status: 503 });
    answers = [status(503, { "Retry-After": "3600" })];
    const ending = new AbortController();
    const waiting = quick({ longestWait: 3_600_000 }).deposit("{}", { signal: ending.signal });
    ending.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
  });

  test("subscribes once: what may not be done twice is sent once", async () => {
    answers = [status(503), json({})];
    const subscription = {
      resourceType: "Subscription",
      status: "requested",
      reason: "test",
      criteria: "Bundle?",
      channel: { type: "rest-hook" },
    } as const;
    await expect(quick().subscribe(subscription)).rejects.toMatchObject({ status: 503 });
    expect(asked.length).toBe(1);
    answers = [json({ resourceType: "Bundle", type: "history" })];
    expect(await quick().events("one", { since: 3 })).toMatchObject({ type: "history" });
    expect(asked.at(-1)?.url).toBe("/fhir/Subscription/one/$events?eventsSinceNumber=3");
  });

  test("goes to no other origin for a next page, and sends no token there", async () => {
    answers = [json({ resourceType: "Bundle", type: "searchset", link: [{ relation: "next", url: "https://elsewhere.example/fhir?page=2" }] })];
    await expect(all(quick({ token: () => "secret" }).search("Patient"))).rejects.toThrow(/another origin/);
  });

  test("reads no page twice, however the links lead", async () => {
    const page = (next: string): Answer => json({ resourceType: "Bundle", type: "searchset", link: [{ relation: "next", url: next }] });
    answers = [page(`${url}/fhir/Patient?page=2`), page("Patient?page=3"), page(`${url}/fhir/Patient?page=2`)];
    await expect(all(quick().search("Patient"))).rejects.toThrow(/read already/);
    expect(asked.map((request) => request.url)).toEqual(["/fhir/Patient", "/fhir/Patient?page=2", "/fhir/Patient?page=3"]);
  });

  test("calls nothing deposited that nobody says is kept, and lets no document be led elsewhere", async () => {
    answers = [json({ resourceType: "Bundle", type: "searchset" })];
    await expect(quick().deposit("{}")).rejects.toThrow(/no Location of a deposit/);
    answers = [status(307, { Location: `${url}/elsewhere` }), status(201, { Location: `${url}/fhir/Bundle/one/_history/1` })];
    await expect(quick().deposit("{}")).rejects.toThrow(`it leads elsewhere (${url}/elsewhere)`);
    expect(asked.map(({ method, url: path }) => `${method ?? ""} ${path ?? ""}`)).toEqual(["POST /fhir/Bundle", "POST /fhir/Bundle"]);
  });

  test("follows the log without a gap, from where it was when it came, and each entry once", async () => {
    const event = (index: number): string =>
      `id: ${index}\nevent: entry\ndata: ${JSON.stringify({ index, kind: "deposit", id: "d", size: index + 1 })}\n\n`;
    const stream = (text: string): Answer => status(200, { "Content-Type": "text/event-stream" }, text);
    answers = [
      stream(": begun\nid:-1\n\n"),
      stream("retry: 1000\nid:-1\n\n"),
      status(503, { "Retry-After": "0" }),
      (request) => request.socket.destroy(),
      stream(event(0) + event(1)),
      stream(event(1) + event(2)),
    ];
    const seen: number[] = [];
    for await (const { index } of quick({ attempts: 1, token: () => "secret" }).follow()) {
      seen.push(index);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([0, 1, 2]);
    expect(asked.map(({ headers }) => headers["last-event-id"])).toEqual([undefined, "-1", "-1", "-1", "-1", "1"]);
    // The log is public: with a token a browser would ask first whether it may be sent.
    expect(asked.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
    answers = [status(404)];
    await expect(all(quick().follow())).rejects.toMatchObject({ status: 404 });
    answers = [(request) => request.socket.destroy()];
    await expect(all(quick({ attempts: 1 }).follow())).rejects.toMatchObject({ name: "TypeError" });
  });

  test("takes an export: begins it, asks as seldom as it is told, reads its lines with every digit, and has it removed", async () => {
    const progress: string[] = [];
    const manifest = { transactionTime: "2026-01-01T00:00:00Z", request: `${url}/fhir/$export`, requiresAccessToken: true, output: [{ type: "Observation", url: `${url}/files/1` }, { type: "Patient", url: `${url}/files/2` }] }; // prettier-ignore
    answers = [
      status(202, { "Content-Location": `${url}/fhir/jobs/1` }),
      status(202, { "X-Progress": "half", "Retry-After": "0" }),
      status(200, { "Content-Type": "application/json" }, JSON.stringify(manifest)),
      status(200, {}, '{"value":1.10}\r\n{"value":2.0}\n'),
      status(200, {}, '{"id":"ä"}'),
      status(202),
    ];
    const made = await quick({ token: () => "secret" }).export({
      types: ["Observation", "Patient"],
      since: "2026-01-01T00:00:00Z",
      onProgress: (text) => progress.push(text),
    });
    expect(await all(made.lines())).toEqual(['{"value":1.10}', '{"value":2.0}', '{"id":"ä"}']);
    await made.remove();
    expect(progress).toEqual(["half"]);
    expect(asked.map(({ method, url: path }) => `${method ?? ""} ${path ?? ""}`)).toEqual([
      "GET /fhir/$export?_type=Observation%2CPatient&_since=2026-01-01T00%3A00%3A00Z",
      ...["GET /fhir/jobs/1", "GET /fhir/jobs/1", "GET /files/1", "GET /files/2", "DELETE /fhir/jobs/1"],
    ]);
    expect(asked[0]?.headers["prefer"]).toBe("respond-async");
    expect(new Set(asked.map(({ headers }) => headers.authorization))).toEqual(new Set(["Bearer secret"]));
  });

  test("what nobody waits for any more is ended there, and the end is told by the caller's own reason", async () => {
    const ending = new AbortController();
    const job = status(202, { "Content-Location": `${url}/fhir/jobs/1` });
    const working = status(202, { "Retry-After": "3600", "X-Progress": "1 of 2" });
    const wait = { signal: ending.signal, onProgress: (): void => ending.abort(new Error("enough")) };
    answers = [job, working, status(202)];
    await expect(quick({ longestWait: 3_600_000 }).later("Patient?name=x", wait)).rejects.toThrow("enough");
    expect(asked.map(({ method, url: path }) => `${method ?? ""} ${path ?? ""}`)).toEqual([
      "GET /fhir/Patient?name=x",
      "GET /fhir/jobs/1",
      "DELETE /fhir/jobs/1",
    ]);
    // Begun once: a second one would be a second job.
    asked.length = 0;
    answers = [status(503)];
    await expect(quick().later("", { body: "{}" })).rejects.toMatchObject({ status: 503 });
    expect(asked.map(({ method, headers }) => [method, headers["content-type"], headers["prefer"]])).toEqual([
      ["POST", "application/fhir+json", "respond-async"],
    ]);
  });
});
