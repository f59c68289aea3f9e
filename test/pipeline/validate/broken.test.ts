import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { isError } from "../../../src/core/fhir/issue.ts";
import { saidOfText } from "./a-document.ts";

const FOLDER = join(import.meta.dirname, "../../../fixtures/documents/broken");

/** A file each rule that it breaks, and no other: its name begins with the rule's id. Where, as FHIRPath and as line. */
const BROKEN: readonly (readonly [file: string, expression: string, line: number])[] = [
  ["array-expected.json", "Bundle.entry[1].resource.name", 52],
  ["array-unexpected.json", "Bundle.entry[0].resource.title", 31],
  ["att-1.json", "Bundle.entry[2].resource.photo[0]", 73],
  ["bdl-1.json", "Bundle", 92],
  ["bdl-10.json", "Bundle", 1],
  ["bdl-11.json", "Bundle", 10],
  ["bdl-2.json", "Bundle", 90],
  ["bdl-3.json", "Bundle", 90],
  ["bdl-4.json", "Bundle", 90],
  ["bdl-5.json", "Bundle.entry[4]", 91],
  ["bdl-7.json", "Bundle", 90],
  ["bdl-8.json", "Bundle.entry[2]", 64],
  ["bdl-9.json", "Bundle", 3],
  ["binding-required.json", "Bundle.entry[0].resource.confidentiality", 46],
  ["choice-repeated.json", "Bundle.entry[1].resource", 62],
  ["cmp-1.json", "Bundle.entry[0].resource.section[1]", 45],
  ["cmp-1.xml", "Bundle.entry[0].resource.section[1]", 39],
  ["cmp-2.json", "Bundle.entry[0].resource.section[0]", 33],
  ["companion-misshapen.json", "Bundle.entry[1].resource.birthDate", 61],
  ["companion-unaligned.json", "Bundle.entry[1].resource.name[0].given", 58],
  ["composition-reference-unresolved.by-id.json", "Bundle.entry[0].resource.author[1]", 30],
  ["composition-reference-unresolved.json", "Bundle.entry[0].resource.custodian", 46],
  ["dom-2.json", "Bundle.entry[3].resource.contained[0]", 90],
  ["dom-3.json", "Bundle.entry[3].resource.contained[0]", 90],
  ["dom-4.json", "Bundle.entry[3].resource.contained[0]", 90],
  ["dom-5.json", "Bundle.entry[3].resource.contained[0]", 90],
  ["element-missing.json", "Bundle.entry[0].resource", 12],
  ["element-missing.xml", "Bundle.entry[0].resource", 12],
  ["element-repeated.json", "Bundle.entry[0].resource.subject", 22],
  ["empty-array.json", "Bundle.entry[1].resource.telecom", 61],
  ["empty-object.json", "Bundle.entry[1].resource.maritalStatus", 61],
  ["empty-string.json", "Bundle.entry[1].resource.birthDate", 60],
  ["entry-unreachable.json", "Bundle.entry[4]", 91],
  ["entry-unreachable.xml", "Bundle.entry[4]", 82],
  ["format-base64Binary.json", "Bundle.entry[2].resource.photo[0].data", 75],
  ["format-code.json", "Bundle.entry[0].resource.status", 18],
  ["format-date.json", "Bundle.entry[1].resource.birthDate", 60],
  ["format-dateTime.json", "Bundle.entry[0].resource.date", 25],
  ["format-id.json", "Bundle.entry[1].resource.id", 61],
  ["format-instant.json", "Bundle.timestamp", 8],
  ["format-uri.json", "Bundle.entry[1].resource.identifier[0].system", 63],
  ["full-url-id.json", "Bundle.entry[2]", 64],
  ["full-url-missing.json", "Bundle.entry[2]", 63],
  ["full-url-relative.json", "Bundle.entry[2]", 64],
  ["identifier-not-a-uri.json", "Bundle.identifier", 3],
  ["json-duplicate-name.json", "Bundle.entry[1].resource", 61],
  ["json-syntax.json", "Bundle.entry[1].resource", 61],
  ["label-against-keeping.json", "Bundle.entry[3].resource.meta.security[1]", 84],
  ["null-unaligned.json", "Bundle.entry[1].resource.name[0].given[1]", 57],
  ["null-value.json", "Bundle.entry[1].resource.birthDate", 60],
  ["object-expected.json", "Bundle.entry[1].resource.name[0]", 53],
  ["ref-1.json", "Bundle.entry[3].resource.performer[0]", 90],
  ["reference-ambiguous.json", "Bundle.entry[0].resource.author[2]", 33],
  ["reference-full-url.json", "Bundle.entry[3].resource.subject", 83],
  ["reference-target-type.json", "Bundle.entry[3].resource.performer[0]", 90],
  ["resource-type-missing.json", "Bundle.entry[2].resource", 65],
  ["resource-type-unknown.json", "Bundle.entry[2].resource", 75],
  ["txt-1.json", "Bundle.entry[0].resource.section[0].text.div", 37],
  ["txt-1.xml", "Bundle.entry[0].resource.section[0].text.div", 33],
  ["txt-2.json", "Bundle.entry[0].resource.section[0].text.div", 37],
  ["unknown-element.json", "Bundle.entry[1].resource", 61],
  ["unknown-element.xml", "Bundle.entry[1].resource", 51],
  ["wrong-json-type.json", "Bundle.entry[3].resource.value.value", 86],
  ["xhtml-outside.json", "Bundle.entry[0].resource.section[0].text.div", 37],
  ["xhtml-syntax.json", "Bundle.entry[0].resource.section[0].text.div", 37],
  ["xml-attribute.xml", "Bundle.entry[1].resource.birthDate", 50],
  ["xml-element-order.xml", "Bundle.entry[1].resource.name[0]", 47],
  ["xml-processing-instruction.xml", "Bundle.entry[0].resource", 12],
  ["xml-text.xml", "Bundle.entry[1].resource", 50],
];

test.each(BROKEN)("%s at %s, line %i, and nothing else", (file, expression, line) => {
  const text = readFileSync(join(FOLDER, file), "utf8");
  const errors = saidOfText(text, file.endsWith(".xml") ? "application/fhir+xml" : "application/fhir+json").filter(isError);
  expect(errors.map((issue) => [issue.rule, issue.expression, issue.position?.line])).toEqual([[file.split(".")[0], expression, line]]);
});

test("every file of the folder stands in the table", () => {
  expect(readdirSync(FOLDER).sort()).toEqual(BROKEN.map(([file]) => file).sort());
});
