/**
 * No column of any table is hidden at any width: it is in sight, or words in sight name it and its box can be scrolled to it. Of our documents and every fourth of those that are none of
 * ours, where they are at hand; of every one with ALL_DOCUMENTS=1 (three minutes).
 */
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import type { Page } from "puppeteer-core";
import { filesOf, shownFile, usualFolders } from "./documents.ts";
import { inPage, openVisibilityHouse, type VisibilityHouse } from "./house.ts";

jest.setTimeout(900_000);

const WIDTHS = [320, 390, 768, 1440];

/** A folder of cases that is not there. */
const NOWHERE = "/nonexistent";

let house: VisibilityHouse;
let page: Page;

beforeAll(async () => {
  house = await openVisibilityHouse();
  page = await house.newPage();
});

afterAll(() => house.close());

async function hiddenAt(width: number): Promise<string[]> {
  await page.setViewport({ width, height: 900 });
  const told = async (question: string): Promise<string[]> =>
    ((await page.evaluate(`visibility.${question}()`)) as string[]).map((word) => `${width} px, ${question}: ${word.slice(0, 60)}`);
  return [...(await told("unsaid")), ...(await told("beyond"))];
}

async function open(file: string, css?: string): Promise<boolean> {
  const shown = shownFile(file);
  if (shown === undefined) return false;
  await page.goto(await house.screen(shown), { waitUntil: "load" });
  if (css !== undefined) await page.addStyleTag({ content: css });
  await page.evaluate("document.fonts.ready.then(() => undefined)");
  await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
  await page.evaluate(await inPage("words"));
  return true;
}

test("every column of every table is in sight, or named in sight and within reach", async () => {
  const [ours, others] = [filesOf(usualFolders(NOWHERE)), filesOf(usualFolders())];
  const files = process.env["ALL_DOCUMENTS"] === "1" ? others : [...ours, ...others.filter((file, at) => at % 4 === 0 && !ours.includes(file))];
  const hidden: string[] = [];
  let documents = 0;
  for (const file of files) {
    if (!(await open(file))) continue;
    documents += 1;
    for (const width of WIDTHS) hidden.push(...(await hiddenAt(width)).map((what) => `${file}: ${what}`));
  }
  expect(documents).toBeGreaterThan(20);
  expect(hidden).toEqual([]);
});

test("a column that is cut off, or that no words name, is found", async () => {
  const wide = filesOf(usualFolders()).find((file) => file.endsWith("discharge-summary-long.json")) ?? "";
  await open(wide, ".table-hint { display: none !important; }");
  expect((await hiddenAt(390)).some((what) => what.includes("unsaid"))).toBe(true);
  await open(wide, ".table-box, .narrative { overflow: visible !important; }");
  expect((await hiddenAt(390)).some((what) => what.includes("beyond"))).toBe(true);
});
