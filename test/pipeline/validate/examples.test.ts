import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { isError } from "../../../src/core/fhir/issue.ts";
import { briefly, saidOfText } from "./a-document.ts";

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
    lines: ["error element-repeated QuestionnaireResponse"],
    // QuestionnaireResponse.identifier is 0..1 in R4 (it became 0..* in R5).
    proof: ({ identifier }) => identifier?.length === 2,
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
  readonly entry?: readonly { readonly resource: { readonly extension?: readonly Extension[] } }[];
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
