/** Subscriptions over HTTP: made, read, searched, changed and deleted by their owner; nobody else is told that they are there. */
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { Caller, KnownCaller } from "../../../src/core/asked.ts";
import type { NewTrailEvent } from "../../../src/core/formats/audit-trail.ts";
import type { HeldSubscription } from "../../../src/events/subscription.ts";
import { MOST_OF_ONE_OWNER, MOST_VERSIONS } from "../../../src/interactions/fhir/subscriptions/subscriptions.ts";
import { auditEvent } from "../../../src/interactions/trail/audit-event.ts";
import { readAccessPolicy } from "../../../src/security/policy/read-access-policy.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";

const BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-";
const policy = readAccessPolicy(
  JSON.stringify({
    version: "subscriptions/1",
    clearance: { reader: ["N"] },
    rules: [
      { name: "readers read and subscribe", permit: ["read", "subscribe"], to: { roles: ["reader"] } },
      { name: "operators look after them", permit: ["oversee"], to: { roles: ["operator"] } },
    ],
  }),
);
const known = (subject: string, roles: readonly string[], more: Partial<KnownCaller> = {}): KnownCaller => ({
  ...{ kind: "system", issuer: "https://issuer.example.org", subject, name: subject, roles, organisations: [], clearance: [] },
  ...more,
});
const callers = new Map<string, Caller>([
  ["owner", known("owner", ["reader"])],
  ["owner with less", known("owner", ["reader"], { clearance: ["N"], scopes: [{ level: "system", type: "*", rights: ["c", "r", "u", "d", "s"] }] })],
  ["owner by another app", known("owner", ["reader"], { client: "other" })],
  ["another", known("another", ["reader"])],
  ["operator", known("operator", ["operator"])],
  ["nobody", known("nobody", [])],
  ["reading token", known("owner", ["reader"], { scopes: [{ level: "system", type: "Subscription", rights: ["r", "s"] }] })],
  ["token for active ones", known("owner", ["reader"], { scopes: [{ level: "system", type: "Subscription", rights: ["c", "r", "u", "d", "s"], query: "status=active" }] })], // prettier-ignore
]);

let house: House;
let events: NewTrailEvent[] = [];
const by = (
  caller: string,
  path: string,
  { method = "GET", body, headers = {} }: { method?: string; body?: object; headers?: Record<string, string> } = {},
): Promise<RawAnswer> =>
  ask(house.port, {
    ...{ method, path, ...(body && { body: JSON.stringify(body) }) },
    headers: { "X-Test-Caller": caller, Accept: "application/fhir+json", "Content-Type": "application/fhir+json", ...headers },
  });
const bodyOf = (answer: RawAnswer): Record<string, unknown> => JSON.parse(String(answer.body)) as Record<string, unknown>;
const idOf = (answer: RawAnswer): string => answer.headers.location?.split("/").at(-3) ?? "";
const subscription = (more: object = {}, channel: object = {}): object => ({
  ...{ resourceType: "Subscription", status: "requested", reason: "a test", criteria: "Observation?code=http://loinc.org|2823-3" },
  channel: { type: "rest-hook", endpoint: "https://receiver.example.org/in", header: ["Authorization: Bearer secret-4"], ...channel },
  ...more,
});
const topical = (more: object = {}): object => ({
  ...subscription(
    { criteria: "https://documents.example.org/fhir/SubscriptionTopic/document-deposited" },
    { payload: "application/fhir+json", _payload: { extension: [{ url: `${BACKPORT}payload-content`, valueCode: "id-only" }] } },
  ),
  ...more,
});
const make = async (body: object, caller = "owner"): Promise<string> => {
  const answer = await by(caller, "/fhir/Subscription", { method: "POST", body });
  expect([answer.status, String(answer.body)]).toEqual([201, ""]);
  return idOf(answer);
};
const totalOf = async (caller: string, query: string): Promise<unknown> => bodyOf(await by(caller, `/fhir/Subscription?${query}`))["total"];

beforeAll(async () => {
  const trail = { record: (told: readonly NewTrailEvent[]) => Promise.resolve(void events.push(...told)) };
  house = await openHouse({ policy, callers, trail });
});
afterAll(() => house.close());

describe("its life", () => {
  test("R4's own form is active at once; it is read without its secret, by its versions and its history", async () => {
    const made = await by("owner", "/fhir/Subscription", { method: "POST", body: subscription(), headers: { Prefer: "return=representation" } });
    expect([made.status, made.headers.etag, made.headers["preference-applied"]]).toEqual([201, 'W/"1"', "return=representation"]);
    const id = idOf(made);
    expect(bodyOf(made)).toMatchObject({ id, status: "active", meta: { versionId: "1" }, channel: { endpoint: "https://receiver.example.org/in" } });
    const read = await by("owner", `/fhir/Subscription/${id}`);
    expect([read.status, String(read.body).includes("secret-4"), bodyOf(read)]).toEqual([200, false, bodyOf(made)]);
    expect((await by("owner", `/fhir/Subscription/${id}`, { headers: { "If-None-Match": 'W/"1"' } })).status).toBe(304);
    expect(String((await by("owner", `/fhir/Subscription/${id}`, { headers: { Accept: "application/fhir+xml" } })).body)).toContain(
      '<status value="active"/>',
    );
    const off = await by("owner", `/fhir/Subscription/${id}`, {
      ...{ method: "PUT", body: { ...bodyOf(read), status: "off" } },
      headers: { "If-Match": 'W/"1"' },
    });
    expect([off.status, off.headers.etag]).toEqual([200, 'W/"2"']);
    const late = await by("owner", `/fhir/Subscription/${id}`, {
      ...{ method: "PUT", body: { ...bodyOf(read), status: "requested" } },
      headers: { "If-Match": 'W/"1"' },
    });
    expect(late.status).toBe(412);
    // Sent again, because no answer came.
    const again = await by("owner", `/fhir/Subscription/${id}`, {
      ...{ method: "PUT", body: { ...bodyOf(read), status: "off" } },
      headers: { "If-Match": 'W/"1"' },
    });
    expect([again.status, again.headers.etag]).toEqual([200, 'W/"2"']);
    expect((await by("owner", `/fhir/Subscription/${id}`, { method: "DELETE", headers: { "If-Match": 'W/"1"' } })).status).toBe(412);
    expect((await by("owner", `/fhir/Subscription/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await by("owner", `/fhir/Subscription/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await by("owner", `/fhir/Subscription/${id}`)).status).toBe(410);
    expect((await by("owner", `/fhir/Subscription/${id}/_history/3`)).status).toBe(410);
    expect((await by("another", `/fhir/Subscription/${id}`)).status).toBe(404);
    expect((await by("owner", `/fhir/Subscription/${id}`, { method: "PUT", body: subscription({ id }) })).status).toBe(410);
    expect(bodyOf(await by("owner", `/fhir/Subscription/${id}/_history/1`))).toMatchObject({ status: "active" });
    const history = bodyOf(await by("owner", `/fhir/Subscription/${id}/_history`)) as { entry: { request: { method: string }; resource?: object }[] };
    expect(history.entry.map(({ request: { method }, resource }) => [method, resource !== undefined])).toEqual([
      ["DELETE", false],
      ["PUT", true],
      ["POST", true],
    ]);
  });

  test("a topic's receiver is to show that it is there; what its owner sends back without the header keeps it, at another address it does not", async () => {
    const id = await make(topical());
    const { records: subscriptionRecords } = house.subscriptions;
    const held = async () => await subscriptionRecords.find(id);
    expect(await held()).toMatchObject({ status: "requested", version: 1, from: expect.any(Number) as unknown });
    const first = await held();
    await subscriptionRecords.setStatus(first ?? { id, version: 0 }, "active");
    const shown = bodyOf(await by("owner", `/fhir/Subscription/${id}`));
    expect([shown["status"], (shown["meta"] as { versionId: string }).versionId]).toEqual(["active", "2"]);
    // Nothing changes, so that nothing begins anew.
    for (const status of ["active", "requested"])
      expect((await by("owner", `/fhir/Subscription/${id}`, { method: "PUT", body: { ...shown, status } })).headers.etag).toBe('W/"2"');
    const renamed = await by("owner", `/fhir/Subscription/${id}`, { method: "PUT", body: { ...shown, reason: "another" } });
    expect([renamed.status, renamed.headers.etag]).toEqual([200, 'W/"3"']);
    expect(await held()).toMatchObject({ status: "requested", channel: { headers: ["Authorization: Bearer secret-4"] }, from: first?.from });
    await subscriptionRecords.setStatus((await held()) ?? { id, version: 0 }, "error", "It answered 500.");
    const failed = bodyOf(await by("owner", `/fhir/Subscription/${id}`));
    expect([failed["status"], failed["error"]]).toEqual(["error", "It answered 500."]);
    await by("owner", `/fhir/Subscription/${id}`, { method: "PUT", body: { ...failed, status: "requested" } });
    expect(await held()).toMatchObject({ status: "requested", version: 5 });
    expect((await held())?.shown.has("error")).toBe(false);
    const channel = { ...(failed["channel"] as object), endpoint: "https://elsewhere.example.org/in" };
    await by("owner", `/fhir/Subscription/${id}`, { method: "PUT", body: { ...failed, status: "requested", channel } });
    expect(await held()).toMatchObject({ version: 6, channel: { endpoint: "https://elsewhere.example.org/in", headers: [] } });
  });

  test("what is not supported is refused by its element, with its place, and nothing is stored", async () => {
    const before = await totalOf("owner", "_summary=count");
    const cases: readonly (readonly [object, number, string])[] = [
      [subscription({ criteria: "Observation?colour=red" }), 422, "Subscription.criteria"],
      [subscription({}, { type: "email" }), 422, "Subscription.channel.type"],
      [subscription({}, { endpoint: "https://10.0.0.1/in" }), 422, "Subscription.channel.endpoint"],
      [{ resourceType: "Subscription", status: "requested" }, 422, "Subscription"],
      [{ resourceType: "Patient" }, 422, ""],
    ];
    for (const [body, status, element] of cases) {
      const answer = await by("owner", "/fhir/Subscription", { method: "POST", body });
      expect([answer.status, String(answer.body)]).toEqual([status, expect.stringContaining(element)]);
    }
    const { issue } = bodyOf(await by("owner", "/fhir/Subscription", { method: "POST", body: subscription({ criteria: "Letter" }) })) as {
      issue: { diagnostics?: string; code: string }[];
    };
    expect(issue.find(({ code }) => code === "not-supported")?.diagnostics).toMatch(/^line 1, column \d+$/);
    expect((await by("owner", "/fhir/Subscription", { method: "POST", body: subscription({ status: "active" }) })).status).toBe(422);
    const large = await by("owner", "/fhir/Subscription", { method: "POST", body: subscription({ reason: "x".repeat(30_000) }) });
    expect(large.status).toBe(413);
    expect(await totalOf("owner", "_summary=count")).toBe(before);
  });
});

test("nobody has more than so many", async () => {
  const [one] = await house.subscriptions.records.all();
  const all = jest.spyOn(house.subscriptions.records, "all");
  all.mockResolvedValue(Array.from({ length: MOST_OF_ONE_OWNER }, () => one as HeldSubscription));
  const answer = await by("owner", "/fhir/Subscription", { method: "POST", body: subscription() });
  const others = await by("another", "/fhir/Subscription", { method: "POST", body: subscription() });
  all.mockRestore();
  expect([answer.status, String(answer.body), others.status]).toEqual([422, expect.stringContaining("the most"), 201]);
});

describe("who", () => {
  let id = "";
  beforeAll(async () => {
    id = await make(subscription({ status: "off", contact: [{ system: "email", value: "ops@example.org" }] }));
  });

  test.each([
    ["another", 404],
    ["owner by another app", 404],
    ["nobody", 404],
    ["operator", 200],
    ["reading token", 200],
    ["token for active ones", 404],
  ] as const)("%s: %s", async (caller, status) => {
    for (const path of [`/fhir/Subscription/${id}`, `/fhir/Subscription/${id}/_history`, `/fhir/Subscription/${id}/_history/1`])
      expect([path, (await by(caller, path)).status]).toEqual([path, status]);
    const found = bodyOf(await by(caller, `/fhir/Subscription?_id=${id}`));
    expect(found["total"]).toBe(status === 200 ? 1 : 0);
    // To change one is its owner's alone.
    const changed = await by(caller, `/fhir/Subscription/${id}`, { method: "PUT", body: subscription({ id }) });
    expect(changed.status).toBe(["operator", "nobody", "reading token"].includes(caller) ? 403 : 404);
    if (caller !== "operator")
      expect((await by(caller, `/fhir/Subscription/${id}`, { method: "DELETE" })).status).toBe(caller === "reading token" ? 403 : 404);
  });

  test.each([
    ["nobody", "POST"],
    ["operator", "POST"],
    ["reading token", "POST"],
  ])("%s makes none", async (caller, method) => {
    expect((await by(caller, "/fhir/Subscription", { method, body: subscription() })).status).toBe(403);
  });

  test.each([
    ["status=off&_id=ID", 1],
    ["status=active&_id=ID", 0],
    ["url=https://receiver.example.org/in&_id=ID", 1],
    ["url=https://receiver.example.org/other&_id=ID", 0],
    ["criteria=Observation&_id=ID", 1],
    ["type=rest-hook&_id=ID", 1],
    ["type=websocket&_id=ID", 0],
    ["contact=ops@example.org&_id=ID", 1],
    ["payload:missing=true&_id=ID", 1],
    ["_lastUpdated=gt2020&_id=ID", 1],
  ])("its owner finds it by %s: %i", async (query, total) => {
    expect(await totalOf("owner", query.replace("ID", encodeURIComponent(id)))).toBe(total);
  });

  test("whoever looks after the service ends what its owner does not", async () => {
    const other = await make(subscription(), "another");
    expect((await by("operator", `/fhir/Subscription/${other}`, { method: "DELETE" })).status).toBe(204);
    expect((await by("another", `/fhir/Subscription/${other}`)).status).toBe(410);
  });

  test("what an owner may not do at these addresses is said", async () => {
    for (const [method, path, allowed] of [
      ["PATCH", `/fhir/Subscription/${id}`, "whole"],
      ["DELETE", "/fhir/Subscription", "own address"],
    ] as const) {
      const answer = await by("owner", path, { method });
      expect([answer.status, String(answer.body)]).toEqual([405, expect.stringContaining(allowed)]);
    }
    expect((await by("owner", `/fhir/Subscription/${id}`, { method: "PUT", body: subscription({ id: "other" }) })).status).toBe(422);
  });
});

test("the audit trail names the version of each that was made, read, found, changed and deleted", async () => {
  const id = await make(subscription());
  events = [];
  await by("owner", `/fhir/Subscription/${id}`);
  await by("owner", `/fhir/Subscription?_id=${id}`);
  await by("owner", `/fhir/Subscription/${id}`, { method: "PUT", body: subscription({ id, status: "off" }) });
  await by("owner", `/fhir/Subscription/${id}`, { method: "DELETE" });
  await by("another", `/fhir/Subscription/${id}`);
  expect(events.map(({ kind, action, outcome, resources }) => [kind, action, outcome, resources])).toEqual([
    ["read", "R", 0, [`Subscription/${id}/_history/1`]],
    ["search", "E", 0, [`Subscription/${id}/_history/1`]],
    ["update", "U", 0, [`Subscription/${id}/_history/2`]],
    ["update", "D", 0, [`Subscription/${id}/_history/2`]],
    ["read", "R", 4, undefined],
  ]);
  const told = events.map(
    (event, n) => auditEvent({ ...event, id: `b-${n}` }, "https://own.example/fhir") as { entity: object[]; subtype: object[]; meta?: object },
  );
  expect(told.map(({ meta }) => JSON.stringify(meta ?? "-").replace(/.*BasicAudit\.(\w+).*/, "$1"))).toEqual([
    "Read",
    "Query",
    "Update",
    "Delete",
    '"-"',
  ]);
  expect(told[3]?.entity).toContainEqual(expect.objectContaining({ what: { reference: `Subscription/${id}/_history/2` } }));
  expect(JSON.stringify(events)).not.toContain("secret-4");
});

test("sent again unchanged it is what it was, and by whom less, or more, was proved: that counts from then on", async () => {
  const id = await make(subscription());
  const again = (caller: string): Promise<RawAnswer> => by(caller, `/fhir/Subscription/${id}`, { method: "PUT", body: subscription({ id }) });
  expect((await again("owner")).headers.etag).toBe('W/"1"');
  expect((await again("owner with less")).headers.etag).toBe('W/"2"');
  expect((await house.subscriptions.records.find(id))?.owner).toMatchObject({ clearance: ["N"], scopes: [{ type: "*" }] });
  expect((await again("owner with less")).headers.etag).toBe('W/"2"');
  expect((await by("owner", `/fhir/Subscription/${id}`, { method: "DELETE" })).status).toBe(204);
});

test("one subscription is changed so often, and no more: all of its versions are read whenever one is", async () => {
  const id = await make(subscription());
  const [first] = await house.subscriptions.records.versions(id);
  if (!first?.held) throw new Error("it is not there");
  const held = { ...first.held, version: MOST_VERSIONS };
  const versions = jest.spyOn(house.subscriptions.records, "versions").mockResolvedValue([{ ...first, version: MOST_VERSIONS, held }]);
  const changed = await by("owner", `/fhir/Subscription/${id}`, { method: "PUT", body: subscription({ id, reason: "another" }) });
  versions.mockRestore();
  expect([changed.status, String(changed.body)]).toEqual([422, expect.stringContaining(`has ${MOST_VERSIONS} versions`)]);
  expect((await by("owner", `/fhir/Subscription/${id}`, { method: "DELETE" })).status).toBe(204);
});
