import { BOUND_RULES, READING_RULES } from "../../../core/fhir/reading/reading-rules.ts";
import { DATATYPE_RULES } from "./datatypes.ts";
import { COMPOSITION_RULES, ENTRY_RULES, GATE_RULES, REFERENCE_RULES } from "./documents.ts";
import { NARRATIVE_RULES } from "./narrative.ts";
import { HELD_PROFILE_RULES } from "./held-profiles.ts";
import { PROFILE_RULES } from "./profiles.ts";
import { INVARIANT_RULES, RESOURCE_RULES } from "./resources.ts";
import { STRUCTURE_RULES } from "./structure.ts";

/** Every rule there is, by the section of docs/rules.md that tells of it: `npm run docs` makes the page from these rows. Invariants of R4 have their keys and severities from the definitions. */
export const SECTIONS = {
  reading: READING_RULES,
  structure: STRUCTURE_RULES,
  narrative: NARRATIVE_RULES,
  resources: { ...DATATYPE_RULES, ...RESOURCE_RULES },
  profiles: { ...PROFILE_RULES, ...HELD_PROFILE_RULES },
  invariants: INVARIANT_RULES,
  entries: ENTRY_RULES,
  composition: COMPOSITION_RULES,
  references: REFERENCE_RULES,
  gate: { ...GATE_RULES, ...BOUND_RULES },
} as const;

/** The rules by their ids. */
export const CATALOGUE = {
  ...SECTIONS.reading,
  ...SECTIONS.structure,
  ...SECTIONS.narrative,
  ...SECTIONS.resources,
  ...SECTIONS.profiles,
  ...SECTIONS.invariants,
  ...SECTIONS.entries,
  ...SECTIONS.composition,
  ...SECTIONS.references,
  ...SECTIONS.gate,
} as const;

export type RuleId = keyof typeof CATALOGUE;

export function isRuleId(id: string): id is RuleId {
  return Object.hasOwn(CATALOGUE, id);
}
