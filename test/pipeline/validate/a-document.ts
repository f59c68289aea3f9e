/** A small document without any issue, as plain data that a test can break, and what the validator says of it afterwards. */
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import type { Issue } from "../../../src/core/fhir/issue.ts";
import type { Position } from "../../../src/core/fhir/reading/source-text.ts";
import { DEFAULT_POLICY, type Policy } from "../../../src/pipeline/validate/policy.ts";
import { readResource, validate } from "../../r4.ts";

/** Plain JSON of any shape: what is tested is also what no type allows. */
export type Plain = Record<string, unknown>;

export const COMPOSITION_URL = "urn:uuid:00000000-0000-4000-8000-000000000001";
export const PATIENT_URL = "urn:uuid:00000000-0000-4000-8000-000000000002";
export const AUTHOR_URL = "urn:uuid:00000000-0000-4000-8000-000000000003";
export const OBSERVATION_URL = "urn:uuid:00000000-0000-4000-8000-000000000004";

export function narrative(words: string): Plain {
  return { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml"><p>${words}</p></div>` };
}

/** Composition, Patient, Practitioner and Observation: entries 0 to 3. */
export function aDocument(): Plain {
  return {
    resourceType: "Bundle",
    identifier: { system: "urn:ietf:rfc:3986", value: "urn:uuid:00000000-0000-4000-8000-000000000000" },
    type: "document",
    timestamp: "2026-03-14T09:31:00Z",
    entry: [
      {
        fullUrl: COMPOSITION_URL,
        resource: {
          resourceType: "Composition",
          text: narrative("Ana Example"),
          status: "final",
          type: { text: "Discharge summary" },
          subject: { reference: PATIENT_URL },
          date: "2026-03-14T09:30:00Z",
          author: [{ reference: AUTHOR_URL }],
          title: "Discharge summary",
          section: [{ title: "Findings", text: narrative("Pulse 72 per minute"), entry: [{ reference: OBSERVATION_URL }] }],
        },
      },
      { fullUrl: PATIENT_URL, resource: { resourceType: "Patient", name: [{ family: "Example", given: ["Ana"] }], birthDate: "1961-03-14" } },
      { fullUrl: AUTHOR_URL, resource: { resourceType: "Practitioner", name: [{ family: "Meyer" }] } },
      {
        fullUrl: OBSERVATION_URL,
        resource: {
          resourceType: "Observation",
          status: "final",
          code: { text: "Pulse" },
          subject: { reference: PATIENT_URL },
          valueQuantity: { value: 72, unit: "/min" },
        },
      },
    ],
  };
}

export function entries(document: Plain): Plain[] {
  return document["entry"] as Plain[];
}

export function resourceAt(document: Plain, index: number): Plain {
  return (entries(document)[index] as Plain)["resource"] as Plain;
}

export function compositionOf(document: Plain): Plain {
  return resourceAt(document, 0);
}

export function sectionOf(document: Plain): Plain {
  return (compositionOf(document)["section"] as Plain[])[0] as Plain;
}

export interface Said extends Issue {
  readonly position: Position | undefined;
}

/** Without the best practice that every resource has a narrative (dom-6): nothing depends on it, and no test would be about anything else. */
export const BUT_NARRATIVE: Policy = { ...DEFAULT_POLICY, severities: new Map([["dom-6", "ignore"]]) };

/** What the validator says of a text, with lines and columns. */
export function saidOfText(text: string, mediaType: "application/fhir+json" | "application/fhir+xml", policy: Policy = BUT_NARRATIVE): Said[] {
  const { source, resource, issues } = readResource(Buffer.from(text), mediaType, DEFAULT_READ_LIMITS);
  const all = resource === undefined ? issues : validate(resource, issues, policy);
  return all.map((issue) => ({ ...issue, position: issue.offset === undefined ? undefined : source.positionOf(issue.offset) }));
}

/** What the validator says of plain data, written with one property a line. */
export function saidOf(resource: unknown, policy: Policy = BUT_NARRATIVE): Said[] {
  return saidOfText(JSON.stringify(resource, null, 1), "application/fhir+json", policy);
}

/** `error bdl-9 Bundle`: severity, rule and expression. */
export function briefly(issues: readonly Issue[]): string[] {
  return issues.map(({ severity, rule, expression = "" }) => `${severity} ${rule} ${expression}`.trimEnd());
}

/** The issues of the document after a change, in brief. */
export function afterChange(change: (document: Plain) => void): string[] {
  const document = aDocument();
  change(document);
  return briefly(saidOf(document));
}
