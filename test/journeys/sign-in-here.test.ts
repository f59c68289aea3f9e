/** People sign in at the embedded authorization server in a real browser: the first administrator by the link of the first start, with a password; somebody else with a passkey; an app asks whether it may. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { CDPSession, Page } from "puppeteer-core";
import { freePort } from "./support/free-port.ts";
import { openReader, type Reader } from "./support/browser.ts";
import { chartulary, startService, temporaryFolder, type Service } from "./support/service.ts";

const PASSWORD = "correct horse battery";
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let environment: Readonly<Record<string, string>>;
let service: Service;
let reader: Reader;
let app: Server;
let output = "";
const back: string[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
  environment = { ACCESS: "embedded", PORT: String(await freePort()), DATA_DIR: folder.path };
  service = await startService({ dataFolder: folder.path, withSamples: true, environment });
  service.process.stdout?.on("data", (text: string) => (output += text));
  reader = await openReader();
  app = createServer((request, response) => {
    back.push(request.url ?? "");
    response.setHeader("Content-Type", "text/html").end("<!doctype html><title>app</title><h1>The app</h1>");
  });
  await new Promise<void>((resolve) => app.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  await reader.close();
  await service.stop();
  app.close();
  await folder.remove();
});

async function command(...args: readonly string[]): Promise<string> {
  const ran = await chartulary(args, environment);
  expect([args.join(" "), ran.code, ran.code === 0 ? "" : ran.errors]).toEqual([args.join(" "), 0, ""]);
  return ran.output.trim();
}

const press = async (page: Page, selector: string): Promise<void> => {
  await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.click(selector)]);
};
const heading = (page: Page): Promise<unknown> => page.evaluate("document.querySelector('h1')?.textContent");
const isInSight = (page: Page): Promise<unknown> => page.evaluate("document.documentElement.scrollWidth <= innerWidth");

/** An authenticator that says yes to everything, in the place of a finger. */
async function withAuthenticator(page: Page): Promise<CDPSession> {
  const session = await page.createCDPSession();
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      ...{ protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true },
      ...{ isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
  return session;
}

test("the first administrator, on a telephone: the link of the start, a password, sign in, a document, sign out", async () => {
  const link = await command("users", "invite", "--admin");
  const { page, complaints } = await reader.open(link, { width: 390, height: 844 });
  expect(await heading(page)).toBe("Choose how you sign in");
  expect(await isInSight(page)).toBe(true);
  await page.type("#name", "otto");
  await page.type("#full-name", "Otto Keller");
  expect(await page.evaluate("document.querySelector('[name=clinician]').checked")).toBe(false);
  await page.click("[name=clinician]");
  await page.type("#password", PASSWORD);
  await page.type("#again", `${PASSWORD}x`);
  await press(page, 'button[value="password"]');
  expect(await page.evaluate("document.querySelector('[role=alert]')?.textContent")).toBe("The two passwords are not the same.");
  expect(await page.evaluate("document.querySelector('#name').value")).toBe("otto");
  await page.type("#password", PASSWORD);
  await page.type("#again", PASSWORD);
  await press(page, 'button[value="password"]');
  expect(await heading(page)).toBe("You can sign in now");
  // By keyboard from here: nothing is pressed before the password.
  await press(page, "main a.button");
  expect(await heading(page)).toBe("Sign in");
  expect(await isInSight(page)).toBe(true);
  await page.focus("#name");
  await page.keyboard.type("otto");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.keyboard.press("Enter")]);
  expect(page.url()).toBe(`${service.url}/`);
  const [first] = (await page.evaluate("[...document.querySelectorAll('.documents a')].map((one) => one.href)")) as string[];
  expect(first).toMatch(/\/documents\//);
  await page.goto(first ?? "", { waitUntil: "load" });
  expect(await page.evaluate("document.querySelector('.patient-banner') !== null")).toBe(true);
  // Who is signed in is no part of what is printed.
  const shown = "getComputedStyle(document.querySelector('.signed-in')).display";
  expect(await page.evaluate(shown)).toBe("flex");
  await page.emulateMediaType("print");
  expect(await page.evaluate(shown)).toBe("none");
  await page.emulateMediaType("screen");
  // Whoever sits there next is not let in by what the browser keeps.
  await press(page, ".signed-in button");
  expect(await heading(page)).toBe("You are signed out");
  await page.goto(`${service.url}/`, { waitUntil: "load" });
  expect([await heading(page), (await page.$("#password")) !== null]).toEqual(["Sign in", true]);
  // A browser complains of each answer that is none: that of the passwords that differed, and of what is asked for before somebody signed in.
  expect(complaints.filter((text) => !/status of (?:401|422)/.test(text))).toEqual([]);
  expect(await command("users", "list")).toContain("otto\tOtto Keller\tadministrator clinician\tpassword");
});

test("somebody who was invited makes a passkey, and signs in with it for an app, which gets what was allowed", async () => {
  const link = await command("users", "add", "anna", "--full-name", "Dr Anna Meyer", "--role", "clinician");
  const redirect = `http://localhost:${(app.address() as AddressInfo).port}/back`;
  await command("clients", "add", "--id", "charts", "--name", "Growth charts", "--scope", "patient/*.rs", "--redirect", redirect);
  const { page, complaints } = await reader.open("about:blank", { width: 1440, height: 900 });
  await withAuthenticator(page);
  await page.goto(link, { waitUntil: "load" });
  await press(page, 'button[value="passkey"]');
  await press(page, "form[data-passkey] button");
  expect(await heading(page)).toBe("You can sign in now");
  expect(await command("users", "list")).toContain("anna\tDr Anna Meyer\tclinician\t1 passkeys");

  const query = new URLSearchParams({
    ...{ response_type: "code", client_id: "charts", redirect_uri: redirect, scope: "openid launch/patient patient/*.rs", state: "s" },
    ...{ aud: `${service.url}/fhir`, code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256", prompt: "login" },
  });
  await page.goto(`${service.url}/oauth/authorize?${query.toString()}`, { waitUntil: "load" });
  expect(await heading(page)).toBe("Sign in");
  await press(page, "form[data-passkey] button");
  expect(await heading(page)).toBe("Choose a patient");
  expect(await isInSight(page)).toBe(true);
  const rows = (await page.evaluate("[...document.querySelectorAll('.account-patients button')].map((one) => one.innerText)")) as string[];
  expect([rows.length > 3, new Set(rows).size]).toEqual([true, rows.length]);
  for (const row of rows) expect(row).toMatch(/(?:born|date of birth).*·.*(?:male|sex)/);
  const chosen = rows[0]?.trim() ?? "";
  await press(page, ".account-patients button");
  expect(await heading(page)).toBe("Allow Growth charts?");
  expect(await page.evaluate("document.querySelector('.account-patient')?.innerText")).toContain(chosen);
  await press(page, 'button[value="allow"]');
  expect(await heading(page)).toBe("The app");
  expect(back.at(-1)).toMatch(/^\/back\?code=[^&]+&state=s&iss=/);
  expect(complaints).toEqual([]);

  // Who signs out at our pages is asked by apps, too; also who began by another name of this machine.
  await page.goto(`${service.url.replace("localhost", "127.0.0.1")}/`, { waitUntil: "load" });
  expect(new URL(page.url()).origin).toBe(service.url);
  await press(page, "form[data-passkey] button");
  expect(page.url()).toBe(`${service.url}/`);
  query.delete("prompt");
  await press(page, ".signed-in button");
  await page.goto(`${service.url}/oauth/authorize?${query.toString()}`, { waitUntil: "load" });
  expect(await heading(page)).toBe("Sign in");
});

test("without script the way by password is whole, and nothing that needs script is shown", async () => {
  const { page } = await reader.open("about:blank", { width: 390, height: 844 });
  await page.setJavaScriptEnabled(false);
  const query = new URLSearchParams({
    ...{ response_type: "code", client_id: "charts", redirect_uri: `http://localhost:${(app.address() as AddressInfo).port}/back`, scope: "openid" },
    ...{ aud: `${service.url}/fhir`, code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256", prompt: "login" },
  });
  await page.goto(`${service.url}/oauth/authorize?${query.toString()}`, { waitUntil: "load" });
  expect(await page.evaluate("getComputedStyle(document.querySelector('form[data-passkey]')).display")).toBe("none");
  await page.type("#name", "otto");
  await page.type("#password", PASSWORD);
  await press(page, "form:not([data-passkey]) button");
  expect(await heading(page)).toBe("Allow Growth charts?");
  await press(page, 'button[value="refuse"]');
  expect(back.at(-1)).toContain("error=access_denied");
});

test("neither the log nor standard output has a password or the way to a link that was given elsewhere", () => {
  for (const text of [service.log(), output]) expect(text).not.toMatch(/correct horse|invitation\/[\w-]{20}/);
});
