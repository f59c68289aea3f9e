/** What an export is asked for by: the parameters of Bulk Data Access, understood once, before anything is begun. */
import { AppError } from "../../../core/errors.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import type { SearchParameters } from "../../../core/fhir/r4/search-parameters.ts";
import { LINE_FORMATS } from "../../../core/streams/lines.ts";
import type { Parameter } from "../../../search/query/search-query.ts";
import { oneOf } from "../operations/call-parameters.ts";
import type { BulkEdition } from "./editions.ts";
import type { ExportedType, ExportOrder, ExportRemark } from "./export-order.ts";
import { isAboutPatients } from "./export-query.ts";

/** What is given where nobody says what: documents, and what is known of each. */
export const DEFAULT_TYPES: readonly string[] = ["Bundle", "DocumentReference"];

const KNOWN: ReadonlySet<string> = new Set([
  "_outputFormat",
  "_since",
  "_until",
  "_type",
  "_typeFilter",
  "_elements",
  "patient",
  "includeAssociatedData",
]);
/** What may come along with it. */
const ASSOCIATED: Readonly<Record<string, string>> = { LatestProvenanceResources: "Provenance", RelevantProvenanceResources: "Provenance" };
/** Each is a search of its own. */
const MOST_FILTERS = 20;
const MOST_PATIENTS = 1_000;

/** What was asked for, but for where the log stood then. */
export type ExportAsked = Pick<ExportOrder, "types" | "isOfPatients" | "patients" | "since" | "until" | "remarks">;

export interface ExportReading {
  readonly edition: BulkEdition;
  readonly definitions: Definitions;
  readonly parameters: SearchParameters;
  /** Whether what is not known is passed over, and told. */
  readonly isLenient: boolean;
  readonly isOfPatients: boolean;
}

/** @throws AppErrors `bad-query` for what is written wrongly, `unsupported` for what is not offered */
export function exportAsked(given: readonly Parameter[], reading: ExportReading): ExportAsked {
  const { isLenient, isOfPatients } = reading;
  const remarks: ExportRemark[] = [];
  const refuse = (text: string): void => {
    if (!isLenient) throw new AppError("unsupported", text);
    remarks.push({ code: "not-supported", text: `${text} It was passed over.` });
  };
  for (const name of new Set(given.map(([one]) => one))) if (!KNOWN.has(name)) refuse(`$export has no parameter "${name}" here.`);
  const format = oneOf(given, "_outputFormat");
  if (format !== undefined && !LINE_FORMATS.has(format.replaceAll(" ", "+")))
    refuse(`_outputFormat: ${format} is not written here; application/fhir+ndjson is.`);
  const list = (name: string): string[] => valuesOf(given, name, reading.edition);
  const types = typesOf(list("_type"), reading, refuse);
  for (const one of list("includeAssociatedData")) {
    const type = ASSOCIATED[one];
    if (type === undefined) refuse(`includeAssociatedData: ${one} is not offered here; ${Object.keys(ASSOCIATED).join(", ")} are.`);
    else if (!types.includes(type)) types.push(type);
  }
  const filters = filtersOf(given, types, reading, refuse);
  const elements = elementsOf(list("_elements"), types, refuse);
  const patients = list("patient").map(patientId);
  if (patients.length > 0 && !isOfPatients) throw new AppError("bad-query", "patient narrows Patient/$export; ask there for the data of patients.");
  if (patients.length > MOST_PATIENTS) throw new AppError("bad-query", `An export is narrowed to at most ${MOST_PATIENTS} patients.`);
  const [since, until] = [instantOf(given, "_since"), instantOf(given, "_until")];
  return {
    types: types.map((type): ExportedType => {
      const own = elements(type);
      return { type, filters: filters.get(type) ?? [], ...(own.length > 0 && { elements: own }) };
    }),
    ...{ isOfPatients, patients, remarks },
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
}

function valuesOf(given: readonly Parameter[], name: string, { hasLists }: BulkEdition): string[] {
  const values = given.filter(([one]) => one === name).map(([, value]) => value);
  return [...new Set(hasLists ? values.flatMap((value) => value.split(",")) : values)].map((value) => value.trim()).filter((value) => value !== "");
}

function typesOf(asked: readonly string[], { definitions, parameters, isOfPatients }: ExportReading, refuse: (text: string) => void): string[] {
  if (asked.length === 0) return isOfPatients ? ["Patient", ...DEFAULT_TYPES] : [...DEFAULT_TYPES];
  const known = asked.filter((type) => {
    const isKnown = definitions.isResourceType(type) && type !== "Parameters";
    if (!isKnown) refuse(`_type: there is no type of resource "${type}" to export.`);
    const isAsked = isKnown && (!isOfPatients || isAboutPatients(type, { parameters }));
    if (isKnown && !isAsked) refuse(`_type: a ${type} is about no patient; ask for it by /fhir/$export.`);
    return isAsked;
  });
  if (known.length === 0) throw new AppError("unsupported", "_type names nothing that is exported here.");
  return known;
}

/** By type. Of a list only a comma before another type's search ends one: searches have commas of their own. */
function filtersOf(
  given: readonly Parameter[],
  types: readonly string[],
  { edition }: ExportReading,
  refuse: (text: string) => void,
): ReadonlyMap<string, Parameter[][]> {
  const written = given.filter(([name]) => name === "_typeFilter").map(([, value]) => value);
  const all = edition.hasLists ? written.flatMap((value) => value.split(/,(?=[A-Z][A-Za-z]*\?)/)) : written;
  if (all.length > MOST_FILTERS) throw new AppError("bad-query", `An export has at most ${MOST_FILTERS} filters.`);
  const found = new Map<string, Parameter[][]>();
  for (const one of all) {
    const [, type = "", query = ""] = /^([A-Za-z]+)\?(.+)$/.exec(one) ?? [];
    if (type === "") throw new AppError("bad-query", `_typeFilter: "${one}" is no search, such as Observation?code=8867-4.`);
    if (!types.includes(type)) refuse(`_typeFilter: ${type} is not exported; name it by _type as well.`);
    else found.set(type, [...(found.get(type) ?? []), [...new URLSearchParams(query)]]);
  }
  return found;
}

/** Of a type, those that are named for all or for it. Documents are given whole: what was attested has no parts. */
function elementsOf(all: readonly string[], types: readonly string[], refuse: (text: string) => void): (type: string) => string[] {
  const named = all.map((one): { readonly type: string | undefined; readonly name: string } => {
    const [first = "", second, ...more] = one.split(".");
    if (more.length > 0) throw new AppError("bad-query", `_elements: "${one}" is no root element: name it as id or Patient.id.`);
    return second === undefined ? { type: undefined, name: first } : { type: first, name: second };
  });
  for (const whole of WHOLE)
    if (types.includes(whole) && named.some(({ type }) => type === undefined || type === whole))
      refuse(`_elements: a ${whole} is given as a whole; name elements with their types, such as Patient.name.`);
  return (type) => (WHOLE.has(type) ? [] : named.filter((one) => one.type === undefined || one.type === type).map(({ name }) => name));
}

const WHOLE: ReadonlySet<string> = new Set(["Bundle", "Binary"]);

function patientId(reference: string): string {
  const [, id] = /^(?:(?:https?:\/\/.*\/)?Patient\/)?([A-Za-z0-9.-]{1,64})$/.exec(reference) ?? [];
  if (id === undefined) throw new AppError("bad-query", `patient: "${reference}" is no reference to a Patient.`);
  return id;
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/;

/** As an instant in UTC. A plus that was not escaped in a query arrives as a space. */
function instantOf(given: readonly Parameter[], name: string): string | undefined {
  const text = oneOf(given, name)?.replace(" ", "+");
  if (text === undefined) return undefined;
  const at = INSTANT.test(text) ? new Date(text) : new Date(Number.NaN);
  if (Number.isNaN(at.getTime())) throw new AppError("bad-query", `${name} is an instant, such as 2026-01-31T12:00:00Z, not "${text}".`);
  return at.toISOString();
}
