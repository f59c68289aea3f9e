import { beforeAll, expect, test } from "@jest/globals";
import { OpaqueTokens } from "../../../src/security/authentication/opaque-tokens.ts";
import { AUDIENCE, NOW, testIssuer, type TestIssuer } from "./tokens.ts";

let base: TestIssuer;
beforeAll(async () => {
  base = await testIssuer();
});

function opaqueTokens(answer: () => Promise<Response>, clock = { now: NOW }): { tokens: OpaqueTokens; asked: () => number; clock: { now: number } } {
  let count = 0;
  const ask = (): Promise<Response> => {
    count += 1;
    return answer();
  };
  const client = { issuer: { ...base, ask }, clientId: "us", clientSecret: "hunter2" };
  return { tokens: new OpaqueTokens([client], { audience: AUDIENCE, now: () => clock.now }), asked: () => count, clock };
}
const yes = (exp = NOW / 1_000 + 60): Response => Response.json({ active: true, sub: "anna", aud: AUDIENCE, exp });

test("a yes counts for seconds, never beyond the token's own end; a no is asked again", async () => {
  let answer = (): Response => yes();
  const { tokens, asked, clock } = opaqueTokens(() => Promise.resolve(answer()));
  await tokens.check("a");
  await tokens.check("a");
  expect(asked()).toBe(1);
  clock.now += 9_999;
  await tokens.check("a");
  expect(asked()).toBe(1);
  clock.now += 1;
  answer = () => Response.json({ active: false });
  await expect(tokens.check("a")).rejects.toMatchObject({ reason: "inactive" });
  await expect(tokens.check("a")).rejects.toMatchObject({ reason: "inactive" });
  expect(asked()).toBe(3);
  answer = () => yes(clock.now / 1_000 + 2);
  await tokens.check("b");
  clock.now += 2_000;
  answer = () => Response.json({ active: false });
  await expect(tokens.check("b")).rejects.toMatchObject({ reason: "inactive" });
});

test("the same token is asked about once at a time, and a flood of others waits outside", async () => {
  const waiting: ((answer: Response) => void)[] = [];
  const { tokens, asked } = opaqueTokens(() => new Promise((resolve) => waiting.push(resolve)));
  const same = [tokens.check("same"), tokens.check("same")];
  const others = Array.from({ length: 31 }, (_, at) => tokens.check(`other ${at}`));
  await expect(tokens.check("one too many")).rejects.toMatchObject({ code: "unavailable", retryAfter: 2 });
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked()).toBe(32);
  for (const resolve of waiting) resolve(yes());
  expect(await Promise.all([...same, ...others])).toHaveLength(33);
});

test("nobody is asked where nobody can be", async () => {
  const { issuer } = { issuer: base };
  await expect(new OpaqueTokens([{ issuer, clientId: "us", clientSecret: undefined }], { audience: AUDIENCE }).check("a")).rejects.toMatchObject({
    reason: "opaque",
  });
});
