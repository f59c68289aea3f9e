/** Where people prove who they are, over memory: invitations, passwords, devices, and what is told for the audit. */
import { beforeEach, describe, expect, test } from "@jest/globals";
import { Invitations } from "../../src/accounts/invitations.ts";
import { LockOut } from "../../src/accounts/lock-out.ts";
import { PasskeyChecks } from "../../src/accounts/passkeys.ts";
import { Passwords } from "../../src/accounts/passwords.ts";
import { SignInDesk, type Choice, type SignInEvent } from "../../src/accounts/sign-in-desk.ts";
import { ADMINISTRATOR, userNameOf } from "../../src/accounts/users.ts";
import { ASKED, BASE, testServer, type TestServer } from "../adapters/oidc/server.ts";

const PASSWORD = "correct horse battery";
let made: TestServer;
let desk: SignInDesk;
let invitations: Invitations;
let now = Date.now();
let events: SignInEvent[];
const from = { address: "1.1.1.1", device: undefined, asked: ASKED };
const chosen: Choice = { name: "Otto", fullName: "Otto Keller", isClinician: true, password: PASSWORD };

beforeEach(async () => {
  now = Date.now();
  events = [];
  made = await testServer();
  invitations = new Invitations(made.sessions, () => now);
  desk = new SignInDesk({
    ...{ users: made.users, passwords: new Passwords({ ln: 4, r: 8, p: 1 }), lockOut: new LockOut(), invitations },
    passkeys: new PasskeyChecks({ users: made.users, sessions: made.sessions, baseUrl: BASE }),
    deviceSecret: new Uint8Array(32),
    onEvent: (event) => void events.push(event),
  });
});

async function withAnna(): Promise<string> {
  await made.users.add("anna", { fullName: "Dr Anna Meyer", roles: ["clinician"] }, ASKED);
  return invitations.invite({ user: "anna", roles: [] });
}

describe("an invitation", () => {
  test("is good once, for an hour, and only the newest", async () => {
    const first = await withAnna();
    const second = await invitations.invite({ user: "anna", roles: [] });
    expect(await desk.accept(first, chosen, from)).toEqual({ kind: "over" });
    expect(await desk.accept(second, { ...chosen, password: "short" }, from)).toEqual({ kind: "fault", fault: "password-short" });
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => desk.accept(second, chosen, from)));
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["done", "over", "over", "over"]);
    expect(await desk.accept(second, chosen, from)).toEqual({ kind: "over" });
    // Whoever was invited keeps the name and roles that they were given.
    expect(await made.users.find("anna")).toMatchObject({ fullName: "Dr Anna Meyer", roles: ["clinician"] });
    for (const token of ["", "x", "x".repeat(43), `${second}x`]) expect(await desk.invitation(token)).toBeUndefined();
  });

  test("ends after an hour, and for whoever is disabled", async () => {
    const token = await withAnna();
    const anna = await made.users.find("anna");
    if (!anna) throw new Error("not there");
    const disabled = await made.users.change(anna, { isDisabled: true }, ASKED);
    expect(await desk.invitation(token)).toBeUndefined();
    await made.users.change(disabled, { isDisabled: false }, ASKED);
    expect(await desk.invitation(token)).toMatchObject({ user: { name: "anna" } });
    const late = new Invitations(made.sessions, () => now - 3_600_001);
    expect(await desk.invitation(await late.invite({ user: "anna", roles: [] }))).toBeUndefined();
  });

  test("for the first administrator makes one, and no second", async () => {
    const [one, other] = [
      await invitations.invite({ user: undefined, roles: [ADMINISTRATOR] }),
      await invitations.invite({ user: undefined, roles: [ADMINISTRATOR] }),
    ];
    expect(await desk.isWithoutAdministrator()).toBe(true);
    expect(await desk.accept(one, { ...chosen, name: "Not a name!" }, from)).toEqual({ kind: "fault", fault: "name-wrong" });
    expect(await desk.accept(one, chosen, from)).toMatchObject({ kind: "done", user: { name: "otto", roles: [ADMINISTRATOR, "clinician"] } });
    expect(await desk.isWithoutAdministrator()).toBe(false);
    expect(await desk.accept(other, { ...chosen, name: "eve" }, from)).toEqual({ kind: "over" });
    expect(await desk.accept(await invitations.invite({ user: undefined, roles: [] }), { ...chosen, name: "eve" }, from)).toEqual({ kind: "over" });
    expect(events.map(({ kind, by }) => [kind, by])).toEqual([["account-made", "invitation"]]);
  });

  test("with neither password nor passkey, or a passkey that nobody made, gives nothing", async () => {
    const token = await withAnna();
    const nothing: Choice = { name: "", fullName: "", isClinician: false };
    expect(await desk.accept(token, nothing, from)).toEqual({ kind: "fault", fault: "passkey-failed" });
    for (const passkey of ["", "{}", '{"id":"x"}', "no JSON", "x".repeat(30_000)])
      expect(await desk.accept(token, { ...nothing, passkey }, from)).toEqual({ kind: "fault", fault: "passkey-failed" });
    expect(await desk.invitation(token)).toBeDefined();
  });
});

describe("a password", () => {
  beforeEach(async () => void (await desk.accept(await withAnna(), chosen, from)));

  test("is right for its owner alone; a wrong one, a wrong name and somebody disabled are told the same", async () => {
    expect(await desk.byPassword(" ANNA ", PASSWORD, from)).toMatchObject({ kind: "in", user: { name: "anna" } });
    expect(await desk.byPassword("anna", "something else", from)).toEqual({ kind: "wrong" });
    expect(await desk.byPassword("nobody", PASSWORD, from)).toEqual({ kind: "wrong" });
    const anna = await made.users.find("anna");
    if (!anna) throw new Error("not there");
    await made.users.change(anna, { isDisabled: true }, ASKED);
    expect(await desk.byPassword("anna", PASSWORD, from)).toEqual({ kind: "wrong" });
    const told = events.slice(1).map(({ kind, user }) => [kind, user?.name]);
    // What was typed for a name may be a password: nobody's name is told.
    expect(told).toEqual([
      ["signed-in", "anna"],
      ["refused", "anna"],
      ["refused", undefined],
      ["refused", "anna"],
    ]);
  });

  test("that is guessed at makes the guesser wait, and not the owner's device, by whatever the guesser says that he has", async () => {
    const outcome = await desk.byPassword("anna", PASSWORD, from);
    const device = outcome.kind === "in" ? outcome.device : "";
    for (let guess = 0; guess < 8; guess++) await desk.byPassword("anna", `guess ${guess}`, from);
    expect(await desk.byPassword("anna", PASSWORD, from)).toMatchObject({ kind: "wait" });
    for (const forged of ["x", device.replace(/^./, (letter) => (letter === "A" ? "B" : "A")), `${"A".repeat(16)}.${"A".repeat(43)}`])
      expect(await desk.byPassword("anna", PASSWORD, { ...from, device: forged })).toMatchObject({ kind: "wait" });
    expect(await desk.byPassword("anna", PASSWORD, { ...from, device })).toMatchObject({ kind: "in" });
    // Somebody else's device is none of hers.
    await made.users.add("otto", {}, ASKED);
    expect(events.some(({ kind }) => kind === "waits")).toBe(true);
  });

  test("made at less cost is made anew when it is used", async () => {
    const stronger = new Passwords({ ln: 5, r: 8, p: 1 });
    const other = new SignInDesk({
      ...{ users: made.users, passwords: stronger, lockOut: new LockOut(), invitations, deviceSecret: new Uint8Array(32), onEvent: () => undefined },
      passkeys: new PasskeyChecks({ users: made.users, sessions: made.sessions, baseUrl: BASE }),
    });
    expect(await other.byPassword("anna", PASSWORD, from)).toMatchObject({ kind: "in" });
    expect((await made.users.find("anna"))?.password).toMatch(/ln=5/);
    expect(await other.byPassword("anna", PASSWORD, from)).toMatchObject({ kind: "in" });
  });
});

test.each(["", "-a", "a b", "ä", "a/b", "a".repeat(101)])("nobody is called %j", (name) => expect(() => userNameOf(name)).toThrow());
test("names are one, however they are typed", () => expect(userNameOf(" Anna.Meyer@example.org ")).toBe("anna.meyer@example.org"));

test("passkeys are for a name over https, or this machine by its name", () => {
  const possible = (baseUrl: string): boolean => new PasskeyChecks({ users: made.users, sessions: made.sessions, baseUrl }).arePossible;
  expect(
    ["https://a.example.org", "http://localhost:7000", "http://127.0.0.1:7000", "http://a.example.org", "https://10.0.0.1"].map(possible),
  ).toEqual([true, true, false, false, false]);
});
