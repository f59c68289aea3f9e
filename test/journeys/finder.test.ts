/** Somebody looks for a document by keyboard alone, on a telephone, with scripts off: from the start page to the document, its patient, and what superseded it. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "puppeteer-core";
import { documentJson } from "./documents.ts";
import { beginJourney, type Journey } from "./support/journey.ts";

const FIRST = "urn:uuid:7f1f5c7e-8a55-4ad8-9c0b-0f6f5c1b7a01";
let journey: Journey;

beforeAll(async () => {
  journey = await beginJourney();
  const strangers = documentJson({ title: "Another letter" }).replaceAll("Brandt", "Keller").replace("J-4711", "J-1");
  for (const body of [
    documentJson({ identifier: FIRST, title: "First letter" }),
    documentJson({ replaces: FIRST, title: "Corrected letter" }),
    strangers,
  ]) {
    const headers = { "Content-Type": "application/fhir+json" };
    expect((await fetch(`${journey.service.url}/fhir/Bundle`, { method: "POST", headers, body })).status).toBe(201);
  }
});
afterAll(() => journey.end());

/** Goes on with the Tab key until something is in focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)})`)) return;
  }
  throw new Error(`Tab does not come to ${selector}`);
}

/** Presses Enter, and waits for the page that it leads to. */
async function enter(page: Page): Promise<void> {
  await Promise.all([page.waitForNavigation({ waitUntil: "load" }), page.keyboard.press("Enter")]);
}

const textsOf = (page: Page, selector: string): Promise<string[]> =>
  page.evaluate(`[...document.querySelectorAll(${JSON.stringify(selector)})].map((one) => one.textContent.replace(/\\s+/g, " ").trim())`) as Promise<
    string[]
  >;
const isInSight = (page: Page): Promise<unknown> => page.evaluate("document.documentElement.scrollWidth <= innerWidth");

test("from a name to what superseded what", async () => {
  const { page, complaints } = await journey.reader.open("about:blank", { width: 390, height: 844 });
  await page.setJavaScriptEnabled(false);
  await page.goto(journey.service.url, { waitUntil: "load" });
  expect(await isInSight(page)).toBe(true);

  await tabTo(page, ".finder summary");
  await page.keyboard.press("Enter");
  await tabTo(page, "#patient");
  await page.keyboard.type("brandt");
  await tabTo(page, "#status");
  await page.keyboard.type("Sup");
  await tabTo(page, ".finder button");
  await enter(page);
  expect(new URL(page.url()).searchParams.get("patient")).toBe("brandt");
  expect(await textsOf(page, ".document-title")).toEqual(["First letter"]);
  expect(await textsOf(page, ".document .tag")).toEqual(["Superseded"]);
  expect(await textsOf(page, ".found-by")).toEqual(["Found by Patient name: BRANDT, Ada"]);
  expect(await isInSight(page)).toBe(true);

  await tabTo(page, ".document-link");
  await enter(page);
  expect(await textsOf(page, "h1")).toEqual(["First letter"]);
  await tabTo(page, 'a[href$="/patient"]');
  await enter(page);
  expect(new URL(page.url()).pathname).toMatch(/^\/patients\/[0-9a-f-]{36}\.1$/);
  // No identifier is listed as unique to a person here: the page says that it is of one document, and leads on to what replaced it.
  expect(await textsOf(page, ".document-title")).toEqual(["First letter"]);
  expect(await textsOf(page, ".patient-name")).toEqual(["BRANDT, Ada"]);
  expect(await isInSight(page)).toBe(true);

  await tabTo(page, ".document-relations a");
  await enter(page);
  expect(await textsOf(page, "h1")).toEqual(["Corrected letter"]);
  expect(complaints).toEqual([]);
  await page.close();
});
