import { describe, expect, test } from "@jest/globals";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import type { Received } from "../../../src/pipeline/document-forms.ts";
import type { Admission } from "../../../src/pipeline/validate/admit.ts";
import { DEFAULT_POLICY, type Policy } from "../../../src/pipeline/validate/policy.ts";
import { aDocument, briefly, compositionOf, entries, type Plain } from "./a-document.ts";
import { admit, receive } from "../../r4.ts";

function received(resource: unknown): Received {
  const bytes = Buffer.from(JSON.stringify(resource));
  const intake = receive({ bytes, mediaType: "application/fhir+json" }, DEFAULT_READ_LIMITS);
  if (intake.kind === "unreadable") throw new Error("unreadable");
  return intake.received;
}

function admitted(resource: unknown, policy: Policy = DEFAULT_POLICY): Admission {
  return admit(received(resource), policy);
}

function refusal(admission: Admission): string[] {
  return admission.kind === "refused" ? briefly(admission.issues) : [];
}

test("a valid document is opened for what comes next", () => {
  const admission = admitted(aDocument());
  expect(admission).toMatchObject({
    kind: "validated",
    validated: { issues: [], document: { composition: { index: 0, type: "Composition" } } },
  });
});

test("its warnings go with it", () => {
  const document = aDocument();
  compositionOf(document)["attester"] = [{ mode: "legal" }];
  expect(admitted(document)).toMatchObject({ kind: "validated", validated: { issues: [{ severity: "warning", rule: "attester-nobody" }] } });
});

describe("what is no document is refused", () => {
  test.each<[resource: Plain, lines: string[]]>([
    [{ resourceType: "Patient", active: true }, ["error document-only Patient", "warning dom-6 Patient"]],
    [{ resourceType: "Bundle", type: "collection" }, ["error document-only Bundle.type"]],
    [{ resourceType: "Bundle" }, ["error element-missing Bundle"]],
    [{ resourceType: "No such thing" }, ["error document-only", "error resource-type-unknown"]],
    [{}, ["error resource-type-missing"]],
  ])("%j", (resource, lines) => {
    expect(refusal(admitted(resource))).toEqual(lines);
  });

  test("also under a policy that lets a Bundle without a type pass", () => {
    const policy: Policy = { version: "t/1", rules: "t", severities: new Map([["element-missing", "ignore"]]) };
    expect(refusal(admitted({ resourceType: "Bundle", total: 1 }, policy))).toEqual(["error document-only Bundle"]);
  });
});

test("a refusal tells of everything", () => {
  const document = aDocument();
  delete document["timestamp"];
  delete compositionOf(document)["title"];
  entries(document).push({ fullUrl: "urn:uuid:00000000-0000-4000-8000-000000000005", resource: { resourceType: "Basic", code: { text: "x" } } });
  expect(refusal(admitted(document))).toEqual([
    "error element-missing Bundle.entry[0].resource",
    "error bdl-10 Bundle",
    "error entry-unreachable Bundle.entry[4]",
  ]);
});
