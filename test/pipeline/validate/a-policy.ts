import type { Severity } from "../../../src/core/fhir/issue.ts";
import { namedPolicy } from "../../../src/pipeline/validate/policies/named-policies.ts";
import { readPolicy } from "../../../src/pipeline/validate/policies/read-policy.ts";
import { DEFAULT_POLICY, type Policy } from "../../../src/pipeline/validate/policy.ts";

/** A policy with these severities and no others. */
export function policyOf(severities: Readonly<Record<string, Severity | "ignore">>): Policy {
  return { ...DEFAULT_POLICY, version: "ward-7/2", severities: new Map(Object.entries(severities)) };
}

/** One of ours. */
export function ours(name: "strict" | "form" | "references"): Policy {
  return namedPolicy(name) ?? DEFAULT_POLICY;
}

/** A policy file, in which others are named by our names alone. */
export function policyFrom(file: unknown): Promise<Policy> {
  const text = typeof file === "string" ? file : JSON.stringify(file, null, 1);
  return readPolicy(text, (name) => Promise.resolve(namedPolicy(name) ?? Promise.reject(new Error(`no ${name}`))));
}
