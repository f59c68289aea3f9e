/** Nobody is taken for somebody else because a name was cut: what the banner cuts unfolds there to the whole of it, and nothing else of it is ever out of sight. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "puppeteer-core";
import { bannerName } from "../../src/core/fhir/datatypes.ts";
import { treeOf, type JsonObject } from "../../src/core/fhir/tree/tree.ts";
import { pdfPages } from "../journeys/support/pdf-text.ts";
import { openVisibilityHouse, type VisibilityHouse } from "./house.ts";

let house: VisibilityHouse;
let page: Page;

beforeAll(async () => {
  house = await openVisibilityHouse();
  page = await house.newPage();
});

afterAll(() => house.close());

const NAMES: Readonly<Record<string, object>> = {
  "of 40 letters": { family: "Featherstonehaugh-Cholmondeley", given: ["Anneliese"] },
  "of 79 letters": { family: "Wolfeschlegelsteinhausenbergerdorff-Schwarzenberg", given: ["Hubert", "Blaine", "Adolph", "Karl"] },
  "of 90 letters": { family: "Wolfeschlegelsteinhausenbergerdorff-Schwarzenberg-Hohenlohe", given: ["Hubert", "Blaine", "Adolph", "Karl"] },
  "of 400 letters": { family: "Abcdefghi-".repeat(40), given: ["Trudy"] },
  "of 400 letters without a place to break": { family: "Abcdefghij".repeat(40), given: ["Trudy"] },
  "in Han": { family: "欧阳".repeat(60), given: ["娜娜"] },
  "in Arabic": { family: "عبد الرحمن بن محمد الأنصاري ".repeat(6), given: ["ليلى"] },
};

/** By what is called a telephone, one that lies on its side, a desk, a page enlarged fourfold. */
const SCREENS = [
  [320, 568],
  [390, 844],
  [844, 390],
  [1440, 900],
  [320, 256],
] as const;

async function open(name: object, [width, height]: readonly [number, number], language: string): Promise<void> {
  const patient = treeOf({
    ...{ resourceType: "Patient", name: [name], gender: "female", birthDate: "1970-01-01", deceasedDateTime: "2026-02-02" },
    identifier: [1, 2, 3, 4].map((at) => ({ type: { text: "Kind of number that has a long name" }, value: `${at}234567890`.repeat(4) })),
  }) as JsonObject;
  const text = house.pages.patient({ id: "p-1", isDerived: true, patient, source: "a", documents: [], isIncomplete: false }, { locale: language });
  await page.setViewport({ width, height });
  await page.goto(house.show(text), { waitUntil: "load" });
}

/** Lines of the banner that are cut by a style, and how far the page is wider than the window. */
const clipped = (): Promise<unknown> =>
  page.evaluate(`[
    ...[...document.querySelectorAll(".patient-banner p, .patient-banner summary, .patient-banner .fact, .patient-banner bdi")]
      .filter((one) => one.checkVisibility() && !one.closest(".whole-name"))
      .filter((one) => {
        const box = one.getBoundingClientRect();
        const banner = document.querySelector(".patient-banner").getBoundingClientRect();
        return one.scrollHeight > one.clientHeight + 2 && getComputedStyle(one).display !== "inline" || box.bottom > banner.bottom || box.right > innerWidth || box.left < 0;
      })
      .map((one) => one.textContent),
    ...(document.documentElement.scrollWidth > innerWidth ? ["the page is too wide"] : []),
  ]`);

describe.each(SCREENS)("at %i by %i pixels", (width, height) => {
  test.each(Object.keys(NAMES))("a name %s is whole, or unfolds to the whole of it by key", async (kind) => {
    for (const language of ["en", "de", "ar"]) {
      await open(NAMES[kind] ?? {}, [width, height], language);
      expect(await clipped()).toEqual([]);
      const whole = await page.evaluate("document.querySelector('.whole-name, p.patient-name').textContent");
      expect(whole).toBe(bannerName(treeOf(NAMES[kind] ?? {}) as JsonObject));
      if ((await page.$("details.patient-name")) === null) {
        expect(kind).toMatch(/^of (?:40|79) letters$/);
        continue;
      }
      // The skip link is the first that is reached by key, what unfolds the name the second.
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      expect(await page.evaluate("document.activeElement.matches('.patient-name > summary')")).toBe(true);
      await page.keyboard.press("Enter");
      const [top, bottom, isScrolled] = (await page.evaluate(
        "[document.querySelector('.whole-name')].flatMap((one) => [one.getBoundingClientRect().top, one.getBoundingClientRect().bottom, one.scrollHeight > one.clientHeight + 1])",
      )) as [number, number, boolean];
      // What does not fit at once scrolls by key.
      expect([top >= 0, bottom <= Math.max(height, 300), bottom - top > 20]).toEqual([true, true, true]);
      if (isScrolled) {
        await page.keyboard.press("Tab");
        await page.keyboard.press("End");
        await page.waitForFunction(
          "[document.querySelector('.whole-name')].every((one) => one.scrollTop + one.clientHeight >= one.scrollHeight - 2)",
        );
      }
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    }
  });
});

test("what a browser prints has the whole of it", async () => {
  await open(NAMES["of 400 letters"] ?? {}, [1440, 900], "en");
  const [first = ""] = await pdfPages(await page.pdf({ preferCSSPageSize: true }));
  expect(first.replace(/\s+/g, "")).toContain(`${"ABCDEFGHI-".repeat(40)},Trudy`);
});

test("a line that a style clamps is found", async () => {
  await open(NAMES["of 79 letters"] ?? {}, [320, 568], "en");
  await page.addStyleTag({ content: ".patient-banner .patient-name { overflow: hidden; max-height: 2.5em; }" });
  expect(await clipped()).not.toEqual([]);
});
