/** What is told of events: by `$status` and `$events`, and by what is made ready to be sent; each asked about anew, and in the audit trail. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Caller, KnownCaller } from "../../../src/core/asked.ts";
import type { NewTrailEvent } from "../../../src/core/formats/audit-trail.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import type { SubscriptionEvent } from "../../../src/events/event-rows.ts";
import type { Prepared } from "../../../src/events/prepared.ts";
import type { HeldSubscription } from "../../../src/events/subscription.ts";
import { readAccessPolicy } from "../../../src/security/policy/read-access-policy.ts";
import { HOUSES, marked } from "../access-documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";
import { readResource, VALIDATOR } from "../../r4.ts";

const BASE = "https://documents.example.org/fhir";
const BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-";
const policy = readAccessPolicy(
  JSON.stringify({
    version: "events/1",
    clearance: { reader: ["N"] },
    rules: [
      { name: "houses read theirs, and subscribe", permit: ["read", "subscribe"], to: { roles: ["reader"] }, of: { custodian: "own" } },
      { name: "operators look after them", permit: ["oversee"], to: { roles: ["operator"] } },
    ],
  }),
);
const known = (subject: string, roles: readonly string[], house: string): KnownCaller => ({
  ...{ kind: "system", issuer: "https://issuer.example.org", subject, name: subject, roles, clearance: [] },
  organisations: [`${HOUSES}|${house}`],
});
const callers = new Map<string, Caller>([
  ["filler", { kind: "program", name: "filler" }],
  ["owner", known("owner", ["reader"], "A")],
  ["another", known("another", ["reader"], "A")],
  ["operator", known("operator", ["operator"], "C")],
]);

interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [name: string]: unknown;
}
interface Entry {
  readonly fullUrl: string;
  readonly resource?: Resource;
  readonly request: { readonly method: string; readonly url: string };
  readonly response: { readonly status: string };
}
interface Part {
  readonly name: string;
  readonly part?: readonly Part[];
  readonly valueReference?: { readonly reference: string };
  readonly [name: string]: unknown;
}
interface Bundle {
  readonly type: string;
  readonly total?: number;
  readonly entry?: readonly Entry[];
}

let house: House;
let told: NewTrailEvent[] = [];
/** Of house A; of house B, which the owner may not see; of house A, erased since. */
const ids: string[] = [];
const by = (caller: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<RawAnswer> =>
  ask(house.port, {
    ...{ method: body ? "POST" : "GET", path, ...(body && { body: JSON.stringify(body) }) },
    headers: { "X-Test-Caller": caller, Accept: "application/fhir+json", "Content-Type": "application/fhir+json", ...headers },
  });
const idOf = (answer: RawAnswer): string => answer.headers.location?.split("/").at(-3) ?? "";
const bundleOf = (text: string | Uint8Array | undefined): Required<Bundle> => ({
  entry: [],
  total: 0,
  ...(JSON.parse(Buffer.from(text ?? "").toString()) as Bundle),
});
const make = async (criteria: string, content: string | undefined, channel: object = {}): Promise<HeldSubscription> => {
  const topical = content !== undefined && { _payload: { extension: [{ url: `${BACKPORT}payload-content`, valueCode: content }] } };
  const body = {
    ...{ resourceType: "Subscription", status: "requested", reason: "a test", criteria },
    channel: {
      ...{
        type: "rest-hook",
        endpoint: "https://receiver.example.org/in?key=secret-5",
        payload: "application/fhir+json",
        header: ["X-Key: secret-6"],
      },
      ...topical,
      ...channel,
    },
  };
  const answer = await by("owner", "/fhir/Subscription", body);
  if (answer.status !== 201) throw new Error(String(answer.body));
  const held = await house.subscriptions.records.find(idOf(answer));
  return held as HeldSubscription;
};
const topic = (kind: string): string => `${BASE}/SubscriptionTopic/document-${kind}`;
const eventsOf = (subscription: string, foci: readonly (readonly string[])[], kind: SubscriptionEvent["kind"] = "deposited"): SubscriptionEvent[] =>
  foci.map((focus, at) => ({ subscription, number: at + 1, position: at, kind, at: "2026-03-14T09:30:00.000Z", focus }));
const parametersIn = ({ entry: [first] }: Required<Bundle>): readonly Part[] => (first?.resource?.["parameter"] ?? []) as readonly Part[];
const value = (parts: readonly Part[], name: string): unknown => {
  const part = parts.find((one) => one.name === name);
  return Object.entries(part ?? {}).find(([key]) => key.startsWith("value"))?.[1];
};
const validate = (
  text: string | Uint8Array | undefined,
  mediaType: "application/fhir+json" | "application/fhir+xml" = "application/fhir+json",
): readonly string[] => {
  const { resource, issues } = readResource(Buffer.from(text ?? ""), mediaType, DEFAULT_READ_LIMITS);
  const found = resource ? VALIDATOR.validate(resource, issues) : issues;
  return found
    .filter(({ severity }) => severity === "error" || severity === "fatal")
    .map(({ rule, text: what, expression }) => `${rule} ${expression ?? ""}: ${what}`);
};
const prepare = (held: HeldSubscription, events: readonly SubscriptionEvent[], count = events.length): Promise<readonly Prepared[]> =>
  house.served.registry.preparing.prepare(held, { type: "event-notification", events, count });

beforeAll(async () => {
  const trail = { record: (given: readonly NewTrailEvent[]) => Promise.resolve(void told.push(...given)) };
  house = await openHouse({ policy, callers, trail });
  for (const [name, of] of [
    ["one", "A"],
    ["two", "B"],
    ["three", "A"],
  ] as const)
    // prettier-ignore
    ids.push(idOf(await by("filler", "/fhir/Bundle", JSON.parse(marked({ name, house: of, person: name }).json) as object)));
  await house.erase(ids[2] ?? "");
});
afterAll(() => house.close());
beforeEach(() => void (told = []));

describe("$events", () => {
  let held: HeldSubscription;
  beforeAll(async () => {
    held = await make(topic("deposited"), "id-only");
    const foci = ids.map((id) => [`DocumentReference/${id}`]);
    await house.eventRows.append(eventsOf(held.id, [...foci, [`DocumentReference/${ids[0] ?? ""}`, `DocumentReference/${ids[1] ?? ""}`]]));
  });
  const events = async (query: string, headers: Record<string, string> = {}): Promise<RawAnswer> =>
    by("owner", `/fhir/Subscription/${held.id}/$events${query}`, undefined, headers);

  test("each by its number: of what is there its id, of what was erased the id and 410, of what may not be seen the number alone", async () => {
    const answer = await events("");
    const bundle = bundleOf(answer.body);
    const parts = parametersIn(bundle);
    expect([answer.status, bundle.type, value(parts, "type"), value(parts, "events-since-subscription-start")]).toEqual([
      200,
      "history",
      "query-event",
      "4",
    ]);
    expect([value(parts, "subscription"), value(parts, "topic"), value(parts, "status")]).toEqual([
      { reference: `${BASE}/Subscription/${held.id}` },
      topic("deposited"),
      "requested",
    ]);
    const told = parts.filter(({ name }) => name === "notification-event").map(({ part = [] }) => part);
    expect(told.map((part) => [value(part, "event-number"), (value(part, "focus") as { reference: string } | undefined)?.reference])).toEqual([
      ["1", `${BASE}/DocumentReference/${ids[0] ?? ""}`],
      ["2", undefined],
      ["3", `${BASE}/DocumentReference/${ids[2] ?? ""}`],
      ["4", `${BASE}/DocumentReference/${ids[0] ?? ""}`],
    ]);
    expect(String(answer.body)).not.toContain(ids[1]);
    const [, ...entries] = bundle.entry;
    expect(entries.map(({ fullUrl, resource, response }) => [fullUrl, resource, response.status])).toEqual([
      [`${BASE}/DocumentReference/${ids[0] ?? ""}`, undefined, "200"],
      [`${BASE}/DocumentReference/${ids[2] ?? ""}`, undefined, "410"],
    ]);
    expect(bundle.entry[0]?.request).toEqual({ method: "GET", url: `${BASE}/Subscription/${held.id}/$status` });
    expect(validate(answer.body)).toEqual([]);
  });

  test("by numbers, with the content that is asked for, as XML, and by POST", async () => {
    const numbers = async (query: string): Promise<unknown[]> =>
      parametersIn(bundleOf((await events(query)).body))
        .filter(({ name }) => name === "notification-event")
        .map(({ part = [] }) => value(part, "event-number"));
    expect(await numbers("?eventsSinceNumber=2&eventsUntilNumber=3")).toEqual(["2", "3"]);
    expect(await numbers("?eventsSinceNumber=5")).toEqual([]);
    expect(await numbers("?eventsSinceNumber=0&eventsUntilNumber=1")).toEqual(["1"]);
    const empty = await events("?content=empty");
    expect(String(empty.body)).not.toMatch(new RegExp([...ids, "SubscriptionTopic"].join("|")));
    expect(bundleOf(empty.body).entry.length).toBe(1);
    const full = await events("?content=full-resource&eventsUntilNumber=1");
    expect(bundleOf(full.body).entry[1]?.resource).toMatchObject({ resourceType: "DocumentReference", id: ids[0] });
    expect(validate(full.body)).toEqual([]);
    const xml = await events("?content=full-resource", { Accept: "application/fhir+xml" });
    expect([String(xml.body).startsWith("<?xml") || String(xml.body).startsWith("<Bundle"), validate(xml.body, "application/fhir+xml")]).toEqual([
      true,
      [],
    ]);
    const parameters = { resourceType: "Parameters", parameter: [{ name: "eventsSinceNumber", valueString: "4" }, { name: "content", valueCode: "empty" }] }; // prettier-ignore
    const posted = await by("owner", `/fhir/Subscription/${held.id}/$events`, parameters);
    expect(value(parametersIn(bundleOf(posted.body)).find(({ name }) => name === "notification-event")?.part ?? [], "event-number")).toBe("4");
    for (const query of ["?content=half", "?eventsSinceNumber=one", "?colour=red"])
      expect([query, (await events(query)).status]).toEqual([query, 400]);
  });

  test("its owner's alone; what others may see of it is their own right", async () => {
    expect((await by("another", `/fhir/Subscription/${held.id}/$events`)).status).toBe(404);
    expect((await by("another", `/fhir/Subscription/${held.id}/$status`)).status).toBe(404);
    const seen = await by("operator", `/fhir/Subscription/${held.id}/$events`);
    expect([seen.status, String(seen.body).includes(ids[0] ?? "-")]).toEqual([200, false]);
  });

  test("is written down with the documents that it disclosed", async () => {
    await events("?eventsUntilNumber=2&content=full-resource");
    expect(told.map(({ kind, documents }) => [kind, documents?.map(({ id }) => id)])).toEqual([["operation", [ids[0]]]]);
  });
});

test("$status: of one, and of one's own by id and status, with the count of their events", async () => {
  const [one, two] = [await make(topic("deposited"), "empty"), await make("Observation?code=2823-3", undefined)];
  await house.eventRows.append(eventsOf(one.id, [[], []]));
  const statuses = async (path: string): Promise<unknown[]> => {
    const answer = await by("owner", path);
    expect([path, validate(answer.body)]).toEqual([path, []]);
    const bundle = bundleOf(answer.body);
    expect(bundle.type).toBe("searchset");
    return bundle.entry.map(({ resource }) => {
      const parts = (resource?.["parameter"] ?? []) as readonly Part[];
      return [(value(parts, "subscription") as { reference: string }).reference.split("/").at(-1), value(parts, "status"), value(parts, "type"), value(parts, "events-since-subscription-start")]; // prettier-ignore
    });
  };
  const [first, second] = [
    [one.id, "requested", "query-status", "2"],
    [two.id, "active", "query-status", "0"],
  ];
  expect(await statuses(`/fhir/Subscription/${one.id}/$status?status=off`)).toEqual([first]);
  expect(await statuses(`/fhir/Subscription/$status?id=${one.id},${two.id}`)).toEqual(expect.arrayContaining([first, second]));
  expect(await statuses(`/fhir/Subscription/$status?id=${one.id}&id=${two.id}&status=active`)).toEqual([second]);
  expect(await statuses(`/fhir/Subscription/$status?id=${one.id}&status=error,off`)).toEqual([]);
  expect((await statuses("/fhir/Subscription/$status")).length).toBeGreaterThan(2);
  expect(bundleOf((await by("another", "/fhir/Subscription/$status")).body).total).toBe(0);
});

test("$get-ws-binding-token: for websockets of one's own; a token binds once", async () => {
  const socket = await make(topic("deposited"), "id-only", { type: "websocket", endpoint: undefined, header: undefined });
  const answer = await by("owner", `/fhir/Subscription/${socket.id}/$get-ws-binding-token`);
  const parts = (JSON.parse(String(answer.body)) as { parameter: Part[] }).parameter;
  expect([answer.status, value(parts, "websocket-url")]).toEqual([200, expect.stringMatching(/^wss:\/\/documents\.example\.org\//)]);
  expect(Date.parse(String(value(parts, "expiration")))).toBeLessThan(Date.now() + 600_000);
  expect(validate(answer.body)).toEqual([]);
  const token = String(value(parts, "token"));
  expect([await house.subscriptions.tokens.take(token), await house.subscriptions.tokens.take(token)]).toEqual([[socket.id], undefined]);
  expect((await by("another", `/fhir/Subscription/$get-ws-binding-token?id=${socket.id}`)).status).toBe(404);
});

describe("what is made ready to be sent", () => {
  const [one, two, gone] = [0, 1, 2].map((at) => () => `DocumentReference/${ids[at] ?? ""}`) as [() => string, () => string, () => string];

  test("a Bundle of so many events as its owner wants, with headers, as they asked; what may not be seen is told by its number", async () => {
    const held = await make(topic("superseded"), "full-resource", { extension: [{ url: `${BACKPORT}max-count`, valuePositiveInt: 2 }] });
    told = [];
    const prepared = await prepare(held, eventsOf(held.id, [[one(), two()], [two()], [gone()]], "superseded"), 7);
    expect(prepared.map(({ upTo, calls }) => [upTo, calls.length])).toEqual([
      [2, 1],
      [3, 1],
    ]);
    const [call] = prepared[0]?.calls ?? [];
    expect(call).toMatchObject({ method: "POST", url: "https://receiver.example.org/in?key=secret-5", headers: { "x-key": ["secret-6"], "Content-Type": "application/fhir+json" } }); // prettier-ignore
    const bundle = bundleOf(call?.body);
    expect(validate(call?.body)).toEqual([]);
    expect([bundle.entry.length, bundle.entry[1]?.resource?.id, value(parametersIn(bundle), "events-since-subscription-start")]).toEqual([
      2,
      ids[0],
      "7",
    ]);
    expect(Buffer.from(call?.body ?? "").toString()).not.toContain(ids[1]);
    expect(bundleOf(prepared[1]?.calls[0]?.body).entry[1]?.response.status).toBe("410");
    // In the audit trail before it leaves: what, to whom, and no secret.
    expect(told.map(({ kind, who, documents, resources, text }) => [kind, who.kind, documents?.map(({ id }) => id), resources, text])).toEqual([
      ["read", "system", [ids[0]], [`Subscription/${held.id}/_history/1`], `notification of Subscription/${held.id} to https://receiver.example.org`],
    ]);
    expect(JSON.stringify(told)).not.toMatch(/secret-[56]/);
  });

  test("nothing is made ready when it cannot be written down", async () => {
    const held = await make(topic("deposited"), "id-only");
    const { record } = house.served.audit?.trail ?? {};
    expect(record).toBeDefined();
    Object.assign(house.served.audit?.trail ?? {}, { record: () => Promise.reject(new Error("the trail of a test")) });
    await expect(prepare(held, eventsOf(held.id, [[one()]]))).rejects.toThrow("the trail of a test");
    Object.assign(house.served.audit?.trail ?? {}, { record });
  });

  test("R4's own form: the resource as an update below the endpoint, or nothing but a call; nothing of what is gone or may not be seen", async () => {
    const held = await make("DocumentReference", undefined, { payload: "application/fhir+xml" });
    const prepared = await prepare(held, eventsOf(held.id, [[one()], [two()], [gone()]]));
    expect(prepared.map(({ upTo, calls }) => [upTo, calls.map(({ method, url, headers }) => [method, url, headers["Content-Type"]])])).toEqual([
      [1, [["PUT", `https://receiver.example.org/in/${one()}?key=secret-5`, "application/fhir+xml"]]],
      [2, []],
      [3, []],
    ]);
    expect(validate(prepared[0]?.calls[0]?.body, "application/fhir+xml")).toEqual([]);
    const plain = await make("DocumentReference", undefined, { payload: undefined });
    const [call] = (await prepare(plain, eventsOf(plain.id, [[one()]])))[0]?.calls ?? [];
    expect([call?.method, call?.body, Object.keys(call?.headers ?? {})]).toEqual(["POST", undefined, ["x-key"]]);
  });

  test("a message for each event, which is the same message when it is sent again", async () => {
    const held = await make(topic("retracted"), "full-resource", { type: "message" });
    expect(held.status).toBe("active");
    const events = eventsOf(held.id, [[one()], [two()]], "retracted");
    const [first, again] = [await prepare(held, events), await prepare(held, events)];
    expect(first.map(({ calls }) => calls.length)).toEqual([1, 0]);
    const [message, repeated] = [first, again].map(([prepared]) => bundleOf(prepared?.calls[0]?.body) as Required<Bundle> & { readonly id: string });
    const [header, focus] = message?.entry ?? [];
    expect([message?.type, message?.id, header?.resource?.id]).toEqual(["message", repeated?.id, repeated?.entry[0]?.resource?.id]);
    expect(header?.resource).toMatchObject({
      ...{ resourceType: "MessageHeader", eventCoding: { system: `${BASE}/CodeSystem/message-events`, code: "document-retracted" } },
      ...{ definition: `${BASE}/MessageDefinition/document-retracted`, focus: [{ reference: `${BASE}/${one()}` }] },
    });
    expect(focus).toMatchObject({ fullUrl: `${BASE}/${one()}`, resource: { id: ids[0] } });
    expect(validate(first[0]?.calls[0]?.body)).toEqual([]);
    // What is defined is served.
    expect((await by("owner", "/fhir/MessageDefinition/document-retracted")).status).toBe(200);
  });

  test("a handshake and a heartbeat disclose nothing", async () => {
    const held = await make(topic("deposited"), "empty");
    told = [];
    for (const type of ["handshake", "heartbeat"] as const) {
      const [prepared] = await house.served.registry.preparing.prepare(held, { type, events: [], count: 3 });
      const parts = parametersIn(bundleOf(prepared?.calls[0]?.body));
      expect([value(parts, "type"), value(parts, "status"), value(parts, "events-since-subscription-start"), parts.some(({ name }) => name === "topic")]).toEqual([type, "requested", "3", false]); // prettier-ignore
      expect(validate(prepared?.calls[0]?.body)).toEqual([]);
    }
    expect(told).toEqual([]);
  });
});
