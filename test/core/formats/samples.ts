import { NOTHING_CHECKED } from "../../../src/core/signatures/signature-check.ts";
import type { DepositRecord } from "../../../src/core/formats/deposit-record.ts";
import type { Leaf } from "../../../src/core/formats/leaf.ts";
import type { JsonObject } from "../../../src/core/fhir/tree/tree.ts";
import { treeOf } from "../../../src/core/fhir/tree/tree.ts";

export const ID = "3f1c1c3e-7f0e-4c5e-9a63-1f2a3b4c5d6e";

export const LEAF: Leaf = {
  id: ID,
  receivedAt: "2026-03-14T08:31:00.123Z",
  submittedDigest: `sha256:${"1".repeat(64)}`,
  canonicalDigest: `sha256:${"2".repeat(64)}`,
  depositDigest: `sha256:${"3".repeat(64)}`,
  identifierCommitment: `sha256:${"4".repeat(64)}`,
  outerCommitment: `sha256:${"5".repeat(64)}`,
};

export const DEPOSIT: DepositRecord = {
  id: ID,
  receivedAt: "2026-03-14T08:31:00.123Z",
  mediaType: "application/fhir+json",
  submitter: { kind: "user", client: "ward system", person: "Dr A", organization: "St. Elsewhere", purpose: "TREAT" },
  came: { channel: "rest", requestId: "r-1" },
  versions: { software: "chartulary/0.1.0", rules: "r4/1", policy: "default/1" },
  outcome: treeOf({ resourceType: "OperationOutcome", issue: [{ severity: "warning", code: "value", details: { text: "Ünïcode" } }] }) as JsonObject,
  signatures: [
    {
      place: "Bundle.signature",
      form: "jws",
      block: "valid",
      content: "valid",
      certificate: "not-checked",
      signer: "not-checked",
      standing: "not-trusted",
      role: "author",
      signerName: "Dr A",
      signedAt: "2026-03-14T08:00:00Z",
      explanation: "Good.",
    },
    {
      ...NOTHING_CHECKED,
      place: "Bundle.entry[3].resource.signature[0]",
      form: "other",
      standing: "none",
      role: "unknown",
      explanation: "A picture.",
    },
  ],
  decisions: [{ from: 0, reference: "Patient/1", to: 2, by: "resolver/1" }],
};
