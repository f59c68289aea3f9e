import { describe, expect, test } from "@jest/globals";
import { faultOfPassword, PASSWORD_COST, Passwords } from "../../src/accounts/passwords.ts";

/** Cheap, so that a test waits for none. */
const CHEAP = { ln: 4, r: 8, p: 1 };

test("a hash says by what it was made, is another each time, and is known again", async () => {
  const passwords = new Passwords(CHEAP);
  const [one, other] = await Promise.all([passwords.hash("correct horse battery"), passwords.hash("correct horse battery")]);
  expect(one).toMatch(/^\$scrypt\$ln=4,r=8,p=1\$/);
  expect(one).not.toBe(other);
  expect(one).not.toContain("horse");
  expect(await passwords.isRight("correct horse battery", one)).toBe(true);
  expect(await passwords.isRight("correct horse batterz", one)).toBe(false);
  expect(passwords.isOutdated(one)).toBe(false);
  expect(new Passwords({ ...CHEAP, ln: 5 }).isOutdated(one)).toBe(true);
});

test("letters count as they are seen, whatever keyboard made them", async () => {
  const passwords = new Passwords(CHEAP);
  expect(await passwords.isRight("\u00fcber alles geliebt", await passwords.hash("u\u0308ber alles geliebt"))).toBe(true);
});

test("nobody has no password; a hash that was altered is nobody's, and costs nothing", async () => {
  const passwords = new Passwords(CHEAP);
  expect(await passwords.isRight("", undefined)).toBe(false);
  for (const stored of [
    "",
    "x",
    "$scrypt$ln=31,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "$scrypt$ln=4,r=0,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  ])
    expect(await passwords.isRight("anything at all", stored)).toBe(false);
});

test("what is made now is what OWASP asks for", () => expect(PASSWORD_COST).toEqual({ ln: 17, r: 8, p: 1 }));

test("so many are hashed at once and so many wait; others are told to come again", async () => {
  const passwords = new Passwords({ ln: 10, r: 8, p: 1 });
  const all = await Promise.allSettled(Array.from({ length: 60 }, () => passwords.hash("correct horse battery")));
  const refused = all.filter(({ status }) => status === "rejected");
  expect(refused.length).toBeGreaterThan(10);
  expect(refused[0]).toMatchObject({ reason: { code: "unavailable" } });
  expect(await passwords.isRight("correct horse battery", await passwords.hash("correct horse battery"))).toBe(true);
});

describe("a password", () => {
  test.each([
    ["correct horse battery", undefined],
    ["短い", "password-short"],
    ["elevenchars", "password-short"],
    ["x".repeat(257), "password-long"],
    ["aaaaaaaaaaaa", "password-guessed"],
    ["Anna.Meyer1234", undefined],
    ["annameyer123", "password-guessed"],
    ["chartulary12", "password-guessed"],
  ])("%s: %s", (password, fault) => expect(faultOfPassword(password, ["anna", "Dr Anna Meyer"])).toBe(fault));
});
