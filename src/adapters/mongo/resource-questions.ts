/** The questions about resources. Texts are compared byte by byte in UTF-8, as SQLite does; of different types, numbers come before texts in both. */
import type { Filter } from "mongodb";
import type { RowTest, SpanTest, WordTest } from "../../search/query/criterion.ts";
import { permitsEverything } from "../../search/predicate.ts";
import type { FoundLink, FoundResource, FoundText, Probe, ResourceBounds, Scope, Window } from "../../search/resource-index.ts";
import type { ResourceIdParts } from "../../search/query/resource-id.ts";
import { isHeaderType } from "../../search/header-types.ts";
import type { ResourceNumber } from "../../search/resource-number.ts";
import type { AskedResources } from "./asked-resources.ts";
import { DECISION_FIELDS, permittedRows } from "./index-permitted.ts";
import { conditionOf, rowId } from "./index-rows.ts";
import { fieldKey, resourceRowId, valueIn, type ResourceRow } from "./resource-rows.ts";
import { WordQuestions, type TextProbe } from "./word-questions.ts";

/** What the rows of resources themselves answer. */
type RowProbe = Exclude<Probe, TextProbe>;

/** Beyond every text. */
const LAST = "\u{10FFFF}";

export class ResourceQuestions {
  readonly #asked: AskedResources;
  readonly #words: WordQuestions;

  constructor(asked: AskedResources) {
    this.#asked = asked;
    this.#words = new WordQuestions(asked);
  }

  async find(type: string, probe: Probe, { below, count }: Window, scope: Scope): Promise<ResourceNumber[]> {
    const found: ResourceNumber[] = [];
    for (let before = below; found.length < count;) {
      const rows = await (probe.kind === "text"
        ? this.#words.newest(type, probe, { below: before, count })
        : this.#rows(type, { number: { $lt: before } }, probe, count));
      const inScope =
        permitsEverything(scope.permitted) && !scope.isCurrent
          ? rows.numbers
          : (await this.resources(rows.numbers, scope)).map(({ number }) => number);
      found.push(...inScope);
      if (rows.last === undefined) break;
      before = rows.last;
    }
    return found.slice(0, count);
  }

  async among(type: string, probe: Probe, numbers: readonly ResourceNumber[]): Promise<ResourceNumber[]> {
    const found = new Set(
      probe.kind === "text" ? await this.#words.beside(type, probe, numbers) : (await this.#rows(type, this.#named(numbers), probe)).numbers,
    );
    return numbers.filter((number) => found.has(number));
  }

  async estimate(type: string, probe: Probe, most: number): Promise<number> {
    const { db, rows, session } = this.#asked;
    // An estimate is enough: this command counts in an index, where countDocuments of the driver is an aggregation that reads each row.
    const query = probe.kind === "text" ? this.#words.filter(type, probe) : { $and: [this.#present(type), probeFilter(probe)] };
    const { n } = await db.command({ count: rows.collectionName, query, limit: most, readConcern: { level: "majority" } }, { session });
    return Number(n);
  }

  async targets(type: string | undefined, name: string | undefined, numbers: readonly ResourceNumber[]): Promise<FoundLink[]> {
    const rows = await this.#links(type, this.#named(numbers), "_id_");
    const byNumber = new Map(rows.map(({ number, links }) => [number, links]));
    return numbers.flatMap((from) => {
      const targets = (byNumber.get(from) ?? []).filter(({ n }) => name === undefined || n === name).map(({ t }) => t);
      return [...new Set(targets)].sort((one, other) => one - other).map((to) => ({ from, to }));
    });
  }

  async referrers(type: string | undefined, name: string | undefined, numbers: readonly ResourceNumber[]): Promise<FoundLink[]> {
    const wanted = { $elemMatch: { t: { $in: [...numbers] }, ...(name !== undefined && { n: name }) } };
    const rows = await this.#links(type, { links: wanted }, "links");
    return numbers.flatMap((to) => {
      const own = rows.filter(({ links }) => links.some(({ n, t }) => t === to && (name === undefined || n === name)));
      return own.map(({ number }) => ({ from: number, to })).sort((one, other) => one.from - other.from);
    });
  }

  async resources(numbers: readonly ResourceNumber[], { permitted, isCurrent }: Scope): Promise<FoundResource[]> {
    const { rows, documents, session, shelf } = this.#asked;
    const found = await rows.find(this.#named(numbers), { session, projection: { number: 1, type: 1, path: 1, position: 1 } }).toArray();
    const own = found.filter(({ type, position }) => position < this.#endOf(type));
    const positions = [...new Set(own.map(({ position }) => position))].map((position) => rowId(shelf.generation, position));
    const there = await documents
      .find(
        { $and: [{ _id: { $in: positions }, id: { $exists: true } }, conditionOf(permitted)] },
        { session, projection: { ...DECISION_FIELDS, from: 1, receivedAt: 1, fedAt: 1, to: 1 } },
      )
      .toArray();
    const seen = await permittedRows(there, { rows: documents, session, shelf, permitted });
    const byPosition = new Map(seen.map((document) => [document.from, document]));
    const byNumber = new Map(own.map((row) => [row.number, row]));
    return numbers.flatMap((number) => {
      const row = byNumber.get(number);
      const document = row && byPosition.get(row.position);
      if (!row || document?.id === undefined) return [];
      const isSuperseded = document.to !== undefined && document.to < shelf.size;
      if (isCurrent && isSuperseded) return [];
      return [
        { number, type: row.type, path: row.path, documentId: document.id, receivedAt: document.receivedAt ?? document.fedAt ?? "", isSuperseded },
      ];
    });
  }

  async numbersOf(places: readonly ResourceIdParts[], type: string): Promise<(ResourceNumber | undefined)[]> {
    const { rows, documents, session, shelf } = this.#asked;
    const ids = [...new Set(places.map(({ documentId }) => documentId))];
    const there = await documents.find({ generation: shelf.generation, id: { $in: ids } }, { session, projection: { id: 1, from: 1 } }).toArray();
    const positions = new Map(there.map(({ id, from }) => [id, from]));
    const wanted = { position: { $in: [...positions.values()] }, path: { $in: [...new Set(places.map(({ path }) => path))] } };
    const found =
      there.length === 0
        ? []
        : await rows
            .find({ $and: [this.#present(type), wanted] }, { session, projection: { number: 1, position: 1, path: 1 }, hint: "document" })
            .toArray();
    const numbers = new Map(found.map(({ number, position, path }) => [`${position} ${path}`, number]));
    return places.map(({ documentId, path }) => numbers.get(`${positions.get(documentId)} ${path}`));
  }

  async bounds(type: string, name: string, numbers: readonly ResourceNumber[]): Promise<ResourceBounds[]> {
    const { rows, session } = this.#asked;
    const found = await rows
      .find(
        { $and: [this.#present(type), { names: name }, this.#named(numbers)] },
        { session, projection: { number: 1, words: 1, spans: 1 }, hint: "_id_" },
      )
      .toArray();
    return found.flatMap(({ number, words, spans }) => {
      const prefix = fieldKey(name, "");
      const values = [
        ...spans.filter(({ k }) => k.startsWith(prefix)).map(({ l, h }) => [l, h] as const),
        ...words.filter(({ k }) => k.startsWith(prefix)).map(({ k }) => [valueIn(k), valueIn(k)] as const),
      ];
      const lows = values.map(([low]) => low).sort(inOrder);
      const highs = values.map(([, high]) => high).sort(inOrder);
      const [low, high] = [lows[0], highs.at(-1)];
      return low === undefined || high === undefined ? [] : [{ number, low, high }];
    });
  }

  async texts(type: string, name: string, numbers: readonly ResourceNumber[]): Promise<FoundText[]> {
    const { rows, session } = this.#asked;
    const found = await rows
      .find({ $and: [this.#present(type), this.#named(numbers)] }, { session, projection: { number: 1, words: 1 }, hint: "_id_" })
      .toArray();
    const byNumber = new Map(found.map(({ number, words }) => [number, words]));
    const prefix = fieldKey(name, "");
    return numbers.flatMap((from) => {
      const own = (byNumber.get(from) ?? []).filter(({ k }) => k.startsWith(prefix)).map(({ k }) => valueIn(k));
      return [...new Set(own)].map((value) => ({ from, value }));
    });
  }

  /** Numbers of rows that match, the newest first: of those that are named, or `limit` of all. `last`: where the next ones begin, when there may be more. */
  async #rows(
    type: string,
    filter: Filter<ResourceRow>,
    probe: RowProbe,
    limit = 0,
  ): Promise<{ readonly numbers: ResourceNumber[]; readonly last: ResourceNumber | undefined }> {
    const { rows, session } = this.#asked;
    const isTogether = probe.kind === "together";
    const projection = isTogether ? { number: 1, words: 1, spans: 1 } : { number: 1 };
    const found = await rows
      .find({ $and: [this.#present(type), filter, probeFilter(probe)] }, { session, projection, ...(limit === 0 && { hint: "_id_" }) })
      .sort({ number: -1 })
      .limit(limit)
      .toArray();
    const kept = isTogether ? found.filter((row) => areTogether(row, probe.components)) : found;
    return { numbers: kept.map(({ number }) => number), last: limit > 0 && found.length === limit ? found.at(-1)?.number : undefined };
  }

  async #links(type: string | undefined, filter: Filter<ResourceRow>, index: "links" | "_id_"): Promise<Pick<ResourceRow, "number" | "links">[]> {
    const { rows, session, shelf } = this.#asked;
    const options = { session, projection: { number: 1, links: 1, ...(type === undefined && { type: 1, position: 1 }) }, hint: index };
    if (type !== undefined) return rows.find({ $and: [this.#present(type), filter] }, options).toArray();
    const found = await rows.find({ $and: [{ generation: shelf.generation }, filter] }, options).toArray();
    return found.filter((row) => row.position < this.#endOf(row.type));
  }

  #present(type: string): Filter<ResourceRow> {
    return { generation: this.#asked.shelf.generation, type, position: { $lt: this.#endOf(type) } };
  }

  /** What a step in progress has written already is not yet there: resources of header types come with their documents, all others behind them. */
  #endOf(type: string): number {
    return isHeaderType(type) ? this.#asked.shelf.size : this.#asked.shelf.depth;
  }

  #named(numbers: readonly ResourceNumber[]): { readonly _id: { readonly $in: string[] } } {
    return { _id: { $in: numbers.map((number) => resourceRowId(this.#asked.shelf.generation, number)) } };
  }
}

function probeFilter(probe: RowProbe): Filter<ResourceRow> {
  switch (probe.kind) {
    case "any":
      return {};
    case "present":
      return { names: probe.name };
    case "row":
      return { $or: probe.anyOf.map(testFilter) };
    case "together":
      // That they are of one element is seen when the rows are here.
      return { $and: probe.components.map((tests) => ({ $or: tests.map(testFilter) })) };
  }
}

function testFilter(test: RowTest): Filter<ResourceRow> {
  return test.kind === "word" ? { words: { $elemMatch: wordCondition(test) } } : { spans: { $elemMatch: spanCondition(test) } };
}

function wordCondition({ name, match, value, system }: WordTest): Record<string, unknown> {
  const ofSystem = system === undefined ? {} : { s: system === null ? { $exists: false } : system };
  const all = { $gte: fieldKey(name, ""), $lt: fieldKey(name, LAST) };
  if (value === undefined) return { k: all, ...ofSystem };
  if (match === "whole") return { k: fieldKey(name, value), ...ofSystem };
  if (match === "start") return { k: { $gte: fieldKey(name, value), $lt: fieldKey(name, `${value}${LAST}`) }, ...ofSystem };
  return { k: { ...all, $regex: `^${literal(fieldKey(name, ""))}[\\s\\S]*${literal(value)}` }, ...ofSystem };
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

const OPERATORS = { "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte" } as const;
const COLUMNS = { low: "l", high: "h" } as const;

/** An engine that compares only what is of one type would find numbers by numbers alone; a text stands behind each of them. */
function spanCondition({ name, scale, conditions }: SpanTest): Record<string, unknown> {
  const each = conditions.map(({ column, operator, bound }): Record<string, unknown> => {
    const field = COLUMNS[column];
    const same = { [field]: { [OPERATORS[operator]]: bound } };
    const isUp = operator.startsWith(">");
    if (typeof bound === "number" && isUp) return { $or: [same, { [field]: { $type: "string" } }] };
    if (typeof bound === "string" && !isUp) return { $or: [same, { [field]: { $type: "number" } }] };
    return same;
  });
  return { k: fieldKey(name, scale), ...(each.length > 0 && { $and: each }) };
}

function areTogether(row: Pick<ResourceRow, "words" | "spans">, components: readonly (readonly RowTest[])[]): boolean {
  const parts = new Set([...row.words, ...row.spans].map(({ p }) => p));
  return [...parts].some((part) => components.every((tests) => tests.some((test) => hasRow(row, test, part))));
}

function hasRow({ words, spans }: Pick<ResourceRow, "words" | "spans">, test: RowTest, part: number): boolean {
  if (test.kind === "span") {
    const key = fieldKey(test.name, test.scale);
    const holds = (span: ResourceRow["spans"][number]): boolean =>
      test.conditions.every(({ column, operator, bound }) => {
        const order = inOrder(span[COLUMNS[column]], bound);
        return operator === "<" ? order < 0 : operator === "<=" ? order <= 0 : operator === ">" ? order > 0 : order >= 0;
      });
    return spans.some((span) => span.p === part && span.k === key && holds(span));
  }
  const { name, match, value, system } = test;
  const prefix = fieldKey(name, "");
  return words.some(({ k, s, p }) => {
    if (p !== part || !k.startsWith(prefix) || (system !== undefined && (s ?? null) !== system)) return false;
    const text = valueIn(k);
    return value === undefined || (match === "whole" ? text === value : match === "start" ? text.startsWith(value) : text.includes(value));
  });
}

function inOrder(one: number | string, other: number | string): number {
  if (typeof one === "string" && typeof other === "string") return Buffer.compare(Buffer.from(one), Buffer.from(other));
  if (typeof one !== typeof other) return typeof one === "number" ? -1 : 1;
  return one < other ? -1 : one > other ? 1 : 0;
}
