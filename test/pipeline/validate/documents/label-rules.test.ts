import { describe, expect, test } from "@jest/globals";
import { AGAINST_KEEPING, OBLIGATIONS, REFRAINS } from "../../../../src/core/fhir/label-codes.ts";
import { policyFrom } from "../a-policy.ts";
import { aDocument, afterChange, briefly, resourceAt, saidOf, type Plain } from "../a-document.ts";

const ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
const bears = (resource: Plain, code: string, system: string | undefined = ACT): void => {
  resource["meta"] = { security: [{ ...(system !== "" && { system }), code }] };
};

describe("labels that forbid to keep a document for ever", () => {
  test.each<[place: string, change: (document: Plain) => void]>([
    ["Bundle", (document) => bears(document, "DELAU")],
    ["Bundle.entry[0].resource", (document) => bears(resourceAt(document, 0), "DELAU")],
    ["Bundle.entry[3].resource", (document) => bears(resourceAt(document, 3), "NOCOLLECT")],
    ["Bundle.entry[3].resource", (document) => bears(resourceAt(document, 3), "NOPERSISTP")],
  ])("refuses it at %s", (place, change) => {
    expect(afterChange(change)).toEqual([`error label-against-keeping ${place}.meta.security[0]`]);
  });

  test("under every name of the code system, and without one", () => {
    for (const system of ["http://hl7.org/fhir/v3/ActCode", "urn:oid:2.16.840.1.113883.5.4", ""]) {
      const document = aDocument();
      bears(document, "DELAU", system);
      expect(briefly(saidOf(document))).toContain("error label-against-keeping Bundle.meta.security[0]");
    }
  });

  test("tells the reason and what to do", () => {
    const document = aDocument();
    bears(document, "DELAU");
    const [issue] = saidOf(document);
    expect(issue?.text).toMatch(/DELAU.*deleted after use.*kept for ever.*without this label/);
  });

  test("and no other obligation, refrain policy or sensitivity", () => {
    const others = [...OBLIGATIONS, ...REFRAINS, "HIV", "TBOO"].filter((code) => !AGAINST_KEEPING.has(code));
    for (const code of others) expect([code, afterChange((document) => bears(document, code))]).toEqual([code, []]);
  });

  test("a code of another system that looks like one is none", () => {
    expect(afterChange((document) => bears(document, "DELAU", "https://hospital.example/labels"))).toEqual([]);
  });

  test("no policy changes that", async () => {
    const file = { version: "ward/1", severities: { "label-against-keeping": "warning" } };
    await expect(policyFrom(file)).rejects.toMatchObject({ code: "malformed" });
  });
});
