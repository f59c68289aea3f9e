/** What a document's labels ask for, and that no part of it and no source can lower that. */
import { describe, expect, test } from "@jest/globals";
import { openDocument } from "../../src/core/fhir/document-bundle.ts";
import type { JsonObject } from "../../src/core/fhir/tree/tree.ts";
import { treeOf } from "../../src/core/fhir/tree/tree.ts";
import { neededClearance } from "../../src/search/needed-clearance.ts";

const LEVEL = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
const ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
interface Parts {
  readonly bundle?: readonly object[];
  readonly composition?: readonly object[];
  readonly confidentiality?: string;
  readonly entry?: readonly object[];
  readonly contained?: readonly object[];
  readonly said?: readonly object[];
}

function needed({ bundle, composition, confidentiality, entry, contained, said }: Parts): string[] {
  const meta = (security: readonly object[] | undefined): object => (security ? { meta: { security } } : {});
  const tree = treeOf({
    ...{ resourceType: "Bundle", type: "document", ...meta(bundle) },
    entry: [
      {
        fullUrl: "urn:uuid:1",
        resource: { resourceType: "Composition", ...meta(composition), ...(confidentiality !== undefined && { confidentiality }) },
      },
      {
        fullUrl: "urn:uuid:2",
        resource: { resourceType: "Observation", ...meta(entry), ...(contained && { contained: [{ resourceType: "Patient", ...meta(contained) }] }) },
      },
    ],
  }) as JsonObject;
  const reference = said && (treeOf({ resourceType: "DocumentReference", securityLabel: [{ coding: said }] }) as JsonObject);
  return neededClearance(openDocument(tree), reference);
}

const label = (system: string | undefined, code?: string): object => ({
  ...(system !== undefined && { system }),
  ...(code !== undefined && { code }),
});

describe("the clearance that a document asks for", () => {
  test.each<[string, Parts, readonly string[]]>([
    ["is normal when it says nothing", {}, ["N"]],
    ["is Composition.confidentiality", { confidentiality: "V" }, ["V"]],
    ["may be lower than normal", { confidentiality: "L" }, ["L"]],
    ["is the highest level of any part", { confidentiality: "N", bundle: [label(LEVEL, "L")], entry: [label(LEVEL, "R")] }, ["R"]],
    ["counts what is contained", { contained: [label(LEVEL, "V")] }, ["V"]],
    [
      "counts what a source said with it, and not to lower it",
      { bundle: [label(LEVEL, "R")], said: [label(LEVEL, "U"), label(ACT, "HIV")] },
      ["R", "HIV"],
    ],
    ["names each sensitivity once", { bundle: [label(ACT, "HIV")], entry: [label(ACT, "HIV"), label(ACT, "PSY")] }, ["N", "HIV", "PSY"]],
    [
      "knows systems by their older names",
      { bundle: [label("http://hl7.org/fhir/v3/ActCode", "SUD"), label("urn:oid:2.16.840.1.113883.5.25", "R")] },
      ["R", "SUD"],
    ],
    ["takes a label without a system at its word", { bundle: [label(undefined, "V")] }, ["V"]],
    ["is restricted by a label that nobody knows", { bundle: [label("https://labels.example.org", "x")] }, ["R"]],
    ["is restricted by a code that its system does not have", { confidentiality: "high" }, ["R"]],
    ["is restricted by a label without a code", { composition: [label(ACT)] }, ["R"]],
    [
      "is not restricted by obligations, purposes, integrity and test data",
      {
        bundle: [
          label(ACT, "NORDSCLCD"),
          label(ACT, "DELAU"),
          label("http://terminology.hl7.org/CodeSystem/v3-ActReason", "TREAT"),
          label("http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "CLINAST"),
          label("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST"),
        ],
      },
      ["N"],
    ],
  ])("%s", (_, parts, expected) => {
    expect(needed(parts)).toEqual(expected);
  });
});
