/** What those who look at what is kept, while a service runs, have looked at and found: for its figures, its readiness and its log. A part of the composition root. */
import { AppError } from "../core/errors.ts";

/** What is looked at: places of the log in its tree; documents and other entries, whole, with the claims by which they are found; their rows of the index. */
export type LookedAt = "log" | "document" | "index";

/** By what the service's log tells of a fault. */
const WORDS: Readonly<Record<LookedAt, string>> = {
  log: "the log is not what was signed",
  document: "what is kept is not what was committed",
  index: "the index is not what the documents make of it",
};

export class Looks {
  readonly #onFault: (error: unknown, what: string) => void;
  /** How often each was looked at, and how many faults were found. */
  readonly looked: Record<LookedAt, number> = { log: 0, document: 0, index: 0 };
  readonly faults: Record<LookedAt, number> = { log: 0, document: 0, index: 0 };
  /** Faults that stand, by what they are about. */
  readonly #standing = new Map<string, Set<string>>();

  constructor(onFault: (error: unknown, what: string) => void) {
    this.#onFault = onFault;
  }

  /** What was found at a place of the log: faults in words, or none. What stood there before and is not found any more was mended. */
  found(at: LookedAt, index: number, faults: readonly string[]): void {
    this.looked[at]++;
    const place = `${at} ${index}`;
    const known = this.#standing.get(place);
    if (faults.length === 0) this.#standing.delete(place);
    else this.#standing.set(place, new Set(faults));
    for (const text of faults) if (known?.has(text) !== true) this.#tell(at, text);
  }

  #tell(at: LookedAt, text: string): void {
    this.faults[at]++;
    this.#onFault(new AppError("damaged", text), WORDS[at]);
  }

  /** Places where something stands wrong that is looked at so. */
  wrong(at: LookedAt): number[] {
    return [...this.#standing.keys()].filter((place) => place.startsWith(`${at} `)).map((place) => Number(place.slice(at.length + 1)));
  }

  /** What needs somebody who looks, in words that name no document; undefined: nothing. */
  warning(): string | undefined {
    const places = [...this.#standing.keys()];
    if (places.length === 0) return undefined;
    const some = places.slice(0, 3).map((place) => place.replace(/^(\w+) /, "$1 of entry "));
    return `what is kept is not what was committed (${some.join(", ")}${places.length > some.length ? ", …" : ""}): the service's log tells what, \`chartulary audit\` all of it`;
  }
}
