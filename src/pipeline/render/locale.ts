/** The words of the interface, from templates/locales. What the document itself says is never translated. */
import type { SafeHtml } from "./html.ts";
import { html, type Part } from "./html.ts";
import { formatDate, formatPeriod, type Age } from "../../core/fhir/dates.ts";
import { templateFile } from "./pages/template-files.ts";

/** Languages that there are words for; the first is used when none of those asked for is here. */
export const LANGUAGES = ["en", "de", "fr"] as const;

/** Languages written from right to left (their own script assumed). */
const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(["ar", "arc", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "ug", "ur", "yi"]);

const RIGHT_TO_LEFT_SCRIPTS = /-(?:Arab|Hebr|Thaa|Syrc|Nkoo)\b/i;

/** The direction in which a language (BCP 47) is written; `auto`, by its letters, when no language is known. */
export function directionOf(language: string | undefined): "ltr" | "rtl" | "auto" {
  if (language === undefined || language === "") return "auto";
  if (RIGHT_TO_LEFT_SCRIPTS.test(language)) return "rtl";
  return RIGHT_TO_LEFT.has((language.split("-", 1)[0] ?? "").toLowerCase()) ? "rtl" : "ltr";
}

export class Locale {
  readonly language: string;
  readonly direction: string;
  readonly #words: ReadonlyMap<string, string>;
  readonly #months: readonly string[];
  /** What dates do not say, since the reader knows it. */
  readonly #zone: string | undefined;

  constructor(words: ReadonlyMap<string, string>, zone?: string) {
    this.#words = words;
    this.#zone = zone;
    this.language = this.word("language");
    this.direction = this.word("direction");
    this.#months = this.word("months").split(" ");
  }

  has(key: string): boolean {
    return this.#words.has(key);
  }

  /** The words for `key`, with `{name}` filled in from `values`. A key without words is shown as it is: never nothing. */
  word(key: string, values: Readonly<Record<string, string | number>> = {}): string {
    const words = this.#words.get(key) ?? key;
    if (!words.includes("{")) return words;
    return words.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
  }

  /** The same with markup in its places, and everything else escaped. */
  phrase(key: string, values: Readonly<Record<string, Part>>): SafeHtml {
    const pieces = (this.#words.get(key) ?? key).split(/\{(\w+)\}/);
    return html`${pieces.map((piece, at) => (at % 2 === 1 ? values[piece] : piece))}`;
  }

  /** The words for a code, such as `status-final`; the code itself where there are none. */
  code(prefix: string, code: string): string {
    return this.has(`${prefix}-${code}`) ? this.word(`${prefix}-${code}`) : code;
  }

  date(value: string): string {
    return this.#withoutZone(formatDate(value, this.#months));
  }

  /**
   * The same words, with the zone of times left out where it is that of `moment` (a dateTime or instant of FHIR, whose own zone the page tells): others stand out. Without
   * a time in `moment`, every zone is told.
   */
  inZoneOf(moment: string | undefined): Locale {
    const zone = moment === undefined ? undefined : ZONE.exec(formatDate(moment, this.#months))?.[1];
    return zone === undefined ? this : new Locale(this.#words, zone);
  }

  #withoutZone(date: string): string {
    return this.#zone !== undefined && ZONE.exec(date)?.[1] === this.#zone ? date.slice(0, -this.#zone.length - 1) : date;
  }

  period(start: string | undefined, end: string | undefined): string | undefined {
    return formatPeriod(start, end, this.#months)
      ?.split(" – ")
      .map((date) => this.#withoutZone(date))
      .join(" – ");
  }

  age(age: Age): string {
    return this.word(`age-${age.unit}`, { value: age.value });
  }
}

/** The zone at the end of a time that was formatted. */
const ZONE = / \d\d:\d\d (UTC|[+-]\d\d:\d\d)$/;

/**
 * The words in the first of `preferences` (BCP 47 tags, most wanted first: the reader's, then the document's) that there are words for, else English.
 */
export function localeFor(preferences: readonly (string | undefined)[]): Locale {
  const wanted = preferences.map((tag) => tag?.split("-", 1)[0]?.toLowerCase());
  const language = wanted.map((tag) => LANGUAGES.find((known) => known === tag)).find((known) => known !== undefined) ?? LANGUAGES[0];
  const kept = LOADED.get(language);
  if (kept) return kept;
  const locale = new Locale(new Map([...wordsOf(LANGUAGES[0]), ...wordsOf(language)]));
  LOADED.set(language, locale);
  return locale;
}

/** The files never change while the program runs, and a page must not wait for a disk. */
const LOADED = new Map<string, Locale>();

function wordsOf(language: string): [string, string][] {
  const parsed: unknown = JSON.parse(templateFile(`locales/${language}.json`));
  if (parsed === null || typeof parsed !== "object") throw new TypeError(`templates/locales/${language}.json holds no words`);
  return Object.entries(parsed).map(([key, words]) => [key, String(words)]);
}
