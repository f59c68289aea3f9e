/** The index held against what the record's documents say: an index is made beside it, and the two are compared row by row. */
import type { LogEntry } from "../pipeline/store/record-store.ts";
import type { IndexBeside, IndexDifference, IndexPort } from "./index-port.ts";
import { indexStep } from "./index-step.ts";
import type { Summarised } from "./describe-document.ts";
import { advance, describing, type Indexer, type IndexerOptions } from "./indexer.ts";

/** How often the two are tried to be brought to the same place, while a service moves one of them. */
const ATTEMPTS = 100;

export class IndexAudit {
  readonly #beside: IndexBeside;
  readonly #options: IndexerOptions;
  #isWhole = true;

  private constructor(beside: IndexBeside, options: IndexerOptions) {
    this.#beside = beside;
    this.#options = options;
  }

  /** Undefined when this engine cannot compare. A rebuild that runs in another process is displaced. */
  static async begin(index: IndexPort, options: IndexerOptions): Promise<IndexAudit | undefined> {
    const beside = await index.beside();
    if (beside.differences !== undefined) return new IndexAudit(beside, options);
    await beside.abandon();
    return undefined;
  }

  /** Takes in the next entries, in order of the log, with what their documents are described as. */
  async take(entries: readonly LogEntry[], describe: (id: string) => Summarised | undefined): Promise<void> {
    const { size } = await this.#beside.position();
    if (entries.length === 0 || !this.#isWhole) return;
    // Where an entry is missing, nothing that follows can be told.
    this.#isWhole = entries.every(({ index }, at) => index === size + at);
    if (!this.#isWhole) return;
    const step = await indexStep(entries, this.#beside, {
      // Resources are not compared.
      describe: ({ id }) => {
        const summarised = describe(id);
        return Promise.resolve(summarised && { ...summarised, header: [] });
      },
      isReadable: (documentId) => this.#options.source.isReadable(documentId),
    });
    await this.#beside.advance(step);
  }

  /** In what the index differs; undefined when that can't be told, because entries are missing or it never stood still. */
  async finish(indexer: Pick<Indexer, "reach">, most: number): Promise<readonly IndexDifference[] | undefined> {
    const { source } = this.#options;
    for (let attempt = 0; attempt < ATTEMPTS && this.#isWhole; attempt++) {
      const found = await this.#beside.differences?.(most);
      if (typeof found !== "string") return found;
      if (found === "ahead") await indexer.reach((await this.#beside.position()).size, 10_000);
      else await advance(this.#beside, source, describing(source, this.#options));
    }
    return undefined;
  }

  close(): Promise<void> {
    return this.#beside.abandon();
  }
}
