/** Who is called of those that strangers name, and what receivers may do to us. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { BlockList } from "node:net";
import { openCallbacks, type CallbackOptions } from "../../../src/adapters/callbacks/open-callbacks.ts";
import type { Callback, CallbackOutcome, Callbacks } from "../../../src/events/callbacks.ts";
import { ALLOW_NOTHING, callbackLookup, type CallbackAllow, type ResolveAll } from "../../../src/security/issuers/reach.ts";
import { openFaultyReceiver, type FaultyReceiver } from "./faulty-receiver.ts";

const LOCALHOST: CallbackAllow = { hosts: new Set(["localhost"]), addresses: new BlockList() };

let receiver: FaultyReceiver;
let open: Callbacks[];
beforeEach(async () => {
  receiver = await openFaultyReceiver();
  open = [];
});
afterEach(async () => {
  for (const one of open) one.close();
  await receiver.close();
});

function callbacks(allow: CallbackAllow = LOCALHOST, resolve?: ResolveAll, options: Partial<CallbackOptions> = {}): Callbacks {
  const made = openCallbacks({ lookupOf: (url) => callbackLookup(url, allow, resolve), software: "chartulary/test", ...options });
  open.push(made);
  return made;
}

const calling = (url: string, one: Partial<Callback> = {}): Callback => ({ url, method: "POST", headers: {}, time: 20_000, ...one });
const call = (path: string, one: Partial<Callback> = {}): Promise<CallbackOutcome> => callbacks().call(calling(receiver.url + path, one));

test("a body, headers and who calls arrive, and the next call takes the same connection", async () => {
  const made = callbacks();
  const one = calling(`${receiver.url}/taken`, { headers: { authorization: ["Bearer a"], "x-more": ["1", "2"] }, body: Buffer.from("{}") });
  expect(await made.call(one)).toEqual({ isTaken: true, status: 200 });
  expect(await made.call({ ...one, method: "PUT" })).toEqual({ isTaken: true, status: 200 });
  expect(receiver.received.map(({ method, body }) => [method, body])).toEqual([
    ["POST", "{}"],
    ["PUT", "{}"],
  ]);
  expect(receiver.received[0]?.headers).toMatchObject({ authorization: "Bearer a", "x-more": "1, 2", "user-agent": "chartulary/test" });
  expect(receiver.connections()).toBe(1);
});

test("an empty body is one", async () => {
  expect(await call("/taken")).toEqual({ isTaken: true, status: 200 });
  expect(receiver.received[0]).toMatchObject({ body: "", headers: { "content-length": "0" } });
});

describe("a receiver that does not take it", () => {
  test.each([
    ["/status/500", "it answered 500"],
    ["/status/404", "it answered 404"],
    ["/redirect", "it answered 307, and nobody is followed elsewhere"],
    ["/reset", "it closed the connection without an answer"],
    ["/no-http", "what it answers is not HTTP"],
    ["/long-head", "the head of its answer is too long"],
  ])("%s: %s", async (path, reason) => {
    expect(await call(path)).toMatchObject({ isTaken: false, reason });
    expect(receiver.received).toHaveLength(1);
  });

  test("is told from one that is slow", async () => {
    expect(await call("/silent", { time: 300 })).toEqual({ isTaken: false, reason: "it did not answer within 1 s" });
  });

  test("says when it wants to be asked again", async () => {
    expect(await call("/status/503")).toMatchObject({ status: 503, retryAfter: 7 });
  });

  test("may be nobody at all", async () => {
    await receiver.close();
    expect(await call("/taken")).toEqual({ isTaken: false, reason: "nothing listens there" });
    const unknown = callbacks({ ...LOCALHOST, hosts: new Set(["nobody.invalid"]) });
    expect(await unknown.call(calling("http://nobody.invalid/"))).toMatchObject({ isTaken: false, reason: expect.stringMatching(/^its name /) });
  });
});

test("an answer of a gigabyte is taken by its status, and not read", async () => {
  expect(await call("/gigabyte")).toEqual({ isTaken: true, status: 200 });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(receiver.written()).toBeLessThan(20_000_000);
});

test("an answer that never ends holds up nobody, and ends when the service does", async () => {
  const made = callbacks();
  expect(await made.call(calling(`${receiver.url}/drip`))).toEqual({ isTaken: true, status: 200 });
  const silent = made.call(calling(`${receiver.url}/silent`));
  await new Promise((resolve) => setTimeout(resolve, 100));
  made.close();
  expect(await silent).toEqual({ isTaken: false, reason: "this service was stopped meanwhile" });
});

test("a certificate that nobody vouches for is told as that", async () => {
  const tls = await openFaultyReceiver({ isTls: true });
  try {
    const outcome = await callbacks().call(calling(`${tls.url}/taken`));
    expect(outcome).toMatchObject({ isTaken: false, reason: expect.stringMatching(/^its certificate /) });
    expect(tls.received).toEqual([]);
  } finally {
    await tls.close();
  }
});

describe("who is not called", () => {
  const range = new BlockList();
  range.addSubnet("127.0.0.0", 8);
  const PRIVATE = "an address in a private network is called only where CALLBACK_ALLOW names it";
  const PLAIN = "only https addresses are called, and http where CALLBACK_ALLOW names the host or its network";
  const to = (...addresses: string[]): ResolveAll => (_name, _options, callback) =>
    callback(null, addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }))); // prettier-ignore

  test.each([
    ["https://127.0.0.1", PRIVATE],
    ["https://[::1]", PRIVATE],
    ["https://[::ffff:10.0.0.1]", PRIVATE],
    ["https://169.254.169.254", PRIVATE],
    ["https://2130706433", PRIVATE],
    ["https://localhost", PRIVATE],
    ["http://localhost", PLAIN],
    ["http://8.8.8.8", PLAIN],
    ["https://user:secret@example.org", "an address that is called has no user and no password in it"],
    ["ftp://example.org", "only https addresses are called"],
    ["nonsense", "it is no address"],
  ])("%s: %s", async (url, reason) => {
    const address = /^https?:\/\/(?!user)/.test(url) ? `${url}:${receiver.port}/` : url;
    expect(await callbacks(ALLOW_NOTHING).call(calling(address))).toEqual({ isTaken: false, reason });
    expect(receiver.connections()).toBe(0);
  });

  test("a name with a public and a private address, or that leads into the private network by its second answer", async () => {
    const url = `https://example.org:${receiver.port}/`;
    expect(await callbacks(ALLOW_NOTHING, to("8.8.8.8", "127.0.0.1")).call(calling(url))).toEqual({ isTaken: false, reason: PRIVATE });
    let asked = 0;
    const rebinding: ResolveAll = (...given) => (asked++ === 0 ? to("192.0.2.1") : to("127.0.0.1"))(...given);
    for (let n = 0; n < 2; n++) expect(await callbacks(ALLOW_NOTHING, rebinding).call(calling(url))).toEqual({ isTaken: false, reason: PRIVATE });
    expect(receiver.connections()).toBe(0);
  });

  test("a name is asked once for a connection, and that very address is connected to", async () => {
    let asked = 0;
    const once: ResolveAll = (...given) => to(asked++ === 0 ? "127.0.0.1" : "192.0.2.1")(...given);
    const made = callbacks({ hosts: new Set(), addresses: range }, once);
    for (let n = 0; n < 3; n++) expect(await made.call(calling(`http://rebinding.example:${receiver.port}/`))).toMatchObject({ isTaken: true });
    expect([asked, receiver.connections()]).toEqual([1, 1]);
  });

  test("plain http goes into listed networks alone, also when another host is listed", async () => {
    const made = callbacks({ hosts: new Set(["other.example"]), addresses: range }, to("8.8.8.8"));
    expect(await made.call(calling(`http://example.org:${receiver.port}/`))).toEqual({ isTaken: false, reason: PLAIN });
  });

  test("whoever does not let a connection come about", async () => {
    const never: ResolveAll = () => undefined;
    const made = callbacks(ALLOW_NOTHING, never, { connectTime: 100 });
    expect(await made.call(calling("https://example.org/"))).toEqual({ isTaken: false, reason: "no connection came about in time" });
  });
});
