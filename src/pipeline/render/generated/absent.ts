import type { Part } from "../html.ts";
import type { Locale } from "../locale.ts";

/** Why there is no value (data-absent-reason), in words; the code itself where there are none. */
export function absentWords(code: string, locale: Locale): Part {
  return locale.coded("absent", code);
}
