/** R4's SearchParameters as the compact artefact that src/core/fhir/r4/search-parameters.ts reads. */

/** What is read of a SearchParameter. */
export interface SearchParameterResource {
  readonly resourceType: string;
  readonly url: string;
  readonly code: string;
  readonly base: readonly string[];
  readonly type: string;
  readonly expression?: string;
  readonly target?: readonly string[];
  readonly component?: readonly { readonly definition: string; readonly expression: string }[];
}

/** The definitions package has parameters of its own too, and one that R4 does not have for an element that it does not have. */
const OWN = "http://hl7.org/fhir/SearchParameter/";
const DRIFT: ReadonlySet<string> = new Set([`${OWN}DeviceDefinition-classification`]);

/** Expressions that leave the type out before their elements, as 4.0.1 publishes them, and what they mean. */
const MENDED: Readonly<Record<string, string>> = { [`${OWN}InsurancePlan-name`]: "InsurancePlan.name | InsurancePlan.alias" };

/** A reference that may lead to anything names every type but these. */
const NEVER_NAMED: readonly string[] = ["Resource", "DomainResource", "Parameters"];

/** code, type, expression, what else there is to say. */
type Entry = [code: string, type: string, expression: string, more?: More];
interface More {
  /** The end of its canonical address, where it is not `{type}-{code}`. */
  name?: string;
  targets?: readonly string[];
  components?: [code: string, type: string, expression: string][];
}

/** What is read of a CompartmentDefinition. */
export interface CompartmentResource {
  readonly resourceType: string;
  readonly code: string;
  readonly resource: readonly { readonly code: string; readonly param?: readonly string[] }[];
}

/** What is read of a StructureDefinition: the paths of the elements that belong to a summary, without their type. */
export interface SummaryElements {
  readonly type: string;
  readonly paths: readonly string[];
}

/**
 * One line a type, its parameters in order of their codes. An expression over several types is taken apart: each type has what is said of it. Besides, the types of each compartment with the parameters by
 * which their resources are in it, and of each type what its summary shows.
 * @param types the resource types of R4, the abstract ones among them
 */
export function compileSearchParameters(
  resources: readonly SearchParameterResource[],
  types: readonly string[],
  { compartments, summaries }: { readonly compartments: readonly CompartmentResource[]; readonly summaries: readonly SummaryElements[] },
): string {
  const own = resources.filter(({ url }) => url.startsWith(OWN) && !DRIFT.has(url));
  const byUrl = new Map(own.map((parameter) => [parameter.url, parameter]));
  const lines = [...types].sort().flatMap((type) => {
    const entries = own
      .filter(({ base }) => base.includes(type))
      .sort((one, other) => (one.code < other.code ? -1 : 1))
      .map((parameter) => entryOf(parameter, type, types, byUrl));
    return entries.length === 0 ? [] : [`${JSON.stringify(type)}:[\n${entries.map((entry) => JSON.stringify(entry)).join(",\n")}\n]`];
  });
  const members = compartments.map(
    ({ code, resource }) =>
      `${JSON.stringify(code)}:${JSON.stringify(Object.fromEntries(resource.flatMap((one) => (one.param ? [[one.code, one.param]] : []))))}`,
  );
  const summarised = summaries.map(({ type, paths }) => `${JSON.stringify(type)}:${JSON.stringify(paths)}`);
  return `{"fhirVersion":"4.0.1","types":{\n${lines.join(",\n")}\n},"compartments":{\n${members.sort().join(",\n")}\n},"summaries":{\n${summarised.sort().join(",\n")}\n}}\n`;
}

function entryOf(
  parameter: SearchParameterResource,
  type: string,
  types: readonly string[],
  byUrl: ReadonlyMap<string, SearchParameterResource>,
): Entry {
  const { url, code, target = [], component = [] } = parameter;
  const expression = MENDED[url] ?? parameter.expression ?? "";
  const name = url.slice(OWN.length);
  const isAny = types.every((one) => target.includes(one) || NEVER_NAMED.includes(one));
  const more: More = {
    ...(name !== `${type}-${code}` && { name }),
    ...(target.length > 0 && !isAny && { targets: target }),
    ...(component.length > 0 && { components: component.map((one) => componentOf(one, type, byUrl)) }),
  };
  const own = alternativesOf(expression).filter((alternative) => rootOf(alternative) === type);
  return Object.keys(more).length > 0 ? [code, parameter.type, own.join(" | "), more] : [code, parameter.type, own.join(" | ")];
}

function componentOf(
  { definition, expression }: { readonly definition: string; readonly expression: string },
  type: string,
  byUrl: ReadonlyMap<string, SearchParameterResource>,
): [string, string, string] {
  const parameter = byUrl.get(definition);
  if (!parameter) throw new Error(`a composite parameter of ${type} has the component ${definition}, which is not defined`);
  return [parameter.code, parameter.type, expression];
}

/** The parts of a union that stand side by side, not those within brackets. */
function alternativesOf(expression: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at <= expression.length; at++) {
    const sign = expression[at];
    if (sign === "(") depth++;
    if (sign === ")") depth--;
    if (sign === undefined || (sign === "|" && depth === 0)) {
      parts.push(expression.slice(from, at).trim());
      from = at + 1;
    }
  }
  return parts.filter((part) => part !== "");
}

function rootOf(alternative: string): string | undefined {
  return /^\(*([A-Z][A-Za-z]*)/.exec(alternative)?.[1];
}
