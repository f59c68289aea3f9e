/** The questions about resources as SQL. Numbers go in and out as JSON lists, so that one prepared statement serves lists of every length. */
import type { SQLInputValue } from "node:sqlite";
import type { RowTest, SpanCondition, SpanTest, WordTest } from "../../search/query/criterion.ts";
import { permitsEverything } from "../../search/predicate.ts";
import type { FoundLink, FoundResource, FoundText, Probe, ResourceBounds, Scope, Window } from "../../search/resource-index.ts";
import type { ResourceIdParts } from "../../search/query/resource-id.ts";
import type { ResourceNumber } from "../../search/resource-number.ts";
import { endOf } from "../../search/resource-number.ts";
import { stillInTime, type Database } from "./database.ts";
import { conditionOf, type Condition } from "./index-rows.ts";
import type { Tables } from "./index-schema.ts";
import { integerAt, textAt } from "./rows.ts";

/** A SELECT that gives a column `resource`, and for parts of a composite also `part`. */
type Selection = Condition;

const PLACES = endOf(1);
/** Beyond every text. */
const LAST = "\u{10FFFF}";

type Present = Extract<Probe, { kind: "present" }>;

/** Names that no parameter of R4 has: what we say of a resource ourselves (derived/person.ts), as words. */
function isOfOurs(probe: Probe): probe is Present {
  return probe.kind === "present" && probe.name.startsWith(":");
}

/** Fewer rows of a name are few. */
const FEW = 1_000;

export class ResourceQuestions {
  readonly #database: Database;
  readonly #tables: Tables;

  constructor(database: Database, tables: Tables) {
    this.#database = database;
    this.#tables = tables;
  }

  find(type: string, probe: Probe, { below, count }: Window, scope: Scope): ResourceNumber[] {
    // What few resources have is found by what they have: a walk through all of the type would find none of them for long.
    const isRare = isOfOurs(probe) && this.estimate(type, probe, FEW) < FEW;
    const { sql, values } = isRare ? this.#having(type, probe) : this.#selection(type, probe);
    const within = this.#scoped(scope, "f.resource");
    const question = `SELECT DISTINCT f.resource FROM (${sql}) f WHERE f.resource < ?${within.sql} ORDER BY f.resource DESC LIMIT ?`;
    return this.#numbers(question, ...values, below, ...within.values, count);
  }

  among(type: string, probe: Probe, numbers: readonly ResourceNumber[]): ResourceNumber[] {
    const { sql, values } = this.#selection(type, probe, JSON.stringify(numbers));
    const found = new Set(this.#numbers(`SELECT DISTINCT f.resource FROM (${sql}) f`, ...values));
    return numbers.filter((number) => found.has(number));
  }

  estimate(type: string, probe: Probe, most: number): number {
    if (isOfOurs(probe)) return this.#count(this.#having(type, probe), most);
    const near = counted(probe);
    // None is said where there is none: whoever asks leaves it out then.
    return (near && this.#count(this.#selection(type, near), most)) || this.#count(this.#selection(type, probe), most);
  }

  #count({ sql, values }: Selection, most: number): number {
    const row = this.#database.get(`SELECT count(*) AS hits FROM (SELECT 1 FROM (${sql}) LIMIT ?)`, ...values, most);
    return row ? integerAt(row, "hits") : 0;
  }

  targets(type: string | undefined, name: string | undefined, numbers: readonly ResourceNumber[]): FoundLink[] {
    return this.#links(type, name, "resource", numbers);
  }

  referrers(type: string | undefined, name: string | undefined, numbers: readonly ResourceNumber[]): FoundLink[] {
    return this.#links(type, name, "target", numbers);
  }

  resources(numbers: readonly ResourceNumber[], scope: Scope): FoundResource[] {
    const { resources, documents } = this.#tables;
    const condition = conditionOf(scope.permitted);
    const sql = `SELECT r.number, r.type, r.path, d.id, d.received_at, d.closed_at FROM json_each(?) n JOIN ${resources} r ON r.number = n.value
      JOIN ${documents} d ON d.position = r.number / ${PLACES} WHERE ${condition.sql}${scope.isCurrent ? " AND d.closed_at IS NULL" : ""} ORDER BY n.key`;
    return this.#database.all(sql, JSON.stringify(numbers), ...condition.values).map((row) => ({
      number: integerAt(row, "number"),
      type: textAt(row, "type"),
      path: textAt(row, "path"),
      documentId: textAt(row, "id"),
      receivedAt: textAt(row, "received_at"),
      isSuperseded: row["closed_at"] !== null,
    }));
  }

  numbersOf(places: readonly ResourceIdParts[], type: string): (ResourceNumber | undefined)[] {
    const { resources, documents } = this.#tables;
    const sql = `SELECT n.key AS place, r.number FROM json_each(?) n JOIN ${documents} d ON d.id = n.value ->> 'documentId'
      JOIN ${resources} r ON r.number >= d.position * ${PLACES} AND r.number < (d.position + 1) * ${PLACES}
      WHERE r.path = n.value ->> 'path' AND r.type = ?`;
    const numbers = new Map(this.#database.all(sql, JSON.stringify(places), type).map((row) => [integerAt(row, "place"), integerAt(row, "number")]));
    return places.map((_, at) => numbers.get(at));
  }

  bounds(type: string, name: string, numbers: readonly ResourceNumber[]): ResourceBounds[] {
    const { words, spans, names } = this.#tables;
    const id = `(SELECT id FROM ${names} WHERE type = ? AND name = ?)`;
    const list = "(SELECT value FROM json_each(?))";
    const sql = `SELECT resource, min(low) AS low, max(high) AS high FROM ${spans} WHERE name = ${id} AND resource IN ${list} GROUP BY resource
      UNION ALL SELECT resource, min(value), max(value) FROM ${words} WHERE name = ${id} AND resource IN ${list} GROUP BY resource`;
    const json = JSON.stringify(numbers);
    const found = this.#database.all(sql, type, name, json, type, name, json).map((row) => ({
      number: integerAt(row, "resource"),
      low: boundAt(row["low"]),
      high: boundAt(row["high"]),
    }));
    // A parameter has words or spans; of one that had both, each resource would still stand once.
    return [...new Map(found.map((one) => [one.number, one])).values()];
  }

  texts(type: string, name: string, numbers: readonly ResourceNumber[]): FoundText[] {
    const { words, names } = this.#tables;
    const sql = `SELECT DISTINCT t.resource, t.value FROM json_each(?) n JOIN ${words} t ON t.resource = n.value
      WHERE t.name = (SELECT id FROM ${names} WHERE type = ? AND name = ?) ORDER BY n.key`;
    return this.#database
      .all(sql, JSON.stringify(numbers), type, name)
      .map((row) => ({ from: integerAt(row, "resource"), value: textAt(row, "value") }));
  }

  #links(type: string | undefined, name: string | undefined, by: "resource" | "target", numbers: readonly ResourceNumber[]): FoundLink[] {
    const { links, names } = this.#tables;
    const conditions = [...(type === undefined ? [] : ["type = ?"]), ...(name === undefined ? [] : ["name = ?"])];
    const named = conditions.length === 0 ? "" : `WHERE l.name IN (SELECT id FROM ${names} WHERE ${conditions.join(" AND ")})`;
    const sql = `SELECT DISTINCT l.resource, l.target FROM json_each(?) n JOIN ${links} l ON l.${by} = n.value AND ${stillInTime(`l.${by === "target" ? "resource" : "target"}`)} ${named} ORDER BY n.key, l.target, l.resource`;
    return this.#database
      .all(sql, JSON.stringify(numbers), ...[type, name].filter((value) => value !== undefined))
      .map((row) => ({ from: integerAt(row, "resource"), to: integerAt(row, "target") }));
  }

  #numbers(sql: string, ...values: SQLInputValue[]): ResourceNumber[] {
    return this.#database.all(sql, ...values).map((row) => integerAt(row, "resource"));
  }

  /** Beside other conditions, with its AND. */
  #scoped({ permitted, isCurrent }: Scope, column: string): Condition {
    if (permitsEverything(permitted) && !isCurrent) return { sql: "", values: [] };
    const { sql, values } = conditionOf(permitted);
    const current = isCurrent ? " AND d.closed_at IS NULL" : "";
    return { sql: ` AND EXISTS (SELECT 1 FROM ${this.#tables.documents} d WHERE d.position = ${column} / ${PLACES} AND ${sql}${current})`, values };
  }

  /** @param among a JSON list of the resources that alone are asked about; undefined: all */
  #selection(type: string, probe: Probe, among?: string): Selection {
    const { resources } = this.#tables;
    switch (probe.kind) {
      case "any":
        return narrowed(
          { sql: `SELECT number AS resource FROM ${resources} WHERE ${stillInTime("number")} AND type = ?`, values: [type] },
          "number",
          among,
        );
      case "text":
        return this.#words(type, probe, among);
      case "present":
        return this.#present(type, probe.name, among);
      case "row":
        return joined(
          probe.anyOf.map((test) => this.#rows(type, test, among)),
          " UNION ALL ",
        );
      case "together": {
        // The same element of the same resource satisfies each of them.
        const components = probe.components.map((tests) =>
          joined(
            tests.map((test) => this.#rows(type, test, among)),
            " UNION ",
          ),
        );
        return joined(
          components.map(({ sql, values }) => ({ sql: `SELECT * FROM (${sql})`, values })),
          " INTERSECT ",
        );
      }
    }
  }

  #present(type: string, name: string, among: string | undefined): Selection {
    const { resources, words, spans, links, names } = this.#tables;
    const all = narrowed({ sql: `SELECT number FROM ${resources} WHERE ${stillInTime("number")} AND type = ?`, values: [type] }, "number", among);
    const id = `(SELECT id FROM ${names} WHERE type = ? AND name = ?)`;
    const has = [words, spans, links].map((table) => `EXISTS (SELECT 1 FROM ${table} t WHERE t.resource = g.number AND t.name = i.id)`).join(" OR ");
    // A name that nothing was ever written under has no number, and then there is nothing to walk through.
    const sql = `SELECT g.number AS resource FROM (SELECT ${id} AS id) i CROSS JOIN (${all.sql}) g WHERE i.id IS NOT NULL AND (${has})`;
    return { sql, values: [type, name, ...all.values] };
  }

  /** By the rows of a name of ours themselves: words, each resource has one. */
  #having(type: string, { name }: Present): Selection {
    const { words, names } = this.#tables;
    const id = `(SELECT id FROM ${names} WHERE type = ? AND name = ?)`;
    return { sql: `SELECT t.resource, 0 AS part FROM ${words} t WHERE ${stillInTime("t.resource")} AND t.name = ${id}`, values: [type, name] };
  }

  #words(type: string, { names: asked, value }: Extract<Probe, { kind: "text" }>, among: string | undefined): Selection {
    const { documentWords, names } = this.#tables;
    const from = among === undefined ? "" : ` INDEXED BY ${documentWords}_by_document`;
    const within = among === undefined ? "" : ` AND w.position IN (SELECT value / ${PLACES} FROM json_each(?))`;
    // Names, words and then places: each of them is looked up by what stands before it.
    const sql = `SELECT w.position * ${PLACES} + p.value AS resource, 0 AS part FROM ${names} n CROSS JOIN ${documentWords} w${from} ON w.name = n.id CROSS JOIN json_each('[' || w.places || ']') p
      WHERE ${stillInTime("w.position")} AND n.type = ? AND n.name IN (SELECT value FROM json_each(?)) AND w.value >= ? AND w.value < ?${within}`;
    const values = [type, JSON.stringify(asked), value, `${value}${LAST}`, ...(among === undefined ? [] : [among])];
    return narrowed({ sql: `SELECT resource, part FROM (${sql}) WHERE 1`, values }, "resource", among);
  }

  #rows(type: string, test: RowTest, among: string | undefined): Selection {
    const { words, spans, names } = this.#tables;
    const table = test.kind === "word" ? words : spans;
    const { sql, values } = test.kind === "word" ? this.#wordCondition(test) : this.#spanCondition(test);
    const id = `t.name = (SELECT id FROM ${names} WHERE type = ? AND name = ?)`;
    return narrowed(
      { sql: `SELECT t.resource, t.part FROM ${table} t WHERE ${stillInTime("t.resource")} AND ${id}${sql}`, values: [type, test.name, ...values] },
      "t.resource",
      among,
    );
  }

  #wordCondition({ match, value, system }: WordTest): Condition {
    const { texts } = this.#tables;
    const ofSystem: Condition =
      system === undefined
        ? { sql: "", values: [] }
        : system === null
          ? { sql: " AND t.system = 0", values: [] }
          : { sql: ` AND t.system = (SELECT id FROM ${texts} WHERE text = ?)`, values: [system] };
    if (value === undefined) return ofSystem;
    const values: Condition =
      match === "whole"
        ? { sql: " AND t.value = ?", values: [value] }
        : match === "start"
          ? { sql: " AND t.value >= ? AND t.value < ?", values: [value, `${value}${LAST}`] }
          : { sql: " AND instr(t.value, ?) > 0", values: [value] };
    return { sql: values.sql + ofSystem.sql, values: [...values.values, ...ofSystem.values] };
  }

  #spanCondition({ scale, conditions }: SpanTest): Condition {
    const { texts } = this.#tables;
    const ofScale =
      scale === "" ? { sql: " AND t.scale = 0", values: [] } : { sql: ` AND t.scale = (SELECT id FROM ${texts} WHERE text = ?)`, values: [scale] };
    const all = [...conditions, ...conditions.flatMap(boundOfLow)];
    const parts = all.map(({ column, operator }) => ` AND t.${COLUMNS[column]} ${OPERATORS[operator]} ?`);
    return { sql: ofScale.sql + parts.join(""), values: [...ofScale.values, ...all.map(({ bound }) => bound)] };
  }
}

/** What ends below a bound begins below it. It says nothing new, but rows are in the order of where they begin: those behind need not be walked through. */
function boundOfLow({ column, operator, bound }: SpanCondition): SpanCondition[] {
  return column === "high" && (operator === "<" || operator === "<=") ? [{ column: "low", operator, bound }] : [];
}

/**
 * Near enough for an estimate, and never more: what ends behind a bound mostly begins behind it too, and is counted without a walk through all that ends before. Undefined of a probe that asks for no such thing.
 */
function counted(probe: Probe): Probe | undefined {
  if (probe.kind !== "row") return undefined;
  const isOpen = (test: RowTest): test is SpanTest =>
    test.kind === "span" && test.conditions.some(isLeast) && !test.conditions.some(({ column }) => column === "low");
  if (!probe.anyOf.some(isOpen)) return undefined;
  const near = (test: SpanTest): SpanTest => ({
    ...test,
    conditions: [...test.conditions, ...test.conditions.filter(isLeast).map((one): SpanCondition => ({ ...one, column: "low" }))],
  });
  return { ...probe, anyOf: probe.anyOf.map((test) => (isOpen(test) ? near(test) : test)) };
}

function isLeast({ column, operator }: SpanCondition): boolean {
  return column === "high" && (operator === ">" || operator === ">=");
}

/** Nothing but these words of ours ever stands in a statement. */
const COLUMNS = { low: "low", high: "high" } as const;
const OPERATORS = { "<": "<", "<=": "<=", ">": ">", ">=": ">=" } as const;

function narrowed({ sql, values }: Selection, column: string, among: string | undefined): Selection {
  return among === undefined ? { sql, values } : { sql: `${sql} AND ${column} IN (SELECT value FROM json_each(?))`, values: [...values, among] };
}

function joined(parts: readonly Selection[], operator: string): Selection {
  return { sql: parts.map(({ sql }) => sql).join(operator), values: parts.flatMap(({ values }) => values) };
}

function boundAt(value: unknown): string | number {
  return typeof value === "number" || typeof value === "string" ? value : "";
}
