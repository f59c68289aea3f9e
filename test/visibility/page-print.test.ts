/** Ctrl+P: a page that is printed from the browser says on every sheet whose it is and what it is worth; on a screen both stay while it is scrolled. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { join } from "node:path";
import type { PresentedDocument } from "../../src/pipeline/render/pages/presented.ts";
import { pdfPages } from "../journeys/support/pdf-text.ts";
import { PROJECT_ROOT } from "../journeys/support/service.ts";
import { summaryOf } from "../pipeline/render/sample.ts";
import { shownFile, type Shown } from "./documents.ts";
import { openVisibilityHouse, type VisibilityHouse } from "./house.ts";

let house: VisibilityHouse;

beforeAll(async () => {
  house = await openVisibilityHouse();
});

afterAll(() => house.close());

const SUPERSEDED = { logSize: 77, relations: [{ kind: "superseded-by", isConfirmed: true, other: summaryOf() }] } as const;

function shown(name: string, overrides: Partial<PresentedDocument> = {}): Shown {
  const found = shownFile(join(PROJECT_ROOT, "fixtures", `${name}.json`));
  if (!found) throw new Error(`${name} is no document`);
  return { ...found, presented: { ...found.presented, ...overrides } };
}

describe("every printed sheet names the patient and the state, and has its number", () => {
  test.each([
    ["documents/valid/discharge-letter-arabic", SUPERSEDED, "Superseded, as of log size 77, 20-Mar-2026 12:00 UTC"],
    ["hostile/accepted/wide-tables", { logSize: 5 }, "No newer version known, as of log size 5, 20-Mar-2026 12:00 UTC"],
  ] as const)("%s", async (name, overrides, state) => {
    const page = await house.newPage();
    try {
      await page.goto(await house.screen(shown(name, overrides), "en"), { waitUntil: "load" });
      const pages = await pdfPages(await page.pdf({ preferCSSPageSize: true }));
      expect(pages.length).toBeGreaterThan(1);
      pages.forEach((text, at) => {
        expect(text.replace(/\s+/g, " ")).toContain(state);
        expect(text).toContain(`${at + 1} / ${pages.length}`);
        expect(text).toContain("00000000-0000-4000-8000-000000000000");
      });
    } finally {
      await page.close();
    }
  });
});

test("a PDF has no font but ours: what is to be of one width, or with serifs, too", async () => {
  for (const name of ["documents/valid/discharge-summary-long", "hostile/accepted/stylesheets"]) {
    const { pdf } = await house.paper(shown(name));
    const bytes = Buffer.from(await (await fetch(pdf)).arrayBuffer()).toString("latin1");
    const fonts = new Set(Array.from(bytes.matchAll(/\/BaseFont \/(?:\w+\+)?([A-Za-z]+)/g), ([, font]) => font));
    expect([...fonts]).toContain("NotoSans");
    // A browser that finds fonts of its machine may take those that are named for a kind.
    expect(
      [...fonts].filter(
        (font) =>
          !/^(?:NotoSans|DejaVuSans|Vazirmatn|BIZUDPGothic)/.test(font ?? "") && !/Mono|Serif|Menlo|Consolas|Courier|Times|Georgia/.test(font ?? ""),
      ),
    ).toEqual([]);
  }
});

describe("on a screen", () => {
  test.each([
    [390, 844],
    [1440, 900],
    [320, 568],
    [1280, 600],
  ])("of %i by %i pixels the state stays in sight, and what stays takes less than a third", async (width, height) => {
    const page = await house.newPage();
    try {
      await page.setViewport({ width, height });
      await page.goto(await house.screen(shown("hostile/accepted/sixty-given-names", { ...SUPERSEDED, isIndexed: false })), { waitUntil: "load" });
      await page.evaluate("scrollTo(0, 600)");
      const [top, bottom, banner] = (await page.evaluate(
        "[document.querySelector('.state.danger').getBoundingClientRect(), document.querySelector('.patient-banner').getBoundingClientRect()].flatMap((box, at) => at === 0 ? [box.top, box.bottom] : [box.height])",
      )) as [number, number, number];
      expect([top >= 0, bottom <= height, banner / height < 1 / 3]).toEqual([true, true, true]);
    } finally {
      await page.close();
    }
  });

  test("enlarged fourfold, or lying on its side, nothing stays: the document has all of the room", async () => {
    const page = await house.newPage();
    try {
      await page.setViewport({ width: 320, height: 256 });
      await page.goto(await house.screen(shown("hostile/accepted/wide-tables", SUPERSEDED)), { waitUntil: "load" });
      await page.evaluate("scrollTo(0, 1500)");
      expect(await page.evaluate("document.querySelector('.patient-banner').getBoundingClientRect().bottom <= 0")).toBe(true);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320);
    } finally {
      await page.close();
    }
  });
});
