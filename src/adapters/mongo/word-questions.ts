/** Questions about the words of documents' texts: each document has them in rows of their own, with the places of its resources. */
import type { Filter } from "mongodb";
import type { Probe, Window } from "../../search/resource-index.ts";
import { endOf, positionOf, resourceNumber, type ResourceNumber } from "../../search/resource-number.ts";
import type { AskedResources } from "./asked-resources.ts";
import { fieldKey, WORDS_TYPE, type ResourceRow } from "./resource-rows.ts";

export type TextProbe = Extract<Probe, { kind: "text" }>;
type WordRow = Pick<ResourceRow, "position" | "words">;

/** Beyond every text. */
const LAST = "\u{10FFFF}";
/** Rows that are asked for at once: the server holds them whole while it sorts them. */
const MOST_ROWS = 256;

export class WordQuestions {
  readonly #asked: AskedResources;

  constructor(asked: AskedResources) {
    this.#asked = asked;
  }

  /** Resources below a number that have the word, the newest first: all of some documents, however many are asked for. `last`: where the next ones begin, when there may be more. */
  async newest(
    type: string,
    probe: TextProbe,
    { below, count }: Window,
  ): Promise<{ readonly numbers: ResourceNumber[]; readonly last: ResourceNumber | undefined }> {
    const limit = Math.min(count, MOST_ROWS);
    // What stands in the document of `below` may still be below it.
    const found = await this.#rows(type, probe, { position: { $lte: positionOf(below - 1) } }, limit);
    const open = found.length === limit ? found.at(-1)?.position : undefined;
    // The words of one document may stand in several rows.
    const rows =
      open === undefined ? found : [...found.filter(({ position }) => position > open), ...(await this.#rows(type, probe, { position: open }))];
    const numbers = numbersIn(rows, type, probe).filter((number) => number < below);
    return { numbers: [...new Set(numbers)].sort((one, other) => other - one), last: open === undefined ? undefined : endOf(open) };
  }

  /** Resources that have the word, of the documents of these. */
  async beside(type: string, probe: TextProbe, numbers: readonly ResourceNumber[]): Promise<ResourceNumber[]> {
    const positions = [...new Set(numbers.map(positionOf))];
    return numbersIn(await this.#rows(type, probe, { position: { $in: positions } }), type, probe);
  }

  /** The rows in which it stands. */
  filter(type: string, { names, value }: TextProbe): Filter<ResourceRow> {
    const { generation, depth } = this.#asked.shelf;
    const at = { $elemMatch: { n: { $in: names.map((name) => fieldKey(type, name)) } } };
    return { generation, type: WORDS_TYPE, position: { $lt: depth }, words: { $elemMatch: { k: begins(value), at } } };
  }

  /** The newest first, with the words that match alone. */
  #rows(type: string, probe: TextProbe, filter: Filter<ResourceRow>, limit = 0): Promise<WordRow[]> {
    const { rows, session } = this.#asked;
    const { $gte: from, $lt: to } = begins(probe.value);
    const words = { $filter: { input: "$words", cond: { $and: [{ $gte: ["$$this.k", from] }, { $lt: ["$$this.k", to] }] } } };
    const options = { session, projection: { position: 1, words }, hint: limit === 0 ? "document" : "words" };
    return rows
      .find<WordRow>({ $and: [this.filter(type, probe), filter] }, options)
      .sort({ number: -1 })
      .limit(limit)
      .toArray();
  }
}

function begins(value: string): { readonly $gte: string; readonly $lt: string } {
  return { $gte: value, $lt: `${value}${LAST}` };
}

function numbersIn(rows: readonly WordRow[], type: string, { names }: TextProbe): ResourceNumber[] {
  const wanted = new Set(names.map((name) => fieldKey(type, name)));
  return rows.flatMap(({ position, words }) =>
    words
      .flatMap(({ at = [] }) => at.filter(({ n }) => wanted.has(n)))
      .flatMap(({ r }) => r.split(","))
      .map((place) => resourceNumber(position, Number(place))),
  );
}
