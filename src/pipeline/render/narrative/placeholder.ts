/** Narratives that say nothing: the data of their section is shown at once. */
import { conceptText } from "../../../core/fhir/datatypes.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";

/** Longer ones may begin alike, but say more. */
const LONGEST = 80;
const LONGEST_MARKUP = 1_000;

/** What real senders write where a text was to be: nothing else may stand there. */
const PLACEHOLDER =
  /^(?:(?:this |the )?(?:narrative|text|section)(?: for this section)? )?(?:(?:needs |is |has |yet )*to be|will be) (?:generated|added|provided|populated)(?: later| at (?:a )?future time)?\s*\.?$|^this is a simple narrative with only plain text\.?$/i;

/** Whether the Narrative of a section has no words, only says that there will be some, or only repeats what the section is called. */
export function isPlaceholder(section: JsonObject): boolean {
  const div = section.object("text")?.string("div");
  if (div === undefined || div.length > LONGEST_MARKUP || /<img\b/i.test(div)) return false;
  const words = div.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim(); // prettier-ignore
  return words.length <= LONGEST && (words === "" || PLACEHOLDER.test(words) || repeats(words, namesOf(section)));
}

/** Say nothing of a patient, whatever else a section is called: "Current list of problems" below "Problem List". */
const SAYS_NOTHING: ReadonlySet<string> = new Set(["list", "section", "summary", "history", "current", "past", "of", "the", "and"]);

function namesOf(section: JsonObject): string[] {
  const code = section.object("code");
  return [section.string("title"), conceptText(code), ...(code?.objects("coding") ?? []).map((coding) => coding.string("display"))].filter(
    (name) => name !== undefined,
  );
}

/** Whether each word is one of the names', or says nothing. */
function repeats(words: string, names: readonly string[]): boolean {
  const known = wordsOf(names.join(" "));
  const own = wordsOf(words);
  return own.length > 0 && own.every((word) => SAYS_NOTHING.has(word) || known.some((other) => isSame(word, other)));
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** The same word, its plural, or it cut short: "meds". */
function isSame(word: string, other: string): boolean {
  const stem = word.replace(/s$/, "");
  return word === other || (stem.length >= SHORTEST_STEM && other.startsWith(stem));
}

const SHORTEST_STEM = 3;
