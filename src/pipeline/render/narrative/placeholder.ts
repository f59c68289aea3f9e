/** Narratives that say nothing: the data of their section is shown at once. */
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";

/** Longer ones may begin alike, but say more. */
const LONGEST = 80;
const LONGEST_MARKUP = 1_000;

/** What real senders write where a text was to be: nothing else may stand there. */
const PLACEHOLDER =
  /^(?:(?:this |the )?(?:narrative|text|section)(?: for this section)? )?(?:(?:needs |is |has |yet )*to be|will be) (?:generated|added|provided)(?: later)?\s*\.?$/i;

/** Whether a Narrative has no words, or only says that there will be some. */
export function isPlaceholder(narrative: JsonObject | undefined): boolean {
  const div = narrative?.string("div");
  if (div === undefined || div.length > LONGEST_MARKUP || /<img\b/i.test(div)) return false;
  const words = div.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim(); // prettier-ignore
  return words.length <= LONGEST && (words === "" || PLACEHOLDER.test(words));
}
