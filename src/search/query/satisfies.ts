/** Whether something that stands in no index satisfies a criterion, by the rows that it would have there. */
import type { Probe } from "../resource-index.ts";
import { isWithin } from "./received.ts";
import type { IndexRow, TextRow } from "../values/index-row.ts";
import type { Criterion, RowTest, SpanCondition } from "./criterion.ts";

/** By what it is found. */
export interface Findable {
  readonly id: string;
  readonly rows: readonly FindableRow[];
  /** When it was received; undefined of what nobody sent. */
  readonly receivedAt?: string | undefined;
}

/** What it is found by, the words of its texts among it. */
export type FindableRow = IndexRow | TextRow;

/** It stands in no document: it refers to nothing in one, nothing refers to it, and nobody superseded it. */
export function satisfies(one: Findable, criterion: Criterion): boolean {
  const { id, rows } = one;
  if (isProbe(criterion)) return haveRows(rows, criterion);
  switch (criterion.kind) {
    case "id":
      return criterion.ids.includes(id);
    case "not":
      return !satisfies(one, criterion.of);
    case "every":
      return criterion.of.every((each) => satisfies(one, each));
    case "some":
      return criterion.of.some((each) => satisfies(one, each));
    case "received":
      return one.receivedAt !== undefined && isWithin(one.receivedAt, criterion.conditions);
    case "refers":
    case "refers-to":
    case "referred":
    case "permitted":
    case "superseded":
    case "within":
    case "document":
      return false;
  }
}

/** Whether an index is asked it as it is. */
export function isProbe(criterion: Criterion): criterion is Criterion & Probe {
  return PROBES.has(criterion.kind);
}

const PROBES: ReadonlySet<string> = new Set(["row", "text", "present", "together"] satisfies Probe["kind"][]);

/** Whether something with these rows answers a probe: by looking at each, as engines must come to the same. */
export function haveRows(rows: readonly FindableRow[], probe: Probe): boolean {
  switch (probe.kind) {
    case "any":
      return true;
    case "row":
      return rows.some((row) => probe.anyOf.some((test) => isLike(row, test)));
    case "text":
      return rows.some((row) => row.kind === "text" && probe.names.includes(row.name) && row.value.startsWith(probe.value));
    case "present":
      return rows.some(({ name }) => name === probe.name);
    case "together": {
      const parts = new Set(rows.map(({ part }) => part));
      return [...parts].some((part) =>
        probe.components.every((tests) => rows.some((row) => row.part === part && tests.some((test) => isLike(row, test)))),
      );
    }
  }
}

/** The names of rows that the answer may depend on. */
export function namesIn(criterion: Criterion): readonly string[] {
  switch (criterion.kind) {
    case "row":
      return criterion.anyOf.map(({ name }) => name);
    case "text":
      return criterion.names;
    case "present":
      return [criterion.name];
    case "together":
      return criterion.components.flat().map(({ name }) => name);
    case "not":
      return namesIn(criterion.of);
    case "every":
    case "some":
      return criterion.of.flatMap(namesIn);
    default:
      return [];
  }
}

function isLike(row: FindableRow, test: RowTest): boolean {
  if (row.name !== test.name || row.kind !== test.kind) return false;
  if (row.kind === "span" && test.kind === "span")
    return row.scale === test.scale && test.conditions.every((condition) => holds(row[condition.column], condition));
  if (row.kind !== "word" || test.kind !== "word") return false;
  const { value, match, system } = test;
  const isValue =
    value === undefined || (match === "whole" ? row.value === value : match === "start" ? row.value.startsWith(value) : row.value.includes(value));
  return isValue && (system === undefined || (system === null ? row.system === undefined : row.system === system));
}

function holds(value: string | number, { operator, bound }: SpanCondition): boolean {
  const order = inOrder(value, bound);
  return operator === "<" ? order < 0 : operator === "<=" ? order <= 0 : operator === ">" ? order > 0 : order >= 0;
}

/** As engines compare bounds: numbers before texts. */
export function inOrder(one: string | number, other: string | number): number {
  if (typeof one !== typeof other) return typeof one === "number" ? -1 : 1;
  return one < other ? -1 : one > other ? 1 : 0;
}
