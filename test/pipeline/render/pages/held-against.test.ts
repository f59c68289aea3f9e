/** What a reader is told of the profiles that a document was held against: the result of its deposit, the worst first, and no silence about what was not asked. */
import { describe, expect, test } from "@jest/globals";
import { JSDOM } from "jsdom";
import type { ProfileVerdict } from "../../../../src/core/fhir/conformance/conformance.ts";
import { openAssets } from "../../../../src/pipeline/render/pages/assets.ts";
import { renderDocumentPage } from "../../../../src/pipeline/render/pages/document-page.ts";
import type { PresentedDocument } from "../../../../src/pipeline/render/pages/presented.ts";
import { localeFor } from "../../../../src/pipeline/render/locale-for.ts";
import { R4 } from "../../../r4.ts";
import { bundle, easyPresenter, NOW, presentedOf } from "../sample.ts";

const IPS = "http://hl7.org/fhir/uv/ips/StructureDefinition/";

const verdict = (profile: string, result: ProfileVerdict["result"], more: Partial<ProfileVerdict> = {}): ProfileVerdict => ({
  ...{ place: "Bundle", profile: `${IPS}${profile}`, by: "declared", result },
  ...more,
});

async function factsOf(
  profiles: PresentedDocument["profiles"],
  medium: "screen" | "print",
  languages = ["en"],
  declared: string[] = [],
): Promise<string[]> {
  const options = { isOpen: true, assets: openAssets(undefined), narratives: easyPresenter(), definitions: R4.definitions, now: NOW };
  const resource = bundle({ meta: { profile: declared } });
  const page = await renderDocumentPage(presentedOf(resource, { profiles }), { ...options, locale: localeFor(languages), medium });
  const texts = [...new JSDOM(page).window.document.querySelectorAll("#proof .facts > div")].map((row) =>
    row.textContent.replace(/\s+/g, " ").trim(),
  );
  return texts.filter((text) => /profil|Held against|Geprüft|hl7\.org/i.test(text));
}

describe.each(["screen", "print"] as const)("on %s", (medium) => {
  test("each profile is told once, with the worst that came of it, in which version, and under which definitions", async () => {
    const verdicts = [
      verdict("Bundle-uv-ips", "holds", { version: "2.0.0", title: "Bundle (IPS)" }),
      verdict("Observation-uv-ips|2.0", "holds", { version: "2.0.0" }),
      verdict("Observation-uv-ips", "broken", { version: "2.0.0" }),
      verdict("Patient-uv-ips", "open"),
    ];
    expect(await factsOf({ set: { name: "ips 2.0.0" }, verdicts }, medium)).toEqual([
      [
        ...["Held against definitions: ips 2.0.0", `${IPS}Observation-uv-ips|2.0.0 (×2): does not hold to it`],
        ...[`${IPS}Patient-uv-ips: nothing breaks it; of some codes nobody could tell`, `Bundle (IPS): holds to it${IPS}Bundle-uv-ips|2.0.0`],
      ].join(" "),
    ]);
  });

  test("what was not held stays not checked, beside what was", async () => {
    const verdicts = [verdict("Composition-uv-ips", "holds"), verdict("Other", "unheld")];
    expect(await factsOf({ verdicts }, medium, ["en"], [`${IPS}Composition-uv-ips`, `${IPS}Other`])).toEqual([
      `Held against ${IPS}Composition-uv-ips: holds to it`,
      `Declared profiles not checked here ${IPS}Other`,
    ]);
    expect(await factsOf(undefined, medium, ["en"], [`${IPS}Other`])).toEqual([`Declared profiles not checked here ${IPS}Other`]);
  });

  test("thousands take no more room than some, and nothing in them reaches the page as markup", async () => {
    const verdicts = Array.from({ length: 5_000 }, (_, at) => verdict(`p${at}<script>\n`, "holds", { title: "<b>\u202Ex" }));
    const [text = ""] = await factsOf({ verdicts, more: 7 }, medium);
    expect(text).toContain("+ 4977");
    expect(text).toContain("<b>");
    expect(text.length).toBeLessThan(8_000);
  });
});

test("in the reader's language", async () => {
  expect(await factsOf({ verdicts: [verdict("a", "open")] }, "screen", ["de"])).toEqual([
    `Geprüft gegen ${IPS}a: nichts verletzt es; zu manchen Codes konnte niemand etwas sagen`,
  ]);
});
