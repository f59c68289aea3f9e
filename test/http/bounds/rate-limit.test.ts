import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { AppError } from "../../../src/core/errors.ts";
import { Allowances } from "../../../src/http/bounds/allowances.ts";
import { RateLimiter } from "../../../src/http/bounds/rate-limit.ts";
import { RefusedProof } from "../../../src/security/authentication/refusals.ts";
import { openHouse, type House } from "../house.ts";
import { ask } from "../local-server.ts";

describe("a rate by address", () => {
  test("lets five seconds' worth come at once, then as much as it says", () => {
    let now = 0;
    const limiter = new RateLimiter(2, { now: () => now });
    const answers = Array.from({ length: 12 }, () => limiter.ask("10.0.0.1"));
    expect(answers).toEqual([...Array<number>(10).fill(0), 1, 1]);
    expect(limiter.ask("10.0.0.2")).toBe(0);
    now = 500;
    expect([limiter.ask("10.0.0.1"), limiter.ask("10.0.0.1")]).toEqual([0, 1]);
  });

  test("remembers so many addresses and no more", () => {
    const limiter = new RateLimiter(1, { mostAddresses: 3 });
    for (let at = 0; at < 1000; at++) limiter.ask(`10.0.${at >> 8}.${at & 255}`);
    expect(limiter.size).toBe(3);
  });

  test.each([
    ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true],
    ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
    ["::ffff:10.0.0.1", "10.0.0.1", true],
    ["::1", "::2", true],
    ["10.0.0.1", "10.0.0.2", false],
  ])("%s and %s are one client: %s", (one, other, expected) => {
    const limiter = new RateLimiter(1, { now: () => 0 });
    for (let at = 0; at < 5; at++) limiter.ask(one);
    expect(limiter.ask(other) > 0).toBe(expected);
  });
});

describe("the service", () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse({ rateLimit: 1 });
  });
  afterAll(() => house.close());

  test("says 429 and when to come again, believes no header about the address, and always tells its health", async () => {
    let asked = 0;
    const next = () => ask(house.port, { path: "/fhir/metadata", headers: { "X-Forwarded-For": `10.0.0.${asked++}` } });
    let refused = await next();
    while (refused.status === 200) refused = await next();
    expect(asked).toBeGreaterThan(5);
    expect([refused.status, refused.headers["retry-after"], String(refused.body)]).toEqual([429, "1", expect.stringContaining("throttled")]);
    expect((await ask(house.port, { path: "/healthz" })).status).toBe(200);
  });
});

describe("allowances", () => {
  const system = (client: string) =>
    ({ kind: "system", issuer: "https://i.example", subject: client, client, name: client, roles: [], organisations: [], clearance: [] }) as const;
  const carried = (token: string) => ({ authorization: [`Bearer ${token}`], hasTokenInQuery: false, session: undefined, certificate: undefined });
  const outcome = async (asked: Promise<unknown>): Promise<string> =>
    asked.then(
      () => "in",
      (error: unknown) => (error instanceof AppError ? error.code : String(error)),
    );

  test("whoever is proved has one of their own, whatever token they bring, and others behind the same address theirs", async () => {
    const allowances = new Allowances({ perSecond: 2, failedProofs: 50, signIns: 10, now: () => 0 });
    const ask = (client: string, token: string) =>
      outcome(
        allowances
          .admit("10.0.0.1", carried(token), () => Promise.resolve({ caller: system(client) }))
          .then(({ caller }) => allowances.count(caller)),
      );
    for (let at = 0; at < 10; at++) expect(await ask("a", `a${at}`)).toBe("in");
    expect([await ask("a", "a0"), await ask("a", "new"), await ask("b", "b0")]).toEqual(["too-many-requests", "too-many-requests", "in"]);
  });

  test("what does not hold is not even looked at beyond its budget, and stops nobody who was let in before", async () => {
    const allowances = new Allowances({ perSecond: 0, failedProofs: 1, signIns: 10, now: () => 0 });
    let checks = 0;
    const forged = (at: number) =>
      outcome(
        allowances.admit("10.0.0.1", carried(`forged${at}`), () => {
          checks++;
          return Promise.reject(new RefusedProof("signature"));
        }),
      );
    const good = () => outcome(allowances.admit("10.0.0.1", carried("good"), () => Promise.resolve({ caller: system("a") })));
    expect(await good()).toBe("in");
    for (let at = 0; at < 100; at++) await forged(at);
    expect([checks, await forged(100), await good()]).toEqual([5, "too-many-requests", "in"]);
    expect(await outcome(allowances.admit("10.0.0.2", carried("other"), () => Promise.resolve({ caller: system("b") })))).toBe("in");
  });

  test("what held once and does not any more is forgotten", async () => {
    const allowances = new Allowances({ perSecond: 0, failedProofs: 1, signIns: 10, now: () => 0 });
    await allowances.admit("10.0.0.1", carried("t"), () => Promise.resolve({ caller: system("a") }));
    expect(allowances.size).toBe(1);
    await outcome(allowances.admit("10.0.0.1", carried("t"), () => Promise.reject(new RefusedProof("expired"))));
    expect(allowances.size).toBe(0);
  });

  test("what one client asks at the same time takes nothing of what others behind its address may", async () => {
    const allowances = new Allowances({ perSecond: 2, failedProofs: 50, signIns: 10, now: () => 0 });
    let letGo: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (letGo = resolve));
    const admit = (client: string, until: Promise<void>) =>
      outcome(allowances.admit("10.0.0.1", carried(client), () => until.then(() => ({ caller: system(client) }))));
    expect(await admit("a", Promise.resolve())).toBe("in");
    const atOnce = Array.from({ length: 30 }, () => admit("a", slow));
    expect(await admit("b", Promise.resolve())).toBe("in");
    letGo();
    expect(new Set(await Promise.all(atOnce))).toEqual(new Set(["in"]));
  });

  test("a stranger begins so many sign-ins, and keeps nobody elsewhere from theirs", () => {
    const allowances = new Allowances({ perSecond: 0, failedProofs: 50, signIns: 2, now: () => 0 });
    const begins = (address: string) => () => allowances.begins(address);
    for (let at = 0; at < 10; at++) expect(begins(`2001:db8::${at}`)).not.toThrow();
    expect(begins("2001:db8::ffff")).toThrow("Too many requests to sign in from this address");
    expect(begins("2001:db8:0:1::1")).not.toThrow();
  });
});
