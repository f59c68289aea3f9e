/**
 * By what a resource is found (R4 search.html; SearchParameter): a value, made from an artefact of the form that `npm run generate` makes. Expressions over several types stand with each type alone.
 */
import { IHE_PARAMETERS } from "./ihe-parameters.ts";

export type SearchType = "string" | "token" | "reference" | "date" | "number" | "quantity" | "uri" | "composite" | "special";

/** One part of a composite parameter. */
export interface SearchComponent {
  /** The parameter of the same type whose values it takes. */
  readonly code: string;
  readonly type: SearchType;
  /** FHIRPath upon what the composite's expression finds. */
  readonly expression: string;
}

/** A parameter as one type of resource has it. */
export interface SearchParameter {
  readonly code: string;
  readonly type: SearchType;
  /** FHIRPath upon the resource; empty for those that are no element (`_text`, `_content`, `_query`). */
  readonly expression: string;
  /** The types that a reference may lead to; none for any. */
  readonly targets: readonly string[];
  readonly components: readonly SearchComponent[];
  /** Its canonical address. */
  readonly url: string;
}

export interface SearchParameters {
  /** The parameters of a type of resource by code, those of every resource among them; in the order of their codes. */
  readonly of: (type: string) => ReadonlyMap<string, SearchParameter>;
  /**
   * The compartment of a type (R4 compartmentdefinition.html): the types that may be in it, each with the reference parameters by any of which a resource is; undefined for a type that has none. What has the
   * compartment is in it besides.
   */
  readonly compartment: (type: string) => ReadonlyMap<string, readonly string[]> | undefined;
  /** The types that have a compartment. */
  readonly compartments: () => readonly string[];
  /** The paths of the elements of a type that its summary shows (ElementDefinition.isSummary), without the type: `name`, `rest.mode`, `value[x]`. */
  readonly summary: (type: string) => ReadonlySet<string>;
}

type Component = readonly [code: string, type: SearchType, expression: string];
interface More {
  readonly name?: string;
  readonly targets?: readonly string[];
  readonly components?: readonly Component[];
}
type Entry = readonly [code: string, type: SearchType, expression: string, more?: More];

/** Parameters in a short form, by type; those of the abstract types hold for all that are made of them. */
export interface SearchParametersArtefact {
  readonly types: Readonly<Record<string, readonly Entry[]>>;
  readonly compartments: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly summaries: Readonly<Record<string, readonly string[]>>;
}

const CANONICAL = "http://hl7.org/fhir/SearchParameter/";

/** Whether resources of the type can be searched: a Binary is none, and Parameters are none that is kept (R4 binary.html, parameters.html). */
export function isSearchable(type: string): boolean {
  return type !== "Binary" && type !== "Parameters";
}

/** Resources that have no narrative are no DomainResource. */
const WITHOUT_NARRATIVE: ReadonlySet<string> = new Set(["Binary", "Bundle", "Parameters"]);

/** @param load gives the artefact; asked once, on the first question */
export function createSearchParameters(load: () => SearchParametersArtefact): SearchParameters {
  let loaded: SearchParametersArtefact | undefined;
  const known = new Map<string, ReadonlyMap<string, SearchParameter>>();
  const artefact = (): SearchParametersArtefact => (loaded ??= load());
  const own = <Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined =>
    Object.hasOwn(table, name) ? table[name] : undefined;
  const of = (type: string): ReadonlyMap<string, SearchParameter> => {
    const there = known.get(type);
    if (there) return there;
    const { types } = artefact();
    const bases = new Set(["Resource", ...(type === "Resource" || WITHOUT_NARRATIVE.has(type) ? [] : ["DomainResource"]), type]);
    const made = new Map<string, SearchParameter>(
      [...bases].flatMap((base) =>
        (Object.hasOwn(types, base) ? (types[base] ?? []) : []).map((entry) => [entry[0], parameterOf(entry, base)] as const),
      ),
    );
    const ihe = Object.hasOwn(IHE_PARAMETERS, type) ? (IHE_PARAMETERS[type] ?? []) : [];
    for (const one of ihe) made.set(one.code, { ...one, targets: [], components: [] });
    known.set(type, made);
    return made;
  };
  return {
    of,
    compartment: (type) => {
      const types = own(artefact().compartments, type);
      return types && new Map(Object.entries(types));
    },
    compartments: () => Object.keys(artefact().compartments),
    summary: (type) => new Set(own(artefact().summaries, type) ?? []),
  };
}

function parameterOf([code, type, expression, more = {}]: Entry, base: string): SearchParameter {
  return {
    code,
    type,
    expression,
    targets: more.targets ?? [],
    components: (more.components ?? []).map(([part, partType, path]) => ({ code: part, type: partType, expression: path })),
    url: CANONICAL + (more.name ?? `${base}-${code}`),
  };
}
