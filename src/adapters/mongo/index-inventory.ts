/** The rows of the index as they are kept, and as documents make them. */
import { Binary, type Collection, type Filter } from "mongodb";
import type { ComparedRows, IndexInventory, MadeDocument, RowDifference } from "../../search/index-inventory.ts";
import { RowComparison } from "../../search/row-comparison.ts";
import type { IndexedDocument } from "../../search/index-port.ts";
import { PERMIT_ALL } from "../../search/predicate.ts";
import { positionOf } from "../../search/resource-number.ts";
import { readableByKey } from "./index-questions.ts";
import { partIds, rowId, rowsOf, type IndexRow, type Shelf } from "./index-rows.ts";
import type { IndexStates } from "./index-state.ts";
import { resourceRowId, type ResourceRow } from "./resource-rows.ts";
import { resourceRowsOf } from "./resource-step.ts";

type What = RowDifference["what"];
type Kept = Readonly<Record<string, unknown>> & { readonly _id: string };

/** What is told when fields differ. All others are told as the row, or as the resources. */
const OF_DOCUMENTS: Readonly<Record<string, What>> = { terms: "search terms", own: "keys", claim: "keys", composition: "keys" };
const OF_RESOURCES: Readonly<Record<string, What>> = { words: "words", spans: "spans", links: "links" };
/** Fields that documents do not decide. `to` is compared apart. */
const OWN = new Set(["_id", "asOf", "to"]);
/** Rows that are walked along at once. */
const PAGE = 2_000;
const NAME = /^\d+\/(\d+)(?:\/(\d+))?$/;

/** The port IndexInventory on MongoDB. */
export class MongoIndexInventory implements IndexInventory {
  readonly #states: IndexStates;
  /** How many parts a document's row has, where it has any. */
  readonly #parts = new Map<number, number>();

  constructor(states: IndexStates) {
    this.#states = states;
  }

  async position(): Promise<ComparedRows["position"]> {
    const { size, mark, depth } = await this.#states.read();
    return { size, mark, depth };
  }

  async named(keys: readonly string[]): Promise<IndexedDocument[]> {
    const { connection, rows } = this.#states;
    const shelf = await this.#states.read();
    return connection.ask((session) => readableByKey({ rows, session, shelf, permitted: PERMIT_ALL }, keys));
  }

  async compare(from: number, to: number, made: ReadonlyMap<number, MadeDocument>, areResourcesCompared: boolean): Promise<ComparedRows> {
    for (;;) {
      const { generation, size, mark, depth } = await this.#states.read();
      const shelf = { generation, size, mark, depth };
      const range = { from, to: Math.min(to, size) };
      const documents = await this.#compareDocuments(shelf, range, made);
      const ofResources = await this.#compareResources(shelf, range, made, areResourcesCompared);
      // What took the place of the rows while they were read was read in part.
      if ((await this.#states.read()).generation !== generation) continue;
      return { position: { size, mark, depth }, differences: [...documents.differences, ...ofResources], ends: documents.ends };
    }
  }

  async strays(size: number, isThere: (place: number) => boolean, most: number): Promise<readonly RowDifference[]> {
    const state = await this.#states.read();
    const { generation } = state;
    const end = Math.min(size, state.size);
    const found: RowDifference[] = [];
    const add = (what: What, index: unknown, id?: unknown): void => {
      found.push({ what, kind: "added", index: typeof index === "number" ? index : -1, ...(typeof id === "string" && { id }) });
    };
    for await (const row of this.#walk(this.#states.rows, generation, { generation: 1, from: 1 })) {
      const [, place, part] = NAME.exec(nameOf(row)) ?? [];
      const at = Number(place ?? Number.NaN);
      const isShown = at < end || (typeof row["from"] === "number" && row["from"] < end);
      const isOfItsPlace = row["from"] === at && row["generation"] === generation && nameOf(row).startsWith(`${generation}/`) && isThere(at);
      // Beyond the position it is not there for anybody, whatever broken-off step wrote it.
      if (!isShown || (isOfItsPlace && (part === undefined || Number(part) < (this.#parts.get(at) ?? 0)))) continue;
      const [whole] = await this.#found(this.#states.rows, { _id: row._id });
      if (whole?.["id"] !== undefined || whole?.["bytes"] !== undefined) add("row", row["from"], whole["id"]);
      if (found.length > most) return found;
    }
    for await (const row of this.#walk(this.#states.resources, generation, { generation: 1, position: 1, number: 1 })) {
      const { number, position } = row;
      const isOfItsPlace =
        typeof number === "number" &&
        positionOf(number) === position &&
        row["generation"] === generation &&
        row._id === resourceRowId(generation, number);
      // Those were met in the comparison, or stand beyond the position.
      if (!isOfItsPlace || position < 0) add("resources", position);
      if (found.length > most) return found;
    }
    return found;
  }

  /** What stands there is of a step that is not taken yet, and shown to nobody. */
  beyond(): Promise<readonly number[]> {
    return Promise.resolve([]);
  }

  close(): Promise<void> {
    this.#states.close();
    return Promise.resolve();
  }

  async #compareDocuments(
    { generation, size }: Shelf,
    { from, to }: Range,
    made: ReadonlyMap<number, MadeDocument>,
  ): Promise<Pick<ComparedRows, "differences" | "ends">> {
    const comparison = new FieldComparison(OF_DOCUMENTS, "row", generation);
    const ids: string[] = [];
    for (let place = from; place < to; place++) {
      const document = made.get(place);
      ids.push(rowId(generation, place));
      if (!document) continue;
      const rows = rowsOf({ ...document, from: place, header: [] }, generation, 0);
      const parts = partIds(rowId(generation, place), rows.length - 1);
      if (parts.length > 0) this.#parts.set(place, parts.length);
      ids.push(...parts);
      for (const row of rows) comparison.expect(place, row as unknown as Kept);
    }
    const ends = new Map<number, number>();
    for (const row of await this.#found(this.#states.rows, { _id: { $in: ids } })) {
      const place = Number(NAME.exec(nameOf(row))?.[1]);
      // What is left of a document that was removed holds nothing.
      if (row["id"] === undefined && row["bytes"] === undefined && !made.has(place)) continue;
      comparison.meet(place, row);
      const end = row["to"];
      // A place of the log beyond the position says nothing yet.
      if (typeof end === "number" ? end < size : end !== undefined) ends.set(place, numberOf(end));
    }
    return { differences: comparison.differences(), ends };
  }

  async #compareResources(
    { generation, depth }: Shelf,
    { from, to }: Range,
    made: ReadonlyMap<number, MadeDocument>,
    areCompared: boolean,
  ): Promise<RowDifference[]> {
    const comparison = new FieldComparison(OF_RESOURCES, "resources", generation);
    const empty = Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at).filter((place) => !made.has(place));
    const places = areCompared ? { $gte: from, $lt: to } : { $in: empty };
    const kept =
      to <= from || (!areCompared && empty.length === 0) ? [] : await this.#found(this.#states.resources, { generation, position: places });
    const byPlace = Map.groupBy(kept, ({ position }) => numberOf(position));
    for (let place = from; place < to; place++) {
      const there = byPlace.get(place) ?? [];
      const resources = made.get(place)?.resources;
      if (place < depth || !made.has(place)) {
        const all = areCompared && resources ? resourceRowsOf([...resources.header, ...resources.rest], place, generation) : [];
        for (const row of all) comparison.expect(place, row as unknown as Kept);
        for (const row of there) comparison.meet(place, row);
      } else if (areCompared && resources) {
        // Beyond the depth, what follows may be there or not: a step that broke off is made again. What is there is as it should be.
        const whole = new Map(resourceRowsOf([...resources.header, ...resources.rest], place, generation).map((row) => [row._id, row]));
        for (const row of there) {
          const wanted = whole.get(row._id);
          if (wanted) comparison.expect(place, wanted as unknown as Kept);
          comparison.meet(place, row);
        }
      }
    }
    return comparison.differences();
  }

  #found<Row extends IndexRow | ResourceRow>(rows: Collection<Row>, filter: object): Promise<Kept[]> {
    return this.#states.connection.ask(async (session) => (await rows.find(filter as Filter<Row>, { session }).toArray()) as unknown as Kept[]);
  }

  /** All rows that a question of this generation may come to, and those that are called by its number. */
  async *#walk<Row extends IndexRow | ResourceRow>(rows: Collection<Row>, generation: number, projection: object): AsyncGenerator<Kept, undefined> {
    const page = (filter: object): Promise<Kept[]> =>
      this.#states.connection.ask(
        async (session) =>
          (await rows
            .find(filter as Filter<Row>, { session, projection, sort: { _id: 1 }, limit: PAGE, hint: "_id_" })
            .toArray()) as unknown as Kept[],
      );
    for (let last: unknown; ;) {
      const found = await page(last === undefined ? {} : { _id: { $gt: last } });
      for (const row of found) if (row["generation"] === generation || nameOf(row).startsWith(`${generation}/`)) yield row;
      last = found.at(-1)?._id;
      if (last === undefined || found.length < PAGE) return undefined;
    }
  }
}

/** A stranger may have called it by something else than a text, and by what no text can be made of (`String` throws at an object with a field `toString`). */
function nameOf({ _id }: { readonly _id: unknown }): string {
  return typeof _id === "string" ? _id : textOf(_id);
}

/** A number as the index writes it; NaN for what a stranger wrote in its place. A Long that the driver does not make a number of is too large for any place. */
function numberOf(value: unknown): number {
  return typeof value === "number" ? value : Number.NaN;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Compares rows field by field. */
class FieldComparison {
  readonly #names: Readonly<Record<string, What>>;
  readonly #else: What;
  readonly #generation: number;
  readonly #byWhat = new Map<What, RowComparison>();

  constructor(names: Readonly<Record<string, What>>, otherwise: What, generation: number) {
    this.#names = names;
    this.#else = otherwise;
    this.#generation = generation;
  }

  expect(place: number, row: Kept): void {
    this.#each(row, (comparison, text) => comparison.expect(place, text));
  }

  meet(place: number, row: Kept): void {
    this.#each(row, (comparison, text) => comparison.meet(place, text));
  }

  differences(): RowDifference[] {
    return [...this.#byWhat].flatMap(([what, comparison]) => comparison.differences(what));
  }

  #each(row: Kept, tell: (comparison: RowComparison, text: string) => void): void {
    const byWhat = new Map<What, string[]>([[this.#else, []]]);
    for (const [name, value] of Object.entries(row)) {
      if (OWN.has(name) || value === undefined) continue;
      // A row that says that it is of another generation is found by no question.
      const text = name === "generation" ? String(value === this.#generation) : textOf(value);
      // A field may be called as what every object has (`constructor`).
      const what = (Object.hasOwn(this.#names, name) ? this.#names[name] : undefined) ?? this.#else;
      const texts = byWhat.get(what);
      if (texts) texts.push(`${name}=${text}`);
      else byWhat.set(what, [`${name}=${text}`]);
    }
    for (const [what, texts] of byWhat) {
      const comparison = this.#byWhat.get(what) ?? new RowComparison();
      this.#byWhat.set(what, comparison);
      tell(comparison, `${nameOf(row)}\n${texts.sort().join("\n")}`);
    }
  }
}

/** The order of a list says nothing: what follows a resource is put behind what it has. */
function textOf(value: unknown): string {
  if (value instanceof Binary || value instanceof Uint8Array) return Buffer.from(value instanceof Binary ? value.value() : value).toString("base64");
  if (Array.isArray(value)) return `[${[...new Set(value.map(textOf))].sort().join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}:${textOf(one)}`);
  return `{${fields.sort().join(",")}}`;
}
