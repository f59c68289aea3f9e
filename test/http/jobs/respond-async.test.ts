/** `Prefer: respond-async`: what is answered later is what would have been answered at once, told to whoever asked and to nobody else. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Caller, KnownCaller } from "../../../src/core/asked.ts";
import type { NewTrailEvent } from "../../../src/core/formats/audit-trail.ts";
import type { AnsweredRequest } from "../../../src/interactions/fhir/jobs/answered-request.ts";
import { readAccessPolicy } from "../../../src/security/policy/read-access-policy.ts";
import { documentJson } from "../../journeys/documents.ts";
import { until } from "../../journeys/program.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

const person = (subject: string, more: Partial<KnownCaller> = {}): KnownCaller => ({
  ...{ kind: "person", issuer: "https://issuer.example.org", subject, name: subject, client: "app", roles: ["clinician"], organisations: [] },
  ...{ clearance: ["N"], ...more },
});
const callers = new Map<string, Caller>([
  ["anna", person("anna")],
  ["anna with less", person("anna", { scopes: [{ level: "user", type: "Patient", rights: ["s"] }] })],
  ["anna by another app", person("anna", { client: "other" })],
  ["anna in another role", person("anna", { roles: ["clinician", "auditor"] })],
  ["ben", person("ben")],
]);
const POLICY = readAccessPolicy(
  JSON.stringify({
    version: "jobs/1",
    clearance: { clinician: ["N"] },
    rules: [{ name: "clinicians", permit: ["read", "deposit"], to: { roles: ["clinician"] } }],
  }),
);
const FHIR = { "Content-Type": "application/fhir+json", Accept: "application/fhir+json" };
const LATER = { Prefer: "respond-async" };
let house: House;
let events: NewTrailEvent[] = [];

type Options = NonNullable<Parameters<typeof ask>[1]>;
const send = (path: string, { headers, ...more }: Options = {}, by = "anna"): Promise<RawAnswer> =>
  ask(house.port, { ...more, path, headers: { ...FHIR, "X-Test-Caller": by, ...headers } });
const pathIn = ({ headers }: RawAnswer): string => new URL(String(headers["content-location"])).pathname;
const json = ({ body }: RawAnswer): Record<string, unknown> => JSON.parse(String(body)) as Record<string, unknown>;

/** Asks until it is answered. */
async function answerAt(path: string, by = "anna", headers: Record<string, string> = {}): Promise<RawAnswer> {
  let answer: RawAnswer | undefined;
  await until(async () => {
    answer = await send(path, { headers }, by);
    return ![202, 429].includes(answer.status);
  }, 300);
  if (!answer) throw new Error("nothing was answered");
  return answer;
}
const later = async (path: string, options: Options = {}): Promise<RawAnswer> => {
  const begun = await send(path, { ...options, headers: { ...options.headers, ...LATER } });
  expect(begun.status).toBe(202);
  return answerAt(pathIn(begun));
};
const entryOf = (answer: RawAnswer): { readonly resource?: Record<string, unknown>; readonly response: Record<string, string> } => {
  const { resourceType, type, entry } = json(answer) as { resourceType: string; type: string; entry: [ReturnType<typeof entryOf>] };
  expect([answer.status, resourceType, type, entry.length]).toEqual([200, "Bundle", "batch-response", 1]);
  return entry[0];
};
/** What differs between two answers to the same: ids and instants of the answer itself. */
const plain = ({ id: _, meta: __, timestamp: ___, ...rest }: Record<string, unknown>): Record<string, unknown> => rest;

beforeAll(async () => {
  house = await openHouse({
    callers,
    policy: POLICY,
    trail: { record: (told) => Promise.resolve(void events.push(...told)) },
  });
  await send("/fhir/Bundle", { method: "POST", body: documentJson({}) });
  await send("/fhir/Bundle", { method: "POST", body: documentJson({ identifier: "urn:uuid:5f0f8d5e-6c3f-4a3c-9f5e-2f0f8d5e6c3f" }) });
});
afterAll(() => house.close());
afterEach(() => {
  events = [];
});

describe("requests that are answered later", () => {
  test("a search: 202 with an absolute address, and there the same Bundle", async () => {
    const now = await send("/fhir/Patient?_count=1");
    const begun = await send("/fhir/Patient?_count=1", { headers: LATER });
    expect([begun.status, begun.headers["preference-applied"], begun.headers["retry-after"]]).toEqual([202, "respond-async", "1"]);
    expect(begun.headers["content-location"]).toMatch(/^https:\/\/documents\.example\.org\/fhir\/jobs\/[A-Za-z0-9_-]{43}$/);
    expect(json(begun)["resourceType"]).toBe("OperationOutcome");
    const done = await answerAt(pathIn(begun));
    expect(done.headers["content-type"]).toBe("application/fhir+json; charset=utf-8");
    expect(Date.parse(String(done.headers["expires"]))).toBeGreaterThan(Date.now() + 80_000_000);
    const { resource, response } = entryOf(done);
    expect(response["status"]).toBe("200 OK");
    expect(plain(resource ?? {})).toEqual(plain(json(now)));
    expect(json(now)["total"]).toBe(2);
  });

  test("a form, an operation by GET and by POST, a batch, and a deposit in it", async () => {
    const form = { method: "POST", body: "_count=1", headers: { "Content-Type": "application/x-www-form-urlencoded" } };
    expect(plain(entryOf(await later("/fhir/Patient/_search", form)).resource ?? {})).toEqual(plain(json(await send("/fhir/Patient/_search", form))));
    const [found] = (json(await send("/fhir/Bundle")) as { entry: { resource: { id: string } }[] }).entry;
    const validated = { method: "POST", body: documentJson({}) };
    expect(entryOf(await later("/fhir/Bundle/$validate", validated)).resource).toEqual(json(await send("/fhir/Bundle/$validate", validated)));
    const versions = await later("/fhir/$versions");
    expect(entryOf(versions).resource).toEqual(json(await send("/fhir/$versions")));
    const batch = {
      resourceType: "Bundle",
      type: "batch",
      entry: [
        { request: { method: "GET", url: `Bundle/${found?.resource.id ?? ""}` } },
        {
          resource: JSON.parse(documentJson({ identifier: "urn:uuid:0d6c4b2a-1111-4a3c-9f5e-2f0f8d5e6c3f" })),
          request: { method: "POST", url: "Bundle" },
        },
      ],
    };
    const answered = entryOf(await later("/fhir", { method: "POST", body: JSON.stringify(batch) }));
    const statuses = (answered.resource?.["entry"] as { response: { status: string } }[]).map(({ response }) => response.status.slice(0, 3));
    expect([answered.response["status"], statuses]).toEqual(["200 OK", ["200", "201"]]);
    expect(json(await send("/fhir/Bundle?identifier=urn:uuid:0d6c4b2a-1111-4a3c-9f5e-2f0f8d5e6c3f"))["total"]).toBe(1);
  });

  test("GraphQL, whose answer is no resource: it stands in a Binary", async () => {
    const query = { query: "{ PatientList { gender } }" };
    const post = { method: "POST", body: JSON.stringify(query), headers: { "Content-Type": "application/json", Accept: "application/json" } };
    const told = (answer: RawAnswer): unknown => JSON.parse(Buffer.from(String(entryOf(answer).resource?.["data"]), "base64").toString());
    const now = json(await send("/fhir/$graphql", post));
    expect(now).toHaveProperty("data.PatientList.1");
    expect(told(await later("/fhir/$graphql", post))).toEqual(now);
    expect(told(await later(`/fhir/$graphql?query=${encodeURIComponent(query.query)}`))).toEqual(now);
    // What cannot be a question is refused at once.
    expect((await send("/fhir/$graphql", { headers: LATER })).status).toBe(400);
  });

  test("whichever way the wish is written, it is granted once: what a job asks begins no other", async () => {
    for (const wish of ["return=representation; respond-async", '"respond-async"', "respond-async;wait=5, handling=strict", "wait=5,RESPOND-ASYNC"]) {
      const done = await answerAt(pathIn(await send("/fhir/Patient?_count=1", { headers: { Prefer: wish } })));
      expect([wish, entryOf(done).response["status"]]).toEqual([wish, "200 OK"]);
    }
  });

  test("in XML, as it was asked for", async () => {
    const done = await later("/fhir/Patient", { headers: { Accept: "application/fhir+xml" } });
    expect([done.status, done.headers["content-type"]]).toEqual([200, "application/fhir+xml; charset=utf-8"]);
    const text = String(done.body);
    expect(text).toMatch(/^<Bundle xmlns="http:\/\/hl7.org\/fhir"><id [^>]*><type value="batch-response"\/>/);
    expect(text.match(/<\?xml/g)).toBeNull();
    expect(text).toContain('<response><status value="200 OK"/>');
  });

  test("what is refused at once is refused at once; what is refused later is told as it would have been", async () => {
    const bad = await send("/fhir/Patient?nonsense=1", { headers: LATER });
    expect([bad.status, json(bad)["resourceType"]]).toEqual([400, "OperationOutcome"]);
    expect((await send("/fhir/Nothing", { headers: LATER })).status).toBe(404);
    expect((await send("/fhir/Patient", { headers: { ...LATER, Accept: "image/png" } })).status).toBe(406);
    expect((await send("/fhir", { method: "POST", body: "x", headers: { ...LATER, "Content-Type": "text/plain" } })).status).toBe(415);
    expect((await send("/fhir", { method: "POST", body: " ".repeat(1_000_001), headers: LATER })).status).toBe(413);
    const refused = entryOf(await later("/fhir", { method: "POST", body: "{}" }));
    const atOnce = await send("/fhir", { method: "POST", body: "{}" });
    expect(refused.response["status"]).toMatch(new RegExp(`^${atOnce.status} `));
    expect(refused.resource).toEqual(json(atOnce));
  });

  test("reads and deposits are answered at once", async () => {
    const [found] = (json(await send("/fhir/Bundle")) as { entry: { resource: { id: string } }[] }).entry;
    expect((await send(`/fhir/Bundle/${found?.resource.id ?? ""}`, { headers: LATER })).status).toBe(200);
    expect((await send("/fhir/Bundle", { method: "POST", body: documentJson({}), headers: LATER })).status).toBe(201);
  });

  test("nobody but its owner learns that it exists, and whose rights have changed is given nothing of it", async () => {
    const begun = await send("/fhir/Patient", { headers: LATER });
    const path = pathIn(begun);
    expect((await answerAt(path)).status).toBe(200);
    const nothing = await send(`/fhir/jobs/${"A".repeat(43)}`);
    for (const other of ["ben", "anna with less", "anna by another app", "nobody"]) {
      const answer = await send(path, {}, other);
      expect([answer.status, String(answer.body)]).toEqual([404, String(nothing.body)]);
      expect((await send(path, { method: "DELETE" }, other)).status).toBe(404);
    }
    expect((await send(path, {}, "anna in another role")).status).toBe(403);
    expect((await send(path)).status).toBe(200);
  });

  test("what was erased since is gone with the answers that told of it, and with no others", async () => {
    const made = await send("/fhir/Bundle", {
      method: "POST",
      body: documentJson({ identifier: "urn:uuid:7a1e4b2a-2222-4a3c-9f5e-2f0f8d5e6c3f" }),
    });
    const id = /Bundle\/([^/]+)/.exec(String(made.headers["location"]))?.[1] ?? "";
    expect(id).not.toBe("");
    const holding = pathIn(await send("/fhir/Composition", { headers: LATER }));
    const other = pathIn(await send("/fhir/Composition?_id=nothing", { headers: LATER }));
    expect(String((await answerAt(holding)).body)).toContain(id);
    expect((await answerAt(other)).status).toBe(200);
    await house.erase(id);
    const gone = await send(holding);
    expect([gone.status, String(gone.body).includes(id)]).toEqual([410, false]);
    expect((await send(other)).status).toBe(200);
    // The bytes are gone as well, whether anybody asks or not.
    const kept = pathIn(await send("/fhir/Composition", { headers: LATER }));
    expect((await answerAt(kept)).status).toBe(200);
    const job = await house.jobs.jobs.find({ caller: person("anna") }, kept.slice("/fhir/jobs/".length));
    const { file } = JSON.parse(job?.result ?? "{}") as AnsweredRequest;
    const bytes = async (): Promise<number> => {
      let length = 0;
      for await (const piece of house.jobs.jobs.filesOf(job?.id ?? "").read(file)) length += piece.length;
      return length;
    };
    expect(await bytes()).toBe(file.length);
    const [found] = (json(await send("/fhir/Bundle")) as { entry: { resource: { id: string } }[] }).entry;
    await house.jobs.erased(found?.resource.id ?? "");
    await expect(bytes()).rejects.toMatchObject({ code: "gone" });
  });

  test("DELETE ends it: 202, then 404 with an OperationOutcome", async () => {
    const path = pathIn(await send("/fhir/Patient", { headers: LATER }));
    const ended = await send(path, { method: "DELETE" });
    expect([ended.status, json(ended)["resourceType"]]).toEqual([202, "OperationOutcome"]);
    const gone = await send(path, { headers: { Accept: "application/json" } });
    expect([gone.status, json(gone)["resourceType"]]).toEqual([404, "OperationOutcome"]);
    expect((await send(path, { method: "DELETE" })).status).toBe(404);
    expect((await send(path, { method: "PUT" })).status).toBe(405);
  });

  test("the audit trail is told of what was shown, by whom and from where, as if it had been answered at once", async () => {
    const shown = ({ kind, action, outcome, who, from, documents, patient, request }: NewTrailEvent): object => ({
      ...{ kind, action, outcome, who, from, patient, documents: documents?.map(({ id }) => id).sort(), route: request?.route, raw: request?.raw },
      ...{ method: request?.method, status: request?.status },
    });
    const of = (): object[] => events.filter(({ documents }) => documents !== undefined).map(shown);
    await send("/fhir/Patient", { headers: { "User-Agent": "test/1" } });
    const atOnce = of();
    expect(atOnce.length).toBeGreaterThan(0);
    events = [];
    await later("/fhir/Patient", { headers: { "User-Agent": "test/1" } });
    expect(of()).toEqual(atOnce);
    // Nobody is told again and again that somebody waits.
    expect(events.filter(({ request }) => request?.route === "/fhir/jobs/:job").map(({ request }) => request?.status)).toEqual([200]);
  });

  test("whoever pretends to ask from within is a stranger", async () => {
    for (const headers of [{ "X-Insider": "anna" }, { "X-Test-Caller": "nobody", Forwarded: "for=anna" }])
      expect(json(await send("/fhir/Patient", { headers }, "nobody"))["total"] ?? 0).toBe(0);
  });
});
