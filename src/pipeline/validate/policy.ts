import type { Severity } from "../../core/fhir/issue.ts";
import type { Resolving } from "../../core/fhir/told-by-type-and-id.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { ReadingRule } from "../../core/fhir/reading/reading-rules.ts";
import type { RuleId } from "./catalogue/catalogue.ts";
import { RULES_VERSION } from "./catalogue/rule-sets.ts";

/**
 * How severe a rule is for this repository. Rules have a severity of their own, which gives the same verdict as HL7's validator; a policy changes that of
 * the rules it names, and can leave one out (`ignore`). Data: it may leave its thread.
 */
export interface Policy {
  /** Names the policy in deposit records. */
  readonly version: string;
  /** The version of the rules it applies to. */
  readonly rules: string;
  /** By a rule's id, or by its id, a blank and what it is about: the path of an element (`element-missing Composition.title`), or a `Scope`. The narrower one counts. */
  readonly severities: ReadonlyMap<string, Severity | "ignore">;
  /** How far references are resolved; as R4 has it, where nothing is said. */
  readonly references?: Resolving;
  /** For some documents another policy: the first that fits. */
  readonly cases?: readonly PolicyCase[];
}

/** A policy for documents of some types, from some submitters, or both. */
export interface PolicyCase {
  /** Codings of Composition.type, one of which the document has; absent: whatever its type is. */
  readonly types?: readonly { readonly system: string | undefined; readonly code: string }[];
  /** Persons, programs and organisations as deposit records name them, one of which submits it; absent: whoever does. */
  readonly submitters?: readonly string[];
  readonly policy: Policy;
}

/**
 * What a finding is about that is narrower than its rule and no element: an instant or a dateTime that lacks nothing but its seconds; the value of a vital sign that tells its number
 * and, by `unit` or `code`, in what unit it is, and lacks another of `unit`, `system` and `code`.
 */
export const SCOPES = ["without-seconds", "unit-told"] as const;
export type Scope = (typeof SCOPES)[number];

/** Every rule at its own severity: `strict`. */
export const DEFAULT_POLICY: Policy = { version: "default/1", rules: RULES_VERSION, severities: new Map() };

/** What the repository itself stands on: without it a document has no identity, or nothing that could be shown, or could not be kept. No policy changes these, nor the errors of the readers but for those of `HARMLESS_READING`. */
export const FIRM: ReadonlySet<string> = new Set<RuleId>([
  "resource-type-missing",
  "resource-type-unknown",
  "bdl-9",
  "bdl-11",
  "label-against-keeping",
  "document-only",
  "policy-floor",
  "too-many-issues",
]);

/** Errors of the readers with which a text is read in one way alone all the same: what they are about says nothing of the document. */
const HARMLESS_READING: ReadonlySet<string> = new Set<ReadingRule>(["xml-processing-instruction", "xml-schema-location"]);

/** Whether a policy may make something else of an error that a reader found. */
export function isHarmlessReading(rule: string): boolean {
  return HARMLESS_READING.has(rule);
}

/** How severe an issue of this rule is under the policy. @param about what it is about, narrowest first */
export function severityUnder(policy: Policy, rule: string, severity: Severity, ...about: readonly (string | undefined)[]): Severity | "ignore" {
  const { severities } = policy;
  if (severities.size === 0) return severity;
  for (const one of about) {
    const narrow = one === undefined ? undefined : severities.get(`${rule} ${one}`);
    if (narrow !== undefined) return narrow;
  }
  return severities.get(rule) ?? severity;
}

/** Under which policy a document is judged. @param submitter the names of whoever submits it; none where nobody is known to */
export function policyFor(policy: Policy, bundle: JsonObject, submitter: readonly string[] = []): Policy {
  if (policy.cases === undefined) return policy;
  const composition = bundle.objects("entry")[0]?.object("resource");
  const codings = composition?.object("type")?.objects("coding") ?? [];
  const found = policy.cases.find(({ types, submitters }) => {
    const isOfType = types?.some(({ system, code }) =>
      codings.some((coding) => coding.string("code") === code && coding.string("system") === system),
    );
    const isOfSubmitter = submitters?.some((name) => submitter.includes(name));
    return isOfType !== false && isOfSubmitter !== false;
  });
  return found?.policy ?? policy;
}
