import type { WordRow } from "../values/index-row.ts";

/** A row of what bears another tag of ours than data that was taken out of a document does, or none: by which it is found (query/tag-criterion.ts). No parameter of R4 has this name. */
export const TAG_ROW = ":tag";

/** Of what bears no tag at all. */
export const UNTAGGED = "none";

/** @param code of the tag */
export function tagRow(code: string): WordRow {
  return { kind: "word", name: TAG_ROW, value: code, part: 0 };
}
