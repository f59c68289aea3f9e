/** A person with an account here subscribes; what becomes of it when the account changes between two deposits, on the way from the log to a receiver. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { BlockList } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { callerOf } from "../../../src/accounts/caller.ts";
import { Users, type User } from "../../../src/accounts/users.ts";
import { askedByProgram, type Caller } from "../../../src/core/asked.ts";
import { MatchingFollower } from "../../../src/events/matching-follower.ts";
import { OWNER_GONE, type HeldSubscription } from "../../../src/events/subscription.ts";
import { scopeCriteria } from "../../../src/main/access.ts";
import { openDelivering, type OpenDelivering } from "../../../src/main/delivering.ts";
import { ownerKnows } from "../../../src/main/owner-knows.ts";
import { readAccessPolicy } from "../../../src/security/policy/read-access-policy.ts";
import { MemoryPositions } from "../../contracts/memory-positions.ts";
import { R4, SEARCH_PARAMETERS } from "../../r4.ts";
import { marked } from "../access-documents.ts";
import { openHouse, type House } from "../house.ts";
import { ask, serveLocally, type LocalServer, type RawAnswer } from "../local-server.ts";
import { BACKPORT, BASE, topic } from "./subscription-house.ts";

const ASKED = askedByProgram("a test");
const policy = readAccessPolicy(
  JSON.stringify({
    version: "owners/1",
    clearance: { reader: ["N"] },
    rules: [
      { name: "readers read, and subscribe", permit: ["read", "subscribe"], to: { roles: ["reader"] } },
      { name: "anybody may ask", permit: ["subscribe"], to: { roles: ["visitor"] } },
    ],
  }),
);
const callers = new Map<string, Caller>([["filler", { kind: "program", name: "filler" }]]);
let house: House;
let receiver: LocalServer;
/** What left, by its address. */
const left: { readonly url: string; readonly body: string }[] = [];
const faults: unknown[] = [];
let follower: MatchingFollower;
let opened: OpenDelivering;

const by = (caller: string, path: string, body?: unknown): Promise<RawAnswer> =>
  ask(house.port, {
    ...{ method: body === undefined ? "GET" : "POST", path, ...(body !== undefined && { body: JSON.stringify(body) }) },
    headers: { "X-Test-Caller": caller, Accept: "application/fhir+json", "Content-Type": "application/fhir+json" },
  });
const idOf = ({ headers }: RawAnswer): string => headers.location?.split("/").at(-3) ?? "";
/** Gives the document's id. */
const deposit = async (name: string): Promise<string> =>
  idOf(await by("filler", "/fhir/Bundle", JSON.parse(marked({ name, house: "A", person: name }).json) as object));
const person = async (name: string): Promise<{ readonly user: User; readonly users: Users }> => {
  const users = new Users(house.settings);
  const user = await users.add(name, { roles: ["reader"], clearance: ["N"] }, ASKED);
  callers.set(name, callerOf(user, `${BASE.replace(/\/fhir$/, "")}/oauth`));
  return { user, users };
};
const subscribe = async (name: string): Promise<string> => {
  const answer = await by(name, "/fhir/Subscription", {
    ...{ resourceType: "Subscription", status: "requested", reason: "a test", criteria: topic("deposited") },
    channel: {
      ...{ type: "rest-hook", endpoint: `http://127.0.0.1:${receiver.port}/${name}`, payload: "application/fhir+json" },
      _payload: { extension: [{ url: `${BACKPORT}payload-content`, valueCode: "id-only" }] },
    },
  });
  expect([answer.status, String(answer.body)]).toEqual([201, expect.anything()]);
  return idOf(answer);
};
const held = (id: string): Promise<HeldSubscription | undefined> => house.subscriptions.records.find(id);
const countOf = async (id: string): Promise<number> => (await house.eventRows.counts([id])).get(id)?.count ?? 0;
const told = (name: string, document: string): boolean => left.some(({ url, body }) => url === `/${name}` && body.includes(document));
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let times = 0; times < 500; times++) {
    if (await holds()) return;
    await sleep(20);
  }
  throw new Error(`it never came about: ${JSON.stringify(left)} ${String(faults[0])}`);
}

beforeAll(async () => {
  receiver = await serveLocally((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => void (body += part.toString()));
    request.on("end", () => {
      left.push({ url: request.url ?? "", body });
      response.writeHead(200).end();
    });
  });
  const callbackAllow = { hosts: new Set(["127.0.0.1"]), addresses: new BlockList() };
  callbackAllow.addresses.addAddress("127.0.0.1");
  house = await openHouse({ policy, callers, callbackAllow, accessMode: "embedded" });
  const { records, tokens, needsAt } = house.subscriptions;
  const { ownerNow } = needsAt(house.served.baseUrl);
  const { access, deciding, derived } = house.inside;
  const context = { definitions: R4.definitions, parameters: SEARCH_PARAMETERS, terminology: R4.terminology, base: house.served.fhirBase };
  const positions = new MemoryPositions();
  const onFault = (error: unknown): void => void faults.push(error);
  const { preparing } = house.served.registry;
  opened = openDelivering(
    { proof: { callbackAllow }, rateLimit: 0 },
    { records, rows: house.eventRows, positions, preparing, ownerNow, tokens, served: house.served, software: "chartulary/test", onFault },
  );
  follower = new MatchingFollower({
    ...{ rows: house.eventRows, positions, subscriptions: records, context, source: derived.arriving, onFault, poll: 20 },
    log: { size: async () => (await house.store.checkpoint())?.size ?? 0, entries: (from, count) => house.store.entries(from, count) },
    mayKnow: ownerKnows({ ...deciding, access, ownerNow, searcher: derived.searcher, scopeCriterion: scopeCriteria(context) }),
    onEvents: (more) => opened.wake(more),
  });
  follower.start();
  opened.delivering.start();
});
afterAll(async () => {
  await follower.close();
  await opened.close();
  await house.close();
  await receiver.close();
});

test("an account that is disabled between two deposits: of the second no number is given, nothing leaves, and whoever looks after it sees why", async () => {
  const { user, users } = await person("anna");
  const [id, witness] = [await subscribe("anna"), (await person("witness"), await subscribe("witness"))];
  const first = await deposit("first");
  await until(() => told("anna", first));
  const disabled = await users.change((await users.find("anna")) ?? user, { isDisabled: true }, ASKED);
  const before = left.filter(({ url }) => url === "/anna").length;
  const second = await deposit("second");
  await until(() => told("witness", second));
  await until(async () => (await held(id))?.status === "error");
  expect([await countOf(id), await countOf(witness), (await held(id))?.shown.string("error")]).toEqual([1, 2, `${OWNER_GONE}.`]);
  expect(await house.eventRows.delivery(id)).toMatchObject({ lastFailure: OWNER_GONE, delivered: 1 });
  // An operator who has it tried anew, or whoever asks for it in another way, has nothing sent.
  const now = (await held(id)) as HeldSubscription;
  const events = await house.eventRows.events(id, { from: 1, to: 1 });
  await expect(house.served.registry.preparing.prepare(now, { type: "event-notification", events, count: 1 })).rejects.toThrow(OWNER_GONE);
  await expect(house.served.registry.preparing.prepare(now, { type: "handshake", events: [], count: 1 })).rejects.toThrow(OWNER_GONE);
  expect(left.filter(({ url }) => url === "/anna")).toHaveLength(before);
  expect(JSON.stringify(left.filter(({ url }) => url === "/anna"))).not.toContain(second);
  // Let in again, and tried anew, they are told of what comes from then on.
  await users.change(disabled, { isDisabled: false }, ASKED);
  await house.subscriptions.records.setStatus((await held(id)) as HeldSubscription, "requested");
  const third = await deposit("third");
  await until(() => told("anna", third));
  expect([await countOf(id), told("anna", second), faults]).toEqual([2, false, []]);
});

test("roles count as they are: who may not read any more is told of nothing, by whatever was proved when it was made", async () => {
  const { users } = await person("berta");
  const id = await subscribe("berta");
  await until(async () => (await held(id))?.status === "active");
  const user = (await users.find("berta")) as User;
  await users.change(user, { roles: ["visitor"] }, ASKED);
  const hidden = await deposit("hidden");
  await until(() => told("witness", hidden));
  expect([await countOf(id), (await held(id))?.status]).toEqual([0, "active"]);
  await users.change((await users.find("berta")) as User, { roles: ["reader"] }, ASKED);
  const shown = await deposit("shown");
  await until(() => told("berta", shown));
  expect([await countOf(id), told("berta", hidden)]).toEqual([1, false]);
});
