/** What the elements of FHIR are called: words of the locale, else FHIR's own English name as words, marked as English. */
import { html, type Part } from "../html.ts";
import type { Locale } from "../locale.ts";

/** The label of an element: `birthDate` as `Birth date`. */
export function labelOf(element: string, locale: Locale): Part {
  const key = `element-${element}`;
  if (locale.has(key)) return locale.term(key);
  return locale.fromEnglish(wordsOf(element));
}

/** The label of an extension: the last words of its address. */
export function extensionLabel(url: string | undefined, locale: Locale): Part {
  const last = url?.split(/[/#:]/).findLast((part) => part !== "");
  if (last === undefined) return locale.word("extension");
  const key = `extension-${last}`;
  if (locale.has(key)) return locale.term(key);
  return html`<bdi lang="">${wordsOf(last.replaceAll("_", " "))}</bdi>`;
}

/** `birthDate` as `Birth date`. */
function wordsOf(name: string): string {
  const words = name.replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`).replace(/-/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
