/**
 * Every fixture looks as it did. `npm run renderings` writes fixtures/renderings anew: look at the difference as at any other change, for it is what clinicians will see.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { createPages } from "../../src/pipeline/render/pages/pages.ts";
import { PROJECT_ROOT } from "../journeys/support/service.ts";
import { NOW } from "../pipeline/render/sample.ts";
import { R4 } from "../r4.ts";
import { shownFile } from "../visibility/documents.ts";
import { normalised } from "./normalised.ts";

const DOCUMENTS = join(PROJECT_ROOT, "fixtures", "documents", "valid");
const RENDERINGS = join(PROJECT_ROOT, "fixtures", "renderings", "documents");
const IS_RENEWED = process.env["UPDATE_RENDERINGS"] === "1";

/** Readers of other languages than the document's: one for each way of writing. */
const READERS: Readonly<Record<string, readonly string[]>> = {
  "medication-plan-from-data.json": ["ar", "ja", "pl"],
  "discharge-letter-arabic.json": ["de"],
};

const cases = readdirSync(DOCUMENTS)
  .sort()
  .flatMap((file) => ["", ...(READERS[file] ?? [])].map((language) => ({ file, language })));

const pages = createPages({
  definitions: R4.definitions,
  judge: { rules: "none", judge: () => Promise.resolve({ kind: "clean" }), close: () => Promise.resolve() },
  verdicts: { get: () => undefined, put: () => undefined },
  onPlain: () => undefined,
  isOpen: true,
  depositAddress: "http://127.0.0.1/fhir/Bundle",
  now: () => NOW,
});

const nameOf = (file: string, language: string): string => `${file.replace(/\.\w+$/, "")}${language === "" ? "" : `.${language}`}.html`;

test.each(cases)("$file $language", async ({ file, language }) => {
  const shown = shownFile(join(DOCUMENTS, file));
  if (!shown) throw new Error(`${file} is no document`);
  const page = normalised(await pages.document({ ...shown.presented, logSize: 9 }, { locale: language, medium: "screen" }));
  const kept = join(RENDERINGS, nameOf(file, language));
  if (IS_RENEWED) {
    mkdirSync(RENDERINGS, { recursive: true });
    writeFileSync(kept, page);
  }
  expect(page.split("\n")).toEqual(existsSync(kept) ? readFileSync(kept, "utf8").split("\n") : []);
});

test("nothing is kept of a fixture that is no more", () => {
  expect(readdirSync(RENDERINGS).sort()).toEqual(cases.map(({ file, language }) => nameOf(file, language)).sort());
});

test("what is seen is in the rendering, and what is not is left out", () => {
  expect(normalised('<link href="/assets/0123456789abcdef.css" /><p>Dose <b>5</b> mg</p>\n<p>\n</p>')).toBe(
    '<link href="/assets/DIGEST.css" />\n<p>Dose <b>5</b> mg\n</p>\n<p>\n</p>\n',
  );
});
