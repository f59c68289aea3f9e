/**
 * By what a resource is found (R4 search.html; SearchParameter): a value, made from an artefact of the form that `npm run generate` makes. Expressions over several types stand with each type alone.
 */

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
}

const CANONICAL = "http://hl7.org/fhir/SearchParameter/";

/** Resources that have no narrative are no DomainResource. */
const WITHOUT_NARRATIVE: ReadonlySet<string> = new Set(["Binary", "Bundle", "Parameters"]);

/** @param load gives the artefact; asked once, on the first question */
export function createSearchParameters(load: () => SearchParametersArtefact): SearchParameters {
  let loaded: SearchParametersArtefact | undefined;
  const known = new Map<string, ReadonlyMap<string, SearchParameter>>();
  const of = (type: string): ReadonlyMap<string, SearchParameter> => {
    const there = known.get(type);
    if (there) return there;
    const { types } = (loaded ??= load());
    const bases = new Set(["Resource", ...(type === "Resource" || WITHOUT_NARRATIVE.has(type) ? [] : ["DomainResource"]), type]);
    const made = new Map(
      [...bases].flatMap((base) =>
        (Object.hasOwn(types, base) ? (types[base] ?? []) : []).map((entry) => [entry[0], parameterOf(entry, base)] as const),
      ),
    );
    known.set(type, made);
    return made;
  };
  return { of };
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
