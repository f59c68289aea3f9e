import { beforeAll, describe, expect, test } from "@jest/globals";
import { writeJson } from "../../../src/core/fhir/json/write-json.ts";
import { openKeptDocument } from "../../../src/core/formats/kept-document.ts";
import { sealProvenance, servedSignature } from "../../../src/pipeline/sign/seal-resources.ts";
import { idOf, keyOf, sampleDocument, seal, temporaryKeys } from "./deposited.ts";

let jws: string;
beforeAll(async () => {
  const keys = await temporaryKeys();
  jws = openKeptDocument(idOf(1), await seal(sampleDocument("urn:uuid:1"), idOf(1), keys), keyOf(idOf(1))).evidence.seal;
});

describe("servedSignature", () => {
  test("is a Signature of type verification with the seal as base64", () => {
    const signature: unknown = JSON.parse(writeJson(servedSignature(jws)));
    expect(signature).toEqual({
      type: [{ system: "urn:iso-astm:E1762-95:2013", code: "1.2.840.10065.1.12.1.5", display: "Verification Signature" }],
      when: "2026-03-14T08:31:00Z",
      who: { display: expect.stringMatching(/^Chartulary seal 2026-01-01 [0-9a-f]{8}$/) },
      targetFormat: "application/fhir+json;canonicalization=http://hl7.org/fhir/canonicalization/json#document",
      sigFormat: "application/jose",
      data: Buffer.from(jws).toString("base64"),
    });
  });

  test("of something that is no seal is damage", () => {
    expect(() => servedSignature("a.b.c")).toThrow(expect.objectContaining({ code: "damaged" }));
  });
});

describe("sealProvenance", () => {
  test("says of which version of the document it is", () => {
    const provenance = JSON.parse(writeJson(sealProvenance(idOf(1), jws))) as Record<string, unknown>;
    expect(provenance).toMatchObject({
      resourceType: "Provenance",
      target: [{ reference: `Bundle/${idOf(1)}/_history/1` }],
      recorded: "2026-03-14T08:31:00Z",
    });
    expect(provenance["signature"]).toEqual([JSON.parse(writeJson(servedSignature(jws)))]);
  });
});
