import { withoutDrift } from "./drift.ts";
import type { Constraint, ElementDefinition, ElementType, StructureDefinition } from "./structure-definition.ts";
import { compileBindings, type Bindings } from "./value-set-names.ts";

const FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type";
const REGEX = "http://hl7.org/fhir/StructureDefinition/regex";
const SYSTEM_TYPE = "http://hl7.org/fhirpath/System.";
const CORE = "http://hl7.org/fhir/StructureDefinition/";
const SIMPLE_QUANTITY = `${CORE}SimpleQuantity`;
/** Judged by hand-written checks on every element (structure, narrative); as FHIRPath they would be two thirds of all evaluations. */
const FOLDED: ReadonlySet<string> = new Set(["ele-1", "ext-1", "txt-1", "txt-2"]);

/**
 * One element in the artefact: name (with [x] for a choice), min, max (-1: unbounded), types, and what else there is to say. Types stand in one text, parted by `|`;
 * a reference's or canonical's targets behind it in angle brackets: `Reference<Patient,Group>|string`. Invariants are numbers in the artefact's list of them; those of a
 * backbone belong to its content, wherever it is referred to.
 */
type Entry = [name: string, min: number, max: number, types: string, more?: More];
type More = Bindings & { content?: Entry[]; same?: string; attribute?: true; invariants?: number[] };

/** R4 structure definitions as the compact artefact that src/core/fhir/r4/definitions.ts reads: one type a line, in order of name. */
export function compileDefinitions(definitions: readonly StructureDefinition[]): string {
  const own = definitions
    .filter((definition) => definition.derivation !== "constraint" && definition.kind !== "logical")
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const simpleQuantity = definitions.find((definition) => definition.url === SIMPLE_QUANTITY)?.snapshot.element[0]?.constraint ?? [];
  const compiler = new Compiler(simpleQuantity.filter((constraint) => constraint.key.startsWith("sqty-")));
  const types = own.map((definition) => `${JSON.stringify(definition.name)}:${JSON.stringify(compiler.type(definition))}`);
  const invariants = compiler.invariants.map((invariant) => JSON.stringify(invariant));
  return `{"fhirVersion":"4.0.1","types":{\n${types.join(",\n")}\n},"invariants":[\n${invariants.join(",\n")}\n]}\n`;
}

class Compiler {
  /** key, severity, what it demands, FHIRPath. */
  readonly invariants: [string, string, string, string][] = [];
  readonly #numbers = new Map<string, number>();
  readonly #simpleQuantity: readonly Constraint[];

  constructor(simpleQuantity: readonly Constraint[]) {
    this.#simpleQuantity = simpleQuantity;
  }

  type(definition: StructureDefinition): object {
    const elements = withoutDrift(definition.snapshot.element);
    const root = elements[0];
    const kind = definition.kind.replace("-type", "");
    const regex =
      kind === "primitive"
        ? elements.find((element) => element.path === `${definition.name}.value`)?.type?.[0]?.extension?.find((extension) => extension.url === REGEX)
        : undefined;
    const invariants = this.#numbersOf(root?.constraint ?? []);
    return {
      kind,
      ...(definition.baseDefinition && { base: definition.baseDefinition.replace(CORE, "") }),
      ...(definition.abstract && { abstract: true }),
      ...(regex && { regex: regex.valueString }),
      ...compileBindings(root),
      ...(invariants.length > 0 && { invariants }),
      ...(kind !== "primitive" && { elements: this.#childrenOf(definition.name, elements, kind === "resource") }),
    };
  }

  #childrenOf(path: string, elements: readonly ElementDefinition[], isResource: boolean): Entry[] {
    const children = elements.filter((element) => element.path.startsWith(`${path}.`) && !element.path.slice(path.length + 1).includes("."));
    return children.map((element) => {
      const name = element.path.slice(path.length + 1);
      const content = this.#childrenOf(element.path, elements, false);
      const isAttribute = element.representation?.includes("xmlAttr") === true && !isResource;
      const isSimpleQuantity = (element.type ?? []).some((type) => type.profile?.includes(SIMPLE_QUANTITY));
      const invariants = this.#numbersOf([...(element.constraint ?? []), ...(isSimpleQuantity ? this.#simpleQuantity : [])]);
      const more: More = {
        ...(content.length > 0 && { content }),
        ...(element.contentReference && { same: element.contentReference.replace(/^.*#/, "") }),
        ...(isAttribute && { attribute: true as const }),
        ...compileBindings(element),
        ...(invariants.length > 0 && { invariants }),
      };
      const types = isResource && name === "id" ? "id" : (element.type ?? []).map(typeText).join("|");
      const max = element.max === "*" ? -1 : Number(element.max);
      return Object.keys(more).length > 0 ? [name, element.min, max, types, more] : [name, element.min, max, types];
    });
  }

  #numbersOf(constraints: readonly Constraint[]): number[] {
    return constraints.filter(({ key }) => !FOLDED.has(key)).map((constraint) => this.#numberOf(constraint));
  }

  #numberOf({ key, severity, human, expression }: Constraint): number {
    const identity = `${key} ${severity} ${human} ${expression}`;
    let number = this.#numbers.get(identity);
    if (number === undefined) {
      number = this.invariants.push([key, severity, human, expression]) - 1;
      this.#numbers.set(identity, number);
    }
    return number;
  }
}

export function typeText(type: ElementType): string {
  const targets = (type.targetProfile ?? []).map((profile) => profile.replace(CORE, ""));
  return targets.length > 0 ? `${codeOf(type)}<${targets.join(",")}>` : codeOf(type);
}

/** The FHIR type: FHIRPath's system types stand for ids, urls of extensions and values. */
function codeOf(type: ElementType): string {
  if (!type.code.startsWith(SYSTEM_TYPE)) return type.code;
  return type.extension?.find((extension) => extension.url === FHIR_TYPE)?.valueUrl ?? "string";
}
