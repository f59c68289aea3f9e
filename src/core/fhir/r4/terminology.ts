/**
 * Code systems and value sets, as a value: of FHIR R4 those that its package holds completely, and the value sets of its required and extensible bindings; packages add theirs. Made from an
 * artefact of the form that `npm run generate` makes. Codes are taken apart when their system is first asked.
 */
import { grammarOf } from "./code-grammars.ts";

export interface CodeSystem {
  readonly url: string;
  /** Whether `code` is one of its codes; case counts. */
  has(code: string): boolean;
}

/** Whether a code is of a value set; `unknown` when its code system is not held, so that nobody can tell. */
export type Membership = "member" | "stranger" | "unknown";

export interface ValueSet {
  /** For people: `EncounterStatus`. */
  readonly title: string;
  /** The canonicals of the code systems that its codes come from. */
  readonly systems: readonly string[];
  /** Some of its codes, for a text to name: not the abstract ones of v3. */
  readonly examples: readonly string[];
  /** @param system undefined for an element of type code, which says none */
  membership(code: string, system: string | undefined): Membership;
  /** All of its codes; undefined when those of a system are not held, but at most told by a grammar. */
  codes(): readonly { readonly system: string; readonly code: string }[] | undefined;
}

/** One set of code systems and value sets. */
export interface Terminology {
  /** The code system, if all of its codes are held. */
  readonly codeSystem: (url: string) => CodeSystem | undefined;
  /** Whether a code system is known, with its codes or without. */
  readonly isKnownSystem: (url: string) => boolean;
  /** The value set by its canonical without version; undefined when it is not held. */
  readonly valueSet: (url: string) => ValueSet | undefined;
}

/** @param load gives the artefact; asked once, on the first question */
export function createTerminology(load: () => TerminologyArtefact): Terminology {
  let loaded: Table | undefined;
  const table = (): Table => (loaded ??= tableOf(load()));
  return {
    codeSystem: (url) => {
      const system = table().systems.get(url);
      return system?.isHeld === true ? system : undefined;
    },
    isKnownSystem: (url) => table().systems.has(url),
    valueSet: (url) => {
      const { valueSets, systems } = table();
      const found = valueSets.get(url);
      if (found === undefined || found instanceof Parts) return found;
      const made = new Parts(found[0], found.slice(1) as ArtefactPart[], [...systems.values()]);
      valueSets.set(url, made);
      return made;
    },
  };
}

type ArtefactPart = readonly [system: number, codes?: string];
type ArtefactValueSet = readonly [title: string, ...parts: ArtefactPart[]];

/** Systems in the order by which value sets number them; codes with a bar between them, null when they are not held. */
export interface TerminologyArtefact {
  readonly systems: readonly (readonly [url: string, codes: string | null])[];
  readonly valueSets: Readonly<Record<string, ArtefactValueSet>>;
}

interface Table {
  readonly systems: ReadonlyMap<string, Codes>;
  readonly valueSets: Map<string, ArtefactValueSet | Parts>;
}

const CORE = "http://hl7.org/fhir/ValueSet/";

function tableOf(artefact: TerminologyArtefact): Table {
  return {
    systems: new Map(artefact.systems.map(([url, codes]) => [url, new Codes(url, codes)])),
    valueSets: new Map(Object.entries(artefact.valueSets).map(([name, made]) => [name.includes(":") ? name : CORE + name, made])),
  };
}

/** The codes of a system, or some of them. */
class Codes implements CodeSystem {
  readonly url: string;
  readonly #text: string | null;
  #codes: ReadonlySet<string> | undefined;

  constructor(url: string, text: string | null) {
    this.url = url;
    this.#text = text;
  }

  get isHeld(): boolean {
    return this.#text !== null;
  }

  get codes(): ReadonlySet<string> {
    return (this.#codes ??= new Set(this.#text?.split("|") ?? []));
  }

  has(code: string): boolean {
    return this.codes.has(code);
  }

  /** Undefined when neither its codes nor their grammar are known. */
  judge(code: string): boolean | undefined {
    return this.isHeld ? this.has(code) : grammarOf(this.url)?.(code);
  }
}

class Parts implements ValueSet {
  readonly title: string;
  readonly #parts: readonly Codes[];

  constructor(title: string, parts: readonly ArtefactPart[], systems: readonly Codes[]) {
    this.title = title;
    this.#parts = parts.flatMap(([number, codes]) => {
      const system = systems[number];
      return system ? [codes === undefined ? system : new Codes(system.url, codes)] : [];
    });
  }

  get systems(): readonly string[] {
    return this.#parts.map((part) => part.url);
  }

  get examples(): readonly string[] {
    return this.#parts.flatMap((part) => [...part.codes].slice(0, 24)).filter((code) => !code.startsWith("_"));
  }

  codes(): readonly { readonly system: string; readonly code: string }[] | undefined {
    if (!this.#parts.every((part) => part.isHeld)) return undefined;
    return this.#parts.flatMap(({ url, codes }) => [...codes].map((code) => ({ system: url, code })));
  }

  membership(code: string, system: string | undefined): Membership {
    let isUnknown = false;
    for (const part of this.#parts) {
      if (system !== undefined && part.url !== system) continue;
      const verdict = part.judge(code);
      if (verdict === true) return "member";
      if (verdict === undefined) isUnknown = true;
    }
    return isUnknown ? "unknown" : "stranger";
  }
}
