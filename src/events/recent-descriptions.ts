/** What was described of documents a moment ago: the index and whoever matches subscriptions need the same of each, and it is worked out once. */
import type { IndexedResources } from "../search/resource-index.ts";
import type { Described } from "../search/index-port.ts";

/** About so many letters are held, and of so many documents at most. */
const MOST_LETTERS = 16_000_000;
const MOST_DOCUMENTS = 2_000;

interface Recent {
  header?: Pick<Described, "summary" | "header">;
  rest?: Promise<IndexedResources | undefined>;
  letters: number;
}

export class RecentDescriptions {
  readonly #recent = new Map<string, Recent>();
  #letters = 0;
  /** Whether anybody matches: else nothing is held. */
  isWanted = false;

  /** Notes what the index takes from a document when it comes. */
  note(documentId: string, described: Pick<Described, "summary" | "header">): void {
    if (!this.isWanted) return;
    const recent = this.#of(documentId);
    recent.header = described;
    this.#weigh(recent, described.header);
  }

  header(documentId: string): Pick<Described, "summary" | "header"> | undefined {
    return this.#recent.get(documentId)?.header;
  }

  /** What else stands in it: whoever comes first works it out. */
  rest(documentId: string, describe: () => Promise<IndexedResources | undefined>): Promise<IndexedResources | undefined> {
    if (!this.isWanted) return this.#recent.get(documentId)?.rest ?? describe();
    const recent = this.#of(documentId);
    if (recent.rest) return recent.rest;
    const rest = describe();
    recent.rest = rest;
    rest.then(
      (resources) => resources && this.#weigh(recent, resources),
      () => delete recent.rest,
    );
    return rest;
  }

  #of(documentId: string): Recent {
    const known = this.#recent.get(documentId);
    if (known) return known;
    const recent: Recent = { letters: 0 };
    this.#recent.set(documentId, recent);
    this.#forget();
    return recent;
  }

  #weigh(recent: Recent, resources: IndexedResources): void {
    const letters = "text" in resources ? resources.text.length : 200 * resources.reduce((sum, { rows }) => sum + rows.length, 1);
    recent.letters += letters;
    this.#letters += letters;
    this.#forget();
  }

  /** The oldest first. */
  #forget(): void {
    for (const [id, { letters }] of this.#recent) {
      if (this.#letters <= MOST_LETTERS && this.#recent.size <= MOST_DOCUMENTS) return;
      this.#recent.delete(id);
      this.#letters -= letters;
    }
  }
}
