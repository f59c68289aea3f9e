import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import type { SearchParameters } from "../../../core/fhir/r4/search-parameters.ts";
import { typesInCompartment } from "../../../search/query/compartment.ts";
import { every, some, type Criterion } from "../../../search/query/criterion.ts";
import { criterionOf } from "../../../search/query/criterion-of.ts";
import { PAGE } from "../../../search/query/page-token.ts";
import { parseName } from "../../../search/query/parameter-name.ts";
import { parseQuery } from "../../../search/query/parse-query.ts";
import type { QueryContext } from "../../../search/query/query-context.ts";
import { MOST_COUNT, WITH_SUPERSEDED } from "../../../search/query/result-parameters.ts";
import type { Parameter, SearchQuery } from "../../../search/query/search-query.ts";
import { keptFound } from "../kept/kept-beside.ts";
import type { FhirOperation } from "../operation.ts";
import type { OwnDefinition } from "../search-definitions.ts";
import { searchAnswer, type ResourceInteractions, type SearchNeeds } from "../search-resources.ts";
import { callParameters, oneOf, refuseOthers } from "./call-parameters.ts";

export interface EverythingNeeds extends SearchNeeds {
  readonly resources: Pick<ResourceInteractions, "read">;
}

const OWN = ["start", "end", "_since", "_type", "_count", WITH_SUPERSEDED, PAGE];

/**
 * Parameters that say when the care was that a resource tells of, where they are not called `date`. Several: any of them may say so. What has none of them (a Patient, a Coverage) is in whatever period is asked
 * for.
 */
const CARE_DATES: Readonly<Record<string, readonly string[]>> = {
  Condition: ["onset-date", "recorded-date"],
  DeviceRequest: ["event-date", "authored-on"],
  DocumentReference: ["period"],
  FamilyMemberHistory: ["date"],
  MedicationAdministration: ["effective-time"],
  MedicationDispense: ["whenhandedover", "whenprepared"],
  MedicationRequest: ["authoredon"],
  MedicationStatement: ["effective"],
  NutritionOrder: ["datetime"],
  QuestionnaireResponse: ["authored"],
  ServiceRequest: ["occurrence", "authored"],
  Specimen: ["collected"],
  Task: ["period", "authored-on"],
};

/** `Patient/{id}/$everything` (R4 operation Patient/$everything): what is in the patient's compartment, and whatever that refers to. */
export function everythingOperation(using: EverythingNeeds): FhirOperation {
  const { definitions, parameters: known, terminology, fhirBase } = using;
  return {
    name: "everything",
    definition: "http://hl7.org/fhir/OperationDefinition/Patient-everything",
    documentation:
      "All that is in the patient's compartment, with what it refers to; in pages where it is much. Data of superseded documents only with `-with-superseded=true`. `start` and `end` are about the dates of care; what has none is never left out by them.",
    levels: ["instance"],
    types: ["Patient"],
    affectsState: false,
    isAskedByAddress: true,
    parameters: [
      { name: "start", isSimple: true, type: "date", min: 0, max: "1" },
      { name: "end", isSimple: true, type: "date", min: 0, max: "1" },
      { name: "_since", isSimple: true, type: "instant", min: 0, max: "1" },
      { name: "_type", isSimple: true, type: "code", min: 0, max: "*" },
      { name: "_count", isSimple: true, type: "integer", min: 0, max: "1" },
    ],
    handle: async (asked, call) => {
      const parameters = callParameters(call, definitions);
      refuseOthers("everything", parameters, OWN);
      const page = oneOf(parameters, PAGE);
      const id = call.id ?? "";
      const context: QueryContext = { definitions, parameters: known, terminology, base: fhirBase, now: new Date() };
      const query = everythingQuery(id, parameters, context);
      // There must be such a patient.
      if (page === undefined) await using.resources.read(asked, "Patient", id, { form: "json", pretty: false });
      const ours = await consentsOf(asked, id, { parameters, query, context }, using);
      const search = { query, page, path: `/Patient/${id}/$everything`, ours };
      return { kind: "written", write: (form) => searchAnswer(asked, search, form, using) };
    },
  };
}

/** The patient's consents, by what the operation asks for. */
function consentsOf(
  asked: Asked,
  id: string,
  { parameters, query, context }: { readonly parameters: readonly Parameter[]; readonly query: SearchQuery; readonly context: QueryContext },
  { consents }: EverythingNeeds,
): Promise<readonly OwnDefinition[]> {
  const since = oneOf(parameters, "_since");
  const searched: Parameter[] = since === undefined ? [] : [["_lastUpdated", `ge${since}`]];
  const also = every(careCriterion("Consent", { start: oneOf(parameters, "start"), end: oneOf(parameters, "end") }, context));
  const given = { type: undefined, compartment: { type: "Patient", id }, parameters: searched, handling: "strict", also } as const;
  return keptFound(asked, given, query, [consents]);
}

/** AppErrors `bad-query`, `unsupported`. */
export function everythingQuery(id: string, parameters: readonly Parameter[], context: QueryContext): SearchQuery {
  const compartment = { type: "Patient", id };
  const wanted = parameters.filter(([name]) => name === "_type").flatMap(([, value]) => value.split(","));
  for (const type of wanted)
    if (!context.definitions.isResourceType(type)) throw new AppError("bad-query", `There is no type of resource "${type}".`);
  const members = typesInCompartment(compartment, context);
  const types = wanted.length === 0 ? members : members.filter((type) => wanted.includes(type));
  const since = oneOf(parameters, "_since");
  const searched: Parameter[] = [
    ["_type", types.length > 0 ? types.join(",") : members.join(",")],
    ...(since === undefined ? [] : [["_lastUpdated", `ge${since}`] as const]),
    ["_count", oneOf(parameters, "_count") ?? String(MOST_COUNT)],
    ...parameters.filter(([name]) => name === WITH_SUPERSEDED),
  ];
  const query = parseQuery(undefined, searched, "strict", context, compartment);
  const [start, end] = [oneOf(parameters, "start"), oneOf(parameters, "end")];
  return {
    ...query,
    types: query.types.map(({ type, criterion }) => ({ type, criterion: every([criterion, ...careCriterion(type, { start, end }, context)]) })),
    includes: [{ source: "*", code: "*", target: undefined, isIterated: true }],
    ...(wanted.length > 0 && { includedTypes: wanted }),
    used: parameters.filter(([name]) => name !== PAGE),
  };
}

function careCriterion(
  type: string,
  { start, end }: { readonly start: string | undefined; readonly end: string | undefined },
  context: QueryContext,
): Criterion[] {
  const codes = careDates(type, context.parameters);
  if (codes.length === 0 || (start === undefined && end === undefined)) return [];
  const criterion = (name: string, value: string): Criterion => criterionOf(type, parseName(name), value, context);
  const within = codes.map((code) =>
    every([...(start === undefined ? [] : [criterion(code, `ge${start}`)]), ...(end === undefined ? [] : [criterion(code, `le${end}`)])]),
  );
  return [some([...within, every(codes.map((code) => criterion(`${code}:missing`, "true")))])];
}

function careDates(type: string, parameters: SearchParameters): readonly string[] {
  const known = parameters.of(type);
  return (CARE_DATES[type] ?? ["date"]).filter((code) => known.get(code)?.type === "date");
}
