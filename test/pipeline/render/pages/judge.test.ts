import { expect, test } from "@jest/globals";
import { readFileSync, readdirSync } from "node:fs";
import { openDocument } from "../../../../src/core/fhir/document-bundle.ts";
import { DEFAULT_READ_LIMITS } from "../../../../src/core/fhir/reading/read-limits.ts";
import { readResource } from "../../../../src/core/fhir/reading/read-resource.ts";
import { createPages, type RenderedPages } from "../../../../src/pipeline/render/pages/pages.ts";
import { R4 } from "../../../r4.ts";
import { NOW, presentedOf } from "../sample.ts";

const FOLDER = new URL("../../../../fixtures/documents/valid/", import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith(".json") || name.endsWith(".xml"));

/** Pages that keep verdicts, and what their judge was asked. */
function pagesWithJudge(): { readonly pages: RenderedPages; readonly asked: string[] } {
  const asked: string[] = [];
  const kept = new Map<string, string>();
  const pages = createPages({
    definitions: R4.definitions,
    judge: {
      rules: "test",
      judge: (html) => {
        asked.push(html);
        return Promise.resolve({ kind: "clean" });
      },
      close: () => Promise.resolve(),
    },
    verdicts: { get: (digest) => kept.get(digest), put: (digest, verdict) => void kept.set(digest, verdict) },
    onPlain: () => undefined,
    isOpen: true,
    depositAddress: "http://127.0.0.1/fhir/Bundle",
    now: () => NOW,
  });
  return { pages, asked };
}

test.each(FILES)("the page of %s waits for no judge once its narratives were judged, whatever language is asked for", async (name) => {
  const mediaType = name.endsWith(".xml") ? "application/fhir+xml" : "application/fhir+json";
  const { resource } = readResource(readFileSync(new URL(name, FOLDER)), mediaType, DEFAULT_READ_LIMITS, R4.definitions);
  if (resource === undefined) throw new Error("a fixture can't be read");
  const early = pagesWithJudge();
  await early.pages.judge(openDocument(resource));
  const judged = [...early.asked];
  for (const locale of ["en", "de", "ar"]) await early.pages.document(presentedOf(resource), { locale, medium: "screen" });
  expect(early.asked).toEqual(judged);

  // The same as are asked for where nothing was judged before.
  const late = pagesWithJudge();
  await late.pages.document(presentedOf(resource), { locale: "en", medium: "screen" });
  expect(judged).toEqual(late.asked);
});

test("some of them have narratives", async () => {
  expect(FILES.length).toBeGreaterThan(3);
  const { pages, asked } = pagesWithJudge();
  for (const name of FILES.filter((one) => one.endsWith(".json"))) {
    const { resource } = readResource(readFileSync(new URL(name, FOLDER)), "application/fhir+json", DEFAULT_READ_LIMITS, R4.definitions);
    if (resource) await pages.judge(openDocument(resource));
  }
  expect(asked.length).toBeGreaterThan(5);
});
