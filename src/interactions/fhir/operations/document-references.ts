import { AppError } from "../../../core/errors.ts";
import { every, some, type Criterion } from "../../../search/query/criterion.ts";
import { criterionOf } from "../../../search/query/criterion-of.ts";
import { PAGE } from "../../../search/query/page-token.ts";
import { parseName } from "../../../search/query/parameter-name.ts";
import { parseQuery } from "../../../search/query/parse-query.ts";
import type { QueryContext } from "../../../search/query/query-context.ts";
import type { Parameter } from "../../../search/query/search-query.ts";
import type { FhirOperation } from "../operation.ts";
import { searchAnswer, type SearchNeeds } from "../search-resources.ts";
import { callParameters, oneOf, refuseOthers, truth } from "./call-parameters.ts";

const OWN = ["patient", "start", "end", "type", "on-demand", "profile", "_count", PAGE];

/**
 * `DocumentReference/$docref` (International Patient Access and US Core): the documents of a patient. `start` and `end` are about the care that a document tells of (context.period); one that does not say when
 * that was is never left out by them.
 */
export function documentReferences(using: SearchNeeds): FhirOperation {
  const { definitions, parameters: known, terminology, fhirBase } = using;
  return {
    name: "docref",
    definition: "http://hl7.org/fhir/us/core/OperationDefinition/docref",
    documentation:
      "The documents of a patient, superseded ones marked. `start` and `end` are about the period of care; a document that tells of none is never left out. Nothing is generated on demand.",
    levels: ["type"],
    types: ["DocumentReference"],
    affectsState: false,
    isAskedByAddress: true,
    parameters: [
      { name: "patient", isSimple: true, type: "id", min: 1, max: "1" },
      { name: "start", isSimple: true, type: "dateTime", min: 0, max: "1" },
      { name: "end", isSimple: true, type: "dateTime", min: 0, max: "1" },
      { name: "type", isSimple: true, type: "CodeableConcept", min: 0, max: "*" },
      { name: "on-demand", isSimple: true, type: "boolean", min: 0, max: "1" },
      { name: "profile", isSimple: true, type: "canonical", min: 0, max: "*" },
    ],
    handle: (asked, call) => {
      const parameters = callParameters(call, definitions);
      refuseOthers("docref", parameters, OWN);
      const patient = oneOf(parameters, "patient");
      if (patient === undefined) throw new AppError("bad-query", "$docref asks for the documents of one patient: name it by the parameter patient.");
      if (truth("on-demand", oneOf(parameters, "on-demand")) === true)
        throw new AppError("unsupported", "No document is generated on demand here; leave on-demand out for those that are kept.");
      if (parameters.some(([name]) => name === "profile"))
        throw new AppError("unsupported", "$docref: documents are not looked for by profile here; search DocumentReference or Bundle by _profile.");
      const context: QueryContext = { definitions, parameters: known, terminology, base: fhirBase, now: new Date() };
      const types = parameters.filter(([name]) => name === "type").map(([, value]) => value);
      const searched: Parameter[] = [
        ["patient", patient.startsWith("Patient/") ? patient : `Patient/${patient}`],
        ...(types.length > 0 ? [["type", types.join(",")] as const] : []),
        ...parameters.filter(([name]) => name === "_count"),
      ];
      const query = parseQuery("DocumentReference", searched, "strict", context);
      const [only] = query.types;
      const within = careCriterion(oneOf(parameters, "start"), oneOf(parameters, "end"), context);
      const narrowed = {
        ...query,
        types: only ? [{ type: only.type, criterion: every([only.criterion, ...within]) }] : [],
        used: parameters.filter(([name]) => name !== PAGE),
      };
      const search = { query: narrowed, page: oneOf(parameters, PAGE), path: "/DocumentReference/$docref" };
      return Promise.resolve({ kind: "written", write: (form) => searchAnswer(asked, search, form, using) });
    },
  };
}

function careCriterion(start: string | undefined, end: string | undefined, context: QueryContext): Criterion[] {
  const criterion = (name: string, value: string): Criterion => criterionOf("DocumentReference", parseName(name), value, context);
  const bounds = [
    ...(start === undefined ? [] : [criterion("period", `ge${start}`)]),
    ...(end === undefined ? [] : [criterion("period", `le${end}`)]),
  ];
  return bounds.length === 0 ? [] : [some([every(bounds), criterion("period:missing", "true")])];
}
