import { describe, expect, test } from "@jest/globals";
import { openDocument } from "../../../src/core/fhir/document-bundle.ts";
import { treeOf, type JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { securityLabels, type SecurityLabels } from "../../../src/core/fhir/security-labels.ts";

const SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
const label = (code: string, system?: string): object => ({ meta: { security: [{ ...(system !== undefined && { system }), code }] } });

function labels(parts: {
  readonly bundle?: object;
  readonly composition?: object;
  readonly patient?: object;
  readonly other?: object;
}): SecurityLabels {
  const entry = [
    { fullUrl: "urn:uuid:c", resource: { resourceType: "Composition", subject: { reference: "urn:uuid:p" }, ...parts.composition } },
    { fullUrl: "urn:uuid:p", resource: { resourceType: "Patient", ...parts.patient } },
    { fullUrl: "urn:uuid:o", resource: { resourceType: "Condition", ...parts.other } },
  ];
  return securityLabels(openDocument(treeOf({ resourceType: "Bundle", type: "document", ...parts.bundle, entry }) as JsonObject));
}

describe("securityLabels", () => {
  test("reads the highest confidentiality wherever it is said", () => {
    expect(labels({})).toEqual({ isTest: false });
    expect(labels({ bundle: label("R", SYSTEM) })).toEqual({ confidentiality: "R", isTest: false });
    expect(labels({ composition: label("V", SYSTEM), bundle: label("R", SYSTEM) })).toEqual({ confidentiality: "V", isTest: false });
    expect(labels({ composition: { confidentiality: "R" } }).confidentiality).toBe("R");
    expect(labels({ other: label("V", "urn:oid:2.16.840.1.113883.5.25") }).confidentiality).toBe("V");
    expect(labels({ bundle: label("R") }).confidentiality).toBe("R");
  });

  test("passes over what is not above normal, and codes of other systems", () => {
    expect(labels({ bundle: label("N", SYSTEM) })).toEqual({ isTest: false });
    expect(labels({ bundle: label("R", "https://example.org/colours") })).toEqual({ isTest: false });
  });

  test("knows test data by label or tag of the document or its subject", () => {
    expect(labels({ bundle: label("HTEST", "http://terminology.hl7.org/CodeSystem/v3-ActReason") }).isTest).toBe(true);
    expect(labels({ composition: { meta: { tag: [{ code: "test-data" }] } } }).isTest).toBe(true);
    expect(labels({ patient: label("HTEST") }).isTest).toBe(true);
    expect(labels({ other: label("HTEST") }).isTest).toBe(false);
  });
});
