import { expect, test } from "@jest/globals";
import { afterChange, COMPOSITION_URL, PATIENT_URL, resourceAt, sectionOf } from "../a-document.ts";

const AT = "Bundle.entry[3].resource.extension[0]";
const WRONG = [`error narrative-link-target ${AT}`];

/** The observation says that its row in the Composition's section tells of it. */
function linkTo(address: string, rows: readonly string[]): string[] {
  return afterChange((document) => {
    const cells = rows.map((id) => `<tr id="${id}"><td>72</td></tr>`).join("");
    sectionOf(document)["text"] = { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml"><table>${cells}</table></div>` };
    resourceAt(document, 3)["extension"] = [{ url: "http://hl7.org/fhir/StructureDefinition/narrativeLink", valueUrl: address }];
  }).filter((line) => line.includes("narrative-link"));
}

test.each<[what: string, address: string, rows: readonly string[], lines: readonly string[]]>([
  ["one row", `${COMPOSITION_URL}#pulse`, ["pulse", "weight"], []],
  ["no such row", `${COMPOSITION_URL}#pulse`, ["weight"], WRONG],
  ["two of them", `${COMPOSITION_URL}#pulse`, ["pulse", "pulse"], WRONG],
  ["another entry's narrative", `${PATIENT_URL}#pulse`, ["pulse"], WRONG],
  ["an entry that is not there", "urn:uuid:00000000-0000-4000-8000-00000000000f#pulse", ["pulse"], WRONG],
  ["no part of a narrative", COMPOSITION_URL, ["pulse"], []],
])("%s", (_, address, rows, lines) => {
  expect(linkTo(address, rows)).toEqual(lines);
});
