/** A newcomer's first start: the samples, the start page, what each sample is there to show. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Reader } from "./support/browser.ts";
import { allFixtures, familyOf, narrativesOf, plainText, titlesOf, withoutSpace } from "./support/fixtures.ts";
import { pdfPages } from "./support/pdf-text.ts";
import { get } from "./support/requests.ts";
import { beginJourney, type Journey } from "./support/journey.ts";
import type { Service } from "./support/service.ts";

let journey: Journey | undefined;
let service: Service;
let reader: Reader;
/** Links of the start page by the text around them. */
let listed: { readonly address: string; readonly row: string }[];

beforeAll(async () => {
  journey = await beginJourney({ withSamples: true });
  ({ service, reader } = journey);
  listed = await listOf(`${service.url}/`);
});

afterAll(() => journey?.end());

async function listOf(address: string): Promise<{ address: string; row: string }[]> {
  const { page } = await reader.open(address);
  const links = await page.evaluate(
    `[...document.querySelectorAll('a[href^="/documents/"]')].map((link) => ({ address: link.href, row: (link.closest("li,tr,article") ?? link).textContent }))`,
  );
  await page.close();
  return links as { address: string; row: string }[];
}

function addressOf(title: string): string {
  const found = listed.find(({ row }) => withoutSpace(row).includes(withoutSpace(title)));
  if (!found) throw new Error(`${title} is not listed`);
  return found.address;
}

const sample = (name: string) => {
  const found = allFixtures().find((one) => one.name.startsWith(name));
  if (!found) throw new Error(`no sample ${name}`);
  return found;
};

test("the start page lists every sample, with title and patient", () => {
  for (const { name, text } of allFixtures()) {
    const [title = ""] = titlesOf(text);
    const row = listed.find(({ row }) => withoutSpace(row).includes(withoutSpace(title)) && row.toUpperCase().includes(familyOf(text).toUpperCase()));
    expect([name, row === undefined ? "missing" : "listed"]).toEqual([name, "listed"]);
  }
  expect(new Set(listed.map(({ address }) => address.replace(/[?#].*/, ""))).size).toBeGreaterThanOrEqual(allFixtures().length);
});

test.each([
  ["name", "fenwick", "Alasdair"],
  ["name without diacritics", "heloise nguessan", "Héloïse"],
  ["nobody's name", "nobody such", undefined],
  ["beginning of a name", "wittk", "WITTKAMP"],
  ["identifier", "SB-0417-2296", "FENWICK"],
  ["Arabic name", "سلمى", "سلمى"],
  ["Japanese name", "水無瀬", "水無瀬"],
])("the search finds by %s", async (_what, query, expected) => {
  const rows = (await listOf(`${service.url}/?q=${encodeURIComponent(query)}`)).map(({ row }) => row.toUpperCase());
  if (expected === undefined) expect(rows).toEqual([]);
  else {
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toContain(expected.toUpperCase());
  }
});

describe("each sample's page", () => {
  test.each(allFixtures().map(({ name }) => name))("%s shows every narrative and section title", async (name) => {
    const { text } = sample(name);
    const titles = titlesOf(text);
    const candidates = listed.filter(({ row }) => withoutSpace(row).includes(withoutSpace(titles[0] ?? "")));
    const pages = await Promise.all(candidates.map(async ({ address }) => reader.open(address)));
    // Two versions of a document have one title: one of the pages must be this one's.
    const shown = await Promise.all(pages.map(async (view) => withoutSpace(await view.text())));
    const index = shown.findIndex((one) => narrativesOf(text).every((narrative) => one.includes(plainText(narrative))));
    expect(index).toBeGreaterThanOrEqual(0);
    const headings = (await pages[index]?.headings()) ?? [];
    for (const title of titles) expect(headings).toContain(title);
    for (const view of pages) {
      expect(view.complaints).toEqual([]);
      await view.page.close();
    }
  });
});

test("an earlier version says that it was replaced, and leads to the later one, which says what it replaces", async () => {
  const addresses = listed.filter(({ row }) => row.includes("Discharge summary: community-acquired pneumonia")).map(({ address }) => address);
  const views = await Promise.all([...new Set(addresses)].map((address) => reader.open(address)));
  const texts = await Promise.all(views.map((view) => view.text()));
  expect(texts.length).toBe(2);
  const earlier = texts.findIndex((text) => !text.includes("This summary replaces the one of"));
  expect(texts[earlier]).toMatch(/replaced|superseded/i);
  expect(texts[earlier]).toMatch(/Superseded\s+as of log size \d+, \d\d-\w+-\d{4}/);
  const links = await views[earlier]?.page.evaluate(`[...document.querySelectorAll('a[href*="/documents/"]')].map((link) => link.href)`);
  expect((links as string[]).some((link) => link.startsWith(addresses.find((address) => address !== views[earlier]?.page.url()) ?? "none"))).toBe(
    true,
  );
  expect(texts[1 - earlier]).toMatch(/replaces/i);
  for (const view of views) await view.page.close();
});

test.each([
  ["Laboratory report of 19 March 2026", /entered in error/i],
  ["Letter after review: psychiatry", /restricted/i],
  ["Medication review: changes and tasks", /changes/i],
  ["Prescription ER-2026-0518", /generated|not attested/i],
])("%s carries its warning outside of what was attested", async (title, warning) => {
  const view = await reader.open(addressOf(title));
  const attested = sample({ Lab: "laboratory", Let: "psychiatry", Med: "medication-review", Pre: "prescription" }[title.slice(0, 3)] ?? "");
  const shown = await view.text();
  const own = withoutSpace(shown);
  const without = narrativesOf(attested.text).reduce((rest, narrative) => rest.replace(plainText(narrative), ""), own);
  expect(without).toMatch(new RegExp(warning.source.replace(/ /g, ""), "i"));
  await view.page.close();
});

test("the prescription's medicines are readable although it has no narrative", async () => {
  const view = await reader.open(addressOf("Prescription ER-2026-0518"));
  const shown = await view.text();
  for (const words of ["Azithromycin 500 mg", "1 tablet once daily for 3 days", "Prednisolone 20 mg", "Pantoprazole 20 mg"])
    expect(shown).toContain(words);
  await view.page.close();
});

test.each([
  ["تقرير خروج من المستشفى", "ar"],
  ["מכתב שחרור – מחלקת ילדים", "he"],
])("%s is laid out from right to left", async (title, language) => {
  const view = await reader.open(addressOf(title));
  const direction = await view.page.evaluate(
    `(() => { const letter = /[\\u0590-\\u06ff]{4}/; const words = [...document.querySelectorAll("section p, section td")].find((one) => letter.test(one.textContent) && one.closest("[lang]").lang !== "en"); return words && [getComputedStyle(words).direction, words.closest("[lang]").lang]; })()`,
  );
  expect(direction).toEqual(["rtl", language]);
  await view.page.close();
});

test.each(["discharge-summary-japanese", "discharge-summary-chinese", "discharge-letter-arabic", "prescription"])(
  "%s: its PDF has a text layer with its words",
  async (name) => {
    const { text } = sample(name);
    const [title = "", ...sections] = titlesOf(text);
    const answer = await get(`${addressOf(title)}.pdf`, "application/pdf");
    const printed = withoutSpace((await pdfPages(answer.bytes)).join(" ")).normalize("NFKC");
    // A text layer has right-to-left words in an order of its own: letters are compared there, words elsewhere.
    const isRightToLeft = name.includes("arabic");
    for (const words of sections) {
      const wanted = withoutSpace(words).normalize("NFKC");
      if (isRightToLeft) expect(Array.from(wanted).filter((letter) => !printed.includes(letter))).toEqual([]);
      else expect(printed).toContain(wanted);
    }
  },
);

test("nothing is deposited again at the second start", async () => {
  const before = listed.length;
  expect(await journey?.restart()).toBe(0);
  ({ service } = journey as Journey);
  expect((await listOf(`${service.url}/`)).length).toBe(before);
});
