/** Refresh tokens of the embedded authorization server: who may bring one, how often, and what ends the whole line. */
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { User } from "../../../src/accounts/users.ts";
import { GRACE } from "../../../src/adapters/oidc/refresh-line.ts";
import {
  APP, ASKED, assertionOf, ASSERTION_TYPE, authorizePath, Browser, jsonOf, newKey, newPkce, post, REDIRECT, serverWithAnna, throughPages, type TestServer,
} from "./server.ts"; // prettier-ignore

let made: TestServer;
let anna: User;
beforeEach(async () => {
  ({ made, anna } = await serverWithAnna());
});
afterEach(() => {
  jest.restoreAllMocks();
});

async function firstToken(): Promise<string> {
  const { verifier, challenge } = newPkce();
  const led = await throughPages(made.server, new Browser(), authorizePath("app", { verifier, challenge }), anna.subject);
  const code = led.searchParams.get("code") ?? "";
  const form = { grant_type: "authorization_code", code, redirect_uri: REDIRECT, client_id: "app", code_verifier: verifier };
  return String(jsonOf(await post(made.server, "/token", form))["refresh_token"]);
}

const refresh = async (token: string, over: Readonly<Record<string, string>> = { client_id: "app" }): Promise<Record<string, unknown>> =>
  jsonOf(await post(made.server, "/token", { grant_type: "refresh_token", refresh_token: token, ...over }));
const next = async (token: string): Promise<string> => String((await refresh(token))["refresh_token"]);
const errorOf = async (token: string): Promise<unknown> => (await refresh(token))["error"];

describe("a public client that does not say who it is (SMART's JavaScript client)", () => {
  test("is known by its refresh token, which is good as ever: once, and the whole line ends when it comes again", async () => {
    const first = await firstToken();
    const answer = await refresh(first, {});
    expect(answer).toMatchObject({ token_type: "Bearer", expires_in: 300, patient: "p-1" });
    const second = String(answer["refresh_token"]);
    const third = String((await refresh(second, {}))["refresh_token"]);
    expect((await refresh(first, {}))["error"]).toBe("invalid_grant");
    expect(await errorOf(third)).toBe("invalid_grant");
  });

  test("is nobody with a token that was never issued", async () => {
    expect((await refresh("a-token-of-nobody", {}))["error"]).toMatch(/^invalid_(?:request|client|grant)$/);
  });

  test("a client with keys proves who it is, token or not", async () => {
    const key = await newKey("ES384");
    const app = await made.clients.find("app");
    if (!app) throw new Error("not there");
    await made.clients.change(app, { keys: { keys: [key.jwk] } }, ASKED);
    const { verifier, challenge } = newPkce();
    const led = await throughPages(made.server, new Browser(), authorizePath("app", { verifier, challenge }), anna.subject);
    const proved = async (): Promise<Record<string, string>> => ({
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await assertionOf({ client: "app", key }),
    });
    const form = { grant_type: "authorization_code", code: led.searchParams.get("code") ?? "", redirect_uri: REDIRECT, code_verifier: verifier };
    const token = String(jsonOf(await post(made.server, "/token", { ...form, ...(await proved()) }))["refresh_token"]);
    expect((await refresh(token, {}))["error"]).toMatch(/^invalid_(?:request|client)$/);
    expect((await refresh(token, { client_id: "app" }))["error"]).toBe("invalid_client");
    expect((await refresh(token, await proved()))["access_token"]).toBeDefined();
  });
});

describe("an answer that was lost", () => {
  test("comes again shortly after, with the newest token alone good: whoever has the lost one is found out, and all of it ends", async () => {
    const first = await firstToken();
    const lost = await next(first);
    const again = await next(first);
    expect(again).not.toBe(lost);
    const after = await next(again);
    expect(await errorOf(lost)).toBe("invalid_grant");
    expect(await errorOf(after)).toBe("invalid_grant");
  });

  test("is no longer given once what came of it was used", async () => {
    const first = await firstToken();
    const third = await next(await next(first));
    expect(await errorOf(first)).toBe("invalid_grant");
    expect(await errorOf(third)).toBe("invalid_grant");
  });

  test("is not given to another client, nor after a while", async () => {
    const first = await firstToken();
    await made.clients.add("app-2", { ...APP, label: "Another" }, ASKED);
    const second = await next(first);
    expect((await refresh(first, { client_id: "app-2" }))["error"]).toBe("invalid_grant");
    const later = Date.now() + (GRACE + 2) * 1000;
    jest.spyOn(Date, "now").mockImplementation(() => later);
    expect(await errorOf(first)).toBe("invalid_grant");
    expect(await errorOf(second)).toBe("invalid_grant");
  });

  test("a service killed between use and answer has issued nothing: the same token gives the next one", async () => {
    const first = await firstToken();
    const put = made.sessions.put.bind(made.sessions);
    const killed = jest.spyOn(made.sessions, "put").mockImplementation((id, value, keeping) => {
      if (id.startsWith("oidc:RefreshToken:")) return Promise.reject(new Error("killed"));
      return put(id, value, keeping);
    });
    expect((await refresh(first))["access_token"]).toBeUndefined();
    killed.mockRestore();
    expect((await refresh(first))["access_token"]).toBeDefined();
  });

  test("of several that come at once one at most goes on: of all their tokens one is good, and its use after another's ends all", async () => {
    const first = await firstToken();
    const other = await made.another();
    const answers = await Promise.all(
      [made.server, other, made.server].map((at) => post(at, "/token", { grant_type: "refresh_token", refresh_token: first, client_id: "app" })),
    );
    const tokens = answers.filter(({ status }) => status === 200).map((answer) => String(jsonOf(answer)["refresh_token"]));
    let good = 0;
    for (const token of tokens) if ((await refresh(token))["access_token"] !== undefined) good++;
    expect(good).toBeLessThanOrEqual(1);
  });
});
