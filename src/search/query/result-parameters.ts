/** Parameters that say how results are shown (R4 search.html, "Managing Returned Resources"). */
import { AppError } from "../../core/errors.ts";
import type { Shown } from "../../core/fhir/subset.ts";
import { parameterOf, type QueryContext } from "./query-context.ts";
import type { Include, SearchQuery, SortKey } from "./search-query.ts";

/** How many matches a page has when nobody says, and at most. */
export const DEFAULT_COUNT = 50;
export const MOST_COUNT = 500;

/** Every match is looked up by each key of `_sort`, and everything on a page by each `_include`. */
const MOST_KEYS = 8;
const MOST_INCLUDES = 30;

/** Codes of our own begin with a dash (R4 search.html, server conformance). */
export const WITH_SUPERSEDED = "-with-superseded";
export const WITH_DERIVED = "-with-derived";

/** What the parameters of this kind say together, without the criteria. */
export type ResultParameters = Pick<
  SearchQuery,
  "sort" | "count" | "isCount" | "total" | "shown" | "includes" | "revIncludes" | "contained" | "containedType" | "withSuperseded" | "withDerived"
>;

type Mutable<Type> = { -readonly [Name in keyof Type]: Type[Name] };
type Reader = (into: Mutable<ResultParameters>, value: string, context: ResultContext) => void;

interface ResultContext extends QueryContext {
  /** The types that are looked for. */
  readonly types: readonly string[];
}

/** By name without modifier. Those that may stand several times are added up; of the others the last counts nothing: they stand once. */
const READERS: Readonly<Record<string, Reader>> = {
  _sort: (into, value, context) => {
    const keys = value.split(",");
    if (keys.length > MOST_KEYS) throw new AppError("bad-query", `_sort has at most ${MOST_KEYS} keys.`);
    into.sort = keys.map((key) => sortKey(key, context));
  },
  _count: (into, value) => {
    const count = /^\d{1,9}$/.test(value) ? Number(value) : undefined;
    if (count === undefined) throw new AppError("bad-query", `_count is a whole number, not "${value}".`);
    into.count = Math.min(count, MOST_COUNT);
    into.isCount ||= count === 0;
  },
  _total: (into, value) => {
    into.total = oneOf("_total", value, ["none", "estimate", "accurate"]);
  },
  _summary: (into, value) => {
    const summary = oneOf("_summary", value, ["true", "text", "data", "count", "false"]);
    into.isCount ||= summary === "count";
    if (summary !== "count") into.shown = SUMMARIES[summary];
  },
  _elements: (into, value) => {
    into.shown = { kind: "elements", names: value.split(",").filter((name) => name !== "") };
  },
  _include: (into, value, context) => {
    into.includes = [...into.includes, include("_include", value, false, context)];
  },
  "_include:iterate": (into, value, context) => {
    into.includes = [...into.includes, include("_include", value, true, context)];
  },
  _revinclude: (into, value, context) => {
    into.revIncludes = [...into.revIncludes, include("_revinclude", value, false, context)];
  },
  "_revinclude:iterate": (into, value, context) => {
    into.revIncludes = [...into.revIncludes, include("_revinclude", value, true, context)];
  },
  _contained: (into, value) => {
    into.contained = oneOf("_contained", value, ["false", "true", "both"]);
  },
  _containedType: (into, value) => {
    into.containedType = oneOf("_containedType", value, ["container", "contained"]);
  },
  [WITH_SUPERSEDED]: (into, value) => {
    into.withSuperseded = oneOf(WITH_SUPERSEDED, value, ["true", "false"]) === "true";
  },
  [WITH_DERIVED]: (into, value) => {
    into.withDerived = oneOf(WITH_DERIVED, value, ["true", "false"]) === "true";
  },
};

const SEVERAL: ReadonlySet<string> = new Set(["_include", "_include:iterate", "_revinclude", "_revinclude:iterate"]);

const SUMMARIES: Readonly<Record<"true" | "text" | "data" | "false", Shown>> = {
  true: { kind: "summary" },
  text: { kind: "text" },
  data: { kind: "data" },
  false: { kind: "whole" },
};

export function isResultParameter(name: string): boolean {
  return Object.hasOwn(READERS, name);
}

/** @throws AppError `bad-query` or `unsupported` */
export function readResultParameters(parameters: readonly (readonly [name: string, value: string])[], context: ResultContext): ResultParameters {
  const into: Mutable<ResultParameters> = {
    sort: [],
    count: DEFAULT_COUNT,
    isCount: false,
    total: undefined,
    shown: { kind: "whole" },
    includes: [],
    revIncludes: [],
    contained: "false",
    containedType: "container",
    withSuperseded: false,
    withDerived: false,
  };
  const seen = new Set<string>();
  // The same said twice is said once.
  for (const [name, value] of new Map(parameters.map((one) => [SEVERAL.has(one[0]) ? one.join("=") : one, one])).values()) {
    if (seen.has(name) && !SEVERAL.has(name)) throw new AppError("bad-query", `${name} stands twice.`);
    seen.add(name);
    READERS[name]?.(into, value, context);
  }
  if (into.includes.length + into.revIncludes.length > MOST_INCLUDES)
    throw new AppError("bad-query", `_include and _revinclude stand at most ${MOST_INCLUDES} times; "*" stands for every parameter.`);
  if (into.shown.kind === "text" && into.includes.length + into.revIncludes.length > 0)
    throw new AppError("bad-query", "_include and _revinclude do not go together with _summary=text.");
  return into;
}

/** Parameters of these types have no order. */
const UNORDERED: ReadonlySet<string> = new Set(["composite", "special"]);

function sortKey(key: string, context: ResultContext): SortKey {
  const isDescending = key.startsWith("-");
  const code = isDescending ? key.slice(1) : key;
  const [parameter] = context.types.map((type) => parameterOf(type, code, context));
  if (!parameter || UNORDERED.has(parameter.type) || parameter.expression === "")
    throw new AppError("unsupported", `_sort: nothing can be sorted by "${code}".`);
  return { code, type: parameter.type, isDescending };
}

function include(name: string, value: string, isIterated: boolean, context: ResultContext): Include {
  const [source = "", code = "", target, ...more] = value.split(":");
  if (source === "*" && code === "" && more.length === 0) return { source: "*", code: "*", target: undefined, isIterated };
  if (source === "" || code === "" || more.length > 0)
    throw new AppError("bad-query", `${name}: "${value}" is not of the form Type:parameter or Type:parameter:Target.`);
  if (code !== "*" && parameterOf(source, code, context).type !== "reference")
    throw new AppError("bad-query", `${name}: ${source}.${code} is no reference.`);
  if (!context.definitions.isResourceType(source) || (target !== undefined && target !== "" && !context.definitions.isResourceType(target)))
    throw new AppError("bad-query", `${name}: "${value}" names a type that there is not.`);
  return { source, code, target: target === "" ? undefined : target, isIterated };
}

function oneOf<const Value extends string>(name: string, value: string, values: readonly Value[]): Value {
  const found = values.find((one) => one === value);
  if (found === undefined) throw new AppError("bad-query", `${name} is one of ${values.join(", ")}, not "${value}".`);
  return found;
}
