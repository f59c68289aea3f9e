import { AppError } from "../../core/errors.ts";
import type { Issue, Severity } from "../../core/fhir/issue.ts";
import { JsonObject } from "../../core/fhir/json/tree.ts";

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

/** Changed whenever a rule is added, removed or judges otherwise: it goes into every deposit record. */
export const RULES_VERSION = "r4-documents/1";

/** Every rule at its own severity. */
export const DEFAULT_POLICY: Policy = { version: "default/1", rules: RULES_VERSION, severities: new Map() };

const SEVERITIES: ReadonlySet<string> = new Set(["error", "warning", "information", "ignore"]);

/** Reads a policy file: `{ "version": "ward-7/2", "severities": { "entry-reverse-link": "ignore" } }`. AppError `malformed`. */
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
    severities.set(rule, severity as Severity | "ignore");
  });
  return { version, rules: RULES_VERSION, severities };
}

/** The issues as the policy has them. What makes a resource unreadable (`fatal`) stays so. */
export function applyPolicy(issues: readonly Issue[], policy: Policy): Issue[] {
  if (policy.severities.size === 0) return [...issues];
  return issues.flatMap((issue) => {
    const severity = issue.severity === "fatal" ? undefined : policy.severities.get(issue.rule);
    if (severity === "ignore") return [];
    return [severity === undefined ? issue : { ...issue, severity }];
  });
}
