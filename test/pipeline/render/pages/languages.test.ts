/** Pages in every language: the reader's words in page and running heads alike, whatever the document is written in. */
import { describe, expect, test } from "@jest/globals";
import { JSDOM } from "jsdom";
import { furnitureCss } from "../../../../src/adapters/chromium/furniture.ts";
import { createPages, type RenderedPages } from "../../../../src/pipeline/render/pages/pages.ts";
import type { VerificationResult } from "../../../../src/pipeline/render/pages/verification-outcome.ts";
import { localeFor } from "../../../../src/pipeline/render/locale-for.ts";
import { directionOf, LANGUAGES } from "../../../../src/pipeline/render/locale.ts";
import { wordsOf } from "../../../../src/pipeline/render/locale-words.ts";
import { CHECK_NAMES } from "../../../../src/pipeline/verify/report.ts";
import { R4 } from "../../../r4.ts";
import { bundle, NOW, presentedOf } from "../sample.ts";

const KEYS = [...wordsOf("en").keys()].filter((key) => /[a-z]-[a-z]/.test(key) && !key.startsWith("element-"));

const MEDICINE = {
  resourceType: "MedicationRequest",
  id: "medicine",
  status: "on-hold",
  intent: "order",
  medicationCodeableConcept: { text: "Ramipril 5 mg" },
  subject: { reference: "urn:uuid:patient" },
  dosageInstruction: [{ timing: { repeat: { frequency: 1, period: 2, periodUnit: "d", when: ["ACM"] } } }],
};
const DOCUMENT = bundle({ language: "de", section: [{ title: "Medikation", entry: [{ reference: "urn:uuid:medicine" }] }] }, [MEDICINE]);
const PRESENTED = presentedOf(DOCUMENT);

const PAGES: RenderedPages = createPages({
  definitions: R4.definitions,
  isOpen: true,
  depositAddress: "https://chartulary.example/fhir/Bundle",
  now: () => NOW,
  judge: { rules: "none", judge: () => Promise.resolve({ kind: "clean" }), close: () => Promise.resolve() },
  verdicts: { get: () => undefined, put: () => undefined },
  onPlain: () => undefined,
});

const RESULT: VerificationResult = { verdict: "proven", checks: [{ name: "digest", result: "pass", text: "It is." }], signatures: [] };

describe.each(LANGUAGES)("%s", (language) => {
  const options = { locale: language };
  const locale = localeFor([language]);

  test("every page is in it, in its direction, and shows no name of a word instead of the word", async () => {
    const made = [
      await PAGES.document(PRESENTED, { ...options, medium: "screen" }),
      await PAGES.document(PRESENTED, { ...options, medium: "print" }),
      PAGES.start({ documents: [] }, { ...options, query: "" }),
      PAGES.verification("0f", RESULT, options),
      PAGES.error({ status: 404, code: "not-found", message: "Not here.", requestId: "1" }, options),
    ];
    for (const text of made) {
      const { document } = new JSDOM(text).window;
      expect([document.documentElement.lang, document.documentElement.dir]).toEqual([language, directionOf(language)]);
      const words = document.body.textContent.split(/[\s():]+/);
      expect(words.filter((word) => KEYS.includes(word))).toEqual([]);
    }
  });

  test("the document's own words stay in its language and direction", async () => {
    const { document } = new JSDOM(await PAGES.document(PRESENTED, { ...options, medium: "screen" })).window;
    for (const frame of document.querySelectorAll(".attested"))
      expect([frame.getAttribute("lang"), frame.getAttribute("dir")]).toEqual(["de", "ltr"]);
  });

  test("a status without a published translation is in English, and marked so to eye and ear", async () => {
    const { document } = new JSDOM(await PAGES.document(PRESENTED, { ...options, medium: "screen" })).window;
    const status = document.querySelector(".generated .mark");
    const isTranslated = wordsOf(language).get("code-on-hold") !== null;
    expect(status?.textContent).toBe(isTranslated ? locale.word("code-on-hold") : "on hold (EN)");
    expect(status?.querySelector("[lang=en]") !== null).toBe(!isTranslated);
    expect(document.querySelector(".english-note") !== null).toBe(document.querySelector(".in-english") !== null);
  });

  test("the head and foot of a PDF speak it too, in its direction", () => {
    const furniture = PAGES.furniture(PRESENTED, options);
    expect(furniture.patient).toContain(locale.date("1961-03-14"));
    expect(furniture).toMatchObject({ language: "de", headLanguage: language });
    const css = furnitureCss(furniture, [0xe000]);
    expect(css).toContain(`direction: ${directionOf(language)}`);
    const [german, english] = ["de", "en"].map((other) => furnitureCss({ ...furniture, headLanguage: other }, [0xe000]));
    if (language !== "de") expect(css).not.toBe(german);
    if (language !== "en") expect(css).not.toBe(english);
    expect(css).not.toContain('counter(page) " / " counter(pages);');
  });
});

test("a time and its zone are kept together in a running head from the right", () => {
  const css = furnitureCss(PAGES.furniture(PRESENTED, { locale: "ar" }));
  expect(css).toContain("\\2066 09:31\\a0 \\2b 01:00\\2069 ");
});

describe("what was checked", () => {
  test.each([...LANGUAGES])("is named in %s, whatever the check says beside it", (language) => {
    const checks = CHECK_NAMES.map((name) => ({ name, result: "pass" as const, text: "It is." }));
    const page = new JSDOM(PAGES.verification("id", { verdict: "proven", checks, signatures: [] }, { locale: language })).window.document;
    const names = Array.from(page.querySelectorAll(".check-name"), (one) => one.textContent);
    expect(new Set(names).size).toBe(CHECK_NAMES.length);
    expect(names.filter((name) => /\(EN\)|verify-name/.test(name) || (language !== "en" && /^(?:Seal|Digest|Checkpoint)\b/.test(name)))).toEqual([]);
    expect(Array.from(page.querySelectorAll(".check-name"), (one) => one.getAttribute("lang"))).toEqual(names.map(() => language));
    // The sentences of checks are English, and are heard so.
    expect(page.querySelector(".check-text")?.closest("[lang]")?.getAttribute("lang")).toBe("en");
  });
});
