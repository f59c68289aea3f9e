/** What is told of subscriptions and their events when somebody asks: `$status`, `$events`, `$get-ws-binding-token`, the CapabilityStatement; each event is asked about anew, and is in the audit trail. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { HeldSubscription } from "../../../src/events/subscription.ts";
import type { RawAnswer } from "../local-server.ts";
import {
  BASE,
  house,
  told,
  ids,
  by,
  bundleOf,
  make,
  topic,
  eventsOf,
  parametersIn,
  value,
  validate,
  openAll,
  type Part,
} from "./subscription-house.ts";

beforeAll(openAll);
afterAll(() => house.close());
beforeEach(() => void (told.length = 0));

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
    // Nor of what was erased, which its owner is told of.
    expect([seen.status, ids.map((id) => String(seen.body).includes(id))]).toEqual([200, [false, false, false]]);
    expect(String((await by("owner", `/fhir/Subscription/${held.id}/$events`)).body)).toContain(ids[2]);
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

describe("what the service says of it", () => {
  interface Statement {
    readonly instantiates: readonly string[];
    readonly rest: readonly [
      {
        readonly resource: readonly {
          readonly type: string;
          readonly extension?: readonly { readonly url: string; readonly valueCanonical: string }[];
          readonly supportedProfile?: readonly string[];
          readonly interaction: readonly { readonly code: string }[];
          readonly operation?: readonly { readonly name: string; readonly definition: string }[];
          readonly searchParam?: readonly { readonly name: string }[];
        }[];
      },
    ];
  }

  test("the CapabilityStatement names guide, profile, topics, interactions, operations and search parameters; each topic's address leads to it", async () => {
    const statement = JSON.parse(String((await by("owner", "/fhir/metadata")).body)) as Statement;
    const guide = "http://hl7.org/fhir/uv/subscriptions-backport";
    expect(statement.instantiates).toContain(`${guide}/CapabilityStatement/backport-subscription-server-r4`);
    const one = statement.rest[0].resource.find(({ type }) => type === "Subscription");
    expect(one?.supportedProfile).toEqual([`${guide}/StructureDefinition/backport-subscription`]);
    expect(one?.interaction.map(({ code }) => code)).toEqual(expect.arrayContaining(["read", "vread", "create", "update", "delete", "search-type", "history-instance"])); // prettier-ignore
    expect(one?.searchParam?.map(({ name }) => name)).toEqual(expect.arrayContaining(["url", "status", "criteria", "type", "payload", "contact"]));
    expect(one?.operation?.map(({ name, definition }) => [name, definition.split("/").at(-1)])).toEqual(
      expect.arrayContaining(["status", "events", "resend", "get-ws-binding-token"].map((name) => [name, `backport-subscription-${name}`])),
    );
    const topics = one?.extension ?? [];
    expect(topics.map(({ url }) => url)).toEqual(topics.map(() => `${guide}/StructureDefinition/capabilitystatement-subscriptiontopic-canonical`));
    expect(topics.map(({ valueCanonical }) => valueCanonical)).toEqual(["deposited", "superseded", "retracted", "erased"].map(topic));
    for (const { valueCanonical } of topics) {
      const answer = await by("owner", valueCanonical.replace("https://documents.example.org", ""));
      expect([answer.status, String(answer.body).includes(valueCanonical), validate(answer.body)]).toEqual([200, true, []]);
      // Those that are named are those that are taken.
      expect((await make(valueCanonical, "empty")).wanted.kind).toBe("topic");
    }
    expect(bundleOf((await by("owner", "/fhir/Basic?code=SubscriptionTopic")).body).entry.length).toBe(4);
    expect((await by("owner", "/fhir/SubscriptionTopic/patient-admission")).status).toBe(404);
  });
});
