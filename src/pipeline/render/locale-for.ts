/** The words of the interface as they lie in templates/locales. Apart from what is said with them, which runs in browsers too. */
import { languageFor, LANGUAGES, Locale } from "./locale.ts";
import { wordsOf } from "./locale-words.ts";

/** The words in the first of `preferences` (BCP 47 tags, most wanted first: the reader's, then the document's) that there are words for, else English. */
export function localeFor(preferences: readonly (string | undefined)[]): Locale {
  const language = languageFor(preferences);
  const kept = LOADED.get(language);
  if (kept) return kept;
  const locale = new Locale(wordsOf(language), language === LANGUAGES[0] ? new Map() : wordsOf(LANGUAGES[0]));
  LOADED.set(language, locale);
  return locale;
}

/** The files never change while the program runs, and a page must not wait for a disk. */
const LOADED = new Map<string, Locale>();
