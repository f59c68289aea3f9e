/** What a file of templates/locales holds: a language's words, and where the clinical ones were published (templates/locales/PROVENANCE.md). */
import { templateFile } from "./pages/template-files.ts";

/** Words in each of the plural forms that the language has (CLDR plural rules, as Intl.PluralRules names them). */
export type Forms = Readonly<Record<string, string>>;

/** `null`: no translation was published, so the English word is shown and marked as English. */
export type Words = string | Forms | null;

/**
 * The words of a language by their keys.
 *
 * @throws TypeError for a file that holds something else than words
 */
export function wordsOf(language: string): ReadonlyMap<string, Words> {
  const words = new Map<string, Words>();
  for (const [key, value] of Object.entries(objectIn(language))) if (key !== "published") words.set(key, readWords(value, language, key));
  return words;
}

/** By the name of each source in PROVENANCE.md: the keys of the words that were taken from there. */
export function sourcesOf(language: string): ReadonlyMap<string, readonly string[]> {
  const published: unknown = new Map<string, unknown>(Object.entries(objectIn(language))).get("published");
  if (typeof published !== "object" || published === null) return new Map();
  return new Map(Object.entries(published).map(([source, keys]: [string, unknown]) => [source, Array.isArray(keys) ? keys.map(String) : []]));
}

function objectIn(language: string): object {
  const parsed: unknown = JSON.parse(templateFile(`locales/${language}.json`));
  if (parsed === null || typeof parsed !== "object") throw new TypeError(`templates/locales/${language}.json holds no words`);
  return parsed;
}

function readWords(value: unknown, language: string, key: string): Words {
  if (typeof value === "string" || value === null) return value;
  if (typeof value !== "object") throw new TypeError(`templates/locales/${language}.json: ${key} holds no words`);
  return Object.fromEntries(Object.entries(value).map(([form, words]) => [form, String(words)]));
}
