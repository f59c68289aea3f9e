/** What codes are called: of code systems whose codes are all held, as their publisher wrote it. Made from an artefact of the form that `npm run generate` makes. */

/** The words for codes, as a value. Read when first asked. */
export interface Displays {
  /** The display of a code, and its designations in other languages behind it; empty when none is held. */
  readonly of: (system: string, code: string) => readonly string[];
  /** Another code of the system that has these words; undefined when none has. */
  readonly codeCalled: (system: string, words: string) => string | undefined;
}

/** By the canonical of a code system: a line for each code, and in it, with tabs between them, the code, its display, and its designations. */
export type DisplaysArtefact = Readonly<Record<string, string>>;

/** @param load gives the artefact; asked once, on the first question */
export function createDisplays(load: () => DisplaysArtefact): Displays {
  let loaded: DisplaysArtefact | undefined;
  const made = new Map<string, SystemDisplays>();
  const systemOf = (url: string): SystemDisplays => {
    const known = made.get(url);
    if (known) return known;
    loaded ??= load();
    // Whatever a sender writes for a system must not grow a table here.
    if (!Object.hasOwn(loaded, url)) return NOT_HELD;
    const system = new SystemDisplays(loaded[url] ?? "");
    made.set(url, system);
    return system;
  };
  return { of: (system, code) => systemOf(system).of(code), codeCalled: (system, words) => systemOf(system).codeCalled(words) };
}

/** Words without what people write differently: case, spaces, punctuation. */
export function plainWords(words: string): string {
  return words
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]+/gu, "");
}

const NO_WORDS: readonly string[] = [];

class SystemDisplays {
  readonly #byCode: ReadonlyMap<string, readonly string[]>;
  #byWords: ReadonlyMap<string, string> | undefined;

  constructor(text: string) {
    const lines = text === "" ? [] : text.split("\n").map((line) => line.split("\t"));
    this.#byCode = new Map(lines.map(([code = "", ...words]) => [code, words]));
  }

  of(code: string): readonly string[] {
    return this.#byCode.get(code) ?? NO_WORDS;
  }

  codeCalled(words: string): string | undefined {
    this.#byWords ??= new Map([...this.#byCode].flatMap(([code, all]) => all.map((one) => [plainWords(one), code] as const)));
    return this.#byWords.get(plainWords(words));
  }
}

const NOT_HELD = new SystemDisplays("");
