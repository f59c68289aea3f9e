import type { Severity } from "../../../core/fhir/issue.ts";
import { RULES_VERSION } from "../catalogue/rule-sets.ts";
import { DEFAULT_POLICY, type Policy } from "../policy.ts";

/**
 * What is wrong in form alone: nothing that a reader of the document is told becomes other than its author meant. Each is told as a warning. docs/rules.md, Policy, says why of each.
 */
const OF_FORM: readonly string[] = [
  // Identities that are no addresses, as long as the entries can be told apart (safety-floor.ts).
  "full-url-relative",
  "full-url-missing",
  "reference-without-full-url",
  // A moment to the minute.
  "format-instant without-seconds",
  "format-dateTime without-seconds",
  // Links within narratives that lead nowhere: the words stand where they stood.
  "narrative-link-unresolved",
  "narrative-link-target",
  // Entries that the Composition does not refer to: pages do not show them, and say how many there are.
  "entry-unreachable",
  // A UUID in another form than RFC 4122's, and ids with characters that R4 has not in them: still told apart.
  "format-uri Bundle.entry.fullUrl",
  "format-id",
  // When it was assembled; it was written when Composition.date says, which is demanded.
  "bdl-10",
  // A document without a title is called by its type, and said to have none.
  "element-missing Composition.title",
  // The count of a search.
  "bdl-1",
  // Ids within one narrative that stand twice.
  "element-id-repeated",
  // Where a schema or a style sheet lies: nothing that is read depends on it.
  "xml-schema-location",
  "xml-processing-instruction",
];

const FORM = new Map<string, Severity>(OF_FORM.map((rule) => [rule, "warning"]));

/** The policies that have a name of their own, least lenient first. */
export const NAMED_POLICIES = {
  /** R4, judged as HL7's validator does. */
  strict: DEFAULT_POLICY,
  /** What is wrong in form alone is a warning. */
  form: { version: "form/1", rules: RULES_VERSION, severities: FORM, references: "missing-full-url" },
  /** Besides, a reference leads to the one entry of its type and id. */
  references: { version: "references/1", rules: RULES_VERSION, severities: FORM, references: "type-and-id" },
} as const satisfies Readonly<Record<string, Policy>>;

export type PolicyName = keyof typeof NAMED_POLICIES;

/** One of ours by its name; undefined for none. */
export function namedPolicy(name: string): Policy | undefined {
  return Object.hasOwn(NAMED_POLICIES, name) ? NAMED_POLICIES[name as PolicyName] : undefined;
}
