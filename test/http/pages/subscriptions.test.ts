/** The page of operators about subscriptions, and its button: who may, what is shown, what a receiver sees, and what is written down. */
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { IncomingHttpHeaders } from "node:http";
import { openAssets } from "../../../src/pipeline/render/pages/assets.ts";
import { renderSubscriptionsPage } from "../../../src/pipeline/render/pages/subscriptions-page.ts";
import { localeFor } from "../../../src/pipeline/render/locale-for.ts";
import { bundleOf, house, make, openAll, parametersIn, told, topic, value } from "../fhir/subscription-house.ts";
import { ask, type RawAnswer } from "../local-server.ts";
import { serveLocally, type LocalServer } from "../local-server.ts";

const seen: { method: string; headers: IncomingHttpHeaders; body: string }[] = [];
let receiver: LocalServer;
let status = 200;

beforeAll(async () => {
  await openAll();
  receiver = await serveLocally((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      seen.push({ method: request.method ?? "", headers: request.headers, body: Buffer.concat(parts).toString() });
      response.writeHead(status).end();
    });
  });
});
afterAll(async () => {
  await receiver.close();
  await house.close();
});
beforeEach(() => {
  [seen.length, told.length, status] = [0, 0, 200];
});

const page = (caller: string, path = "/subscriptions"): Promise<RawAnswer> =>
  ask(house.port, { path, headers: { "X-Test-Caller": caller, Accept: "text/html" } });
const press = (caller: string, id: string, origin = "https://documents.example.org"): Promise<RawAnswer> =>
  ask(house.port, {
    ...{ method: "POST", path: `/subscriptions/${id}/test` },
    headers: { "X-Test-Caller": caller, Accept: "text/html", Origin: origin, "Content-Type": "application/x-www-form-urlencoded" },
    body: "",
  });
const local = (path: string): { readonly endpoint: string } => ({ endpoint: `http://127.0.0.1:${receiver.port}${path}?key=secret-7` });

test("operators see everybody's, without what is secret; others are refused, and no page leads them there", async () => {
  const held = await make(topic("deposited"), "id-only", local("/hook"));
  const { status: answered, body } = await page("operator");
  const text = String(body);
  expect([answered, text.includes(held.id), text.includes(`http://127.0.0.1:${receiver.port}`)]).toEqual([200, true, true]);
  expect(text).not.toMatch(/secret|\/hook/);
  for (const caller of ["owner", "nobody"]) expect([caller, (await page(caller)).status]).toEqual([caller, 403]);
  expect((await page("operator", "/subscriptions?page=0")).status).toBe(400);
});

test("a test is a heartbeat that tells of no event and moves nothing; it is shown, written down, and not repeated at once", async () => {
  const held = await make(topic("deposited"), "id-only", local("/hook"));
  told.length = 0;
  const { status: answered, body } = await press("operator", held.id);
  expect([answered, String(body)]).toEqual([
    200,
    expect.stringContaining(`"tested":{"id":"${held.id}","sent":"heartbeat","isTaken":true,"status":200}`),
  ]);
  expect(seen.map(({ method, headers }) => [method, headers["content-type"]])).toEqual([["POST", "application/fhir+json"]]);
  const bundle = bundleOf(Buffer.from(seen[0]?.body ?? ""));
  expect([bundle.entry.length, value(parametersIn(bundle), "type"), value(parametersIn(bundle), "events-since-subscription-start")]).toEqual([
    1,
    "heartbeat",
    "0",
  ]);
  expect(await house.eventRows.delivery(held.id)).toBeUndefined();
  expect(told.map(({ kind, outcome, resources }) => [kind, outcome, resources])).toEqual([["operation", 0, [`Subscription/${held.id}/_history/1`]]]);
  const again = await press("operator", held.id);
  expect([again.status, Number(again.headers["retry-after"]), seen.length]).toEqual([429, expect.any(Number), 1]);
});

test("what is not taken is told; R4's own form and messages, which know no heartbeat, are asked by OPTIONS", async () => {
  status = 500;
  const held = await make(topic("deposited"), "empty", local("/hook"));
  expect(String((await press("operator", held.id)).body)).toContain(`"isTaken":false,"status":500,"reason":"it answered 500"`);
  status = 405;
  const plain = [
    await make("DocumentReference", undefined, { payload: undefined, ...local("/r4") }),
    await make(topic("retracted"), "empty", { type: "message", ...local("/m") }),
  ];
  for (const { id } of plain) expect(String((await press("operator", id)).body)).toContain(`"sent":"options","isTaken":true,"status":405`);
  expect(seen.slice(1).map(({ method, body, headers }) => [method, body, headers["x-key"] !== undefined])).toEqual([
    ["OPTIONS", "", true],
    ["OPTIONS", "", true],
  ]);
  status = 401;
  const refusing = await make("DocumentReference", undefined, { payload: undefined, ...local("/r4") });
  expect(String((await press("operator", refusing.id)).body)).toContain(`"sent":"options","isTaken":false,"status":401`);
});

test("of nobody's pages, by nobody else, and of nothing that cannot be called", async () => {
  const held = await make(topic("deposited"), "id-only", local("/hook"));
  const socket = await make(topic("deposited"), "id-only", { type: "websocket", endpoint: undefined, header: undefined });
  const answers = [
    await press("operator", held.id, "https://elsewhere.example"),
    await press("owner", held.id),
    await press("operator", "unknown"),
    await press("operator", socket.id),
  ];
  expect([answers.map((answer) => answer.status), seen]).toEqual([[403, 403, 404, 409], []]);
});

test("the page in words: problems stand out, and each may be tested that has a receiver", () => {
  const base = { owner: "Lab <b>", wanted: "document-deposited", events: 7, delivered: 5 };
  const failing = { failures: 3, failingSince: "2026-01-01T00:00:00.000Z", lastFailure: "it answered 500", nextAttempt: "2026-01-01T01:00:00.000Z" };
  const text = renderSubscriptionsPage(
    {
      subscriptions: [
        { ...base, ...failing, id: "one", status: "active", channel: "rest-hook", endpoint: "https://receiver.example" },
        { ...base, id: "two", status: "active", channel: "websocket", failures: 0 },
      ],
      ...{ total: 52, next: 2, tested: { id: "one", sent: "options", isTaken: true, status: 405 } },
    },
    { locale: localeFor(["en"]), isOpen: false, assets: openAssets(undefined) },
  );
  for (const words of ["it answered 500", "Lab &lt;b&gt;", "HTTP 405 to OPTIONS", 'href="/subscriptions?page=2"', 'action="/subscriptions/one/test"'])
    expect(text).toContain(words);
  expect(text).not.toContain("/subscriptions/two/test");
  expect(text.match(/audit-event refused/g)?.length).toBe(1);
});
