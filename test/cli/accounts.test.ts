/** What `chartulary users` and `chartulary clients` take of whom they make, and what they refuse rather than guess. */
import { beforeEach, describe, expect, test } from "@jest/globals";
import type { Invitations } from "../../src/accounts/invitations.ts";
import { Clients } from "../../src/accounts/clients.ts";
import { Users } from "../../src/accounts/users.ts";
import type { OpenAccounts } from "../../src/cli/open-accounts.ts";
import { ASKED, testServer } from "../adapters/oidc/server.ts";
import { run, type Ran } from "./command-line.ts";

const PERSON = `p-${"0a".repeat(20)}`;
let accounts: OpenAccounts;
beforeEach(async () => {
  const { settings } = await testServer();
  const nothing = (): Promise<void> => Promise.resolve();
  accounts = {
    ...{ users: new Users(settings), clients: new Clients(settings), asked: ASKED, isEmbedded: true, tokenAddress: "t", linkOf: (token) => token },
    invitations: { invite: () => Promise.resolve("link"), end: nothing } as unknown as Invitations,
    knownRoles: () => Promise.resolve({ roles: ["clinician", "patient"], policy: "ACCESS_POLICY house.json" }),
    ...{ signOut: nothing, endClient: nothing, close: nothing },
  };
});

const given = (...args: readonly string[]): Promise<Ran> => run(args, { tools: { openAccounts: () => Promise.resolve(accounts) } });

describe("what nobody understands is refused, and nothing is made of it", () => {
  test.each<[string, readonly string[], string]>([
    ["a role of no rule", ["--role", "nurse"], "--role nurse: ACCESS_POLICY house.json knows no such role, but clinician, patient"],
    ["two roles in one", ["--role", "clinician,patient"], "--role clinician,patient"],
    ["an organisation without a system", ["--organisation", "Ward 3"], "--organisation is SYSTEM|VALUE"],
    ["a clearance of no code list", ["--clearance", "HIGH"], "--clearance HIGH"],
  ])("%s, of users and of clients", async (_what, options, words) => {
    const user = await given("users", "add", "mary", ...options);
    const client = await given("clients", "add", "--id", "mary", "--scope", "patient/*.rs", "--redirect", "https://a.example/b", ...options);
    for (const { code, stderr } of [user, client]) expect([code, stderr]).toEqual([2, expect.stringContaining(words)]);
    expect([await accounts.users.list(), await accounts.clients.list()]).toEqual([[], []]);
  });

  test.each([
    ["--patient", "urn:oid:1.2.3|4711"],
    ["--patient", `Patient/${PERSON}`],
    ["--patient", "7"],
    ["--fhir-user", "Dr Mary"],
    ["--fhir-user", "Device/1"],
    ["--fhir-user", "http://elsewhere.example/Practitioner/1"],
  ])("%s %s", async (option, value) => {
    const { code, stderr } = await given("users", "add", "mary", option, value);
    expect([code, stderr]).toEqual([2, expect.stringContaining(option)]);
    expect(await accounts.users.list()).toEqual([]);
  });
});

test("what is understood is kept as it was given", async () => {
  const options = ["--role", "clinician", "--clearance", "R", "--clearance", "HIV", "--organisation", "urn:oid:1|2"];
  expect((await given("users", "add", "mary", ...options, "--patient", PERSON, "--fhir-user", "Practitioner/17")).code).toBe(0);
  expect(await accounts.users.find("mary")).toMatchObject({
    ...{ roles: ["clinician"], clearance: ["R", "HIV"], organisations: ["urn:oid:1|2"], patient: PERSON, fhirUser: "Practitioner/17" },
  });
});

test("a policy that can't be read keeps nobody from being disabled", async () => {
  await accounts.users.add("mary", {}, ASKED);
  accounts = { ...accounts, knownRoles: () => Promise.reject(new Error("it is no access policy")) };
  expect((await given("users", "disable", "mary")).code).toBe(0);
});
