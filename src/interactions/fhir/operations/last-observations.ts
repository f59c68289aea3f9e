import { AppError } from "../../../core/errors.ts";
import { PAGE } from "../../../search/query/page-token.ts";
import { parseQuery } from "../../../search/query/parse-query.ts";
import type { SearchQuery } from "../../../search/query/search-query.ts";
import type { FoundResource } from "../../../search/resource-index.ts";
import { resourceId } from "../../../search/query/resource-id.ts";
import type { Asked } from "../../../core/asked.ts";
import { readJson } from "../../../core/fhir/json/read-json.ts";
import { STORED_READ_LIMITS } from "../../../core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../core/fhir/reading/source-text.ts";
import { parseDateOrDateTime } from "../../../core/fhir/fhirpath/temporal.ts";
import { spanOf } from "../../../search/values/date-span.ts";
import { writeEntryBundle } from "../entry-bundle.ts";
import type { FhirOperation } from "../operation.ts";
import { pageTexts } from "../page-texts.ts";
import type { SearchNeeds } from "../search-resources.ts";
import { callParameters, oneOf } from "./call-parameters.ts";
import { lastOfGroups, type GroupedObservation } from "./observation-groups.ts";

/** More observations are not grouped: the question must be more specific. */
const MOST_OBSERVATIONS = 5_000;

/** Parameters of Observation by which a code may be named. */
const BY_CODE = /^(category|code|combo-code|component-code|code-value-.+|combo-code-value-.+|component-code-value-.+)(:|$)/;

/** `Observation/$lastn` (R4 operation Observation/$lastn): the newest observations of each code. */
export function lastObservations(using: SearchNeeds): FhirOperation {
  const { definitions, parameters: known, terminology, fhirBase } = using;
  return {
    name: "lastn",
    definition: "http://hl7.org/fhir/OperationDefinition/Observation-lastn",
    documentation:
      "The newest observations of each code, as many as `max` says (one by default), by the time that they are about. It takes parameters of a search: `patient` or `subject`, and `category` or a code. Statuses are not left out unless `status` does so.",
    levels: ["type"],
    types: ["Observation"],
    affectsState: false,
    isAskedByAddress: true,
    parameters: [{ name: "max", isSimple: true, type: "positiveInt", min: 0, max: "1" }],
    handle: (asked, call) => {
      const parameters = callParameters(call, definitions);
      const max = oneOf(parameters, "max") ?? "1";
      if (!/^[1-9]\d{0,5}$/.test(max)) throw new AppError("bad-query", `max is a whole number above 0, not "${max}".`);
      const searched = parameters.filter(([name]) => name !== "max");
      if (searched.some(([name]) => name === PAGE || name === "_sort" || name === "_count"))
        throw new AppError("unsupported", "$lastn sorts by itself and gives all at once: leave out _sort, _count and -page.");
      if (!searched.some(([name]) => /^(patient|subject)([.:]|$)/.test(name)))
        throw new AppError("bad-query", "$lastn asks for the observations of a subject: name it by patient or subject.");
      if (!searched.some(([name]) => BY_CODE.test(name)))
        throw new AppError("bad-query", "$lastn asks for kinds of observations: name them by category or code.");
      const context = { definitions, parameters: known, terminology, base: fhirBase, now: new Date() };
      const query = parseQuery("Observation", searched, call.handling, context);
      const used = [...query.used, ["max", max] as const];
      return Promise.resolve({
        kind: "written",
        write: async (form) => {
          const chosen = await newest(asked, { ...query, used }, Number(max), using);
          const { texts } = await pageTexts(asked, chosen.resources, { form, shown: query.shown, fhirBase, reader: using.reader });
          const entries = chosen.resources.flatMap(({ number, type, documentId, path }) => {
            const text = texts.get(number);
            const parts = [{ name: "search", values: [["mode", "match"]] }] as const;
            return text === undefined ? [] : [{ fullUrl: `${fhirBase}/${type}/${resourceId({ documentId, path })}`, text, parts }];
          });
          if (entries.length < chosen.resources.length)
            throw new AppError("too-costly", "These are more observations than one answer may hold: ask for fewer codes.");
          const self = `${fhirBase}/Observation/$lastn?${new URLSearchParams(used.map(([name, value]) => [name, value])).toString()}`;
          const bundle = {
            type: "searchset" as const,
            lastUpdated: new Date().toISOString(),
            total: entries.length,
            links: [{ relation: "self", url: self }],
            ...{ entries, fhirBase, size: chosen.size },
          };
          return new TextEncoder().encode(writeEntryBundle(bundle, form, definitions));
        },
      });
    },
  };
}

async function newest(
  asked: Asked,
  query: SearchQuery,
  max: number,
  { reader, fhirBase }: SearchNeeds,
): Promise<{ readonly resources: readonly FoundResource[]; readonly size: number }> {
  const found = await reader.find(asked, { ...query, count: MOST_OBSERVATIONS, isCount: false, total: "none", includes: [], revIncludes: [] });
  if (found.next) throw new AppError("too-costly", `More than ${MOST_OBSERVATIONS} observations are not grouped: ask for something more specific.`);
  const shown = { kind: "elements", names: ["code", "effective", "issued"] } as const;
  const form = { form: "json", pretty: false } as const;
  const { texts, opened } = await pageTexts(asked, found.matches, { form, shown, fhirBase, reader });
  if (found.matches.some(({ documentId }) => !opened.has(documentId)))
    throw new AppError("too-costly", "These are more observations than can be looked at at once: ask for something more specific.");
  const observations = found.matches.flatMap((one) => {
    const text = texts.get(one.number);
    return text === undefined ? [] : [{ resource: one, ...groupingOf(text) }];
  });
  return { resources: lastOfGroups(observations, max).map(({ resource }) => resource), size: found.size };
}

/** By what an observation is grouped and ordered. */
function groupingOf(text: string): Pick<GroupedObservation<unknown>, "codes" | "time"> {
  const { resource } = readJson(new SourceText(text), STORED_READ_LIMITS);
  const code = resource?.object("code");
  const codings = (code?.objects("coding") ?? []).flatMap((coding) => {
    const value = coding.string("code");
    return value === undefined ? [] : [`${coding.string("system") ?? ""}|${value}`];
  });
  const period = resource?.object("effectivePeriod");
  const times = [
    resource?.string("effectiveDateTime"),
    resource?.string("effectiveInstant"),
    period?.string("end"),
    period?.string("start"),
    resource?.string("issued"),
  ];
  return { codes: codings.length > 0 ? codings : [`text ${code?.string("text") ?? ""}`], time: timeOf(times.find((time) => time !== undefined)) };
}

/** Without a time it is the oldest. */
function timeOf(text: string | undefined): number {
  const temporal = text === undefined ? undefined : parseDateOrDateTime(text);
  if (!temporal) return -Infinity;
  const { local, zoned } = spanOf(temporal);
  return (zoned ?? local).low;
}
