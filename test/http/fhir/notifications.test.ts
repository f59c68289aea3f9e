/** What is made ready to be sent, and what `$resend` sends: each event is asked about anew, and is in the audit trail first. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { KnownCaller } from "../../../src/core/asked.ts";
import { serveLocally, type LocalServer } from "../local-server.ts";
import {
  BASE,
  BACKPORT,
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
  prepare,
  openAll,
  type Bundle,
} from "./subscription-house.ts";

beforeAll(openAll);
afterAll(() => house.close());
beforeEach(() => void (told.length = 0));

describe("what is made ready to be sent", () => {
  const [one, two, gone] = [0, 1, 2].map((at) => () => `DocumentReference/${ids[at] ?? ""}`) as [() => string, () => string, () => string];

  test("a Bundle of so many events as its owner wants, with headers, as they asked; what may not be seen is told by its number", async () => {
    const held = await make(topic("superseded"), "full-resource", {
      extension: [
        { url: `${BACKPORT}max-count`, valuePositiveInt: 2 },
        { url: `${BACKPORT}timeout`, valueUnsignedInt: 7 },
      ],
    });
    told.length = 0;
    const prepared = await prepare(held, eventsOf(held.id, [[one(), two()], [two()], [gone()]], "superseded"), 7);
    expect(prepared.map(({ upTo, calls }) => [upTo, calls.length])).toEqual([
      [2, 1],
      [3, 1],
    ]);
    const [call] = prepared[0]?.calls ?? [];
    expect(call).toMatchObject({ time: 7_000, method: "POST", url: "https://receiver.example.org/in?key=secret-5", headers: { "x-key": ["secret-6"], "Content-Type": "application/fhir+json" } }); // prettier-ignore
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

  test.each<[string, Partial<KnownCaller>]>([
    ["who may not subscribe any more, though they may read", { roles: ["silent"] }],
    ["whose scopes narrow by what nobody understands", { scopes: [{ level: "system", type: "*", rights: ["r", "s"], query: "nonsense=1" }] }],
  ])("nothing but numbers is told to an owner %s", async (_who, over) => {
    const held = await make(topic("deposited"), "full-resource");
    const owner = { ...(held.owner as KnownCaller), ...over };
    const [prepared] = await prepare({ ...held, owner }, eventsOf(held.id, [[one()], [gone()]]));
    const bundle = bundleOf(prepared?.calls[0]?.body);
    expect([prepared?.upTo, bundle.entry.length]).toEqual([2, 1]);
    for (const id of ids) expect(Buffer.from(prepared?.calls[0]?.body ?? "").toString()).not.toContain(id);
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
    told.length = 0;
    for (const type of ["handshake", "heartbeat"] as const) {
      const [prepared] = await house.served.registry.preparing.prepare(held, { type, events: [], count: 3 });
      const parts = parametersIn(bundleOf(prepared?.calls[0]?.body));
      expect([value(parts, "type"), value(parts, "status"), value(parts, "events-since-subscription-start"), parts.some(({ name }) => name === "topic")]).toEqual([type, "requested", "3", false]); // prettier-ignore
      expect(validate(prepared?.calls[0]?.body)).toEqual([]);
    }
    expect(told).toEqual([]);
  });
});

describe("$resend", () => {
  const received: { readonly url: string; readonly body: string }[] = [];
  let status = 200;
  let receiver: LocalServer;
  beforeAll(async () => {
    receiver = await serveLocally((request, response) => {
      let body = "";
      request.on("data", (part: Buffer) => void (body += part.toString()));
      request.on("end", () => {
        received.push({ url: request.url ?? "", body });
        response.writeHead(status).end();
      });
    });
  });
  afterAll(() => receiver.close());

  test("tells events once more, and where the receiver stands is not moved; what it does not take is said", async () => {
    const endpoint = `http://127.0.0.1:${receiver.port}/in`;
    const held = await make(topic("deposited"), "id-only", { endpoint, extension: [{ url: `${BACKPORT}max-count`, valuePositiveInt: 1 }] });
    await house.eventRows.append(
      eventsOf(
        held.id,
        [0, 1, 0].map((at) => [`DocumentReference/${ids[at] ?? ""}`]),
      ),
    );
    const resend = async (caller = "owner", query = "?eventsSinceNumber=2"): Promise<string> => {
      const { status: code, body } = await by(caller, `/fhir/Subscription/${held.id}/$resend${query}`, { resourceType: "Parameters" });
      const { issue = [] } = JSON.parse(String(body)) as {
        readonly issue?: readonly { readonly severity: string; readonly details: { readonly text: string } }[];
      };
      return `${code} ${issue[0]?.severity ?? ""}: ${issue[0]?.details.text ?? ""}`;
    };
    // Its receiver is to show first that it is there.
    expect(await resend()).toContain("422 error: The subscription is requested");
    await house.subscriptions.records.setStatus(held, "active");
    expect(await resend()).toBe("200 information: Events 2 to 3 were sent again, as far as they may be told.");
    const numbers = received.map(({ body }) =>
      value(parametersIn(bundleOf(body)).find(({ name }) => name === "notification-event")?.part ?? [], "event-number"),
    );
    expect([received.map(({ url }) => url), numbers]).toEqual([["/in", "/in"], ["2", "3"]]); // prettier-ignore
    expect(await house.eventRows.delivery(held.id)).toBeUndefined();
    expect(await resend("owner", "?eventsSinceNumber=9")).toContain("200 information: There are no such events");
    status = 500;
    expect(await resend()).toMatch(/^200 error: The receiver did not take what begins with event 2: /);
    expect(await resend("another")).toMatch(/^404 /);
    expect(await resend("operator")).toMatch(/^403 /);
  });
});
