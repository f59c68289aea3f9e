/** `$import` over HTTP: who may, what is refused at once, what comes of each line, who is told of it. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { BlockList } from "node:net";
import { gzipSync } from "node:zlib";
import type { Caller, KnownCaller } from "../../../src/core/asked.ts";
import type { NewTrailEvent } from "../../../src/core/formats/audit-trail.ts";
import { readAccessPolicy } from "../../../src/security/policy/read-access-policy.ts";
import { documentJson } from "../../journeys/documents.ts";
import { until } from "../../journeys/program.ts";
import { openHouse, type House } from "../house.ts";
import { ask, serveLocally, type LocalServer, type RawAnswer } from "../local-server.ts";

const person = (subject: string, roles: readonly string[]): KnownCaller => ({
  ...{ kind: "system", issuer: "https://issuer.example.org", subject, name: subject, client: subject, roles, organisations: [], clearance: ["N"] },
});
const callers = new Map<string, Caller>([
  ["feeder", person("feeder", ["feeder"])],
  ["reader", person("reader", ["reader"])],
]);
const POLICY = readAccessPolicy(
  JSON.stringify({
    version: "import/1",
    clearance: { feeder: ["N"], reader: ["N"] },
    rules: [
      { name: "feeders", permit: ["read", "deposit"], to: { roles: ["feeder"] } },
      { name: "readers", permit: ["read"], to: { roles: ["reader"] } },
    ],
  }),
);

let house: House;
let files: LocalServer;
const events: NewTrailEvent[] = [];
const contents = new Map<string, Buffer | string>();
const MOST = 200_000;

beforeAll(async () => {
  files = await serveLocally((request, response) => {
    const content = contents.get(request.url ?? "");
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
  const loopback = new BlockList();
  loopback.addSubnet("127.0.0.0", 8);
  house = await openHouse({
    ...{ callers, policy: POLICY, imports: { hosts: new Set([`127.0.0.1:${files.port}`]), maxBytes: MOST } },
    callbackAllow: { hosts: new Set(), addresses: loopback },
    trail: { record: (told) => Promise.resolve(void events.push(...told)) },
  });
});
afterAll(async () => {
  await house.close();
  await files.close();
});
afterEach(() => void events.splice(0));

const line = (): string => documentJson().replace(/\n\s*/g, "");

type Sent = NonNullable<Parameters<typeof ask>[1]>;
const send = (path: string, { headers, ...more }: Sent = {}, by = "feeder"): Promise<RawAnswer> =>
  ask(house.port, { ...more, path, headers: { "X-Test-Caller": by, ...headers } });
const LINES = { "Content-Type": "application/fhir+ndjson", Prefer: "respond-async" };
const upload = (body: string | Buffer, headers: Record<string, string> = {}, by?: string): Promise<RawAnswer> =>
  send("/fhir/$import", { method: "POST", body, headers: { ...LINES, ...headers } }, by);
const order = (parameter: unknown[], headers: Record<string, string> = { Prefer: "respond-async" }): Promise<RawAnswer> =>
  send("/fhir/$import", {
    ...{ method: "POST", body: JSON.stringify({ resourceType: "Parameters", parameter }) },
    headers: { "Content-Type": "application/fhir+json", ...headers },
  });
const FORMAT = { name: "inputFormat", valueCode: "application/fhir+ndjson" };
const input = (url: string): object => ({ name: "input", part: [{ name: "url", valueUrl: url }] });

interface Manifest {
  readonly request: string;
  readonly requiresAccessToken: boolean;
  readonly output: readonly { readonly url: string; readonly count: number; readonly inputUrl?: string }[];
  readonly error: Manifest["output"];
  readonly extension: { readonly inputs: readonly unknown[] };
}

async function done(begun: RawAnswer): Promise<Manifest> {
  expect(begun.status).toBe(202);
  const path = pathOf(String(begun.headers["content-location"]));
  let answer: RawAnswer | undefined;
  await until(async () => (answer = await send(path)).status !== 202 && answer.status !== 429, 200);
  expect(answer?.status).toBe(200);
  return JSON.parse(String(answer?.body)) as Manifest;
}

const pathOf = (url: string): string => new URL(url).pathname;
const outcomes = async ([file]: Manifest["output"]): Promise<{ id: string; issue: { details: { text: string } }[] }[]> => {
  const { status, headers, body } = await send(pathOf(file?.url ?? ""));
  expect([status, headers["content-type"]]).toEqual([200, "application/fhir+ndjson"]);
  return String(body).split("\n").filter(Boolean).map((one) => JSON.parse(one) as Awaited<ReturnType<typeof outcomes>>[number]); // prettier-ignore
};
const issuesOf = ({ body }: RawAnswer): string => (JSON.parse(String(body)) as { issue: { details: { text: string } }[] }).issue.map(({ details }) => details.text).join(" "); // prettier-ignore

describe("lines that are sent", () => {
  test("are deposited each by itself, told each by its number, and audited as deposits; again they are repeats", async () => {
    const first = line();
    const text = [first, "{", line(), '{"resourceType":"Patient"}', first, ""].join("\n");
    const manifest = await done(await upload(text));
    expect(manifest).toMatchObject({ request: "https://documents.example.org/fhir/$import", requiresAccessToken: true });
    expect(manifest.extension.inputs).toEqual([{ deposited: 2, repeated: 1, refused: 2 }]);
    const taken = await outcomes(manifest.output);
    expect(taken.map(({ id }) => id)).toEqual(["line-1", "line-3", "line-5"]);
    expect((await outcomes(manifest.error)).map(({ id, issue }) => [id, issue[0]?.details.text])).toEqual([
      ["line-2", expect.stringContaining("Line 2 was not taken: a deposit of it is answered 400")],
      ["line-4", expect.stringContaining("answered 422")],
    ]);
    const [, id = ""] = /deposited as ([0-9a-f-]+)\./.exec(taken[0]?.issue[0]?.details.text ?? "") ?? [];
    expect((await send(`/fhir/Bundle/${id}`)).status).toBe(200);
    const told = events.filter(({ documents }) => documents?.some((one) => one.id === id));
    expect(told[0]).toMatchObject({ who: { subject: "feeder" }, outcome: 0 });
    expect(told[0]?.text).toContain("job (import)");
    expect((await done(await upload(gzipSync(text), { "Content-Encoding": "gzip" }))).extension.inputs).toEqual([{ deposited: 0, repeated: 3, refused: 2 }]); // prettier-ignore
    expect((await done(await upload(gzipSync(text)))).extension.inputs).toEqual([{ deposited: 0, repeated: 3, refused: 2 }]);
  });

  test("that were exported are the documents that they were", async () => {
    await done(await upload(`${line()}\n${line()}\n`));
    const { output } = await done(
      await send("/fhir/$export?_type=Bundle", { headers: { Prefer: "respond-async", Accept: "application/fhir+json" } }),
    );
    const exported: Buffer[] = [];
    for (const { url } of output) exported.push((await send(pathOf(url))).body);
    const count = output.reduce((sum, one) => sum + one.count, 0);
    expect(count).toBeGreaterThan(1);
    expect((await done(await upload(Buffer.concat(exported)))).extension.inputs).toEqual([{ deposited: 0, repeated: count, refused: 0 }]);
  });

  test("are nobody else's: neither how they stand nor what became of them", async () => {
    const begun = await upload(`${line()}\n`);
    const manifest = await done(begun);
    for (const url of [String(begun.headers["content-location"]), manifest.output[0]?.url ?? ""])
      expect((await send(pathOf(url), {}, "reader")).status).toBe(404);
  });

  test.each<[string, () => Promise<RawAnswer>, number, RegExp]>([
    ["from whoever may not deposit", () => upload(`${line()}\n`, {}, "reader"), 403, /./],
    [
      "without Prefer",
      () => send("/fhir/$import", { method: "POST", body: line(), headers: { "Content-Type": LINES["Content-Type"] } }),
      400,
      /respond-async/,
    ],
    ["of more bytes than may be", () => upload("x".repeat(MOST + 1)), 413, /MAX_IMPORT_BYTES/],
    ["that are packed to be more than may be", () => upload(gzipSync("x".repeat(MOST + 1)), { "Content-Encoding": "gzip" }), 413, /MAX_IMPORT_BYTES/],
    ["of a form that nobody knows", () => upload("x", { "Content-Encoding": "br" }), 415, /gzip or identity/],
  ])("%s are refused, and no job is begun", async (_what, sent, status, reason) => {
    const before = (await house.jobs.jobs.list(100)).length;
    const answer = await sent();
    expect([answer.status, issuesOf(answer)]).toEqual([status, expect.stringMatching(reason)]);
    expect(await house.jobs.jobs.list(100)).toHaveLength(before);
  });

  test("that unpack to more than may be are read no further than that", async () => {
    const { extension, error } = await done(await upload(gzipSync(`${line()}\n`.repeat(200))));
    expect(extension.inputs).toEqual([expect.objectContaining({ deposited: 1, refused: 0 })]);
    expect((await outcomes(error))[0]?.issue[0]?.details.text).toMatch(/read no further: there are more than 200000 bytes in it, unpacked/);
  });
});

describe("files that are named", () => {
  test("are fetched from hosts that are allowed, and what cannot be had is told", async () => {
    contents.set("/a.ndjson", `${line()}\n${line()}`).set("/b.ndjson.gz", gzipSync(`${line()}\n`));
    const urls = ["/a.ndjson", "/nowhere", "/b.ndjson.gz"].map((path) => `http://127.0.0.1:${files.port}${path}`);
    const manifest = await done(await order([FORMAT, ...urls.map(input)]));
    expect(manifest.output.map(({ inputUrl, count }) => [inputUrl, count])).toEqual([[urls[0], 2], [urls[2], 1]]); // prettier-ignore
    expect(manifest.error.map(({ inputUrl, count }) => [inputUrl, count])).toEqual([[urls[1], 1]]);
    expect((await outcomes(manifest.error))[0]?.issue[0]?.details.text).toContain("it answered 404");
  });

  test.each<[string, () => Promise<RawAnswer>, RegExp]>([
    [
      "of a host that is not allowed",
      () => order([FORMAT, input("https://elsewhere.example.org/a.ndjson")]),
      /input 1 the url is not fetched: .*IMPORT_HOSTS/,
    ],
    ["of this machine", () => order([FORMAT, input(`http://127.0.0.1:${house.port}/fhir/Bundle`)]), /IMPORT_HOSTS/],
    ["of no host", () => order([FORMAT, input("file:///etc/passwd")]), /not fetched/],
    ["without Prefer", () => order([FORMAT, input("https://a/")], {}), /respond-async/],
    ["not at all", () => send("/fhir/$import", { method: "POST", headers: { Prefer: "respond-async" } }), /send Parameters/],
    ["as something else", () => order([{ ...FORMAT, valueCode: "text/csv" }, input("https://a/")]), /inputFormat/],
  ])("%s are refused at once", async (_what, sent, reason) => {
    const answer = await sent();
    expect([answer.status, issuesOf(answer)]).toEqual([400, expect.stringMatching(reason)]);
  });
});
