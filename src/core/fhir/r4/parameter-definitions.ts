/** The SearchParameters that R4 publishes, by what others say of them: a derived one, a CapabilityStatement. How they find things is search-parameters.ts's. */

export interface ParameterDefinition {
  /** `token`, `date`, `composite` … */
  readonly type: string;
  /** The types of resource that it is for. */
  readonly bases: readonly string[];
}

export interface ParameterDefinitions {
  /** The one with a canonical, without its version; undefined for one that is not R4's. */
  readonly of: (canonical: string) => ParameterDefinition | undefined;
}

/** By the last part of the canonical: type, and bases with spaces between them. */
export type ParameterDefinitionsArtefact = Readonly<Record<string, readonly [type: string, bases: string]>>;

const PUBLISHED = "http://hl7.org/fhir/SearchParameter/";

/** @param load gives the artefact; asked once, on the first question */
export function createParameterDefinitions(load: () => ParameterDefinitionsArtefact): ParameterDefinitions {
  let loaded: ParameterDefinitionsArtefact | undefined;
  return {
    of: (canonical) => {
      if (!canonical.startsWith(PUBLISHED)) return undefined;
      loaded ??= load();
      const name = canonical.slice(PUBLISHED.length);
      const [type, bases] = (Object.hasOwn(loaded, name) ? loaded[name] : undefined) ?? [];
      return type === undefined || bases === undefined ? undefined : { type, bases: bases.split(" ") };
    },
  };
}
