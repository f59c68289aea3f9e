/** What apps may ask the embedded authorization server for, and for how long somebody stays signed in there. */
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { decodeJwt } from "jose";
import { MOST_SCOPES } from "../../../src/accounts/allowed-scopes.ts";
import type { User, UserFacts } from "../../../src/accounts/users.ts";
import { APP, ASKED, authorizePath, Browser, FHIR, headerOf, jsonOf, newPkce, post, REDIRECT, serverWithAnna, throughPages, type TestServer } from "./server.ts"; // prettier-ignore

let made: TestServer;
let anna: User;
beforeEach(async () => {
  ({ made, anna } = await serverWithAnna());
});
afterEach(() => {
  jest.restoreAllMocks();
});

const asked = async (over: Readonly<Record<string, string | undefined>>, browser = new Browser()): Promise<string> =>
  headerOf(await browser.get(made.server, authorizePath("app", newPkce(), over)), "location") ?? "";
const isLedToSignIn = async (browser: Browser): Promise<unknown> => {
  const uid = (await asked({}, browser)).split("/").at(-1) ?? "";
  return (await made.server.interaction(uid, browser.cookie))?.prompt;
};

describe("before anybody signs in", () => {
  test.each([
    ["no scope", undefined],
    ["an empty one", ""],
    ["unknown ones", "launch/encounter everything"],
    ["what the client was not registered for", "patient/*.cruds launch/patient offline_access"],
    ["a system's", "system/*.rs"],
  ])("an app that asks for %s is refused", async (_what, scope) => {
    const back = new URL(await asked({ scope }));
    expect([back.origin, back.searchParams.get("error"), back.searchParams.get("state")]).toEqual([
      new URL(REDIRECT).origin,
      "invalid_scope",
      "a state",
    ]);
  });

  test("one that asks for who somebody is, or for something beside what nobody knows, is not", async () => {
    for (const scope of ["openid", "patient/Patient.r unknown/Thing.r"]) expect(await asked({ scope })).toMatch(/\/sign-in\/[^?]+$/);
  });

  test("one that asks for more than fits a token is refused, and so is a client that would be registered so", async () => {
    const many = Array.from({ length: 200 }, (_, at) => `patient/MedicationAdministration.rs?code=${at}`).join(" ");
    const back = new URL(await asked({ scope: many }));
    expect(back.searchParams.get("error")).toBe("invalid_scope");
    expect(back.searchParams.get("error_description")).toContain(String(MOST_SCOPES));
    await expect(made.clients.add("greedy", { ...APP, scope: many }, ASKED)).rejects.toMatchObject({ code: "invalid" });
  });

  test("what just fits gives a token that fits a header of 8 KiB", async () => {
    const scopes: string[] = [];
    for (let at = 0; [...scopes, `patient/Observation.rs?code=${at}`].join(" ").length <= MOST_SCOPES; at++)
      scopes.push(`patient/Observation.rs?code=${at}`);
    const { access_token: token } = await launched({ scope: scopes.join(" ") });
    expect(decodeJwt(String(token))["scope"]).toBe(scopes.join(" "));
    expect(`Authorization: Bearer ${String(token)}`.length).toBeLessThan(8_192);
  });
});

async function launched(over: Readonly<Record<string, string | undefined>>, user: User = anna): Promise<Record<string, unknown>> {
  const pkce = newPkce();
  const led = await throughPages(made.server, new Browser(), authorizePath("app", pkce, over), user.subject);
  const form = { grant_type: "authorization_code", redirect_uri: REDIRECT, client_id: "app", code_verifier: pkce.verifier };
  return jsonOf(await post(made.server, "/token", { ...form, code: led.searchParams.get("code") ?? "" }));
}

describe("fhirUser", () => {
  const person = (name: string, facts: Partial<UserFacts>): Promise<User> => made.users.add(name, { fullName: name, ...facts }, ASKED);

  test.each<[string, Partial<UserFacts>, string | undefined]>([
    ["whom the account names", { fhirUser: "Practitioner/7" }, `${FHIR}/Practitioner/7`],
    ["a patient, who is a Patient", { patient: "p-7" }, `${FHIR}/Patient/p-7`],
    ["nobody, who is not said to be somebody", {}, undefined],
  ])("says of %s", async (_what, facts, expected) => {
    const answer = await launched({ scope: "openid fhirUser patient/*.rs" }, await person("otto", facts));
    expect(decodeJwt(String(answer["id_token"]))["fhirUser"]).toBe(expected);
    expect(String(answer["scope"]).split(" ").includes("fhirUser")).toBe(expected !== undefined);
    expect(answer["access_token"]).toBeDefined();
  });
});

describe("who signed in", () => {
  test("and signs out at our pages proves who it is for the next app; what an app was given to go on by itself stays", async () => {
    const browser = new Browser();
    const pkce = newPkce();
    const led = await throughPages(made.server, browser, authorizePath("app", pkce), anna.subject);
    const code = { grant_type: "authorization_code", redirect_uri: REDIRECT, client_id: "app", code_verifier: pkce.verifier };
    const given = jsonOf(await post(made.server, "/token", { ...code, code: led.searchParams.get("code") ?? "" }));
    expect(await isLedToSignIn(browser)).not.toBe("login");
    await made.server.signOut(browser.cookie);
    expect(await isLedToSignIn(browser)).toBe("login");
    const form = { grant_type: "refresh_token", refresh_token: String(given["refresh_token"]), client_id: "app" };
    expect((await post(made.server, "/token", form)).status).toBe(200);
  });

  test("is signed out by nobody else: a cookie of another, or a forged one, ends nothing", async () => {
    const browser = new Browser();
    await throughPages(made.server, browser, authorizePath("app", newPkce()), anna.subject);
    await made.server.signOut("");
    await made.server.signOut(browser.cookie.replace(/(chartulary-person\.sig=)[^;]+/, "$1AAAA"));
    expect(await isLedToSignIn(browser)).not.toBe("login");
  });

  test("and does nothing for as long as our pages allow proves it again, and does so anyway after the longest time", async () => {
    const browser = new Browser();
    await throughPages(made.server, browser, authorizePath("app", newPkce()), anna.subject);
    const begun = Date.now();
    const now = jest.spyOn(Date, "now");
    for (let minutes = 10; minutes < 60; minutes += 10) {
      now.mockImplementation(() => begun + minutes * 60_000);
      expect([minutes, (await isLedToSignIn(browser)) === "login"]).toEqual([minutes, false]);
    }
    now.mockImplementation(() => begun + 61 * 60_000);
    expect(await isLedToSignIn(browser)).toBe("login");
    const idle = new Browser();
    await throughPages(made.server, idle, authorizePath("app", newPkce()), anna.subject);
    now.mockImplementation(() => begun + (61 + 16) * 60_000);
    expect(await isLedToSignIn(idle)).toBe("login");
  });
});
