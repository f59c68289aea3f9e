/** A document is read with the keyboard alone, and in an order that makes sense to whoever hears it. */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page, SerializedAXNode } from "puppeteer-core";
import { PROJECT_ROOT } from "../journeys/support/service.ts";
import { shownFile, type Shown } from "./documents.ts";
import { openVisibilityHouse, type VisibilityHouse } from "./house.ts";

let house: VisibilityHouse;
let page: Page;

beforeAll(async () => {
  house = await openVisibilityHouse();
  page = await house.newPage();
});

afterAll(() => house.close());

function shown(name: string): Shown {
  const found = shownFile(join(PROJECT_ROOT, "fixtures", "documents", "valid", name));
  if (!found) throw new Error(`${name} is no document`);
  return found;
}

async function open(name: string, width: number, language = ""): Promise<void> {
  await page.setViewport({ width, height: 900 });
  await page.goto(await house.screen(shown(name), language), { waitUntil: "load" });
}

/** What has the focus, whether all of it could be seen, and whether a ring is around it. */
interface Focus {
  readonly at: number;
  readonly name: string;
  readonly isInSight: boolean;
  readonly hasRing: boolean;
}

const FOCUS = `(() => {
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter((one) => one.checkVisibility({ contentVisibilityAuto: true }));
  const held = document.activeElement;
  if (held === null || held === document.body) return null;
  const box = held.getBoundingClientRect();
  // Nothing lies upon it: the banner stays while the page is scrolled.
  const isHit = (x, y) => { const hit = document.elementFromPoint(x, y); return hit !== null && (held.contains(hit) || hit === held.parentElement); };
  const points = [box.top + 3, (box.top + box.bottom) / 2, box.bottom - 3].map((y) => [box.left + Math.min(6, box.width / 2), y]);
  const style = getComputedStyle(held);
  return {
    at: all.indexOf(held),
    name: held.tagName + " " + (held.textContent ?? "").trim().slice(0, 40),
    isInSight: box.width > 0 && box.height > 0 && points.some(([x, y]) => isHit(x, y)),
    hasRing: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
  };
})()`;

const reachable = (): Promise<unknown> =>
  page.evaluate(
    `[...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")].filter((one) => one.checkVisibility({ contentVisibilityAuto: true })).length`,
  );

describe.each([390, 1440])("with the keyboard, at %i pixels", (width) => {
  test("the first stop skips to the document", async () => {
    await open("discharge-summary-long.json", width);
    await page.keyboard.press("Tab");
    expect(await page.evaluate(FOCUS)).toMatchObject({ name: "A Skip to the document", isInSight: true });
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("attested");
  });

  test("every link, fold and box that scrolls is reached, in the order of the page, in sight and with a ring", async () => {
    await open("discharge-summary-long.json", width);
    await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    const count = Number(await reachable());
    expect(count).toBeGreaterThan(40);
    const stops: Focus[] = [];
    for (let step = 0; step < count + 5; step += 1) {
      await page.keyboard.press("Tab");
      const focus = (await page.evaluate(FOCUS)) as Focus | null;
      if (focus === null) break;
      stops.push(focus);
    }
    expect(stops.map(({ at }) => at)).toEqual(Array.from({ length: count }, (_, at) => at));
    expect(stops.filter(({ isInSight, hasRing }) => !isInSight || !hasRing)).toEqual([]);
  });

  test("the list of sections unfolds, and leads to a section that the banner does not cover", async () => {
    await open("discharge-summary-long.json", width);
    await page.focus(".contents summary");
    await page.keyboard.press("Space");
    expect(await page.evaluate("document.querySelector('.contents details').open")).toBe(true);
    for (let step = 0; step < 5; step += 1) await page.keyboard.press("Tab");
    const target = String(await page.evaluate("document.activeElement.getAttribute('href').slice(1)"));
    expect(target).toMatch(/^section-\d+$/);
    await page.keyboard.press("Enter");
    const place = (await page.evaluate(
      `[document.getElementById(${JSON.stringify(target)}).getBoundingClientRect().top, document.querySelector(".patient-banner").getBoundingClientRect().bottom]`,
    )) as [number, number];
    expect(place[0]).toBeGreaterThanOrEqual(place[1]);
    await page.focus(".contents summary");
    await page.keyboard.press("Space");
    expect(await page.evaluate("document.querySelector('.contents details').open")).toBe(false);
  });

  test("what is folded is passed over until it is unfolded", async () => {
    await open("discharge-summary-long.json", width);
    const folded = Number(await reachable());
    await page.focus("details.section-data > summary");
    await page.keyboard.press("Enter");
    expect(Number(await reachable())).toBeGreaterThanOrEqual(folded);
    expect(await page.evaluate("document.querySelector('details.section-data').open")).toBe(true);
  });
});

/** Every node that has a name or text, in the order in which it is read. */
function read(node: SerializedAXNode): { role: string; name: string }[] {
  return [{ role: node.role, name: node.name ?? "" }, ...(node.children ?? []).flatMap(read)];
}

describe("in the order in which it is heard", () => {
  test.each([
    ["discharge-summary-long.json", "en"],
    ["discharge-summary-long.json", "ar"],
    ["discharge-letter-hebrew.xml", "he"],
    ["medication-plan-from-data.json", "ja"],
  ])("%s, to a reader of %s", async (name, language) => {
    await open(name, 1440, language);
    const tree = await page.accessibility.snapshot({ interestingOnly: false });
    if (tree === null) throw new Error("no tree");
    const heard = read(tree);
    const headings = heard.filter(({ role }) => role === "heading").map((one) => one.name.replace(/\s+/g, " ").trim());
    const written = (await page.evaluate(
      `[...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].filter((one) => one.checkVisibility()).map((one) => one.textContent.replace(/\\s+/g, " ").trim())`,
    )) as string[];
    expect(headings.filter((one) => written.includes(one))).toEqual(written);
    const at = (role: string): number => heard.findIndex((one) => one.role === role);
    // Who, what, where in it, the document.
    const landmarks = [at("banner"), at("main"), at("heading"), heard.findIndex(({ role }) => role === "region")];
    expect(landmarks.every((place) => place >= 0)).toBe(true);
    expect(landmarks).toEqual([...landmarks].sort((a, b) => a - b));
    expect(heard.findIndex(({ role }) => role === "contentinfo")).toBeGreaterThan(landmarks.at(-1) ?? 0);
  });

  test("a table of data is heard with its caption and the heads of its columns and rows", async () => {
    await open("medication-plan-from-data.json", 1440, "en");
    const tree = await page.accessibility.snapshot({ interestingOnly: false });
    const heard = tree === null ? [] : read(tree);
    expect(heard.some(({ role, name }) => role === "table" && name === "Prescribed medication")).toBe(true);
    expect(heard.filter(({ role }) => role === "columnheader").map(({ name }) => name)).toContain("Dosage");
    expect(heard.filter(({ role }) => role === "rowheader").length).toBeGreaterThan(5);
  });

  test("what turns a row into its opposite is heard before what it is about", async () => {
    await open("medication-plan-from-data.json", 1440, "en");
    const tree = await page.accessibility.snapshot({ interestingOnly: false });
    const row = (tree === null ? [] : read(tree)).find(({ role, name }) => role === "rowheader" && name.includes("Non-selective beta blockers"));
    expect(row?.name).toMatch(/^DO NOT GIVE OR DO Non-selective beta blockers/);
  });
});
