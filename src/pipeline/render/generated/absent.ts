import type { Locale } from "../locale.ts";

/** Why there is no value (data-absent-reason), in words; the code itself where there are none. */
export function absentWords(code: string, locale: Locale): string {
  return locale.has(`absent-${code}`) ? locale.word(`absent-${code}`) : code;
}
