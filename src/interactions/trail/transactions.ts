/** By which transaction of IHE a request came, as the audit says it (IHE MHD 4.2, each transaction's "Security Audit Considerations"; PCF 1.1). */
import type { TrailEvent } from "../../core/formats/audit-trail.ts";

const NAMES: Readonly<Record<string, string>> = {
  "ITI-65": "Provide Document Bundle",
  "ITI-66": "Find Document Lists",
  "ITI-67": "Find Document References",
  "ITI-68": "Retrieve Document",
  "ITI-105": "Simplified Publish",
  "ITI-106": "Generate Metadata",
  "ITI-108": "Access Consent",
};

/** Below our address: method, path as it was sent, and the transaction. Of ITI-65 the address says nothing: it is noted by who takes it apart. */
const BY_ADDRESS: readonly (readonly [methods: RegExp, path: RegExp, transaction: keyof typeof NAMES])[] = [
  [/^(?:GET|HEAD)$/, /^\/fhir\/List$/, "ITI-66"],
  [/^POST$/, /^\/fhir\/List\/_search$/, "ITI-66"],
  [/^(?:GET|HEAD)$/, /^\/fhir\/DocumentReference$/, "ITI-67"],
  [/^POST$/, /^\/fhir\/DocumentReference\/_search$/, "ITI-67"],
  // The address of an attachment of ours (search/derived/served-made.ts).
  [/^(?:GET|HEAD)$/, /^\/fhir\/Binary\/[^/]+\.document$/, "ITI-68"],
  [/^POST$/, /^\/fhir\/DocumentReference$/, "ITI-105"],
  [/^POST$/, /^\/fhir\/DocumentReference\/\$generate-metadata$/, "ITI-106"],
  [/./, /^\/fhir\/Consent(?:\/[0-9a-f-]{36}(?:\/_history(?:\/\d+)?)?|\/_search)?$/, "ITI-108"],
];

/** The transaction's code, beside R4's interaction; undefined for anything else. */
export function transactionOf({
  request,
}: Pick<TrailEvent, "request">): { readonly system: string; readonly code: string; readonly display: string } | undefined {
  if (!request) return undefined;
  const path = Buffer.from(request.raw, "base64").toString("utf8").split("?", 1)[0] ?? "";
  const code = request.transaction ?? BY_ADDRESS.find(([methods, paths]) => methods.test(request.method) && paths.test(path))?.[2];
  const display = NAMES[code ?? ""];
  return code === undefined || display === undefined ? undefined : { system: "urn:ihe:event-type-code", code, display };
}
