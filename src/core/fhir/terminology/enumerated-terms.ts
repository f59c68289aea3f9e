import type { Conformance } from "../conformance/conformance.ts";
import type { Terms } from "./terms.ts";

/** Terminology of value sets that list their codes, and of nothing else: what R4's vital signs need. */
export function enumeratedTerms({ valueSet }: Conformance): Terms {
  return {
    membership: (canonical, { system, code }, from) => {
      const include = valueSet(canonical, from)?.resource.compose?.include;
      if (include === undefined) return { membership: "unknown", unheld: [canonical] };
      const matching = include.filter((one) => system === undefined || one.system === system);
      const isMember = matching.some(({ concept }) => concept?.some((one) => one.code === code) === true);
      if (isMember) return { membership: "member", unheld: [] };
      const open = matching.filter(({ concept }) => concept === undefined);
      return open.length === 0
        ? { membership: "stranger", unheld: [] }
        : { membership: "unknown", unheld: open.map((one) => one.system ?? canonical) };
    },
    code: () => ({ membership: "unknown" }),
    subsumes: () => undefined,
  };
}
