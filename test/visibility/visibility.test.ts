/** A sample of `npm run visibility`: the harness finds what hides words, and nothing does in the documents that hid the most. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { join } from "node:path";
import { PROJECT_ROOT } from "../journeys/support/service.ts";
import { shownFile, type Shown } from "./documents.ts";
import type { Kind } from "./finding.ts";
import { openVisibilityHouse, type VisibilityHouse } from "./house.ts";
import { measurePaper } from "./paper.ts";
import { measureScreen } from "./screen.ts";

// The first start unpacks the browser, and the machine may be busy.
let house: VisibilityHouse;

beforeAll(async () => {
  house = await openVisibilityHouse();
});

afterAll(() => house.close());

function shown(name: string): Shown {
  const found = shownFile(join(PROJECT_ROOT, "fixtures", name));
  if (!found) throw new Error(`${name} is no document`);
  return found;
}

test.each(["dark-ground", "nested-sizes", "overlapping-cells", "right-to-left-unbroken", "sixty-given-names", "stylesheets"])(
  "hostile/accepted/%s: every word in sight",
  async (name) => {
    const { words, findings } = await measureScreen(house, shown(`hostile/accepted/${name}.json`), 390);
    expect(words).toBeGreaterThan(100);
    expect(findings).toEqual([]);
  },
);

test.each([
  "hostile/accepted/pushed-off-the-paper",
  "hostile/accepted/wide-tables",
  "hostile/accepted/first-block-too-tall",
  "hostile/accepted/long-identifiers",
  "hostile/accepted/sixty-given-names",
  "documents/valid/discharge-letter-arabic",
])("%s: every word on the paper", async (name) => {
  const { words, findings } = await measurePaper(house, shown(`${name}.json`));
  expect(words).toBeGreaterThan(100);
  expect(findings).toEqual([]);
});

test("the harness can find: each kind of hiding, put into a page that has none", async () => {
  const HIDERS: readonly (readonly [Kind, string])[] = [
    ["no-box", ".attested p { display: none; }"],
    ["small", ".attested p { font-size: 5px; }"],
    ["contrast", ".attested p { color: #ccc; }"],
    ["unpainted", ".attested p { opacity: 0; }"],
    ["covered", ".title-block { position: fixed; inset: 0; z-index: 5; }"],
    ["overlapped", ".attested p { margin: 0; line-height: 0.2; }"],
    ["unreached", ".attested p { margin-left: -900px; }"],
    ["stuck", ".patient-banner { height: 300px; }"],
    ["unsaid", ".table-hint { display: none !important; }"],
  ];
  const wide = shown("hostile/accepted/wide-tables.json");
  const plain = shown("hostile/accepted/hidden-text.json");
  for (const [kind, css] of HIDERS) {
    const { findings } = await measureScreen(house, kind === "unsaid" ? wide : plain, 390, css);
    expect([kind, findings.some((finding) => finding.kind === kind)]).toEqual([kind, true]);
  }
});
