/**
 * The whole of it in a real browser: a password and then a passkey, a document that is read, another that is refused, the glass that is broken for it, all of it found on the auditors' pages by keyboard and without
 * script, and after signing out nothing that Back would show.
 */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { writeFile } from "node:fs/promises";
import type { Page } from "puppeteer-core";
import { judge, missingParts } from "../../scripts/verapdf.ts";
import { documentJson } from "./documents.ts";
import { openReader, type Reader } from "./support/browser.ts";
import { beginWithPeople, invite, PASSWORD, Visitor, type People } from "./support/people.ts";
import { temporaryFolder } from "./support/service.ts";

const POLICY = {
  version: "whole/1",
  clearance: { "privacy-officer": ["V", "*"] },
  breakGlass: { minutes: 30, clearance: ["R"] },
  rules: [
    { name: "clinicians read", permit: ["read"], to: { roles: ["clinician"] } },
    { name: "clinicians break the glass", permit: ["break-glass"], to: { kinds: ["person"], roles: ["clinician"] } },
    { name: "depositors deposit", permit: ["deposit"], to: { roles: ["depositor"] } },
    { name: "privacy officers see who saw what", permit: ["read", "audit"], to: { roles: ["privacy-officer"] } },
  ],
};
const RESTRICTED = [{ system: "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", code: "R" }];
const FHIR = "application/fhir+json";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let people: People;
let reader: Reader;
let plain: string;
let secret: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  const policy = `${folder.path}/policy.json`;
  await writeFile(policy, JSON.stringify(POLICY));
  people = await beginWithPeople({ ACCESS_POLICY: policy });
  await invite(people, "dora", "depositor");
  await invite(people, "paul", "privacy-officer");
  const dora = new Visitor(people.url);
  await dora.go(`${people.url}/sign-in`);
  await dora.submit({ name: "dora", password: PASSWORD });
  const deposited = async (more: object): Promise<string> => {
    const body = JSON.stringify({ ...(JSON.parse(documentJson({})) as object), ...more });
    const taken = await dora.send(`${people.url}/fhir/Bundle`, { method: "POST", body, headers: { "Content-Type": FHIR, Accept: FHIR } });
    return /Bundle\/([0-9a-f-]{36})/.exec(taken.headers.get("Location") ?? "")?.[1] ?? (await taken.text());
  };
  plain = await deposited({});
  secret = await deposited({ meta: { security: RESTRICTED } });
  reader = await openReader();
});
afterAll(async () => {
  await reader.close();
  await people.end();
  await folder.remove();
});

const press = async (page: Page, selector: string): Promise<void> => {
  await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.click(selector)]);
};
const go = (page: Page, path: string): Promise<unknown> => page.goto(`${people.url}${path}`, { waitUntil: "load" });
const textOf = async (page: Page): Promise<string> => (await page.evaluate("document.body.innerText")) as string;
const isInSight = (page: Page): Promise<unknown> => page.evaluate("document.documentElement.scrollWidth <= innerWidth");
const hasPatient = (page: Page): Promise<unknown> => page.evaluate("document.querySelector('.patient-banner') !== null");

async function signIn(page: Page, name: string): Promise<void> {
  await go(page, "/sign-in");
  await page.type("#name", name);
  await page.type("#password", PASSWORD);
  await press(page, "form:not([data-passkey]) button");
}

/** By Tab alone to what has the focus when this holds of it. */
async function tabTo(page: Page, holds: string): Promise<void> {
  for (let at = 0; at < 80; at++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(`(${holds})(document.activeElement)`)) return;
  }
  throw new Error(`nothing is reached by keyboard of which ${holds}`);
}
async function enter(page: Page): Promise<void> {
  await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.keyboard.press("Enter")]);
}

async function goBack(page: Page): Promise<string> {
  await page.goBack({ waitUntil: "load" }).catch(() => undefined);
  return textOf(page);
}

test("with a password: a document, another that is not there, signed out, and nothing by Back", async () => {
  const { page } = await reader.open("about:blank", { width: 1440, height: 900 });
  await signIn(page, "anna");
  await go(page, `/documents/${plain}`);
  expect(await hasPatient(page)).toBe(true);
  await go(page, `/documents/${secret}`);
  expect([await hasPatient(page), (await textOf(page)).includes("BRANDT")]).toEqual([false, false]);
  await go(page, `/documents/${plain}`);
  await press(page, ".signed-in button:last-of-type");
  expect(await textOf(page)).toContain("You are signed out");
  for (let step = 0; step < 4; step++) {
    const shown = await goBack(page);
    expect([shown.includes("BRANDT"), shown.includes("Dr Anna Meyer")]).toEqual([false, false]);
  }
  await page.close();
});

test("with a passkey: the glass is broken, seen through, and whole again for whoever sits there next", async () => {
  const { page } = await reader.open("about:blank", { width: 390, height: 844 });
  const authenticator = await page.createCDPSession();
  await authenticator.send("WebAuthn.enable");
  await authenticator.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      ...{ protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true },
      ...{ isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
  const link = (await people.command("users", "add", "pia", "--full-name", "Dr Pia Keller", "--role", "clinician")).trim();
  await page.goto(link, { waitUntil: "load" });
  await press(page, 'button[value="passkey"]');
  await press(page, "form[data-passkey] button");
  await go(page, "/sign-in");
  await press(page, "form[data-passkey] button");
  await go(page, `/documents/${secret}`);
  expect(await hasPatient(page)).toBe(false);
  await press(page, ".signed-in a");
  await page.select("#reason", "ETREAT");
  await page.type("#text", "Found unconscious at the station");
  await press(page, "main form button");
  expect([await hasPatient(page), await page.$$eval(".glass-banner", (all) => all.length), await isInSight(page)]).toEqual([true, 1, true]);
  await press(page, ".signed-in button:last-of-type");
  for (let step = 0; step < 4; step++) {
    const shown = await goBack(page);
    expect([shown.includes("BRANDT"), shown.includes("Found unconscious")]).toEqual([false, false]);
  }
  await page.close();
});

test.each([390, 1440])("by keyboard and without script, %i pixels wide, the privacy officer finds it", async (width) => {
  const { page, complaints } = await reader.open("about:blank", { width, height: 900 });
  await page.setJavaScriptEnabled(false);
  await signIn(page, "paul");
  await go(page, "/");
  await tabTo(page, "(one) => one.getAttribute('href') === '/audit'");
  await enter(page);
  expect([await isInSight(page), new URL(page.url()).pathname]).toEqual([true, "/audit"]);
  await tabTo(page, "(one) => one.id === 'agent'");
  await page.keyboard.type("Pia");
  await enter(page);
  const found = await textOf(page);
  for (const said of ["Dr Pia Keller", "Found unconscious at the station"]) expect(found).toContain(said);
  expect(await isInSight(page)).toBe(true);
  for (const [path, said] of [
    ["/audit/glass", "Found unconscious at the station"],
    ["/audit/anomalies", "Dr Pia Keller"],
  ] as const) {
    await go(page, "/audit");
    await tabTo(page, `(one) => one.getAttribute('href') === '${path}'`);
    await enter(page);
    expect([path, (await textOf(page)).includes(said), await isInSight(page)]).toEqual([path, true, true]);
  }
  await go(page, `/audit?patient=${secret}`);
  await tabTo(page, "(one) => (one.getAttribute('href') ?? '').startsWith('/audit/patients/')");
  await enter(page);
  const account = await textOf(page);
  for (const said of ["Dr Pia Keller", "Dr Anna Meyer", "Break the glass"]) expect(account).toContain(said);
  expect(await isInSight(page)).toBe(true);
  await tabTo(page, "(one) => (one.getAttribute('href') ?? '').includes('.pdf')");
  const path = (await page.evaluate("document.activeElement.href")) as string;
  const cookie = (await page.browserContext().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const answer = await fetch(path, { headers: { Cookie: cookie, Connection: "close" } });
  expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "application/pdf"]);
  if (missingParts() === undefined) {
    const file = `${folder.path}/account-${width}.pdf`;
    await writeFile(file, new Uint8Array(await answer.arrayBuffer()));
    const { isGood, text } = judge([file]);
    expect([isGood, text]).toEqual([true, expect.any(String)]);
  }
  expect(complaints.filter((text) => !/status of (?:401|403|404)/.test(text))).toEqual([]);
  await page.close();
});
