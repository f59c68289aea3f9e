/** Extensions whose definitions are held, as a value: R4's own, or those of packages too. Made from an artefact of the form that `npm run generate` makes. */
import { bindingsOf, parseTypes, type ArtefactBindings, type Bindings, type ElementType } from "./element-types.ts";

/** What an extension, or a part of one, holds: a value of one of the types, or parts. */
export interface ExtensionContent {
  /** Empty: no value. */
  readonly types: readonly ElementType[];
  /** Of the value. */
  readonly bindings: Bindings;
  /** By url. */
  readonly parts: ReadonlyMap<string, ExtensionPart>;
}

export interface ExtensionPart extends ExtensionContent {
  readonly min: number;
  /** Infinity for `*`. */
  readonly max: number;
}

export interface ExtensionDefinition extends ExtensionContent {
  /** Paths and types that it may stand in, e.g. `Patient`, `HumanName.family`, without [x]; undefined: anywhere. */
  readonly contexts: ReadonlySet<string> | undefined;
  readonly isModifier: boolean;
}

/** One set of extensions. */
export interface Extensions {
  /** The extension of that url; undefined when its definition is not held. */
  readonly extensionDefinition: (url: string) => ExtensionDefinition | undefined;
}

/** @param load gives the artefact; asked once, on the first question */
export function createExtensions(load: () => ExtensionsArtefact): Extensions {
  let loaded: Map<string, Entry | ExtensionDefinition> | undefined;
  return {
    extensionDefinition: (url) => {
      loaded ??= new Map(Object.entries(load()).map(([name, entry]) => [name.includes(":") ? name : CORE + name, entry]));
      const found = loaded.get(url);
      if (found === undefined || "contexts" in found) return found;
      const [, more] = found;
      const made = { ...contentOf(found), contexts: more?.context && new Set(more.context), isModifier: more?.modifier === true };
      loaded.set(url, made);
      return made;
    },
  };
}

/** By name (R4's own) or url. */
export type ExtensionsArtefact = Readonly<Record<string, Entry>>;

interface More extends ArtefactBindings {
  readonly context?: readonly string[];
  readonly modifier?: true;
  readonly parts?: Readonly<Record<string, PartEntry>>;
}
type Entry = readonly [types: string, more?: More];
type PartEntry = readonly [min: number, max: number, types: string, more?: More];

const CORE = "http://hl7.org/fhir/StructureDefinition/";

function contentOf([types, more]: Entry): ExtensionContent {
  const parts = Object.entries(more?.parts ?? {}).map(([url, [min, max, ...entry]]): [string, ExtensionPart] => [
    url,
    { min, max: max < 0 ? Infinity : max, ...contentOf(entry) },
  ]);
  return { types: parseTypes(types), bindings: bindingsOf(more ?? {}), parts: new Map(parts) };
}
