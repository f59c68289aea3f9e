/** What is sent and answered, held against the Backport's own profiles (backport-profile.ts) beside R4's rules. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { notificationFaults, statusFaults, subscriptionFaults } from "./backport-profile.ts";
import { bundleOf, by, eventsOf, house, ids, make, openAll, prepare, topic, validate } from "./subscription-house.ts";

beforeAll(openAll);
afterAll(() => house.close());

const json = (body: string | Uint8Array | undefined): Parameters<typeof notificationFaults>[0] =>
  JSON.parse(Buffer.from(body ?? "").toString()) as Parameters<typeof notificationFaults>[0];

test.each(["empty", "id-only", "full-resource"])("%s: what is sent and answered keeps to the guide's profiles", async (content) => {
  const held = await make(topic("superseded"), content);
  const [one, two, gone] = ids.map((id) => `DocumentReference/${id}`);
  const events = eventsOf(held.id, [[one ?? "", two ?? ""], [two ?? ""], [gone ?? ""]], "superseded");
  await house.eventRows.append(events);
  const sent = [
    ...(await prepare(held, events)),
    ...(await house.served.registry.preparing.prepare(held, { type: "handshake", events: [], count: 0 })),
    ...(await house.served.registry.preparing.prepare({ ...held, status: "active" }, { type: "heartbeat", events: [], count: 3 })),
  ].flatMap(({ calls }) => calls.map(({ body }) => body));
  const answered = (await by("owner", `/fhir/Subscription/${held.id}/$events`)).body;
  expect(sent).toHaveLength(3);
  for (const body of [...sent, answered]) expect([notificationFaults(json(body)), validate(body)]).toEqual([[], []]);
  const { body } = await by("owner", `/fhir/Subscription/${held.id}/$status`);
  const [status, ...others] = bundleOf(body).entry;
  expect([statusFaults(status?.resource), others]).toEqual([[], []]);
  expect(subscriptionFaults(json((await by("owner", `/fhir/Subscription/${held.id}`)).body))).toEqual([]);
});

test("what does not keep to them is told", async () => {
  const held = await make(topic("deposited"), "id-only");
  const [prepared] = await prepare(held, eventsOf(held.id, [[`DocumentReference/${ids[0] ?? ""}`]]));
  const good = Buffer.from(prepared?.calls[0]?.body ?? "").toString();
  const broken = (from: string | RegExp, to: string): readonly string[] => notificationFaults(json(good.replace(from, to)));
  expect(broken('"history"', '"collection"')).toEqual(["it is a Bundle of type history"]);
  expect(broken("backport-subscription-status-r4", "another")).toEqual(["it declares backport-subscription-status-r4"]);
  expect(broken('"name":"event-number"', '"name":"number"')).toEqual(["parameter:notification-event:event-number stands there 0 times"]);
  expect(broken('"valueCode":"event-notification"', '"valueCode":"event"')).toEqual(["parameter:type is none of its codes"]);
  expect(broken('"valueInstant"', '"valueDateTime"')).toEqual(["parameter:notification-event:timestamp has valueDateTime"]);
  expect(broken("/Subscription/", "/Group/")).toEqual(["parameter:subscription leads to no Subscription"]);
});
