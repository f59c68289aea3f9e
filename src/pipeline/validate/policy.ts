import { AppError } from "../../core/errors.ts";
import { isError, type Severity } from "../../core/fhir/issue.ts";
import { readJson } from "../../core/fhir/json/read-json.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { DEFAULT_READ_LIMITS } from "../../core/fhir/reading/read-limits.ts";
import type { ReadingRule } from "../../core/fhir/reading/reading-rules.ts";
import { SourceText } from "../../core/fhir/reading/source-text.ts";
import type { RuleId } from "./catalogue/catalogue.ts";
import { RULES_VERSION } from "./catalogue/rule-sets.ts";

/**
 * How severe a rule is for this repository. Rules have a severity of their own, which gives the same verdict as HL7's validator; a policy changes that of
 * the rules it names, and can leave one out (`ignore`).
 */
export interface Policy {
  /** Names the policy in deposit records. */
  readonly version: string;
  /** The version of the rules it applies to. */
  readonly rules: string;
  readonly severities: ReadonlyMap<string, Severity | "ignore">;
}

/** Every rule at its own severity. */
export const DEFAULT_POLICY: Policy = { version: "default/1", rules: RULES_VERSION, severities: new Map() };

/** What the repository itself stands on: without it a document has no identity, or nothing that could be shown, or could not be kept. No policy changes these, nor the errors of the readers but for those of `HARMLESS_READING`. */
const FIRM: ReadonlySet<string> = new Set<RuleId>([
  "resource-type-missing",
  "resource-type-unknown",
  "bdl-9",
  "bdl-11",
  "label-against-keeping",
  "document-only",
  "too-many-issues",
]);

/** Errors of the readers with which a text is read in one way alone all the same: what they are about says nothing of the document. */
const HARMLESS_READING: ReadonlySet<string> = new Set<ReadingRule>(["xml-processing-instruction"]);

const SEVERITIES: ReadonlySet<string> = new Set(["error", "warning", "information", "ignore"]);

/** Reads the text of a policy file. AppError `malformed` says what is wrong with it. */
export function readPolicy(text: string): Policy {
  const source = new SourceText(text);
  const { resource, issues } = readJson(source, DEFAULT_READ_LIMITS);
  const fault = issues.find(isError);
  const position = fault?.offset === undefined ? undefined : source.positionOf(fault.offset);
  const place = position ? `line ${position.line}, column ${position.column}: ` : "";
  if (resource === undefined || fault)
    throw new AppError("malformed", `A policy is a JSON object: ${place}${fault?.text ?? "this is something else"}`);
  return parsePolicy(resource);
}

/** A policy as it stands in its file: `{ "version": "ward-7/2", "severities": { "entry-reverse-link": "ignore" } }`. AppError `malformed`. */
export function parsePolicy(file: JsonObject): Policy {
  const version = file.string("version");
  const listed = file.object("severities");
  if (version === undefined || !listed)
    throw new AppError("malformed", 'A policy has a "version" (a text) and "severities" (an object of rule id to severity).');
  const severities = new Map<string, Severity | "ignore">();
  listed.names.forEach((rule, at) => {
    const severity = listed.values[at];
    if (typeof severity !== "string" || !SEVERITIES.has(severity))
      throw new AppError("malformed", `The policy's severity for ${rule} is none of error, warning, information, ignore.`);
    if (FIRM.has(rule)) throw new AppError("malformed", `No policy changes ${rule}: the repository can't do without it.`);
    severities.set(rule, severity as Severity | "ignore");
  });
  return { version, rules: RULES_VERSION, severities };
}

/** Whether a policy may make something else of an error that a reader found. */
export function isHarmlessReading(rule: string): boolean {
  return HARMLESS_READING.has(rule);
}

/** How severe an issue of this rule is under the policy. */
export function severityUnder(policy: Policy, rule: string, severity: Severity): Severity | "ignore" {
  return policy.severities.get(rule) ?? severity;
}
