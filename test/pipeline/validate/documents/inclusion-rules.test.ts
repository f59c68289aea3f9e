import { describe, expect, test } from "@jest/globals";
import { aDocument, afterChange, briefly, compositionOf, entries, resourceAt, saidOf, sectionOf, type Plain } from "../a-document.ts";

const AT = "Bundle.entry[0].resource";
const NOWHERE = { reference: "urn:uuid:00000000-0000-4000-8000-00000000000f" };

/** Everything that R4 documents, 3.3.1, wants included. */
const DEMANDED: readonly (readonly [element: string, change: (composition: Plain, section: Plain) => void, expression: string])[] = [
  ["subject", (composition) => (composition["subject"] = NOWHERE), `${AT}.subject`],
  ["encounter", (composition) => (composition["encounter"] = NOWHERE), `${AT}.encounter`],
  ["author", (composition) => (composition["author"] as unknown[]).push(NOWHERE), `${AT}.author[1]`],
  ["attester.party", (composition) => (composition["attester"] = [{ mode: "legal", party: NOWHERE }]), `${AT}.attester[0].party`],
  ["custodian", (composition) => (composition["custodian"] = NOWHERE), `${AT}.custodian`],
  ["event.detail", (composition) => (composition["event"] = [{ detail: [NOWHERE] }]), `${AT}.event[0].detail[0]`],
  ["section.author", (_, section) => (section["author"] = [NOWHERE]), `${AT}.section[0].author[0]`],
  ["section.focus", (_, section) => (section["focus"] = NOWHERE), `${AT}.section[0].focus`],
  ["section.entry", (_, section) => (section["entry"] as unknown[]).push(NOWHERE), `${AT}.section[0].entry[1]`],
  ["section.section.entry", (_, section) => (section["section"] = [{ title: "Within", entry: [NOWHERE] }]), `${AT}.section[0].section[0].entry[0]`],
];

describe("checklist 10: what the Composition names is in the document", () => {
  test.each(DEMANDED)("%s", (_, change, expression) => {
    const said = afterChange((document) => change(compositionOf(document), sectionOf(document)));
    expect(said).toEqual([`error composition-reference-unresolved ${expression}`]);
  });

  test("a reference without an address (display or identifier alone) names nothing", () => {
    expect(afterChange((document) => (compositionOf(document)["custodian"] = { display: "St. Example" }))).toEqual([]);
  });

  test("a contained resource is included", () => {
    const said = afterChange((document) =>
      Object.assign(compositionOf(document), {
        contained: [{ resourceType: "Organization", id: "ward", name: "Ward 7" }],
        custodian: { reference: "#ward" },
      }),
    );
    expect(said).toEqual([]);
  });

  test("an entry with the same type and id under another fullUrl is named", () => {
    const document = aDocument();
    resourceAt(document, 1)["id"] = "p1";
    compositionOf(document)["subject"] = { reference: "Patient/p1" };
    const said = saidOf(document);
    expect(briefly(said)).toEqual([`error composition-reference-unresolved ${AT}.subject`]);
    expect(said[0]?.text).toContain("entry 1 has that type and id, but its fullUrl is urn:uuid:00000000-0000-4000-8000-000000000002");
  });

  test("an address that differs from an entry's in capital letters alone is named", () => {
    const document = aDocument();
    const [, patient] = entries(document);
    (patient as Plain)["fullUrl"] = "urn:uuid:aaaaaaaa-0000-4000-8000-000000000002";
    compositionOf(document)["subject"] = { reference: "urn:uuid:AAAAAAAA-0000-4000-8000-000000000002" };
    (compositionOf(document)["author"] as unknown[]).push({ reference: "urn:uuid:00000000-0000-4000-8000-000000000003" });
    const texts = saidOf(document).map(({ rule, text }) => `${rule} ${text}`);
    expect(texts).toContainEqual(
      expect.stringMatching(/^composition-reference-unresolved .* entry 1 differs from it in capital letters alone.*: write urn:uuid:aaaaaaaa/),
    );
  });

  test("what is no reference is told as such", () => {
    expect(afterChange((document) => (compositionOf(document)["custodian"] = { reference: "ward 7" }))).toEqual([
      `error reference-malformed ${AT}.custodian`,
    ]);
  });

  test("checklist 12: several matches are ambiguous", () => {
    const said = afterChange((document) => {
      const again = { ...(entries(document)[2] as Plain), resource: { ...resourceAt(document, 2), meta: { versionId: "2" } } };
      entries(document).push(again);
    });
    expect(said).toEqual([
      `error reference-ambiguous ${AT}.author[0]`,
      "error entry-unreachable Bundle.entry[2]",
      "error entry-unreachable Bundle.entry[4]",
    ]);
  });
});
