/** Every address that is mounted is an event of the audit trail, or stands in the table of what is public; the event tells who, what, of whom, and with what outcome. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { AppError } from "../../../src/core/errors.ts";
import type { NewTrailEvent } from "../../../src/core/formats/audit-trail.ts";
import { NOT_AUDITED } from "../../../src/http/trail/audited-requests.ts";
import { documentJson } from "../../journeys/documents.ts";
import { openHouse, type House, type MountedRoute } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

const JSON_TYPE = { "Content-Type": "application/fhir+json", Accept: "application/fhir+json" };
const hidden = new Set<string>();
let events: NewTrailEvent[] = [];
/** Told whenever events are recorded, before they are durable. */
let onRecord: () => Promise<void> = () => Promise.resolve();
let house: House;
let id: string;

const get = (path: string, headers: Record<string, string> = {}, method = "GET"): Promise<RawAnswer> => ask(house.port, { path, headers, method });
const deposit = (body: string): Promise<RawAnswer> => ask(house.port, { method: "POST", path: "/fhir/Bundle", headers: JSON_TYPE, body });
const idIn = ({ headers }: RawAnswer): string => headers.location?.split("/").at(-3) ?? "";

beforeAll(async () => {
  house = await openHouse({
    decide: (_asked, _action, facts) => (hidden.has(facts.id) ? { isPermitted: false, reason: "a test's" } : { isPermitted: true }),
    hasIdentityFeed: true,
    systems: new Set(["https://insurance.example/person"]),
    trail: {
      record: async (told) => {
        await onRecord();
        events.push(...told);
      },
    },
  });
  id = idIn(await deposit(documentJson({})));
});
afterAll(() => house.close());
beforeEach(() => {
  events = [];
  onRecord = () => Promise.resolve();
});

/** An address of a route, of what is here. */
async function addressOf({ method, pattern }: MountedRoute): Promise<string> {
  const [, type] = method === "GET" ? (/^\/fhir\/([A-Z]\w+)\/:id$/.exec(pattern) ?? []) : [];
  if (type !== undefined && !["Bundle", "Binary"].includes(type)) {
    const { body } = await get(`/fhir/${type}`, JSON_TYPE);
    const { entry = [] } = JSON.parse(String(body)) as { readonly entry?: readonly { readonly resource: { readonly id: string } }[] };
    return `/fhir/${type}/${entry[0]?.resource.id ?? "none"}`;
  }
  const isWithin = pattern.startsWith("/fhir/:type/:id");
  return pattern
    .replace(":type", pattern.includes(":member") ? "Patient" : "Composition")
    .replace(":member", "Observation")
    .replace(":id", pattern.startsWith("/patients") ? `${id}.1` : isWithin ? `${id}.0` : id)
    .replace(":versionId", "1")
    .replace(":number", "1")
    .replace("*place", "0/000.p/1")
    .replace("*name", "0f.css");
}

test("every route that is mounted gives an event, or stands in the table of what is public", async () => {
  expect(house.routes.length).toBeGreaterThan(40);
  const seen = new Set<string>();
  for (const route of house.routes) {
    const requestId = randomUUID();
    const headers = { ...JSON_TYPE, "X-Request-Id": requestId };
    const { status } = await ask(house.port, {
      path: await addressOf(route),
      headers,
      method: route.method,
      ...(route.method !== "GET" && { body: "{}" }),
    });
    const own = events.filter(({ request }) => request?.id === requestId);
    const name = `${route.method} ${route.pattern}`;
    seen.add(name);
    const isPublic = Object.hasOwn(NOT_AUDITED, name);
    expect([name, status, own.length > 0]).toEqual([name, status, !isPublic]);
  }
  // Nothing stands in the table that is not there.
  expect(Object.keys(NOT_AUDITED).filter((name) => !seen.has(name))).toEqual([]);
});

describe("what an event tells", () => {
  const only = (): NewTrailEvent => {
    expect(events.length).toBe(1);
    return events[0] as NewTrailEvent;
  };

  test("a document that is read, its page, its PDF, its bytes; a 304 and a HEAD as well", async () => {
    const cases: readonly (readonly [string, Record<string, string>, string, number, string])[] = [
      [`/fhir/Bundle/${id}`, {}, "GET", 200, "resource"],
      [`/fhir/Bundle/${id}`, { "If-None-Match": 'W/"1"' }, "GET", 304, "resource"],
      [`/fhir/Bundle/${id}`, {}, "HEAD", 200, "resource"],
      [`/fhir/Bundle/${id}?_format=html`, {}, "GET", 200, "page"],
      [`/fhir/Binary/${id}`, {}, "GET", 200, "original"],
      [`/documents/${id}`, {}, "GET", 200, "page"],
      [`/documents/${id}.pdf`, {}, "GET", 200, "pdf"],
      [`/documents/${id}/receipt`, {}, "GET", 200, "receipt"],
      [`/documents/${id}.tlog-proof`, {}, "GET", 200, "receipt"],
    ];
    for (const [path, headers, method, status, form] of cases) {
      events = [];
      expect((await get(path, headers, method)).status).toBe(status);
      const { kind, action, outcome, documents, request } = only();
      expect([path, kind, action, outcome, only().form, documents?.map((one) => one.id), request?.status]).toEqual([
        path,
        "read",
        "R",
        0,
        form,
        [id],
        status,
      ]);
      expect(Buffer.from(request?.raw ?? "", "base64").toString()).toBe(path);
    }
  });

  test("two who share one PDF are two events, each with the document", async () => {
    await Promise.all([get(`/documents/${id}.pdf`), get(`/documents/${id}.pdf`)]);
    expect(events.map(({ documents }) => documents?.[0]?.id)).toEqual([id, id]);
  });

  test("a deposit, and one that is sent again, by the id that it has", async () => {
    const text = documentJson({});
    const answer = await deposit(text);
    const again = await deposit(text);
    expect([answer.status, again.status]).toEqual([201, 200]);
    expect(events.map(({ kind, action, documents }) => [kind, action, documents?.[0]?.id])).toEqual([
      ["create", "C", idIn(answer)],
      ["create", "C", idIn(answer)],
    ]);
  });

  test("a search: one for each patient that was found, with the request as it was sent", async () => {
    await get("/fhir/Composition?_count=50");
    expect(events.length).toBeGreaterThan(1);
    expect(new Set(events.map(({ patient }) => patient)).size).toBe(events.length);
    for (const { kind, action, request } of events) expect([kind, action, Buffer.from(request?.raw ?? "", "base64").toString()]).toEqual(["search", "E", "/fhir/Composition?_count=50"]); // prettier-ignore
    events = [];
    await ask(house.port, {
      method: "POST",
      path: "/fhir/Composition/_search",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: "_count=1",
    });
    expect(Buffer.from(only().request?.body ?? "", "base64").toString()).toBe("_count=1");
  });

  test("a graph: the documents that it came to, each for its patient, and what was refused", async () => {
    const graph = (query: string): string => `/fhir/$graphql?query=${encodeURIComponent(query)}`;
    await get(graph(`{ Observation(id: "${id}.4") { subject { resource { id } } } }`));
    expect([only().kind, only().action, only().outcome, only().documents?.map((one) => one.id)]).toEqual(["operation", "E", 0, [id]]);
    events = [];
    hidden.add(id);
    const { status, body } = await get(graph(`{ Bundle(id: "${id}") { id } }`));
    hidden.clear();
    expect([status, String(body).includes("a test's")]).toEqual([404, false]);
    expect([only().outcome, only().reason, only().documents?.map((one) => one.id)]).toEqual([4, "a test's", [id]]);
  });

  test("a search that finds nothing is one event, without a patient", async () => {
    await get("/fhir/Composition?_lastUpdated=lt1990");
    expect([only().kind, only().patient, only().documents]).toEqual(["search", undefined, undefined]);
  });

  test("what was refused: the document and the decision's reason, which the caller is not told", async () => {
    hidden.add(id);
    const { status, body } = await get(`/fhir/Bundle/${id}`);
    hidden.clear();
    expect([status, String(body).includes("a test's")]).toEqual([404, false]);
    expect([only().outcome, only().reason, only().documents?.map((one) => one.id)]).toEqual([4, "a test's", [id]]);
  });

  test("what failed: a document that is not there, one that breaks rules, and nothing stored", async () => {
    await get(`/fhir/Bundle/${randomUUID()}`);
    await deposit("{}");
    expect(events.map(({ outcome, reason, documents }) => [outcome, reason, documents])).toEqual([
      [4, "not-found", undefined],
      [4, expect.any(String), undefined],
    ]);
  });

  test("a batch: what it stores and what it reads, apart", async () => {
    const entry = [
      { request: { method: "POST", url: "Bundle" }, resource: JSON.parse(documentJson({})) as object },
      { request: { method: "GET", url: `Bundle/${id}` } },
    ];
    const body = JSON.stringify({ resourceType: "Bundle", type: "batch", entry });
    await ask(house.port, { method: "POST", path: "/fhir", headers: JSON_TYPE, body });
    expect(events.map(({ kind, action }) => `${kind} ${action}`).sort()).toEqual(["create C", "search E"]);
    expect(events.find(({ kind }) => kind === "search")?.documents?.[0]?.id).toBe(id);
  });

  test("nothing of an address that is nobody's, and nothing twice", async () => {
    await get("/nothing/here");
    await get("/healthz");
    expect(events).toEqual([]);
  });
});

describe("nothing leaves before it is written down", () => {
  test("not a byte while it is being written", async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    let isAnswered = false;
    onRecord = () => promise;
    const answers = ["/documents/ID", "/fhir/Bundle/ID", "/documents/ID.pdf", "/fhir/Composition", "/documents/ID/patient"].map((path) =>
      get(path.replace("ID", id)).then((answer) => {
        isAnswered = true;
        return answer;
      }),
    );
    await new Promise((wait) => setTimeout(wait, 300));
    expect(isAnswered).toBe(false);
    resolve(undefined);
    for (const { status } of await Promise.all(answers)) expect([200, 303]).toContain(status);
  });

  test("and nothing at all when it can't be: 503, with no word of the document, whatever was asked", async () => {
    onRecord = () => Promise.reject(new AppError("unavailable", "the trail of a test"));
    for (const [path, headers, method] of [
      [`/documents/${id}`, {}, "GET"],
      [`/documents/${id}.pdf`, {}, "GET"],
      [`/fhir/Bundle/${id}`, {}, "GET"],
      [`/fhir/Bundle/${id}`, { "If-None-Match": 'W/"1"' }, "GET"],
      [`/fhir/Bundle/${id}`, {}, "HEAD"],
      [`/documents/${id}/patient`, {}, "GET"],
      ["/fhir/Composition", { "Accept-Encoding": "gzip" }, "GET"],
      [`/fhir/Bundle/${randomUUID()}`, {}, "GET"],
    ] as const) {
      const answer = await get(path, headers, method);
      expect([path, answer.status]).toEqual([path, 503]);
      const said = JSON.stringify(answer.headers) + String(answer.body);
      for (const word of ["Brandt", id, 'W/"1"']) expect([path, said.includes(word)]).toEqual([path, false]);
    }
    expect(events).toEqual([]);
  });

  test("what tells nothing is answered all the same", async () => {
    onRecord = () => Promise.reject(new AppError("unavailable", "the trail of a test"));
    expect((await get("/healthz")).status).toBe(200);
    expect((await get("/fhir/metadata")).status).toBe(200);
  });
});

test("of where the answer to a message is to go the origin is kept, however it is written, and everything else as it came", async () => {
  const to = "response-url=https%3A%2F%2Fclinic.example.org%2Fsecret-1%3Fkey%3Dsecret-2";
  const rest = "%72esponse-url=https://a:secret-3@other.example.org/&response-url=secret-4&_format=json&name=a%20b";
  await ask(house.port, { method: "POST", path: `/fhir/$process-message?async=true&${to}&${rest}`, headers: JSON_TYPE, body: "{}" });
  expect(Buffer.from(events[0]?.request?.raw ?? "", "base64").toString()).toBe(
    "/fhir/$process-message?async=true&response-url=https%3A%2F%2Fclinic.example.org&%72esponse-url=https%3A%2F%2Fother.example.org&response-url=&_format=json&name=a%20b",
  );
});
