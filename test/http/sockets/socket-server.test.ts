/** Websockets as clients open them: who may, what is said, and how they end. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createServer, type Server } from "node:http";
import { connect as connectTo, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import WebSocket from "ws";
import type { SubscriptionEvent } from "../../../src/events/event-rows.ts";
import type { Prepared, ToTell } from "../../../src/events/prepared.ts";
import type { HeldSubscription } from "../../../src/events/subscription.ts";
import { OPEN_DOOR, type Refused } from "../../../src/http/access/door.ts";
import { Allowances } from "../../../src/http/bounds/allowances.ts";
import { RefusedProof } from "../../../src/security/authentication/refusals.ts";
import { SocketServer, SOCKET_LIMITS, type SocketLimits, type SocketServerNeeds } from "../../../src/http/sockets/socket-server.ts";
import { isOwner } from "../../../src/interactions/fhir/subscriptions/subscriptions.ts";
import { MemoryEvents } from "../../contracts/memory-events.ts";
import { AT, HeldInMemory, heldSubscription } from "../../events/held.ts";

let records: HeldInMemory;
let rows: MemoryEvents;
let http: Server;
let sockets: SocketServer;
let port: number;
let open: WebSocket[];
const faults: unknown[] = [];
const PLAIN = heldSubscription(1, { type: "websocket", content: undefined } as never, { status: "active" });
const TOPIC = heldSubscription(2, { type: "websocket", content: "id-only" }, { status: "active" });

function prepare(subscription: HeldSubscription, { type, events, count }: ToTell): Promise<Prepared[]> {
  const isPlain = subscription.channel.content === undefined;
  const body = isPlain ? {} : { body: Buffer.from(`${type} ${events.map(({ number }) => number).join("+")} of ${count}`) };
  const call = { url: "", method: "POST", headers: {}, time: 1_000, ...body } as const;
  return Promise.resolve([{ calls: [call], ...(events.length > 0 && { upTo: events.at(-1)?.number ?? 0 }) }]);
}

async function start(limits: Partial<SocketLimits> = {}, over: Partial<SocketServerNeeds> = {}): Promise<void> {
  http = createServer((_request, response) => response.end("no socket"));
  const tokens = { take: (token: string) => Promise.resolve(token === "good" ? [TOPIC.id] : undefined) };
  sockets = new SocketServer({
    ...{ baseUrl: "http://127.0.0.1", isOpen: true, door: OPEN_DOOR, limits: { ...SOCKET_LIMITS, ...limits } },
    talking: { records, rows, tokens, isOwner, preparing: { prepare } },
    onFault: (error) => faults.push(error),
    ...over,
  });
  sockets.serve(http, () => undefined);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  ({ port } = http.address() as AddressInfo);
}

beforeEach(async () => {
  [records, rows, open] = [new HeldInMemory(), new MemoryEvents(), []];
  records.put(PLAIN, TOPIC);
  await start();
});
afterEach(async () => {
  for (const one of open) one.terminate();
  sockets.close();
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
  expect(faults).toEqual([]);
});

interface Client {
  readonly socket: WebSocket;
  readonly heard: string[];
  readonly ended: Promise<string>;
}

async function connect(options: WebSocket.ClientOptions = {}, path = "/fhir/$subscriptions"): Promise<Client> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
  open.push(socket);
  const heard: string[] = [];
  socket.on("message", (data) => heard.push((data as Buffer).toString("utf8")));
  const ended = new Promise<string>((resolve) => socket.once("close", (code, reason) => resolve(`${code} ${reason.toString("utf8")}`)));
  await new Promise<void>((resolve, reject) => {
    socket.once("open", () => resolve());
    socket.once("error", reject);
  });
  return { socket, heard, ended };
}

function eventsOf({ id }: HeldSubscription, from: number, to: number): SubscriptionEvent[] {
  return Array.from({ length: to - from + 1 }, (_, n) => ({
    ...{ subscription: id, number: from + n, position: from + n, kind: "deposited", at: AT, focus: ["Bundle/a"] },
  }));
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let n = 0; n < 500; n++) {
    if (await holds()) return;
    await sleep(20);
  }
  throw new Error("it never came about");
}

test("R4: bind, bound, and a ping for what happens, also for what happened before", async () => {
  await rows.append(eventsOf(PLAIN, 1, 2));
  const { socket, heard } = await connect();
  socket.send(`bind ${PLAIN.id}`);
  await until(() => heard.length === 2);
  expect(heard).toEqual([`bound ${PLAIN.id}`, `ping ${PLAIN.id}`]);
  await rows.append(eventsOf(PLAIN, 3, 3));
  sockets.hub.wake();
  await until(() => heard.length === 3);
  expect(heard[2]).toBe(`ping ${PLAIN.id}`);
});

test("the Backport: a token, a handshake, notifications; whoever comes back goes on where it stood", async () => {
  const first = await connect();
  first.socket.send("bind-with-token good");
  await until(() => first.heard.length === 1);
  await rows.append(eventsOf(TOPIC, 1, 2));
  await until(() => first.heard.length === 2);
  expect(first.heard).toEqual(["handshake  of 0", "event-notification 1+2 of 2"]);
  await until(async () => (await rows.delivery(TOPIC.id))?.delivered === 2);
  first.socket.terminate();
  await rows.append(eventsOf(TOPIC, 3, 3));
  const second = await connect();
  second.socket.send("bind-with-token good");
  await until(() => second.heard.length === 2);
  expect(second.heard).toEqual(["handshake  of 3", "event-notification 3 of 3"]);
});

test("what was sent and not read is told again to whoever comes back", async () => {
  const first = await connect({ autoPong: false });
  first.socket.send("bind-with-token good");
  await rows.append(eventsOf(TOPIC, 1, 1));
  await until(() => first.heard.length === 2);
  first.socket.terminate();
  const second = await connect();
  second.socket.send("bind-with-token good");
  await until(() => second.heard.includes("event-notification 1 of 1"));
});

describe("a socket is ended", () => {
  test.each([
    ["bind-with-token stolen", "1008 the token is not good, or not any more: ask for another one"],
    [`bind ${TOPIC.id}`, `1008 Subscription/${TOPIC.id} is not there`],
    ["bind unknown", "1008 Subscription/unknown is not there"],
    ["hello", '1008 say "bind ID" or "bind-with-token TOKEN"'],
  ])("that says %j", async (text, end) => {
    const { socket, ended } = await connect();
    socket.send(text);
    expect(await ended).toBe(end);
  });

  test("that says too much, or something that is no text", async () => {
    const [long, binary] = [await connect(), await connect()];
    long.socket.send("a".repeat(2_000));
    expect(await long.ended).toMatch(/^1009/);
    binary.socket.send(Buffer.from("bind x"), { binary: true });
    expect(await binary.ended).toBe("1008 only text is understood");
  });

  test("when its subscription is not active any more", async () => {
    const { socket, heard, ended } = await connect();
    socket.send(`bind ${PLAIN.id}`);
    await until(() => heard.length === 1);
    await records.setStatus(PLAIN, "off");
    expect(await ended).toBe(`1008 Subscription/${PLAIN.id} has ended, or was changed`);
  });

  test("in the midst of what it is told, when its subscription is deleted", async () => {
    sockets.close();
    http.close();
    const telling: typeof prepare = (one, toTell) => {
      if (toTell.events.length > 0) records.remove(TOPIC.id);
      return prepare(one, toTell);
    };
    const tokens = { take: () => Promise.resolve([TOPIC.id]) };
    await start({}, { talking: { records, rows, tokens, isOwner, preparing: { prepare: telling } } });
    await rows.append(eventsOf(TOPIC, 1, 150));
    const { socket, heard, ended } = await connect();
    socket.send("bind-with-token good");
    expect(await ended).toMatch(/^1008/);
    expect(heard.map((text) => text.split(" ")[0])).toEqual(["handshake", "event-notification"]);
  });

  test("when the service stops", async () => {
    const { ended } = await connect();
    sockets.close();
    expect(await ended).toBe("1001 the service is stopping");
  });
});

describe("with other limits", () => {
  test("one that binds nothing, or whose other end is gone, is ended", async () => {
    sockets.close();
    http.close();
    await start({ binding: 100 });
    expect(await (await connect()).ended).toBe("1008 nothing was bound");
    sockets.close();
    http.close();
    await start({ ping: 50 });
    const gone = await connect({ autoPong: false });
    expect(await gone.ended).toMatch(/^1006/);
  });

  test("there are so many of one network", async () => {
    sockets.close();
    http.close();
    await start({ ofOne: 1 });
    const { socket } = await connect();
    await expect(connect()).rejects.toThrow(/429/);
    socket.terminate();
    await until(() => sockets.hub.size === 0);
    await connect();
  });

  test("so many of one network, also of those that come at once, while it is asked who they are", async () => {
    sockets.close();
    http.close();
    const prove = async (): ReturnType<typeof OPEN_DOOR.authenticator.prove> => {
      await sleep(50);
      return { by: "nothing", caller: { kind: "anonymous" } };
    };
    await start({ ofOne: 2 }, { isOpen: false, door: { ...OPEN_DOOR, authenticator: { ...OPEN_DOOR.authenticator, prove } } });
    const came = await Promise.allSettled(Array.from({ length: 6 }, () => connect()));
    expect(came.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
  });

  test("what proves nothing is written down, and tried so often from one address", async () => {
    sockets.close();
    http.close();
    const refused: Refused[] = [];
    const prove = (): Promise<never> => Promise.reject(new RefusedProof("signature"));
    const door = { ...OPEN_DOOR, authenticator: { ...OPEN_DOOR.authenticator, prove }, onRefused: (one: Refused) => void refused.push(one) };
    const allowances = new Allowances({ perSecond: 0, failedProofs: 2, signIns: 1, now: () => 0 });
    await start({}, { isOpen: false, door, allowances });
    const answers: string[] = [];
    for (let n = 0; n < 40; n++)
      await connect({ headers: { authorization: `Bearer ${n}` } }).catch((error: unknown) => answers.push((error as Error).message));
    expect(answers.at(0)).toMatch(/401/);
    expect(answers.at(-1)).toMatch(/429/);
    expect(refused[0]).toMatchObject({ method: "GET", path: "/fhir/$subscriptions", reason: "signature" });
    expect(refused.length).toBeLessThan(40);
  });
});

test("what is refused is ended by us, though the other end does not", async () => {
  const socket = connectTo({ port, host: "127.0.0.1", allowHalfOpen: true });
  socket.resume().write("GET /elsewhere HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  await new Promise((resolve) => socket.once("end", resolve));
  const count = (): Promise<number> => new Promise((resolve) => http.getConnections((_error, all) => resolve(all)));
  await until(async () => (await count()) === 0);
  socket.destroy();
});

test("who asks for too many in a second is refused", async () => {
  sockets.close();
  http.close();
  await start({ asked: 1 });
  for (let n = 0; n < 5; n++) await connect();
  await expect(connect()).rejects.toThrow(/429/);
});

test.each([
  ["another address", "/fhir/Bundle", {}, /404/],
  ["another Host (DNS rebinding)", undefined, { headers: { host: "evil.example" } }, /421/],
  ["another origin", undefined, { origin: "https://evil.example" }, /403/],
])("%s is refused before it is a socket", async (_what, path, options, refusal) => {
  await expect(connect(options, path)).rejects.toThrow(refusal);
});

test("our own pages may, and plain requests are answered as before", async () => {
  await connect({ origin: `http://127.0.0.1:${port}` });
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("no socket");
});
