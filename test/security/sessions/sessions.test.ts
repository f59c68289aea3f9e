import { beforeEach, describe, expect, test } from "@jest/globals";
import type { KeptSessions } from "../../../src/security/sessions/kept-sessions.ts";
import { memorySessions } from "./memory-sessions.ts";
import { Sessions, type SignedIn } from "../../../src/security/sessions/sessions.ts";

const caller = {
  kind: "person",
  issuer: "https://login.example.org",
  subject: "anna",
  name: "Anna",
  roles: [],
  organisations: [],
  clearance: [],
} as const;
const anna: SignedIn = { caller, purpose: undefined, sid: "s1", idToken: "e30.e30.x" };
const MINUTE = 60_000;

let now: number;
let kept: KeptSessions;
let sessions: Sessions;
beforeEach(() => {
  now = 1_000_000_000;
  kept = memorySessions(() => now);
  sessions = new Sessions(kept, { idle: 15 * MINUTE, longest: 60 * MINUTE }, () => now);
});

test("a secret that was given says who it is, and nothing else does", async () => {
  const secret = await sessions.begin(anna);
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(await sessions.proofOf(secret)).toEqual({ by: "session", caller, purpose: undefined });
  expect(await sessions.begin(anna)).not.toBe(secret);
  for (const other of ["", "x", secret.slice(1), `${secret}x`, `${secret.slice(0, -1)}${secret.endsWith("A") ? "B" : "A"}`])
    expect(await sessions.proofOf(other)).toBeUndefined();
});

test("ends when nobody asks, and after its longest time though somebody does", async () => {
  const idle = await sessions.begin(anna);
  now += 15 * MINUTE;
  expect(await sessions.proofOf(idle)).toBeUndefined();
  const busy = await sessions.begin(anna);
  for (let at = 0; at < 5; at++) {
    now += 11 * MINUTE;
    expect(await sessions.proofOf(busy)).toBeDefined();
  }
  now += 6 * MINUTE;
  expect(await sessions.proofOf(busy)).toBeUndefined();
});

describe("ends at once", () => {
  test("by its own sign-out, which gives what the issuer is told", async () => {
    const [one, other] = [await sessions.begin(anna), await sessions.begin(anna)];
    expect(await sessions.end(one)).toMatchObject({ idToken: "e30.e30.x", caller });
    expect([await sessions.proofOf(one), (await sessions.proofOf(other))?.by]).toEqual([undefined, "session"]);
    expect(await sessions.end(one)).toBeUndefined();
  });

  test("by the issuer's name for it, or all of one person's", async () => {
    const issuer = caller.issuer;
    const [one, two] = [await sessions.begin(anna), await sessions.begin({ ...anna, sid: "s2" })];
    const bert = await sessions.begin({ ...anna, caller: { ...caller, subject: "bert" }, sid: undefined });
    expect(await sessions.endAll({ issuer: "https://other.example.org", subject: "anna" })).toBe(0);
    expect(await sessions.endAll({ issuer })).toBe(0);
    expect(await sessions.endAll({ issuer, subject: "anna", sid: "s1" })).toBe(1);
    expect([await sessions.proofOf(one), (await sessions.proofOf(two))?.by]).toEqual([undefined, "session"]);
    expect(await sessions.endAll({ issuer, subject: "anna" })).toBe(1);
    expect([await sessions.proofOf(two), (await sessions.proofOf(bert))?.by]).toEqual([undefined, "session"]);
  });

  test("and stays so, though a request that came before notes that it was seen", async () => {
    const secret = await sessions.begin(anna);
    now += 5 * MINUTE;
    const slow: KeptSessions = {
      ...kept,
      change: async (...args) => {
        await kept.removeBy(`session ${JSON.stringify([caller.issuer, "s1"])}`);
        return kept.change(...args);
      },
    };
    await new Sessions(slow, { idle: 15 * MINUTE, longest: 60 * MINUTE }, () => now).proofOf(secret);
    expect(await sessions.proofOf(secret)).toBeUndefined();
  });
});

test("something is used once, until that is forgotten", async () => {
  expect([await sessions.useOnce("x", 1_000), await sessions.useOnce("x", 1_000), await sessions.useOnce("y", 1_000)]).toEqual([true, false, true]);
  now += 1_000;
  expect(await sessions.useOnce("x", 1_000)).toBe(true);
});
