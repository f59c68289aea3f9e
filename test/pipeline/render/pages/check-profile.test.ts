/** What the check of a file says of a profile that somebody chose. */
import { expect, test } from "@jest/globals";
import { JSDOM } from "jsdom";
import type { HeldAgainst } from "../../../../src/pipeline/render/pages/held-against.ts";
import { SourceText } from "../../../../src/core/fhir/reading/source-text.ts";
import { DEFAULT_READ_LIMITS } from "../../../../src/core/fhir/reading/read-limits.ts";
import { examine, type ExaminationResult } from "../../../../src/pipeline/admission.ts";
import { localeFor } from "../../../../src/pipeline/render/locale-for.ts";
import { openAssets } from "../../../../src/pipeline/render/pages/assets.ts";
import { renderCheckForm, renderCheckPage } from "../../../../src/pipeline/render/pages/check-page.ts";
import { answerHere, VALIDATOR } from "../../../r4.ts";
import { aDocument, resourceAt } from "../../validate/a-document.ts";

const BMI = "http://hl7.org/fhir/StructureDefinition/bmi";
const TOOLS = { validator: VALIDATOR, answerSignatures: answerHere, trust: undefined };

async function examined(resource: object, profile: string): Promise<ExaminationResult> {
  const bytes = Buffer.from(JSON.stringify(resource));
  return examine({ bytes, mediaType: "application/fhir+json", limits: DEFAULT_READ_LIMITS, profile }, TOOLS);
}

function page(held: HeldAgainst["verdicts"], profiles?: readonly string[]): Document {
  const checked = {
    name: "a.json",
    verdict: "accepted",
    issues: [],
    source: new SourceText("{}"),
    profiles: { verdicts: held },
    profile: BMI,
  } as const;
  const options = { locale: localeFor(["en"]), isOpen: true, assets: openAssets(undefined), profiles };
  return new JSDOM(renderCheckPage(checked, options)).window.document;
}

const factsOf = (document: Document): string | undefined => document.querySelector("dl.facts")?.textContent.replace(/\s+/g, " ").trim();

test("a profile that is held is asked, and what it says stands with its lines; one that is not is told as not checked", async () => {
  const { held } = await examined({ resourceType: "Observation", status: "final", code: { text: "x" } }, BMI);
  expect(held?.verdicts).toEqual([expect.objectContaining({ place: "Observation", profile: BMI, by: "request", result: "broken" })]);
  expect(held?.issues.length).toBeGreaterThan(0);
  expect(factsOf(page(held?.verdicts ?? []))).toMatch(/^Held against .*: does not hold to it.*StructureDefinition\/bmi\S*$/);
  const other = await examined(aDocument(), "https://hospital.example/p");
  expect(other.held).toEqual({ issues: [], verdicts: [{ place: "Bundle", profile: "https://hospital.example/p", by: "request", result: "unheld" }] });
  expect(factsOf(page(other.held?.verdicts ?? []))).toBe("not checked here https://hospital.example/p");
});

test("of another type it says so, and where nobody asked nothing is said", async () => {
  const { held } = await examined(resourceAt(aDocument(), 1), BMI);
  expect(held?.issues.map(({ rule }) => rule)).toEqual(["profile-of-other-type"]);
  expect(factsOf(page([]))).toBeUndefined();
});

test("the form offers what packages have, keeps what was chosen, and asks for nothing where there are none", () => {
  const field = (document: Document): HTMLInputElement | null => document.querySelector("form input[name=profile]");
  expect(field(page([]))).toBeNull();
  const document = page([], ["http://example.org/a", 'b"><script>']);
  expect([field(document)?.value, field(document)?.getAttribute("list")]).toEqual([BMI, "profiles"]);
  expect(Array.from(document.querySelectorAll("#profiles option"), (one) => one.getAttribute("value"))).toEqual([
    "http://example.org/a",
    'b"><script>',
  ]);
  expect(document.querySelector("label[for=profile]")?.textContent).toBe("Profile to look at it by besides (optional)");
  const form = new JSDOM(renderCheckForm({ locale: localeFor(["en"]), isOpen: true, assets: openAssets(undefined), profiles: [] })).window.document;
  expect([field(form)?.value, field(form)?.getAttribute("list")]).toEqual(["", null]);
});
