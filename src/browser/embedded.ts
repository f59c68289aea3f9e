/** What the bundle brings along, as texts that the bundler puts in (main/bundle-verifier.ts): a page has no files to read and may ask nobody. */
import { createDefinitions, type Definitions, type DefinitionsArtefact } from "../core/fhir/r4/definitions.ts";
import type { Words } from "../pipeline/render/locale-words.ts";
import { languageFor, LANGUAGES, Locale } from "../pipeline/render/locale.ts";

/** JSON: R4's definitions. */
declare const EMBEDDED_DEFINITIONS: string;
/** JSON: by language, the words that the verifier's page has. */
declare const EMBEDDED_WORDS: string;

/** R4's definitions: they tell how XML is read. Taken apart at the first question. */
export function embeddedDefinitions(): Definitions {
  return createDefinitions(() => JSON.parse(EMBEDDED_DEFINITIONS) as DefinitionsArtefact);
}

/** Gives the words in the first of some languages (BCP 47) that there are words for. */
export function embeddedLocales(): (preferences: readonly string[]) => Locale {
  const words = JSON.parse(EMBEDDED_WORDS) as Readonly<Record<string, Readonly<Record<string, Words>>>>;
  const wordsOf = (language: string): ReadonlyMap<string, Words> => new Map(Object.entries(words[language] ?? {}));
  return (preferences) => {
    const language = languageFor(preferences);
    return new Locale(wordsOf(language), language === LANGUAGES[0] ? new Map() : wordsOf(LANGUAGES[0]));
  };
}
