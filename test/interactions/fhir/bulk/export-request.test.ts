import { describe, expect, test } from "@jest/globals";
import { BULK_EDITIONS } from "../../../../src/interactions/fhir/bulk/editions.ts";
import { isOfAllDocuments } from "../../../../src/interactions/fhir/bulk/export-order.ts";
import { exportQuery } from "../../../../src/interactions/fhir/bulk/export-query.ts";
import { exportAsked, type ExportAsked, type ExportReading } from "../../../../src/interactions/fhir/bulk/export-request.ts";
import type { Parameter } from "../../../../src/search/query/search-query.ts";
import { R4, SEARCH_PARAMETERS } from "../../../r4.ts";

function asked(parameters: readonly Parameter[], more: Partial<ExportReading> = {}): ExportAsked {
  return exportAsked(parameters, {
    ...{ edition: BULK_EDITIONS["2.0"], definitions: R4.definitions, parameters: SEARCH_PARAMETERS, isLenient: false, isOfPatients: false },
    ...more,
  });
}

const types = ({ types: all }: ExportAsked): string[] => all.map(({ type }) => type);
const query = (one: ExportAsked): unknown =>
  exportQuery(one, {
    ...{ definitions: R4.definitions, parameters: SEARCH_PARAMETERS, terminology: R4.terminology },
    ...{ base: "https://documents.example.org/fhir", now: new Date("2026-11-30T00:00:00Z") },
  });

describe("what an export is asked for", () => {
  test("is documents and what is known of each, unless types are named; of patients, the patients too", () => {
    expect(types(asked([]))).toEqual(["Bundle", "DocumentReference"]);
    expect(types(asked([], { isOfPatients: true }))).toEqual(["Patient", "Bundle", "DocumentReference"]);
    expect(types(asked([["_type", "Observation,Patient"], ["_type", "Observation"]]))).toEqual(["Observation", "Patient"]); // prettier-ignore
    expect(types(asked([["_type", "Patient"], ["includeAssociatedData", "LatestProvenanceResources"]]))).toEqual(["Patient", "Provenance"]); // prettier-ignore
  });

  test("has lists with commas in 2.0 and none in 4.0", () => {
    const edition = BULK_EDITIONS["4.0"];
    expect(types(asked([["_type", "Patient"], ["_type", "Bundle"]], { edition }))).toEqual(["Patient", "Bundle"]); // prettier-ignore
    expect(() => asked([["_type", "Patient,Bundle"]], { edition })).toThrow("Patient,Bundle");
  });

  test("is refused where it is not understood, or told to be passed over by whoever is lenient", () => {
    for (const [parameter, word] of [
      [["colour", "red"], "colour"],
      [["_outputFormat", "text/csv"], "text/csv"],
      [["_type", "Unicorn"], "Unicorn"],
      [["_typeFilter", "Observation?code=1"], "Observation"],
      [["_elements", "id"], "Bundle"],
      [["includeAssociatedData", "everything"], "everything"],
    ] as const) {
      expect(() => asked([parameter])).toThrow(expect.objectContaining({ code: "unsupported", message: expect.stringContaining(word) }));
      if (parameter[0] === "_type") continue;
      const { remarks, types: left } = asked([parameter], { isLenient: true });
      expect(left).toHaveLength(2);
      expect(remarks).toEqual([{ code: "not-supported", text: expect.stringContaining(word) }]);
    }
    for (const parameter of [
      ["_since", "yesterday"],
      ["_until", "2026-02-01"],
      ["patient", "Patient/1"],
      ["_typeFilter", "nonsense"],
    ] as const)
      // prettier-ignore
      expect(() => asked([parameter], { isLenient: true })).toThrow(expect.objectContaining({ code: "bad-query" }));
  });

  test("takes apart searches with commas of their own, and a time whose plus was not escaped", () => {
    const { types: all, since } = asked([
      ["_type", "Observation,Patient"],
      ["_typeFilter", "Observation?code=a,b&status=final,Patient?name=Ada"],
      ["_since", "2026-11-30T01:00:00 01:00"],
    ]);
    expect(all).toEqual([
      { type: "Observation", filters: [[["code", "a,b"], ["status", "final"]]] }, // prettier-ignore
      { type: "Patient", filters: [[["name", "Ada"]]] },
    ]);
    expect(since).toBe("2026-11-30T00:00:00.000Z");
  });

  test("has elements of what is no document", () => {
    const { types: all } = asked([["_type", "Bundle,Patient,Observation"], ["_elements", "Patient.name,Patient.id,Observation.code"]]); // prettier-ignore
    expect(all).toEqual([
      { type: "Bundle", filters: [] },
      { type: "Patient", filters: [], elements: ["name", "id"] },
      { type: "Observation", filters: [], elements: ["code"] },
    ]);
  });

  test("is counted against the log only where all documents were asked for", () => {
    const of = (parameters: readonly Parameter[], isOfPatients = false): boolean => isOfAllDocuments(asked(parameters, { isOfPatients }));
    expect(of([])).toBe(true);
    expect(of([["_since", "2026-11-30T00:00:00Z"]])).toBe(true);
    expect(of([["_type", "Patient"]])).toBe(false);
    expect(of([["_until", "2026-11-30T00:00:00Z"]])).toBe(false);
    expect(of([["_type", "Bundle"], ["_typeFilter", "Bundle?timestamp=gt2026"]])).toBe(false); // prettier-ignore
    expect(of([], true)).toBe(false);
  });

  test("is a search: whatever chooses nothing is refused, and so is what is about no patient", () => {
    expect(query(asked([]))).toMatchObject({ types: [{ type: "Bundle" }, { type: "DocumentReference" }] });
    expect(() => query(asked([["_type", "Patient"], ["_typeFilter", "Patient?_count=1"]]))).toThrow("_count"); // prettier-ignore
    expect(() => query(asked([["_type", "Patient"], ["_typeFilter", "Patient?colour=red"]]))).toThrow("colour"); // prettier-ignore
    expect(() => asked([["_type", "Practitioner"]], { isOfPatients: true })).toThrow("no patient");
    // The submitted bytes are found as the document.
    expect(query(asked([["_type", "Binary,Bundle"]]))).toMatchObject({ types: [{ type: "Bundle" }] });
    for (const patient of ["Patient/a", "a"])
      expect(query(asked([["patient", patient]], { isOfPatients: true }))).toMatchObject({
        types: [{ type: "Patient" }, { type: "Bundle" }, { type: "DocumentReference" }],
      });
  });
});
