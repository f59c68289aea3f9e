/**
 * The types of FHIR R4 (4.0.1), or of R4 with what packages add, as a value: what a reader, a writer or a validator needs to know about an element. Made from an artefact of the form that
 * `npm run generate` makes.
 */
import { bindingsOf, parseTypes, type ArtefactBindings, type Bindings, type ElementType } from "./element-types.ts";

export type { Bindings, ElementType };

export type TypeKind = "primitive" | "complex" | "resource";

/** A rule that R4 states in FHIRPath (ElementDefinition.constraint). */
export interface Invariant {
  /** e.g. `per-1`; a few keys are used for several invariants. */
  readonly key: string;
  readonly severity: "error" | "warning";
  /** What it demands, in R4's words. */
  readonly human: string;
  readonly expression: string;
}

/** One element of a type, in the order of the definition. */
export interface ElementDefinition {
  /** Without `[x]`. */
  readonly name: string;
  /** e.g. `Composition.section.text`. */
  readonly path: string;
  /** Its place among the elements of its type, from 0: XML demands this order. */
  readonly order: number;
  readonly min: number;
  /** Infinity for `*`. */
  readonly max: number;
  /** `value[x]`: the property's name is `value` and the type's name. */
  readonly isChoice: boolean;
  /** An attribute in XML: Element.id, Extension.url. */
  readonly isAttribute: boolean;
  readonly types: readonly ElementType[];
  readonly bindings: Bindings;
  /** What holds for each value of this element, beside what holds for its type or content. */
  readonly invariants: readonly Invariant[];
  /** The elements within, for an element defined in place (a backbone) or by reference to one (Bundle.entry.link): they stand here instead of a type. */
  readonly content: TypeDefinition | undefined;
}

/** A property as it is named in JSON or XML: which element it is and, of a choice, which type. */
export interface PropertyDefinition {
  readonly name: string;
  readonly element: ElementDefinition;
  /** The code of its type; `BackboneElement` or `Element` where `content` says what is in it; `Resource` for any resource. */
  readonly type: string;
  /** What is inside: undefined for resources (their resourceType says) and for primitives. */
  readonly content: TypeDefinition | undefined;
  readonly isPrimitive: boolean;
  /** Whether an id and extensions may stand beside it (`_birthDate`): not beside what is an attribute in XML, nor beside a narrative's div, which are no elements of FHIR. */
  readonly hasCompanion: boolean;
  readonly isResource: boolean;
}

/** A type or a backbone. */
export interface TypeDefinition {
  /** e.g. `Patient`, `HumanName`, `code`; a backbone's path: `Bundle.entry`. */
  readonly name: string;
  readonly kind: TypeKind;
  readonly base: string | undefined;
  readonly isAbstract: boolean;
  readonly elements: readonly ElementDefinition[];
  readonly bindings: Bindings;
  /** Without ele-1, ext-1, txt-1 and txt-2, which the structure check stands for. */
  readonly invariants: readonly Invariant[];
  /** What a primitive's text must match as a whole. */
  readonly pattern: RegExp | undefined;
  /** By name, in the order of the definition; all names of a choice in the order of its types. */
  readonly properties: ReadonlyMap<string, PropertyDefinition>;
}

/** One set of definitions. Several may live in one process; what is made with one is never asked with another. */
export interface Definitions {
  /** The definition of a resource, datatype or primitive by name; undefined when there is none of that name. */
  readonly definitionOf: (name: string) => TypeDefinition | undefined;
  /** True for the name of a resource that can be sent: not for the abstract ones. */
  readonly isResourceType: (name: string) => boolean;
  /** All names, in the order of the artefact: alphabetical for R4. */
  readonly typeNames: () => readonly string[];
  /** Every type of resource that can be sent, in order of their names. */
  readonly resourceTypes: () => readonly string[];
}

/** The types of resource that a Reference of this property may lead to; none for any. */
export function referenceTargets({ element }: PropertyDefinition): readonly string[] {
  return element.types.find(({ code }) => code === "Reference")?.targets ?? [];
}

/** Whether a Reference with these targets may lead to a resource of the type; without targets, to any. */
export function mayLeadTo(type: string, targets: readonly string[]): boolean {
  return targets.length === 0 || targets.includes("Resource") || targets.includes(type);
}

/** @param load gives the artefact; asked once, on the first question */
export function createDefinitions(load: () => DefinitionsArtefact): Definitions {
  let loaded: ReadonlyMap<string, TypeDefinition> | undefined;
  const table = (): ReadonlyMap<string, TypeDefinition> => (loaded ??= typesOf(load(), definitionOf));
  const definitionOf = (name: string): TypeDefinition | undefined => table().get(name);
  const isResourceType = (name: string): boolean => {
    const definition = definitionOf(name);
    return definition?.kind === "resource" && !definition.isAbstract;
  };
  const typeNames = (): readonly string[] => [...table().keys()];
  return { definitionOf, isResourceType, typeNames, resourceTypes: () => typeNames().filter(isResourceType).sort() };
}

type TypeOf = Definitions["definitionOf"];

function typesOf(artefact: DefinitionsArtefact, typeOf: TypeOf): ReadonlyMap<string, TypeDefinition> {
  const invariants = artefact.invariants.map(([key, severity, human, expression]) => ({ key, severity, human, expression }));
  return new Map(Object.entries(artefact.types).map(([name, type]) => [name, new Definition(name, type, invariants, typeOf)]));
}

type Entry = readonly [name: string, min: number, max: number, types: string, more?: More];

interface Rules extends ArtefactBindings {
  /** Numbers in the artefact's list. */
  readonly invariants?: readonly number[];
}

interface More extends Rules {
  readonly content?: readonly Entry[];
  readonly same?: string;
  readonly attribute?: true;
}

interface ArtefactType extends Rules {
  readonly kind: TypeKind;
  readonly base?: string;
  readonly abstract?: true;
  readonly regex?: string;
  readonly elements?: readonly Entry[];
}

/** Types in a short form: it is read at every start. */
export interface DefinitionsArtefact {
  readonly types: Readonly<Record<string, ArtefactType>>;
  readonly invariants: readonly (readonly [key: string, severity: Invariant["severity"], human: string, expression: string])[];
}

/** Elements and properties are worked out when they are first asked for: few documents use more than a tenth of R4. */
class Definition implements TypeDefinition {
  readonly name: string;
  readonly kind: TypeKind;
  readonly base: string | undefined;
  readonly isAbstract: boolean;
  readonly pattern: RegExp | undefined;
  readonly bindings: Bindings;
  readonly invariants: readonly Invariant[];
  readonly #entries: readonly Entry[];
  readonly #allInvariants: readonly Invariant[];
  readonly #typeOf: TypeOf;
  #elements: readonly ElementDefinition[] | undefined;
  #properties: ReadonlyMap<string, PropertyDefinition> | undefined;

  constructor(name: string, type: ArtefactType, allInvariants: readonly Invariant[], typeOf: TypeOf) {
    this.name = name;
    this.kind = type.kind;
    this.base = type.base;
    this.isAbstract = type.abstract === true;
    this.pattern = type.regex === undefined ? undefined : new RegExp(`^(?:${type.regex})$`, "u");
    this.bindings = bindingsOf(type);
    this.invariants = invariantsOf(type, allInvariants);
    this.#entries = type.elements ?? [];
    this.#allInvariants = allInvariants;
    this.#typeOf = typeOf;
  }

  get elements(): readonly ElementDefinition[] {
    return (this.#elements ??= this.#entries.map((entry, order) => this.#elementOf(entry, order)));
  }

  get properties(): ReadonlyMap<string, PropertyDefinition> {
    return (this.#properties ??= new Map(
      this.elements.flatMap((element) => propertiesOf(element, this.#typeOf)).map((property) => [property.name, property]),
    ));
  }

  #elementOf([named, min, max, types, more]: Entry, order: number): ElementDefinition {
    const isChoice = named.endsWith("[x]");
    const name = isChoice ? named.slice(0, -3) : named;
    const path = `${this.name}.${name}`;
    const base = types.split("<")[0] ?? "";
    const rules = more ?? {};
    const own =
      more?.content &&
      new Definition(path, { kind: "complex", base, elements: more.content, invariants: rules.invariants ?? [] }, this.#allInvariants, this.#typeOf);
    const same = more?.same;
    const typeOf = this.#typeOf;
    return {
      name,
      path,
      order,
      min,
      max: max < 0 ? Infinity : max,
      isChoice,
      isAttribute: more?.attribute === true,
      types: parseTypes(types),
      bindings: bindingsOf(rules),
      invariants: own ? NO_INVARIANTS : invariantsOf(rules, this.#allInvariants),
      // Worked out late: a backbone may refer to itself (Composition.section.section).
      get content() {
        return own ?? (same === undefined ? undefined : backboneAt(same, typeOf));
      },
    };
  }
}

const NO_INVARIANTS: readonly Invariant[] = [];

function invariantsOf({ invariants }: Rules, all: readonly Invariant[]): readonly Invariant[] {
  return invariants ? invariants.map((number) => all[number] as Invariant) : NO_INVARIANTS;
}

/** The backbone that a contentReference names: `Bundle.link`, `Composition.section`. */
function backboneAt(path: string, typeOf: TypeOf): TypeDefinition | undefined {
  const [root = "", ...steps] = path.split(".");
  return steps.reduce<TypeDefinition | undefined>((type, step) => type?.elements.find((element) => element.name === step)?.content, typeOf(root));
}

function propertiesOf(element: ElementDefinition, typeOf: TypeOf): PropertyDefinition[] {
  if (element.content) {
    return [
      {
        name: element.name,
        element,
        type: element.types[0]?.code ?? "BackboneElement",
        content: element.content,
        isPrimitive: false,
        hasCompanion: false,
        isResource: false,
      },
    ];
  }
  return element.types.map(({ code }) => {
    const definition = typeOf(code);
    const name = element.isChoice ? element.name + code.charAt(0).toUpperCase() + code.slice(1) : element.name;
    const isPrimitive = definition?.kind === "primitive";
    const isResource = definition?.kind === "resource";
    const hasCompanion = isPrimitive && !element.isAttribute && code !== "xhtml";
    return { name, element, type: code, content: isPrimitive || isResource ? undefined : definition, isPrimitive, hasCompanion, isResource };
  });
}
