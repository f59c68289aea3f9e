import type { Include } from "../conformance/terminology-resources.ts";
import { boundedPattern } from "../../bounded-pattern.ts";
import type { CodeTable } from "./code-table.ts";
import { isInactive, propertyCode, statusOf } from "./concept-facts.ts";

export type Filter = NonNullable<Include["filter"]>[number];

/** Whether the concept at a place passes; undefined where nobody can tell. `weight`: what asking costs, where that is more than a look. */
export interface Passes {
  (place: number): boolean | undefined;
  readonly weight?: number;
}

/** Properties that FHIR defines for every code system (R4 codesystem-concept-properties), and what a system has without saying so. */
const STANDARD: ReadonlySet<string> = new Set([
  "status",
  "inactive",
  "notSelectable",
  "effectiveDate",
  "deprecationDate",
  "parent",
  "child",
  "display",
]);

/**
 * What a filter lets pass (R4 valueset.html, filters; codesystem.html, 4.8.11 "Properties and filters").
 * @returns undefined for a filter that is not understood: then of nothing can be told whether it passes
 */
export function filterOf(filter: Filter, table: CodeTable): Passes | undefined {
  const { property, op, value } = filter;
  if (value === "") return undefined;
  if (property === "concept" || property === "code") return ofCode(op, value, table);
  if (!isProperty(property, table)) return undefined;
  if (property === "parent" && (op === "=" || op === "in")) return ofAny(op, value, (one) => children(one, table));
  if (property === "child" && (op === "=" || op === "in")) return ofAny(op, value, (one) => parents(one, table));
  if (op === "exists" && (property === "parent" || property === "child")) return existing(value, hasAny(property, table));
  return ofValues(op, value, valuesOf(property, table));
}

function isProperty(property: string, { resource, concepts }: CodeTable): boolean {
  const { property: declared = [], filter = [] } = resource;
  if (STANDARD.has(property) || declared.some(({ code }) => code === property) || filter.some(({ code }) => code === property)) return true;
  return concepts.some((concept) => concept.property?.some(({ code }) => code === property));
}

/** By the code itself and where it stands. */
function ofCode(op: string, value: string, table: CodeTable): Passes | undefined {
  const place = table.place(value);
  switch (op) {
    case "is-a":
    case "descendent-of":
    case "descendant-of":
    case "is-not-a": {
      if (place === undefined) return ofMissing(op, table);
      const isBelow = below(place, table);
      if (op === "is-a") return (one) => one === place || isBelow(one);
      return op === "is-not-a" ? (one) => one !== place && !isBelow(one) : isBelow;
    }
    case "generalizes": {
      if (place === undefined) return ofMissing(op, table);
      const above = table.ancestors(place);
      return (one) => one === place || above.has(one);
    }
    case "child-of":
      return place === undefined ? ofMissing(op, table) : children(value, table);
    case "descendent-leaf": {
      if (place === undefined) return ofMissing(op, table);
      const isBelow = below(place, table);
      return (one) => isBelow(one) && table.children(one).length === 0;
    }
    default:
      return ofValues(
        op,
        value,
        (one) => [table.concepts[one]?.code ?? ""],
        (text) => table.key(text),
      );
  }
}

/** So often it is looked upwards from a concept; who asks more often is going through the whole system, for which all that stands below is worked out once. */
const OFTEN = 32;

function below(place: number, table: CodeTable): (one: number) => boolean {
  let asked = 0;
  let all: ReadonlySet<number> | undefined;
  return (one) => {
    if (all === undefined && ++asked > OFTEN) all = table.descendants(place);
    return all ? all.has(one) : table.ancestors(one).has(place);
  };
}

/** Nothing stands below what is nowhere; in a part of a system it may be elsewhere. */
function ofMissing(op: string, table: CodeTable): Passes {
  return table.isWhole ? () => op === "is-not-a" : () => undefined;
}

function ofAny(op: string, value: string, each: (one: string) => Passes): Passes {
  const all = (op === "in" ? listed(value) : [value]).map(each);
  return (place) => all.some((passes) => passes(place) === true);
}

function children(code: string, table: CodeTable): Passes {
  const place = table.place(code);
  if (place === undefined) return ofMissing("child-of", table);
  return (one) => table.parents(one).includes(place);
}

function parents(code: string, table: CodeTable): Passes {
  const place = table.place(code);
  if (place === undefined) return ofMissing("child-of", table);
  const above = table.parents(place);
  return (one) => above.includes(one);
}

function hasAny(property: "parent" | "child", table: CodeTable): (place: number) => boolean {
  return (place) => (property === "parent" ? table.parents(place) : table.children(place)).length > 0;
}

type Values = (place: number) => readonly string[];

function valuesOf(property: string, { concepts, resource }: CodeTable): Values {
  const code = propertyCode(resource, property);
  return (place) => {
    const concept = concepts[place];
    if (!concept) return [];
    if (property === "display") return concept.display === undefined ? [] : [concept.display];
    const values = concept.property?.filter((one) => one.code === code || one.code === property).map(({ value }) => String(value)) ?? [];
    if (values.length > 0) return values;
    // What is not said of a concept is said by what these mean.
    if (property === "inactive") return [String(isInactive(concept, resource))];
    if (property === "notSelectable") return [];
    return property === "status" ? [statusOf(concept, resource) ?? "active"] : [];
  };
}

/** By values, of which one has to fit. */
function ofValues(op: string, value: string, values: Values, form: (text: string) => string = (text) => text): Passes | undefined {
  switch (op) {
    case "=": {
      const wanted = form(value);
      return (place) => values(place).some((one) => form(one) === wanted);
    }
    case "in":
    case "not-in": {
      const wanted = new Set(listed(value).map(form));
      return (place) => values(place).some((one) => wanted.has(form(one))) === (op === "in");
    }
    case "exists":
      return existing(value, (place) => values(place).length > 0);
    case "regex": {
      const pattern = boundedPattern(value);
      const passes = (place: number): boolean | undefined => anyOf(values(place).map((one) => pattern?.test(one)));
      return pattern && Object.assign(passes, { weight: pattern.weight });
    }
    default:
      return undefined;
  }
}

function existing(value: string, has: (place: number) => boolean): Passes | undefined {
  if (value !== "true" && value !== "false") return undefined;
  return (place) => has(place) === (value === "true");
}

function listed(value: string): string[] {
  return value.split(",").map((one) => one.trim());
}

/** True if one is; undefined if none is and one may be. */
function anyOf(answers: readonly (boolean | undefined)[]): boolean | undefined {
  return answers.includes(true) || (answers.includes(undefined) ? undefined : false);
}
