import { AppError } from "../../core/errors.ts";
import { compartmentCriterion, typesInCompartment, type Compartment } from "./compartment.ts";
import { every, type Criterion } from "./criterion.ts";
import { criterionOf } from "./criterion-of.ts";
import { parseName } from "./parameter-name.ts";
import { parameterOf, UnknownParameterError, type QueryContext } from "./query-context.ts";
import { isResultParameter, readResultParameters } from "./result-parameters.ts";
import type { Parameter, SearchQuery } from "./search-query.ts";

export type Handling = "strict" | "lenient";

/** Parameters of every FHIR request, which are no part of a search (R4 http.html, general parameters). */
const GENERAL: ReadonlySet<string> = new Set(["_format", "_pretty"]);

/** A lenient search leaves out what it does not know, but never what would keep data from somebody. */
const NEVER_IGNORED = /^(_security|_tag|_profile|patient|subject|_has|_list|_type|_query)\b/;

/** What a client library adds by itself, to say how it means `_total` (fhirpy): it changes no question, and is left out and named. */
const OF_CLIENTS: ReadonlySet<string> = new Set(["_totalMethod"]);

/** Nobody's question is longer; each value is looked up by itself. */
const MOST_PARAMETERS = 100;
const MOST_VALUES = 1_000;

/**
 * Reads a search.
 *
 * @param type what is searched; undefined: every type, or those of `_type`
 * @param parameters of address and body together, in order, percent signs decoded
 * @param compartment in which it is searched
 * @throws AppError `bad-query` for what is written wrongly, `unsupported` for what is not known or not offered
 */
export function parseQuery(
  type: string | undefined,
  parameters: readonly Parameter[],
  handling: Handling,
  context: QueryContext,
  compartment?: Compartment,
): SearchQuery {
  const given = parameters.filter(([name, value]) => value !== "" && !GENERAL.has(name));
  refuseTooMuch(given);
  const types = typesOf(type, given, context, compartment);
  const results = given.filter(([name]) => isResultParameter(name));
  const searched = given.filter(([name]) => !isResultParameter(name) && !OF_CLIENTS.has(name) && !(type === undefined && name === "_type"));
  const ignored = given.map(([name]) => name).filter((name) => OF_CLIENTS.has(name));
  const used: Parameter[] = [];
  const criteria = new Map<string, Criterion[]>(types.map((one) => [one, compartment ? [compartmentCriterion(one, compartment, context)] : []]));
  // The same asked twice is asked once.
  for (const [name, value] of new Map(searched.map((one) => [JSON.stringify(one), one])).values()) {
    try {
      const parsed = parseName(name);
      const found = types.map((one) => criterionOf(one, parsed, value, context));
      types.forEach((one, at) => criteria.get(one)?.push(found[at] as Criterion));
      used.push([name, value]);
    } catch (error) {
      if (!(error instanceof UnknownParameterError) || handling === "strict" || NEVER_IGNORED.test(name)) throw error;
      ignored.push(name);
    }
  }
  return {
    ...readResultParameters(results, { ...context, types }),
    types: types.map((one) => ({ type: one, criterion: every(criteria.get(one) ?? []) })),
    used: [...(type === undefined ? given.filter(([name]) => name === "_type") : []), ...used, ...results],
    ignored,
  };
}

function typesOf(
  type: string | undefined,
  parameters: readonly Parameter[],
  context: QueryContext,
  compartment: Compartment | undefined,
): readonly string[] {
  if (type !== undefined) return [type];
  const named = parameters.filter(([name]) => name === "_type").flatMap(([, value]) => value.split(","));
  // The first look-up refuses what is no type.
  for (const one of named) parameterOf(one, "_id", context);
  if (named.length > 0) return [...new Set(named)];
  return compartment ? typesInCompartment(compartment, context) : context.definitions.resourceTypes();
}

function refuseTooMuch(parameters: readonly Parameter[]): void {
  if (parameters.length > MOST_PARAMETERS) throw new AppError("bad-query", `A search has at most ${MOST_PARAMETERS} parameters.`);
  const values = parameters.reduce((sum, [, value]) => sum + value.split(",").length, 0);
  if (values > MOST_VALUES) throw new AppError("bad-query", `A search has at most ${MOST_VALUES} values.`);
}
