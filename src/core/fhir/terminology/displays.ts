import type { Concept } from "../conformance/terminology-resources.ts";
import type { CodeTable } from "./code-table.ts";
import type { CodeTables } from "./code-tables.ts";

/** A word for a code, in the language that it is of; undefined where nobody said. */
export interface Word {
  readonly value: string;
  readonly language: string | undefined;
  readonly use?: string | undefined;
}

/** The words for the concept of a code: its display first, then its designations, then those of supplements. */
export function wordsOf({ code, display, designation = [] }: Concept, { resource }: CodeTable, tables: CodeTables): readonly Word[] {
  const own = display === undefined ? [] : [{ value: display, language: resource.language }];
  const supplied = tables.supplementing(resource.url).flatMap((supplement) => {
    const found = supplement.concepts[supplement.place(code) ?? -1];
    if (!found) return [];
    const words = found.display === undefined ? [] : [{ value: found.display, language: supplement.resource.language }];
    return [...words, ...(found.designation ?? []).map(({ value, language, use }) => ({ value, language, use }))];
  });
  return [...own, ...designation.map(({ value, language, use }) => ({ value, language, use })), ...supplied];
}

/** Languages that are asked for, the dearest first: of `Accept-Language` (RFC 9110, 12.5.4) or of a parameter that lists them. */
export function languagesIn(text: string | undefined): readonly string[] {
  const ranges = (text ?? "").split(",").map((range) => {
    const [language = "", ...parameters] = range.trim().split(";");
    const quality = parameters.map((one) => /^\s*q=([0-9.]+)\s*$/.exec(one)?.[1]).find((one) => one !== undefined);
    return { language: language.trim().toLowerCase(), quality: quality === undefined ? 1 : Number(quality) };
  });
  return ranges
    .filter(({ language, quality }) => language !== "" && quality > 0)
    .sort((one, other) => other.quality - one.quality)
    .map(({ language }) => language)
    .slice(0, 20);
}

/** Whether a word's language is one that is asked for: `de` asks for `de-CH`, too. */
export function isOf(language: string | undefined, asked: string): boolean {
  const own = language?.toLowerCase();
  return asked === "*" || own === asked || own?.startsWith(`${asked}-`) === true;
}

/** The word in the dearest language that there is one in; else the display. */
export function wordIn(languages: readonly string[], words: readonly Word[]): string | undefined {
  for (const asked of languages) {
    const found = words.find(({ language }) => language?.toLowerCase() === asked) ?? words.find(({ language }) => isOf(language, asked));
    if (found) return found.value;
  }
  return words[0]?.value;
}
