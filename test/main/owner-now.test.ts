/** Owners of subscriptions as accounts, clients and settings say by now who they are. */
import { beforeEach, describe, expect, jest, test } from "@jest/globals";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { BlockList } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Users } from "../../src/accounts/users.ts";
import type { Client } from "../../src/accounts/clients.ts";
import type { Caller, KnownCaller } from "../../src/core/asked.ts";
import type { OwnerNow } from "../../src/events/subscription.ts";
import { ownersNow, type OwnersConfig } from "../../src/main/owner-now.ts";
import { formatScopes, readScopes } from "../../src/security/scopes/scope-grammar.ts";
import { APP, ASKED, BASE, FHIR, ISSUER, testServer, type TestServer } from "../adapters/oidc/server.ts";

const faults: unknown[] = [];
let here: TestServer;
let ownerNow: OwnerNow;
const nowUnder = (access: OwnersConfig["access"], proof: Partial<OwnersConfig["proof"]> = {}): OwnerNow =>
  ownersNow(
    { access, proof: { issuers: [], clientCertificatesFile: undefined, tls: undefined, proxies: undefined, ...proof } },
    { settings: here.settings, onFault: (error) => faults.push(error) },
    BASE,
  );
const caller = (subject: string, over: Partial<KnownCaller> = {}): KnownCaller => ({
  ...{ kind: "person", issuer: ISSUER, subject, name: "as it was", roles: ["then"], organisations: ["urn:s|then"], clearance: ["V"] },
  ...over,
});
const scoped = (scope: string): Pick<KnownCaller, "scopes"> => ({ scopes: readScopes(scope).scopes });
const scopesOf = (one: Caller | undefined): string => (one && "scopes" in one ? formatScopes(one.scopes ?? []) : "nobody");

beforeEach(async () => {
  here = await testServer();
  ownerNow = nowUnder("embedded");
});

describe("a person with an account here", () => {
  test("has the roles of now; disabled they are nobody, and back when they are not", async () => {
    const user = await here.users.add("anna", { fullName: "Anna", roles: ["clinician"], clearance: ["N"] }, ASKED);
    const owner = caller(user.subject);
    expect(await ownerNow(owner)).toMatchObject({ name: "Anna", roles: ["clinician"], organisations: [], clearance: ["N"], subject: user.subject });
    const changed = await here.users.change(user, { roles: ["visitor"], organisations: ["urn:s|new"] }, ASKED);
    expect(await ownerNow(owner)).toMatchObject({ roles: ["visitor"], organisations: ["urn:s|new"] });
    const disabled = await here.users.change(changed, { isDisabled: true }, ASKED);
    expect(await ownerNow(owner)).toBeUndefined();
    await here.users.change(disabled, { isDisabled: false }, ASKED);
    expect(await ownerNow(owner)).toMatchObject({ roles: ["visitor"] });
    expect(await ownerNow(caller("somebody else"))).toBeUndefined();
  });

  test("is the patient whom the account says; who was chosen for an app stays, and who was their own does not", async () => {
    const user = await here.users.add("paul", { roles: ["patient"], patient: "p1" }, ASKED);
    await here.clients.add("app", APP, ASKED);
    const own = { ...caller(user.subject), patient: "p1", fhirUser: `${FHIR}/Patient/p1` };
    const byApp = { ...own, client: "app", ...scoped("patient/*.rs") };
    for (const owner of [own, byApp]) expect(await ownerNow(owner)).toMatchObject({ patient: "p1", fhirUser: `${FHIR}/Patient/p1` });
    await here.users.change(user, { patient: undefined, fhirUser: "Practitioner/9" }, ASKED);
    for (const owner of [own, byApp]) expect(await ownerNow(owner)).toMatchObject({ patient: undefined, fhirUser: `${FHIR}/Practitioner/9` });
    const chosen = { ...byApp, fhirUser: `${FHIR}/Practitioner/9`, patient: "p2" };
    expect(await ownerNow(chosen)).toMatchObject({ patient: "p2" });
    expect(await ownerNow({ ...chosen, ...scoped("user/*.rs") })).toMatchObject({ patient: undefined });
  });

  test("by an app has what the app may still have, and nothing by an app that is disabled or was never there", async () => {
    const user = await here.users.add("anna", {}, ASKED);
    let app: Client = await here.clients.add("app", APP, ASKED);
    const owner = caller(user.subject, { client: "app", ...scoped("patient/Observation.rs user/*.rs") });
    const change = async (facts: Parameters<TestServer["clients"]["change"]>[1]): Promise<Caller | undefined> => {
      app = await here.clients.change(app, facts, ASKED);
      return ownerNow(owner);
    };
    expect(scopesOf(await ownerNow(owner))).toBe("patient/Observation.rs user/*.rs");
    expect(scopesOf(await change({ scope: "patient/*.rs" }))).toBe("patient/Observation.rs");
    expect(await change({ scope: "launch/patient" })).toBeUndefined();
    expect(scopesOf(await change({ scope: "user/*.cruds" }))).toBe("user/*.rs");
    expect(await change({ isDisabled: true })).toBeUndefined();
    expect(await ownerNow({ ...owner, client: "another" })).toBeUndefined();
  });
});

test("a system here: registered, with a key, with the roles of now", async () => {
  const keysUrl = "https://ward.example.com/keys";
  const facts = { ...APP, label: "Ward", scope: "system/*.rs", redirects: [], keysUrl, roles: ["reader"] };
  const client = await here.clients.add("ward", facts, ASKED);
  const owner = caller("ward", { kind: "system", client: "ward", ...scoped("system/*.rs") });
  expect(await ownerNow(owner)).toMatchObject({ name: "Ward", roles: ["reader"], organisations: [], clearance: [] });
  const keyless = await here.clients.change(client, { keysUrl: undefined, redirects: ["https://app.example.com/"] }, ASKED);
  expect(await ownerNow(owner)).toBeUndefined();
  const back = await here.clients.change(keyless, { keysUrl, redirects: [], roles: ["other"] }, ASKED);
  expect(await ownerNow(owner)).toMatchObject({ roles: ["other"] });
  await here.clients.change(back, { isDisabled: true }, ASKED);
  expect(await ownerNow(owner)).toBeUndefined();
});

test("as long as nothing is set accounts are read once, of however many owners", async () => {
  const user = await here.users.add("anna", { roles: ["one"] }, ASKED);
  const owners = Array.from({ length: 500 }, () => caller(user.subject));
  const list = jest.spyOn(Users.prototype, "list");
  for (let times = 0; times < 3; times++) await Promise.all(owners.map(ownerNow));
  expect(list).toHaveBeenCalledTimes(1);
  list.mockRestore();
});

test("what fails is asked about anew", async () => {
  const user = await here.users.add("anna", {}, ASKED);
  const owner = caller(user.subject);
  const list = jest.spyOn(Users.prototype, "list").mockRejectedValueOnce(new Error("away"));
  await expect(ownerNow(owner)).rejects.toThrow("away");
  expect(await ownerNow(owner)).toMatchObject({ subject: user.subject });
  list.mockRestore();
});

test("known elsewhere: as long as the settings name the issuer, and nobody else's word", async () => {
  const owner = caller("x", { issuer: "https://login.example.org" });
  const issuers = [{ issuer: "https://login.example.org", clientId: undefined, clientSecret: undefined }];
  expect(await nowUnder("oidc", { issuers })(owner)).toBe(owner);
  expect(await nowUnder("oidc")(owner)).toBeUndefined();
  expect(await nowUnder("oidc", { issuers })(caller("x"))).toBeUndefined();
  expect(await nowUnder("embedded")(owner)).toBeUndefined();
  expect(await nowUnder("open", { issuers })(owner)).toBeUndefined();
});

test("without proof: only while everybody may come in", async () => {
  const owner: Caller = { kind: "unauthenticated" };
  expect(await nowUnder("open")(owner)).toBe(owner);
  expect(await ownerNow(owner)).toBeUndefined();
  expect(await ownerNow({ kind: "anonymous" })).toBeUndefined();
});

test("by a certificate: as the file says now, and nobody where none are asked for", async () => {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-owners-"));
  const [file, thumbprint] = [join(folder, "clients.json"), "A".repeat(43)];
  const write = (entries: readonly object[]): void => writeFileSync(file, JSON.stringify(entries));
  write([{ thumbprint, client: "lab", roles: ["reader"], scope: "system/*.rs" }]);
  const proxies = { addresses: new BlockList(), certificateHeader: "client-cert" };
  const now = nowUnder("embedded", { clientCertificatesFile: file, proxies });
  const owner = caller(thumbprint, { kind: "system", issuer: "certificate", client: "lab", ...scoped("system/*.cruds") });
  expect(await now(owner)).toMatchObject({ roles: ["reader"], clearance: [], ...scoped("system/*.rs") });
  expect(await nowUnder("embedded", { clientCertificatesFile: file })(owner)).toBeUndefined();
  write([{ thumbprint, client: "another laboratory", roles: ["reader"], scope: "system/*.rs" }]);
  expect(await now(owner)).toBeUndefined();
  write([]);
  expect(await now(owner)).toBeUndefined();
  expect(faults).toEqual([]);
  rmSync(folder, { recursive: true });
});
