const NAME = "name.matches('[A-Z]([A-Za-z0-9_]){0,254}')";
/**
 * Invariants whose published FHIRPath does not say what R4's words beside it say, and what HL7's validator asks instead: `matches` finds a part of a text (FHIRPath 2.0) where the whole is
 * meant, and what is absent gives nothing, which is not true.
 */
export const MENDED: Readonly<Record<string, string>> = {
  // adf-0, cpb-0, que-0 and their like: "Name should be usable as an identifier for the module"
  [NAME]: "name.empty() or name.matches('^[A-Z]([A-Za-z0-9_]){0,254}$')",
  // bdl-8: "fullUrl cannot be a version specific reference"
  "fullUrl.contains('/_history/').not()": "fullUrl.empty() or fullUrl.contains('/_history/').not()",
  // ras-2: "Must be <= 100"
  "probability is decimal implies (probability as decimal) <= 100":
    "probability.empty() or (probability is decimal implies (probability as decimal) <= 100)",
  // que-12: "If there are more than one enableWhen, enableBehavior must be specified"
  "enableWhen.count() > 2 implies enableBehavior.exists()": "enableWhen.count() > 1 implies enableBehavior.exists()",
  // vs-1: "if Observation.effective[x] is dateTime and has a value then that value shall be precise to the day"
  "($this as dateTime).toString().length() >= 8": "($this is dateTime and hasValue()).not() or ($this as dateTime).toString().length() >= 8",
  // eld-19: "Element names cannot include some special characters"
  "path.matches('[^\\\\s\\\\.,:;\\\\\\'\"\\\\/|?!@#$%&*()\\\\[\\\\]{}]{1,64}(\\\\.[^\\\\s\\\\.,:;\\\\\\'\"\\\\/|?!@#$%&*()\\\\[\\\\]{}]{1,64}(\\\\[x\\\\])?(\\\\:[^\\\\s\\\\.]+)?)*')":
    "path.matches('^[^\\\\s\\\\.,:;\\\\\\'\"\\\\/|?!@#$%&*()\\\\[\\\\]{}]{1,64}(\\\\.[^\\\\s\\\\.,:;\\\\\\'\"\\\\/|?!@#$%&*()\\\\[\\\\]{}]{1,64}(\\\\[x\\\\])?(\\\\:[^\\\\s\\\\.]+)?)*$')",
  // eld-20: "Element names should be simple alphanumerics with a max of 64 characters"
  "path.matches('[A-Za-z][A-Za-z0-9]*(\\\\.[a-z][A-Za-z0-9]*(\\\\[x])?)*')":
    "path.matches('^[A-Za-z][A-Za-z0-9]*(\\\\.[a-z][A-Za-z0-9]*(\\\\[x])?)*$')",
};

/** Judged by rules of our own wherever they apply, with places and texts that say more. */
export const CHECKED_ELSEWHERE: ReadonlySet<string> = new Set(["dom-2", "dom-3", "dom-4", "dom-5", "ref-1", "att-1"]);

/** What to ask for an invariant's published expression: itself, for nearly all. */
export function mended(expression: string): string {
  return MENDED[expression] ?? expression;
}
