import { describe, expect, test } from "@jest/globals";
import { localeFor } from "../../../../src/pipeline/render/locale-for.ts";
import { asOf, documentStates, stateLine, stateText } from "../../../../src/pipeline/render/pages/document-state.ts";
import type { PresentedDocument } from "../../../../src/pipeline/render/pages/presented.ts";
import { bundle, NOW, PATIENT, presentedOf, summaryOf } from "../sample.ts";

const EN = localeFor(["en"]);

const wordsOf = (overrides: object, more: Partial<PresentedDocument> = {}): string[] =>
  documentStates(presentedOf(bundle(overrides), more)).map(({ key }) => EN.word(key));

const relation = (kind: "superseded-by" | "newer-version", isConfirmed = true): Partial<PresentedDocument> => ({
  relations: [{ kind, isConfirmed, other: summaryOf() }],
});

describe("documentStates", () => {
  test.each([
    ["final", []],
    ["preliminary", ["Preliminary"]],
    ["amended", ["Amended"]],
    ["entered-in-error", ["Entered in error"]],
  ])("status %s", (status, words) => expect(wordsOf({ status })).toEqual(words));

  test.each([
    ["N", []],
    ["R", ["Restricted"]],
    ["V", ["Very restricted"]],
  ])("confidentiality %s", (confidentiality, words) => expect(wordsOf({ confidentiality })).toEqual(words));

  test("what others say of it counts when it is confirmed", () => {
    expect(wordsOf({}, relation("superseded-by"))).toEqual(["Superseded"]);
    expect(wordsOf({}, relation("newer-version"))).toEqual(["Newer version exists"]);
    expect(wordsOf({}, relation("superseded-by", false))).toEqual([]);
  });

  test("test data, a file that was not deposited, an index that is lost, a seal that does not match", () => {
    const patient = { ...PATIENT, meta: { tag: [{ code: "HTEST" }] } };
    expect(documentStates(presentedOf(bundle({}, [patient]))).map(({ key }) => EN.word(key))).toEqual(["Test data"]);
    expect(wordsOf({}, { isUndeposited: true })).toEqual(["Not deposited"]);
    expect(wordsOf({}, { isIndexed: false })).toEqual(["Newer versions unknown"]);
    expect(wordsOf({}, { seal: { ...presentedOf(bundle()).seal, content: "invalid" } })).toEqual(["Does not match its seal"]);
  });

  test("the worst stands first", () => {
    expect(wordsOf({ status: "entered-in-error", confidentiality: "V" }, relation("superseded-by"))).toEqual([
      "Superseded",
      "Entered in error",
      "Very restricted",
    ]);
  });
});

describe("what the state was told by", () => {
  const superseded = presentedOf(bundle(), { ...relation("superseded-by"), logSize: 20 });

  test("the size of the log and the time on a screen, the size alone in a PDF, nothing where no log was asked", () => {
    expect(asOf(superseded, EN, NOW)).toBe("as of log size 20, 20-Mar-2026 12:00 UTC");
    expect(asOf(superseded, EN)).toBe("as of log size 20");
    expect(asOf(presentedOf(bundle()), EN, NOW)).toBeUndefined();
  });

  test("a head of paper tells it also of a document of which there is nothing to beware; the banner does not", () => {
    const plain = presentedOf(bundle(), { logSize: 20 });
    expect(stateText(plain, EN)).toBe("No newer version known, as of log size 20");
    expect(stateText(superseded, EN)).toBe("Superseded, as of log size 20");
    expect(stateText(presentedOf(bundle()), EN)).toBeUndefined();
    expect(stateLine(plain, EN)).toBeUndefined();
    expect(stateLine(superseded, EN, NOW)?.text).toContain('<strong class="state danger">Superseded</strong>');
  });

  test("the words are in the reader's language", () => {
    expect(stateText(superseded, localeFor(["de"]))).toBe("Ersetzt, Stand: Protokollgröße 20");
  });
});
