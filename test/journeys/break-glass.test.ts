/** The glass is broken in a real browser: somebody is refused a document, gives a reason, sees it, ends it, and is refused again; others see nothing, and the privacy officer everything of it. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { writeFile } from "node:fs/promises";
import type { Page } from "puppeteer-core";
import { documentJson } from "./documents.ts";
import { openReader, type Reader } from "./support/browser.ts";
import { pdfPages } from "./support/pdf-text.ts";
import { beginWithPeople, invite, PASSWORD, SYSTEMS, type People } from "./support/people.ts";
import { temporaryFolder } from "./support/service.ts";

const POLICY = {
  version: "glass/1",
  clearance: { "privacy-officer": ["V", "*"], specialist: ["R"] },
  breakGlass: { minutes: 30, clearance: ["R"] },
  rules: [
    { name: "clinicians read", permit: ["read"], to: { roles: ["clinician", "nurse", "specialist"] } },
    { name: "clinicians break the glass", permit: ["break-glass"], to: { kinds: ["person"], roles: ["clinician"] } },
    { name: "depositors deposit", permit: ["deposit"], to: { roles: ["depositor"] } },
    { name: "privacy officers see who saw what", permit: ["audit"], to: { roles: ["privacy-officer"] } },
  ],
};
const RESTRICTED = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let people: People;
let reader: Reader;
let secret: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  const policy = `${folder.path}/policy.json`;
  await writeFile(policy, JSON.stringify(POLICY));
  people = await beginWithPeople({ ACCESS_POLICY: policy });
  for (const [name, role] of [["bela", "clinician"], ["nora", "nurse"], ["dora", "depositor"], ["paul", "privacy-officer"], ["sven", "specialist"]] as const) await invite(people, name, role); // prettier-ignore
  reader = await openReader();
  const { page } = await signedIn("dora");
  secret = await depositedBy(page, "R");
  await depositedBy(page, "V");
});
afterAll(async () => {
  await reader.close();
  await people.end();
  await folder.remove();
});

const press = async (page: Page, selector: string): Promise<void> => {
  await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.click(selector)]);
};
const heading = (page: Page): Promise<unknown> => page.evaluate("document.querySelector('h1')?.textContent");
const textOf = async (page: Page): Promise<string> => (await page.evaluate("document.body.innerText")) as string;
const isInSight = (page: Page): Promise<unknown> => page.evaluate("document.documentElement.scrollWidth <= innerWidth");
const go = (page: Page, path: string): Promise<unknown> => page.goto(`${people.url}${path}`, { waitUntil: "load" });
/** What a page's session is answered, by a program: pages may fetch nothing. */
async function fetched(
  page: Page,
  path: string,
  init: { readonly method?: string; readonly body?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Response> {
  const cookie = (await page.browserContext().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  return fetch(`${people.url}${path}`, {
    ...init,
    redirect: "manual",
    headers: { Origin: people.url, Cookie: cookie, Connection: "close", ...init.headers },
  });
}
const statusOf = async (page: Page, path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> =>
  (await fetched(page, path, { headers })).status;

async function signedIn(name: string, width = 1440): Promise<{ readonly page: Page; readonly complaints: readonly string[] }> {
  const { page, complaints } = await reader.open("about:blank", { width, height: 900 });
  await page.browserContext().deleteCookie(...(await page.browserContext().cookies()));
  await signIn(page, name);
  return { page, complaints };
}

async function signIn(page: Page, name: string): Promise<void> {
  await go(page, "/");
  for (let step = 0; step < 3 && !(await page.$("#password")); step++) await press(page, "main form button, main a.button");
  await page.type("#name", name);
  await page.type("#password", PASSWORD);
  await press(page, "main form button");
}

async function depositedBy(page: Page, confidentiality: string): Promise<string> {
  const document = JSON.parse(documentJson()) as object;
  const body = JSON.stringify({ ...document, meta: { security: [{ system: RESTRICTED, code: confidentiality }] } });
  const answer = await fetched(page, "/fhir/Bundle", { method: "POST", body, headers: { "Content-Type": "application/fhir+json" } });
  const location = answer.headers.get("Location") ?? (await answer.text());
  return /Bundle\/([0-9a-f-]{36})/.exec(location)?.[1] ?? location;
}

async function fillIn(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, value] of Object.entries(fields)) {
    if (name === "reason") await page.select("#reason", value);
    else {
      await page.$eval(`#${name}`, (field) => ((field as unknown as { value: string }).value = ""));
      await page.type(`#${name}`, value);
    }
  }
}

/** AuditEvents that a search finds, as the privacy officer is given them. */
async function found(page: Page, query: string): Promise<readonly { readonly [name: string]: unknown }[]> {
  const answer = await fetched(page, `/fhir/AuditEvent?${query}`, { headers: { Accept: "application/fhir+json" } });
  const bundle = (await answer.json()) as { readonly entry?: readonly { readonly resource: { readonly [name: string]: unknown } }[] };
  return (bundle.entry ?? []).map(({ resource }) => resource);
}

test("refused, broken on a telephone, seen, ended, refused again; and told to those responsible", async () => {
  const { page, complaints } = await signedIn("anna", 390);
  await go(page, `/documents/${secret}`);
  const refused = await textOf(page);
  expect(await heading(page)).not.toContain("Discharge");
  await go(page, "/documents/00000000-0000-4000-8000-000000000000");
  const plain = (text: string): string => text.replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "ID");
  expect(plain(await textOf(page))).toBe(plain(refused));

  await go(page, `/documents/${secret}`);
  await press(page, ".signed-in a");
  expect([await heading(page), await isInSight(page)]).toEqual(["Break the glass", true]);
  expect(await page.$eval("#document", (field) => (field as unknown as { value: string }).value)).toBe(secret);
  await fillIn(page, { reason: "ETREAT", text: "Unconscious, bleeding, no history known" });
  await press(page, "main form button");
  expect(new URL(page.url()).pathname).toBe(`/documents/${secret}`);
  const banner = "document.querySelector('.glass-banner')?.innerText ?? ''";
  const shown = (await page.evaluate(banner)) as string;
  for (const part of [
    `The glass is broken: the patient of document ${secret}`,
    "Emergency treatment",
    "Unconscious, bleeding",
    "Minutes left: 30",
    "End it now",
  ])
    expect(shown).toContain(part);
  expect([await page.evaluate("document.querySelector('.patient-banner') !== null"), await isInSight(page)]).toEqual([true, true]);
  const tag = (await fetched(page, `/fhir/Bundle/${secret}`)).headers.get("ETag") ?? "none";
  expect(await statusOf(page, `/fhir/Bundle/${secret}`, { "If-None-Match": tag })).toBe(304);
  // Every page says so, and of this patient alone what is restricted is there: not what is very restricted.
  for (const path of ["/", "/verify", "/documents/none"]) {
    await go(page, path);
    expect([path, ((await page.evaluate(banner)) as string).includes("The glass is broken")]).toEqual([path, true]);
  }
  await go(page, "/");
  expect(await page.evaluate("document.querySelectorAll('.documents a[href^=\"/documents/\"]').length")).toBe(1);

  // Whoever else has the right has nothing of it.
  const context = await page.browser().createBrowserContext();
  const other = await context.newPage();
  await signIn(other, "bela");
  await go(other, `/documents/${secret}`);
  expect([await other.$(".glass-banner"), await other.$(".patient-banner"), await textOf(other)]).toEqual([null, null, expect.stringContaining("Break the glass")]); // prettier-ignore
  await context.close();

  await press(page, ".glass-banner button");
  expect([new URL(page.url()).pathname, await page.evaluate(banner)]).toEqual(["/", ""]);
  await go(page, `/documents/${secret}`);
  expect(plain(await textOf(page))).toBe(plain(refused));
  expect(await statusOf(page, `/fhir/Bundle/${secret}`, { "If-None-Match": tag })).toBe(404);
  expect(await statusOf(page, "/audit/glass")).toBe(403);
  expect(complaints.filter((text) => !/status of (?:401|403|404)/.test(text))).toEqual([]);
});

test("paper tells of it on every page, and is nobody else's", async () => {
  // What stands in a margin is printed letter by letter.
  const pdfOf = async (page: Page): Promise<string[]> =>
    (await pdfPages(new Uint8Array(await (await fetched(page, `/documents/${secret}.pdf`)).arrayBuffer()))).map((text) => text.replace(/\s/g, ""));
  const printedHead = (page: Page): Promise<unknown> => page.evaluate("document.querySelector('.printed-head').textContent");
  const SEEN = /Seen ?by ?breaking ?the ?glass: ?Dr ?Anna ?Meyer, ?open ?until.*A ?threat ?to ?somebody’s ?safety/;
  const { page: other } = await signedIn("sven");
  const plain = await pdfOf(other);
  await go(other, `/documents/${secret}`);
  expect([plain.some((text) => SEEN.test(text)), SEEN.test(String(await printedHead(other)))]).toEqual([false, false]);

  const { page } = await signedIn("anna");
  await go(page, `/glass?document=${secret}`);
  await fillIn(page, { reason: "THREAT", text: "Hurts <b>herself</b> at night" });
  await press(page, "main form button");
  expect(await printedHead(page)).toMatch(SEEN);
  const pages = await pdfOf(page);
  expect(pages.length).toBe(plain.length);
  for (const text of pages) expect(text).toMatch(SEEN);
  expect(pages.map((text) => text.includes("Hurts<b>herself</b>atnight"))).toEqual(pages.map((_, at) => at === 0));
  await press(page, ".glass-banner button");
  expect(await statusOf(page, `/documents/${secret}.pdf`)).toBe(404);

  const { page: again } = await signedIn("sven");
  expect((await pdfOf(again)).join()).not.toMatch(SEEN);
});

test("by an identifier; what is not known is told to whoever has the right alone, and nothing to anybody else", async () => {
  const { page } = await signedIn("anna");
  await go(page, "/glass");
  await fillIn(page, { value: "J-4712", reason: "TREAT", text: "Was moved here in the night" });
  await press(page, "main form button");
  expect(await textOf(page)).toContain("There is nothing that breaking the glass would open to you by that");
  await fillIn(page, { value: "J-4711" });
  await press(page, "main form button");
  expect(new URL(page.url()).pathname).toMatch(/^\/patients\/p-/);
  expect(await textOf(page)).toContain("patient J-4711");

  // Pressed again and again it is broken once; and however much is asked for at the same time, so much is open and no more.
  const { page: hasty } = await signedIn("bela");
  const press20 = (textAt: (at: number) => string): Promise<number[]> =>
    Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const body = new URLSearchParams({ system: SYSTEMS, value: "J-4711", document: "", reason: "ETREAT", text: textAt(at) }).toString();
        return (await fetched(hasty, "/glass", { method: "POST", body, headers: { "Content-Type": "application/x-www-form-urlencoded" } })).status;
      }),
    );
  const banners = async (): Promise<unknown> => {
    await go(hasty, "/");
    return hasty.evaluate("document.querySelectorAll('.glass-banner').length");
  };
  expect([new Set(await press20(() => "Pressed in a hurry")), await banners()]).toEqual([new Set([303]), 1]);
  const statuses = await press20((at) => `For another reason, ${at}`);
  expect([statuses.filter((status) => status === 303).length, statuses.filter((status) => status === 422).length, await banners()]).toEqual([
    9, 11, 10,
  ]);

  const { page: nurse } = await signedIn("nora");
  await go(nurse, "/documents/none");
  expect(await nurse.$(".signed-in a")).toBeNull();
  const answers = [];
  for (const value of ["J-4711", "J-4712"]) {
    const body = new URLSearchParams({ system: SYSTEMS, value, document: "", reason: "ETREAT", text: "Something long enough" }).toString();
    const answer = await fetched(nurse, "/glass", { method: "POST", body, headers: { "Content-Type": "application/x-www-form-urlencoded" } });
    answers.push([answer.status, (await answer.text()).length]);
  }
  expect(answers[0]).toEqual(answers[1]);
  expect(answers[0]).toEqual([403, expect.any(Number)]);
});

test("the privacy officer sees who broke it, and everything that was seen by it", async () => {
  const { page } = await signedIn("paul");
  await go(page, "/audit/glass");
  expect([await heading(page), await isInSight(page)]).toEqual(["Broken glass", true]);
  const list = (await page.evaluate("[...document.querySelectorAll('.glass-list li')].map((one) => one.innerText)")) as string[];
  expect(list.filter((one) => one.startsWith("bela")).length).toBe(10);
  list.splice(0, list.length, ...list.filter((one) => !one.startsWith("bela")));
  expect(list.length).toBe(3);
  expect(list[0]).toMatch(/Dr Anna Meyer[\s\S]*Was moved here in the night[\s\S]*open now/);
  expect(list[1]).toMatch(/Dr Anna Meyer[\s\S]*Hurts <b>herself[\s\S]*ended by the person/);
  expect(list[2]).toMatch(/Dr Anna Meyer[\s\S]*Unconscious, bleeding[\s\S]*ended by the person/);
  const events = await found(page, "purpose=BTG&_count=100");
  const subtypes = events.map(({ subtype, outcome }) => `${(subtype as readonly { readonly code: string }[])[0]?.code ?? ""} ${String(outcome)}`);
  for (const one of ["110127 0", "110127 4", "110138 0", "read 0", "search 0"]) expect(subtypes).toContain(one);
  // A page, a resource and a 304 of the document, and nothing of what was refused before and after.
  const reads = (await found(page, `entity=Bundle/${secret}&_count=100`)).filter((event) => !JSON.stringify(event).includes('"sven"'));
  const kindOf = (event: { readonly [name: string]: unknown }): unknown => (event["subtype"] as readonly { readonly code: string }[])[0]?.code;
  const purposes = reads.filter((event) => kindOf(event) !== "create").map(({ outcome, purposeOfEvent }) => [outcome, purposeOfEvent !== undefined]);
  expect(purposes.filter(([outcome]) => outcome === "0").length).toBeGreaterThan(2);
  expect(purposes.filter(([outcome]) => outcome === "0").every(([, isNamed]) => isNamed)).toBe(true);
  expect(purposes.filter(([outcome]) => outcome !== "0").length).toBeGreaterThan(2);
});
