/** Tags of ours (`meta.tag`), which are written when a resource is served: what the index has of them are rows, and what those leave open follows from where a resource stands. */
import { ROWS } from "../derived/person.ts";
import { DERIVED_TAG } from "../derived/derived-patient.ts";
import { FED_TAG } from "../feed/fed-patient.ts";
import { EXTRACTED_TAG, MADE_TAG, SUBMITTED_TAG, SUPERSEDED_TAG, tagSystem } from "../derived/project.ts";
import { TAG_ROW } from "../derived/tag-rows.ts";
import { every, some, type Criterion } from "./criterion.ts";

/** What a value of `_tag` asks besides what resources say in their own meta; undefined where it is no tag of ours. @param base the address of the FHIR interface */
export function ownTagCriterion(value: string, base: string): Criterion | undefined {
  const bar = value.indexOf("|");
  const [system, code] = bar < 0 ? [undefined, value] : [value.slice(0, bar), value.slice(bar + 1)];
  if (system !== undefined && system !== tagSystem(base)) return undefined;
  return code === "" ? some(Object.values(CRITERIA)) : Object.hasOwn(CRITERIA, code) ? CRITERIA[code] : undefined;
}

const row = (name: string, value: string): Criterion => ({ kind: "row", anyOf: [{ kind: "word", name, match: "whole", value }] });
const not = (of: Criterion): Criterion => ({ kind: "not", of });
/** Feeds alone tell by which of the listed systems they know somebody. */
const FED: Criterion = { kind: "present", name: ROWS.rank };
/** What has no row of this kind was taken out of a document. */
const EXTRACTED = every([some([not({ kind: "present", name: TAG_ROW }), row(TAG_ROW, EXTRACTED_TAG.code)]), not(FED)]);

const CRITERIA: Readonly<Record<string, Criterion>> = {
  [SUBMITTED_TAG.code]: row(TAG_ROW, SUBMITTED_TAG.code),
  [MADE_TAG.code]: row(TAG_ROW, MADE_TAG.code),
  [EXTRACTED_TAG.code]: EXTRACTED,
  [SUPERSEDED_TAG.code]: every([{ kind: "superseded" }, not({ kind: "present", name: TAG_ROW }), not(FED)]),
  [DERIVED_TAG.code]: every([{ kind: "present", name: ROWS.derived }, not(FED)]),
  [FED_TAG.code]: FED,
};
