/** What a reader is told of a document that a policy let pass: above all who the patient is, and that nobody guesses it. */
import { describe, expect, test } from "@jest/globals";
import { JSDOM } from "jsdom";
import type { JsonObject } from "../../../../src/core/fhir/tree/tree.ts";
import { openAssets } from "../../../../src/pipeline/render/pages/assets.ts";
import { documentFurniture, renderDocumentPage } from "../../../../src/pipeline/render/pages/document-page.ts";
import type { PresentedDocument } from "../../../../src/pipeline/render/pages/presented.ts";
import { localeFor } from "../../../../src/pipeline/render/locale-for.ts";
import { R4 } from "../../../r4.ts";
import { bundle, easyPresenter, NOW, presentedOf } from "../sample.ts";

const ACCEPTED = {
  policy: "ward/1",
  relaxed: [{ rule: "full-url-relative", count: 3 }],
  decided: [0, 2].map((from) => ({ from, reference: "Patient/1", to: 1 })),
};

async function opened(resource: JsonObject, overrides: Partial<PresentedDocument> = {}, medium: "screen" | "print" = "screen"): Promise<Document> {
  const options = { isOpen: true, assets: openAssets(undefined), narratives: easyPresenter(), definitions: R4.definitions, now: NOW };
  return new JSDOM(await renderDocumentPage(presentedOf(resource, overrides), { ...options, locale: localeFor(["en"]), medium })).window.document;
}

const textAt = (page: Document, selector: string): string => page.querySelector(selector)?.textContent.replace(/\s+/g, " ").trim() ?? "";

describe.each(["screen", "print"] as const)("on %s", (medium) => {
  test("the policy stands above the document, with what it decided, and the rules among the facts about it", async () => {
    const page = await opened(bundle(), { accepted: ACCEPTED }, medium);
    expect(textAt(page, ".warnings .note")).toMatch(/does not keep the rules of FHIR R4.*policy ward\/1.*told by type and id: 2\./);
    expect(textAt(page, "#about")).toMatch(/Accepted under ward\/1 Rules not kept full-url-relative \(×3\)/);
    expect(textAt(page, "#about")).toMatch(/References told by type and id Patient\/1 → \S.* \S+ \(×2\)/);
  });

  test("of many references that were told the first few are named, and how many more there are", async () => {
    const decided = Array.from({ length: 40 }, (_, at) => ({ from: 0, reference: `Observation/${at}`, to: 1 }));
    const told = textAt(await opened(bundle(), { accepted: { ...ACCEPTED, decided } }, medium), "#about");
    expect(told).toContain("Observation/11 →");
    expect(told).not.toContain("Observation/12");
    expect(told).toContain("and 28 more like these");
  });

  test("what is lacking is said, and what is not shown is a warning", async () => {
    const relaxed = [{ rule: "entry-unreachable", count: 4 }];
    const page = await opened(bundle({ title: undefined, author: undefined, custodian: undefined }), { accepted: { ...ACCEPTED, relaxed } }, medium);
    expect(textAt(page, ".warnings .warning")).toMatch(/no title\. It names no author\. It does not say who keeps it\. Entries .* not shown: 4\./);
    expect(textAt(page, "h1")).toBe("Discharge summary");
  });

  test("a patient who is not there is said to be missing, above everything, and no address stands where the name belongs", async () => {
    const resource = bundle({ subject: { reference: "Patient/secret-address" } });
    const page = await opened(resource, { accepted: ACCEPTED, relations: [] }, medium);
    expect(textAt(page, ".warnings p")).toMatch(/^Important The patient is not in this document/);
    expect(textAt(page, ".patient-name")).toBe("Name not given");
    expect([textAt(page, ".patient-banner"), page.title].join(" ")).not.toContain("secret-address");
    expect(documentFurniture(presentedOf(resource), localeFor(["en"]), NOW).patient).not.toContain("secret-address");
  });

  test("an author who is not there is no address either", async () => {
    const page = await opened(bundle({ author: [{ reference: "Practitioner/secret-address" }] }), { accepted: ACCEPTED }, medium);
    expect(textAt(page, ".title-block")).toContain("by Name not given");
    expect(textAt(page, ".title-block")).not.toContain("secret-address");
  });
});

test("of a document that keeps R4 nothing is said", async () => {
  const page = await opened(bundle());
  expect([page.querySelector(".warnings"), textAt(page, "#about").includes("Accepted under")]).toEqual([null, false]);
});
