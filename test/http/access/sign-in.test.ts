import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { Events, type OAuth2Server } from "oauth2-mock-server";
import { openHouse, type House } from "../house.ts";
import { ask, type RawAnswer } from "../local-server.ts";
import { BASE_URL, believing, startIssuer, type Believing } from "./issuer.ts";

let issuer: OAuth2Server;
let second: OAuth2Server;
let one: { door: Believing; house: House };
/** With two issuers. */
let two: { door: Believing; house: House };
const now = Math.floor(Date.now() / 1000);

/** A browser: it keeps cookies, and follows what it is told to follow by hand. */
class Browser {
  readonly cookies = new Map<string, string>();
  readonly set: string[] = [];
  readonly #port: number;

  constructor({ house }: { house: House }) {
    this.#port = house.port;
  }

  async send(method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<RawAnswer> {
    const Cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const all = { Host: new URL(BASE_URL).host, Accept: "text/html", ...(Cookie !== "" && { Cookie }), ...headers };
    const answer = await ask(this.#port, { method, path, headers: all, ...(body !== undefined && { body }) });
    for (const line of answer.headers["set-cookie"] ?? []) {
      this.set.push(line);
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "") this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return answer;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<RawAnswer> {
    return this.send("GET", path, headers);
  }

  /** The address that begins at an issuer: where there are several, by its place on the page. */
  async wayToIssuer(to = "/", place = 0): Promise<string> {
    const { status, headers, body } = await this.get(`/sign-in?to=${encodeURIComponent(to)}`);
    if (status === 303) return String(headers.location);
    const links = [...body.toString().matchAll(/href="(\/sign-in\/start[^"]*)"/g)].map(([, link = ""]) => link);
    return String(links[place]).replaceAll("&amp;", "&");
  }

  /** Begins at an issuer, by its place on the page; gives the issuer's answer as our own address. */
  async visitIssuer(to = "/", place = 0): Promise<string> {
    const started = await this.get(await this.wayToIssuer(to, place));
    expect(started.status).toBe(303);
    const answer = await fetch(String(started.headers.location), { redirect: "manual" });
    const { origin, pathname, search } = new URL(String(answer.headers.get("location")));
    expect(origin).toBe(BASE_URL);
    return pathname + search;
  }

  get isSignedIn(): boolean {
    return this.cookies.has("__Host-chartulary");
  }
}

beforeAll(async () => {
  [issuer, second] = await Promise.all([startIssuer(), startIssuer()]);
  for (const server of [issuer, second]) {
    server.service.on(
      Events.BeforeUserinfo,
      (answer: { body: unknown }) => (answer.body = { sub: "johndoe", name: "Dr Jo Doe", roles: ["clinician"] }),
    );
    server.service.on(Events.BeforeTokenSigning, (token: { payload: Record<string, unknown> }) => (token.payload["sid"] = "s1"));
  }
  const [door, both] = [believing([issuer]), believing([issuer, second])];
  one = { door, house: await openHouse({ door: door.door, baseUrl: BASE_URL }) };
  two = { door: both, house: await openHouse({ door: both.door, baseUrl: BASE_URL }) };
});
afterAll(async () => {
  await Promise.all([one.house.close(), two.house.close(), issuer.stop(), second.stop()]);
});
beforeEach(() => {
  for (const { door } of [one, two]) door.refused.length = door.events.length = 0;
});

test("somebody signs in, is who the issuer says, and comes to where he wanted to go", async () => {
  const browser = new Browser(one);
  const gate = await browser.get("/?q=Brandt");
  const to = new URL(String(gate.headers.location), BASE_URL).searchParams.get("to") ?? "";
  const came = await browser.get(await browser.visitIssuer(to));
  expect([came.status, came.headers.location, came.headers["cache-control"]]).toEqual([303, "/?q=Brandt", "no-store"]);
  expect(browser.set.at(-1)).toMatch(/^__Host-chartulary=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
  const page = await browser.get("/?q=Brandt");
  expect([page.status, page.body.toString(), page.headers["cache-control"]]).toEqual([
    200,
    expect.stringContaining("signed in as Dr Jo Doe"),
    "no-store",
  ]);
  expect(one.door.events).toEqual([
    {
      what: "sign-in",
      requestId: came.headers["x-request-id"],
      address: "127.0.0.1",
      caller: expect.objectContaining({ kind: "person", subject: "johndoe", issuer: issuer.issuer.url, roles: ["clinician"] }),
    },
  ]);
  // What begins is over once it was used.
  expect([...browser.cookies.keys()]).toEqual(["__Host-chartulary"]);
});

test("where there is one issuer nobody is asked at which they sign in; where there are several they are", async () => {
  const only = await new Browser(one).get("/sign-in?to=%2Fx");
  expect([only.status, String(only.headers.location)]).toEqual([303, expect.stringMatching(/^\/sign-in\/start\?issuer=[\w-]+&to=%2Fx$/)]);
  expect((await new Browser(two).get("/sign-in")).status).toBe(200);
});

test("a browser that asks by another name of this machine is led to ours before it keeps anything, and once alone", async () => {
  const browser = new Browser(one);
  const led = await browser.get("/sign-in?to=%2Fx", { Host: `127.0.0.1:${one.house.port}` });
  const onward = new URL(String(led.headers.location));
  expect([led.status, onward.origin, onward.pathname, onward.searchParams.get("to")]).toEqual([303, BASE_URL, "/sign-in", "/x"]);
  expect(browser.set).toEqual([]);
  // Whoever is signed in there already is not asked again.
  const known = new Browser(one);
  await known.get(await known.visitIssuer());
  const back = await known.get(onward.pathname + onward.search);
  expect([back.status, back.headers.location]).toEqual([303, "/x"]);
  // As a proxy asks that does not pass our name on.
  const passed = await browser.get(onward.pathname + onward.search, { Host: `127.0.0.1:${one.house.port}` });
  expect([passed.status, String(passed.headers.location)]).toEqual([303, expect.stringMatching(/^\/sign-in\/start\?/)]);
});

test("what is asked of the issuer is bound: PKCE, state and nonce, new each time", async () => {
  const addresses = await Promise.all(
    [1, 2].map(async () => {
      const browser = new Browser(one);
      return new URL(String((await browser.get(await browser.wayToIssuer())).headers.location)).searchParams;
    }),
  );
  const [first, other] = addresses;
  expect(Object.fromEntries(first ?? [])).toMatchObject({
    response_type: "code",
    client_id: "chartulary",
    redirect_uri: `${BASE_URL}/sign-in/callback`,
    code_challenge_method: "S256",
    scope: "openid profile",
  });
  for (const name of ["state", "nonce", "code_challenge"]) {
    expect(first?.get(name)?.length).toBeGreaterThan(30);
    expect(first?.get(name)).not.toBe(other?.get(name));
  }
});

describe("an answer is refused", () => {
  const refused = async (browser: Browser, path: string, reason: string, { door } = one): Promise<void> => {
    const answer = await browser.get(path);
    expect([answer.status, browser.isSignedIn]).toEqual([401, false]);
    expect(door.refused).toMatchObject([{ reason, path: path.split("?")[0] }]);
    expect(door.events).toEqual([]);
  };

  test("in a browser that did not begin (forced sign-in)", async () => refused(new Browser(one), await new Browser(one).visitIssuer(), "attempt"));

  test("with another state, though that browser began something else", async () => {
    const victim = new Browser(one);
    await victim.visitIssuer();
    await refused(victim, await new Browser(one).visitIssuer(), "attempt");
  });

  test("with a state that was altered behind its beginning", async () => {
    const browser = new Browser(one);
    const path = await browser.visitIssuer();
    await refused(
      browser,
      path.replace(/(state=[\w-]{20})[\w-]/, (_all, head: string) => `${head}!`),
      "answer",
    );
  });

  test("a second time, with all that it had the first time", async () => {
    const browser = new Browser(one);
    const path = await browser.visitIssuer();
    const before = new Map(browser.cookies);
    expect((await browser.get(path)).status).toBe(303);
    one.door.events.length = 0;
    const thief = new Browser(one);
    for (const [name, value] of before) thief.cookies.set(name, value);
    await refused(thief, path, "code");
  });

  test("with a code of somebody else's", async () => {
    const [browser, other] = [new Browser(one), new Browser(one)];
    const path = await browser.visitIssuer();
    const code = new URLSearchParams((await other.visitIssuer()).split("?")[1]).get("code") ?? "";
    await refused(browser, path.replace(/code=[^&]+/, `code=${code}`), "code");
  });

  test("when the issuer says no", async () => {
    const browser = new Browser(one);
    const state = new URLSearchParams((await browser.visitIssuer()).split("?")[1]).get("state") ?? "";
    await refused(browser, `/sign-in/callback?error=access_denied&state=${state}`, "answer");
    expect(one.door.refused[0]?.detail).toBe("access_denied");
  });

  test.each<[string, (payload: Record<string, unknown>) => void]>([
    ["another nonce", (payload) => (payload["nonce"] = "x")],
    ["another audience", (payload) => (payload["aud"] = "another")],
    ["another issuer", (payload) => (payload["iss"] = "https://evil.example")],
    ["an end that is past", (payload) => (payload["exp"] = now - 600)],
    ["nobody", (payload) => delete payload["sub"]],
  ])("whose ID token has %s", async (_what, spoil) => {
    const browser = new Browser(one);
    const path = await browser.visitIssuer();
    const change = ({ payload }: { payload: Record<string, unknown> }): void => {
      if ("nonce" in payload) spoil(payload);
    };
    issuer.service.on(Events.BeforeTokenSigning, change);
    await refused(browser, path, "code");
    issuer.service.off(Events.BeforeTokenSigning, change);
  });

  test("whose userinfo is of somebody else", async () => {
    const browser = new Browser(one);
    const path = await browser.visitIssuer();
    const change = (answer: { body: unknown }): void => void (answer.body = { sub: "root", roles: ["administrator"] });
    issuer.service.on(Events.BeforeUserinfo, change);
    await refused(browser, path, "code");
    issuer.service.off(Events.BeforeUserinfo, change);
  });

  test("when one issuer's answer comes to another's address (mix-up)", async () => {
    const browser = new Browser(two);
    const [atFirst, atSecond] = [await browser.visitIssuer("/", 0), await browser.visitIssuer("/", 1)];
    const pathOf = (address: string): string => address.split("?")[0] ?? "";
    expect(pathOf(atFirst)).not.toBe(pathOf(atSecond));
    await refused(browser, atFirst.replace(pathOf(atFirst), pathOf(atSecond)), "attempt", two);
    two.door.refused.length = 0;
    await refused(browser, atFirst.replace(pathOf(atFirst), "/sign-in/callback"), "attempt", two);
    // The right one is taken still.
    expect((await browser.get(atSecond)).status).toBe(303);
  });

  test("that names another issuer (RFC 9207), also where there is but one", async () => {
    const browser = new Browser(one);
    await refused(browser, `${await browser.visitIssuer()}&iss=https%3A%2F%2Fevil.example`, "answer");
  });
});

test.each([
  ["//evil.example"],
  ["https://evil.example"],
  ["/\\evil.example"],
  ["/%09/evil.example"],
  ["/..//evil.example"],
  ["javascript:alert(1)"],
  ["/sign-in/start?issuer=x"],
  ["/a\nb"],
  ["x".repeat(3_000)],
])("signing in leads nowhere but here: %j", async (to) => {
  const browser = new Browser(one);
  const came = await browser.get(await browser.visitIssuer(to));
  const location = new URL(String(came.headers.location), BASE_URL);
  expect([came.status, location.origin, location.pathname.startsWith("//"), location.pathname.startsWith("/sign-in")]).toEqual([
    303,
    BASE_URL,
    false,
    false,
  ]);
});

describe("whoever signs out", () => {
  const signedIn = async (): Promise<Browser> => {
    const browser = new Browser(one);
    await browser.get(await browser.visitIssuer());
    expect(browser.isSignedIn).toBe(true);
    return browser;
  };
  const form = { Origin: BASE_URL, "Content-Type": "application/x-www-form-urlencoded" };

  test("is out at once, and is led on to sign out at the issuer", async () => {
    const browser = await signedIn();
    const kept = new Map(browser.cookies);
    const left = await browser.send("POST", "/sign-out", form);
    expect([left.status, browser.isSignedIn]).toEqual([200, false]);
    const onward = new URL(/url=(.*)$/.exec(String(left.headers["refresh"]))?.[1] ?? "");
    expect(onward.href.startsWith(`${String(issuer.issuer.url)}/endsession`)).toBe(true);
    expect(onward.searchParams.get("post_logout_redirect_uri")).toBe(`${BASE_URL}/signed-out`);
    expect(onward.searchParams.get("id_token_hint")?.split(".")).toHaveLength(3);
    // The cookie is of no use to whoever has a copy.
    for (const [name, value] of kept) browser.cookies.set(name, value);
    expect((await browser.get("/")).status).toBe(303);
    expect(one.door.events.map(({ what }) => what)).toEqual(["sign-in", "sign-out"]);
    expect((await browser.get("/signed-out")).status).toBe(200);
  });

  test("does so himself: no other page does it for him", async () => {
    const browser = await signedIn();
    expect((await browser.send("POST", "/sign-out", { ...form, Origin: "https://evil.example" })).status).toBe(403);
    expect((await browser.get("/sign-out")).status).toBe(405);
    expect((await browser.get("/")).status).toBe(200);
  });

  test("and signs in anew gets another session, and the old one ends", async () => {
    const browser = await signedIn();
    const old = browser.cookies.get("__Host-chartulary") ?? "";
    await browser.get(await browser.visitIssuer());
    expect(browser.cookies.get("__Host-chartulary")).not.toBe(old);
    browser.cookies.set("__Host-chartulary", old);
    expect((await browser.get("/")).status).toBe(303);
  });

  const logoutToken = (claims: Record<string, unknown> = {}, typ = "logout+jwt"): Promise<string> =>
    issuer.issuer.buildToken({
      scopesOrTransform: (header, payload) => {
        header["typ"] = typ;
        const events = { "http://schemas.openid.net/event/backchannel-logout": {} };
        Object.assign(payload, { aud: "chartulary", sub: "johndoe", jti: String(Math.random()), events }, claims);
      },
    });
  const backChannel = async (token: string): Promise<number> =>
    (
      await ask(one.house.port, {
        method: "POST",
        path: "/sign-in/back-channel-logout",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: `logout_token=${token}`,
      })
    ).status;

  test("at the issuer is out here, too, in every browser", async () => {
    const [browser, other] = [await signedIn(), await signedIn()];
    const token = await logoutToken();
    expect(await backChannel(token)).toBe(200);
    for (const each of [browser, other]) expect((await each.get("/")).status).toBe(303);
    // The same token says nothing a second time.
    expect(await backChannel(token)).toBe(400);
    const again = await signedIn();
    expect(await backChannel(await logoutToken({ sub: undefined, sid: "s1" }))).toBe(200);
    expect((await again.get("/")).status).toBe(303);
  });

  test.each<[string, () => Promise<string>]>([
    ["nothing", () => Promise.resolve("")],
    ["a token for another", () => logoutToken({ aud: "another" })],
    ["an ID token", () => logoutToken({ nonce: "x" })],
    ["a token of no event", () => logoutToken({ events: {} })],
    ["a token of nobody", () => logoutToken({ sub: undefined })],
    ["an access token", () => logoutToken({}, "at+jwt")],
    ["an old one", () => logoutToken({ iat: now - 4_000 })],
    ["a token without a name", () => logoutToken({ jti: undefined })],
    ["another issuer's", () => logoutToken({ iss: "https://evil.example" })],
  ])("is not signed out by %s", async (_what, make) => {
    const browser = await signedIn();
    one.door.refused.length = 0;
    expect(await backChannel(await make())).toBe(400);
    expect(one.door.refused).toMatchObject([{ reason: "logout" }]);
    expect((await browser.get("/")).status).toBe(200);
  });
});

test("no secret of a sign-in stands in the log", async () => {
  const browser = new Browser(one);
  const path = await browser.visitIssuer();
  await browser.get(path);
  const log = one.house.logged.join("");
  const code = new URLSearchParams(path.split("?")[1]).get("code") ?? "-";
  for (const secret of [code, browser.cookies.get("__Host-chartulary") ?? "-"]) expect(log).not.toContain(secret);
});
