/** An export as the search that finds what it gives: our search upon each of its types, so that whatever narrows a search narrows an export too. */
import { AppError } from "../../../core/errors.ts";
import { compartmentCriterion } from "../../../search/query/compartment.ts";
import { ANYTHING, every, some, type Criterion } from "../../../search/query/criterion.ts";
import { criterionOf } from "../../../search/query/criterion-of.ts";
import { parseName } from "../../../search/query/parameter-name.ts";
import { parseQuery } from "../../../search/query/parse-query.ts";
import type { QueryContext } from "../../../search/query/query-context.ts";
import { isResultParameter } from "../../../search/query/result-parameters.ts";
import type { SearchQuery } from "../../../search/query/search-query.ts";
import type { ExportedType, ExportOrder } from "./export-order.ts";

/** Matches that are looked up at once. */
const TOGETHER = 500;

/** The submitted bytes are found as the document that they are. */
export const FOUND_AS: Readonly<Record<string, string>> = { Binary: "Bundle" };

/** The patient of a document as a whole stands in its Composition. */
const OF_DOCUMENT = "composition.subject";

/** @throws AppErrors `bad-query`, `unsupported` for what is asked wrongly in `_typeFilter`, or of a type that is about no patient */
export function exportQuery(order: Pick<ExportOrder, "types" | "isOfPatients" | "patients" | "until">, context: QueryContext): SearchQuery {
  const found = Map.groupBy(order.types, ({ type }) => FOUND_AS[type] ?? type);
  const types = [...found].map(([type, all]) => ({
    type,
    criterion: every([filterCriterion(type, all, context), ...patientCriterion(type, order, context), ...untilCriterion(type, order, context)]),
  }));
  const [first] = types;
  if (!first) throw new AppError("bad-query", "There is nothing to export: name a type of resource by _type.");
  return { ...parseQuery(first.type, [], "strict", context), types, count: TOGETHER, total: "none" };
}

function filterCriterion(type: string, exported: readonly ExportedType[], context: QueryContext): Criterion {
  const all = exported.map(({ filters }): Criterion => {
    if (filters.length === 0) return ANYTHING;
    return some(filters.map((filter) => parsedFilter(type, filter, context)));
  });
  return all.some((one) => one === ANYTHING) ? ANYTHING : some(all);
}

function parsedFilter(type: string, filter: ExportedType["filters"][number], context: QueryContext): Criterion {
  const other = filter.find(([name]) => isResultParameter(name));
  if (other)
    throw new AppError("unsupported", `_typeFilter chooses what is exported of ${type}; ${other[0]} chooses nothing, and is not taken there.`);
  return every(parseQuery(type, filter, "strict", context).types.map(({ criterion }) => criterion));
}

/** That it is about one of the patients, or about anybody. */
function patientCriterion(
  type: string,
  { isOfPatients, patients }: Pick<ExportOrder, "isOfPatients" | "patients">,
  context: QueryContext,
): Criterion[] {
  if (!isOfPatients) return [];
  if (patients.length > 0) return [some(patients.map((id) => ofPatient(type, id, context)))];
  return type === "Patient"
    ? []
    : [some(patientParameters(type, context).map((name) => criterionOf(type, parseName(`${name}:missing`), "false", context)))];
}

function ofPatient(type: string, id: string, context: QueryContext): Criterion {
  if (type === "Bundle") return criterionOf(type, parseName(`${OF_DOCUMENT}:Patient`), `Patient/${id}`, context);
  return compartmentCriterion(type, { type: "Patient", id }, context);
}

/** The parameters that lead from a type to patients. AppError `unsupported` for one that never does. */
function patientParameters(type: string, { parameters }: QueryContext): readonly string[] {
  if (type === "Bundle") return [OF_DOCUMENT];
  const names = (parameters.compartment("Patient")?.get(type) ?? []).filter((name) => parameters.of(type).get(name)?.type === "reference");
  if (names.length === 0) throw new AppError("unsupported", `A ${type} is about no patient: ask for it by /fhir/$export.`);
  return names;
}

function untilCriterion(type: string, { until }: Pick<ExportOrder, "until">, context: QueryContext): Criterion[] {
  return until === undefined ? [] : [criterionOf(type, parseName("_lastUpdated"), `le${until}`, context)];
}

/** Whether a type may be asked for of patients. */
export function isAboutPatients(type: string, { parameters }: Pick<QueryContext, "parameters">): boolean {
  return type === "Patient" || (FOUND_AS[type] ?? type) === "Bundle" || (parameters.compartment("Patient")?.get(type)?.length ?? 0) > 0;
}
