import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { isError } from "../../../src/core/fhir/issue.ts";
import { briefly, saidOfText } from "./a-document.ts";
import { codeSystem } from "../../r4.ts";

const ROOT = join(import.meta.dirname, "../../..");
const FOLDER = join(process.env["CASES"] ?? resolve(ROOT, "../shared/cases"), "r4-examples");

/** Examples that break a rule of R4 themselves. Each is proved below from its own text, not from our reading of it. */
const WRONG: Readonly<Record<string, { readonly lines: readonly string[]; proof(example: Example): boolean }>> = {
  "activitydefinition-servicerequest-example.json": { lines: ["error txt-2 ActivityDefinition.text.div"], proof: saysNothing },
  "activitydefinition-supplyrequest-example.json": { lines: ["error txt-2 ActivityDefinition.text.div"], proof: saysNothing },
  "eventdefinition-example.json": { lines: ["error txt-2 EventDefinition.text.div"], proof: saysNothing },
  "questionnaire-zika-virus-exposure-assessment.json": { lines: ["error txt-2 Questionnaire.text.div"], proof: saysNothing },
  "library-zika-virus-intervention-logic.json": {
    lines: [0, 1].map((at) => `error format-canonical Library.dataRequirement[${at}].codeFilter[0].valueSet`),
    // RFC 3061: an OID is numbers; X.Y.Z stands for one that was never filled in.
    proof: ({ dataRequirement }) => dataRequirement?.[0]?.codeFilter[0]?.valueSet === "urn:oid:X.Y.Z",
  },
  "al-aam.json": {
    lines: ["error element-repeated QuestionnaireResponse.identifier"],
    // QuestionnaireResponse.identifier is 0..1 in R4 (it became 0..* in R5).
    proof: ({ identifier }) => identifier?.length === 2,
  },
  "media-example-sound.json": {
    lines: ["error narrative-link-unresolved Media.text.div"],
    // narrative.html: `#id` in `src` is a contained resource. None is there.
    proof: ({ text, contained }) => text?.div.includes('src="#11"') === true && contained === undefined,
  },
  ...Object.fromEntries(
    [
      ["medicationdispense0301.json", ["MedicationDispense.quantity"]],
      ["medicationdispense0325.json", ["MedicationDispense.dosageInstruction[0].doseAndRate[0].dose"]],
      ["medicationexample0304.json", ["Medication.ingredient[0].strength.denominator"]],
      ["medicationrequest0313.json", ["MedicationRequest.dispenseRequest.quantity"]],
      ["medicationrequest0327.json", ["MedicationRequest.dosageInstruction[0].doseAndRate[0].dose", "MedicationRequest.dispenseRequest.quantity"]],
      ["medicationstatementexample3.json", ["MedicationStatement.dosage[0].doseAndRate[0].dose"]],
    ].map(([file, places]) => [file, { lines: (places as string[]).map((place) => `error code-unknown ${place}.code`), proof: namesNoDrugForm }]),
  ),
  ...Object.fromEntries(
    [
      ["message-request-link.json", 2],
      ["message-response-link.json", 3],
    ].map(([file, at]) => [
      file,
      {
        lines: [`error full-url-id Bundle.entry[${at}]`],
        // Bundle.entry.fullUrl: "must not disagree with the id in the resource".
        proof: ({ entry }: Example) => entry?.[Number(at)]?.fullUrl?.endsWith("/Patient/pat12") === true && entry[Number(at)]?.resource.id === "pat2",
      },
    ]),
  ),
  "document-example-dischargesummary.json": {
    lines: ["error reference-full-url Bundle.entry[5].resource.requester"],
    // bundle.html, Resolving references: a relative reference counts from its entry's fullUrl, and that is a urn:uuid.
    proof: ({ entry }) => entry?.[5]?.fullUrl?.startsWith("urn:uuid:") === true && entry[1]?.fullUrl?.endsWith("/Practitioner/example") === true,
  },
  "plandefinition-example-cardiology-os.json": {
    lines: [
      "error canonical-unresolved PlanDefinition.contained[11].item[0].answerValueSet",
      "error canonical-unresolved PlanDefinition.action[0].action[1].action[1].action[2].definition",
    ],
    // references.html: a fragment leads to a contained resource. None has either id.
    proof: ({ contained }) => contained?.every(({ id }) => id !== "CardiologyReferralReasonValues" && id !== "amlodipinePrescription") === true,
  },
  "diagnosticreport-example-pgx.json": {
    lines: ["error attachment-hash DiagnosticReport.presentedForm[0]"],
    // A SHA-1 is 20 bytes; what stands there is the base64 of its 40 hexadecimal digits.
    proof: ({ presentedForm }) => Buffer.from(presentedForm?.[0]?.hash ?? "", "base64").length !== 20,
  },
  "diagnosticreport-hla-genetics-results-example.json": {
    lines: ["error extension-part Bundle.entry[0].resource.extension[1].extension[1]"],
    // hla-genotyping-results-glstring has the parts `url` and `text`.
    proof: ({ entry }) => {
      const extension = entry?.[0]?.resource.extension?.[1];
      return extension?.url.endsWith("/hla-genotyping-results-glstring") === true && extension.extension?.[1]?.url === "uri";
    },
  },
};

interface Example {
  readonly presentedForm?: readonly { readonly data: string; readonly hash: string }[];
  readonly contained?: readonly { readonly id?: string }[];
  readonly entry?: readonly { readonly fullUrl?: string; readonly resource: { readonly id?: string; readonly extension?: readonly Extension[] } }[];
  readonly text?: { readonly div: string };
  readonly identifier?: readonly unknown[];
  readonly dataRequirement?: readonly { readonly codeFilter: readonly { readonly valueSet?: string }[] }[];
}

interface Extension {
  readonly url: string;
  readonly extension?: readonly Extension[];
}

/** txt-2: "The narrative SHALL have some non-whitespace content". Without its tags the div is white space, and there is no image. */
function saysNothing({ text }: Example): boolean {
  return text !== undefined && !text.div.includes("<img") && text.div.replace(/<[^>]*>/g, "").trim() === "";
}

/** The code system as the package of R4's definitions has it: Tab, Vial, patch and tab are none of its codes. */
function namesNoDrugForm(example: Example): boolean {
  const system = codeSystem("http://terminology.hl7.org/CodeSystem/v3-orderableDrugForm");
  const codes = JSON.stringify(example).matchAll(/v3-orderableDrugForm","code":"([^"]*)"/g);
  return [...codes].some(([, code]) => system?.has(code ?? "") === false);
}

const files = existsSync(FOLDER) ? readdirSync(FOLDER).filter((file) => file.endsWith(".json")) : [];
const whenThere = files.length > 0 ? describe : describe.skip;

whenThere(`the examples that R4 was published with${files.length > 0 ? "" : " (skipped: they are not at hand)"}`, () => {
  test("all are valid but those that break R4 themselves", () => {
    const refused: Record<string, readonly string[]> = {};
    for (const file of files) {
      const errors = saidOfText(readFileSync(join(FOLDER, file), "utf8"), "application/fhir+json").filter(isError);
      const others = errors.filter(({ rule }) => rule !== "canonical-relative");
      if (others.length > 0) refused[file] = briefly(others);
    }
    expect(refused).toEqual(Object.fromEntries(Object.entries(WRONG).map(([file, { lines }]) => [file, lines])));
  });

  // A canonical URL "always identifies the resource across all contexts of use" (references.html): `Library/x` identifies another one on each server. HL7's validator refuses them too.
  test("those with a relative canonical have addresses without a scheme", () => {
    const addresses = files.flatMap((file) =>
      saidOfText(readFileSync(join(FOLDER, file), "utf8"), "application/fhir+json")
        .filter(({ rule }) => rule === "canonical-relative")
        .map(({ text }) => /fragment: (\S+) has no scheme/.exec(text)?.[1]),
    );
    expect(addresses.length).toBeGreaterThan(0);
    expect(addresses.filter((address) => address === undefined || !/^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]+$/.test(address))).toEqual([]);
  });

  test.each(Object.entries(WRONG))("%s is wrong", (file, { proof }) => {
    expect(proof(JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as Example)).toBe(true);
  });
});
