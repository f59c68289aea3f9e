/** The words of the interface, from templates/locales. What the document itself says is never translated. */
import { readDate, type Age } from "../../core/fhir/dates.ts";
import { html, type Part, type SafeHtml } from "./html.ts";
import { DateWords } from "./locale-dates.ts";
import type { Words } from "./locale-words.ts";

/** Languages that there are words for; the first is used when none of those asked for is here. */
export const LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pt", "pl", "ar", "he", "ja", "zh"] as const;

/** Languages written from right to left (their own script assumed). */
const RIGHT_TO_LEFT: ReadonlySet<string> = new Set(["ar", "arc", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "ug", "ur", "yi"]);

const RIGHT_TO_LEFT_SCRIPTS = /-(?:Arab|Hebr|Thaa|Syrc|Nkoo)\b/i;

/** The direction in which a language (BCP 47) is written; `auto`, by its letters, when no language is known. */
export function directionOf(language: string | undefined): "ltr" | "rtl" | "auto" {
  if (language === undefined || language === "") return "auto";
  if (RIGHT_TO_LEFT_SCRIPTS.test(language)) return "rtl";
  return RIGHT_TO_LEFT.has((language.split("-", 1)[0] ?? "").toLowerCase()) ? "rtl" : "ltr";
}

type Values = Readonly<Record<string, string | number>>;

/** The words of one language; English ones, marked, where it has none. */
export class Locale {
  readonly language: string;
  readonly direction: string;
  readonly #words: ReadonlyMap<string, Words>;
  readonly #english: ReadonlyMap<string, Words>;
  readonly #counting: Counting;
  readonly #dates: DateWords;
  /** What dates do not say, since the reader knows it. */
  readonly #zone: string | undefined;

  constructor(words: ReadonlyMap<string, Words>, english: ReadonlyMap<string, Words>, from?: { readonly locale: Locale; readonly zone: string }) {
    this.#words = words;
    this.#english = english;
    this.#zone = from?.zone;
    this.language = this.word("language");
    this.direction = this.word("direction");
    this.#counting = from ? from.locale.#counting : countingIn(this.language);
    const months = typeof words.get("months") === "string" ? this.word("months").split(" ") : undefined;
    this.#dates = from ? from.locale.#dates : new DateWords(this.language, months, this.direction === "rtl");
  }

  /** Whether there are words for it, English ones at least. */
  has(key: string): boolean {
    return this.#words.has(key) || this.#english.has(key);
  }

  /**
   * The words for `key`, with `{name}` filled in from `values`; `(EN)` stands behind those that are there in English alone. A key without words is shown as it is: never nothing.
   */
  word(key: string, values: Values = {}): string {
    const own = this.#words.get(key);
    if (typeof own === "string") return fill(own, values);
    const english = this.#english.get(key);
    return typeof english === "string" ? `${fill(english, values)} ${ENGLISH}` : key;
  }

  /** The words without a mark: for comparing them with others. */
  plain(key: string): string {
    const own = this.#words.get(key) ?? this.#english.get(key);
    return typeof own === "string" ? own : key;
  }

  /** The same for a page: words that are there in English alone are marked as English also to programs that read aloud. */
  term(key: string): Part {
    const english = this.#english.get(key);
    if (typeof this.#words.get(key) === "string" || typeof english !== "string") return this.word(key);
    return inEnglish(english);
  }

  /** The same with markup in its places, and everything else escaped. */
  phrase(key: string, values: Readonly<Record<string, Part>>): SafeHtml {
    const pieces = this.word(key).split(/\{(\w+)\}/);
    return html`${pieces.map((piece, at) => (at % 2 === 1 ? values[piece] : piece))}`;
  }

  /** English words that are FHIR's own, such as the name of an element, marked where English is not the reader's language. */
  fromEnglish(words: string): Part {
    return this.language === "en" ? words : inEnglish(words);
  }

  /** The words for so many of something, `{count}` or another place filled in with the number. */
  count(key: string, count: number, values: Values = {}): string {
    return fill(formIn(this.#words.get(key), this.#counting, count) ?? key, { count: this.#counting.numbers.format(count), ...values });
  }

  /** The form of a word that goes with a number, as a term. @param number as it stands beside the word: what is no number takes the form of many */
  form(key: string, number: string): Part {
    const own = formIn(this.#words.get(key), this.#counting, Number(number));
    if (own !== undefined) return own;
    const english = formIn(this.#english.get(key), ENGLISH_COUNTING, Number(number));
    return english === undefined ? key : inEnglish(english);
  }

  /** The words for a code, such as `status-final`; the code itself where there are none. */
  code(prefix: string, code: string): string {
    const key = `${prefix}-${code}`;
    return this.has(key) ? this.word(key) : code;
  }

  /** The same for a page, as `term`. */
  coded(prefix: string, code: string): Part {
    const key = `${prefix}-${code}`;
    return this.has(key) ? this.term(key) : code;
  }

  date(value: string): string {
    return this.#dates.text(value, this.#zone);
  }

  /**
   * The same words, with the zone of times left out where it is that of `moment` (a dateTime or instant of FHIR, whose own zone the page tells): others stand out. Without
   * a time in `moment`, every zone is told.
   */
  inZoneOf(moment: string | undefined): Locale {
    const zone = moment === undefined ? undefined : readDate(moment)?.zone;
    return zone === undefined ? this : new Locale(this.#words, this.#english, { locale: this, zone });
  }

  /** A Period: from – to, or the one that is known. */
  period(start: string | undefined, end: string | undefined): string | undefined {
    const [from, to] = [start, end].map((date) => (date === undefined ? undefined : this.date(date)));
    if (from !== undefined && to !== undefined) return start === end ? from : `${from} – ${to}`;
    return from !== undefined ? `${from} –` : to !== undefined ? `– ${to}` : undefined;
  }

  age(age: Age): string {
    return this.count(`age-${age.unit}`, age.value, { value: age.value });
  }
}

/** Behind every word that is shown in English for want of a published translation. */
const ENGLISH = "(EN)";

function inEnglish(words: string): SafeHtml {
  return html`<span class="in-english" lang="en" dir="ltr">${words} <small>${ENGLISH}</small></span>`;
}

interface Counting {
  readonly plurals: Intl.PluralRules;
  readonly numbers: Intl.NumberFormat;
}

function countingIn(language: string): Counting {
  return { plurals: new Intl.PluralRules(language), numbers: new Intl.NumberFormat(language, { numberingSystem: "latn" }) };
}

const ENGLISH_COUNTING = countingIn("en");

function formIn(words: Words | undefined, { plurals }: Counting, number: number): string | undefined {
  if (words === undefined || words === null) return undefined;
  if (typeof words === "string") return words;
  return words[Number.isFinite(number) ? plurals.select(number) : "other"] ?? words["other"];
}

function fill(words: string, values: Values): string {
  if (!words.includes("{")) return words;
  return words.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** Tags that a language had before. */
const OLD_TAGS: Readonly<Record<string, string>> = { iw: "he" };

/** The first of `preferences` (BCP 47 tags, most wanted first) that there are words for, else English. */
export function languageFor(preferences: readonly (string | undefined)[]): (typeof LANGUAGES)[number] {
  const wanted = preferences.map((tag) => tag?.split("-", 1)[0]?.toLowerCase()).map((tag) => OLD_TAGS[tag ?? ""] ?? tag);
  return wanted.map((tag) => LANGUAGES.find((known) => known === tag)).find((known) => known !== undefined) ?? LANGUAGES[0];
}
