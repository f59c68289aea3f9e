import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { Shape } from "../../core/fhir/tree/shape.ts";
import type { Definitions, PropertyDefinition, TypeDefinition } from "../../core/fhir/r4/definitions.ts";
import type { Rule, RuleSet } from "./rule-set.ts";
import { nameFaults, propertyOf, type NameFault } from "./structure/name-rules.ts";
import { formatOf, formatRuleOf, jsonKindOf, type Format, type FormatRuleId, type JsonKind } from "./structure/primitive-formats.ts";

/** What to do with the values of a property. */
export interface PropertyPlan<State> {
  readonly property: PropertyDefinition;
  readonly isRepeating: boolean;
  /** How a primitive stands in JSON; undefined for objects and resources. */
  readonly kind: JsonKind | undefined;
  /** What is wrong with the text of a primitive. */
  readonly format: Format;
  /** The rule that its format is: `format-date`. */
  readonly formatRule: FormatRuleId;
  /** What is in an object; undefined for primitives, and for resources, whose resourceType says. */
  readonly content: TypePlan<State> | undefined;
  readonly objectRules: readonly Rule<State, JsonObject>["ask"][];
  readonly textRules: readonly Rule<State, string>["ask"][];
}

/** One property of an object of a shape: which it is, and whether it stands beside a primitive (`_birthDate`). */
export interface PlannedProperty<State> {
  readonly plan: PropertyPlan<State>;
  readonly isCompanion: boolean;
}

/** What to do with an object of a type that has these names. */
export interface ShapePlan<State> {
  /** By the place of their names; undefined for what is passed over: `resourceType`, and what R4 does not define. */
  readonly properties: readonly (PlannedProperty<State> | undefined)[];
  readonly faults: readonly NameFault[];
  readonly hasExtensions: boolean;
}

/** Plans for one type or backbone. */
export class TypePlan<State> {
  readonly definition: TypeDefinition;
  readonly #plans: Plans<State>;
  readonly #known = new WeakMap<Shape, ShapePlan<State>>();
  #lastShape: Shape | undefined;
  #last: ShapePlan<State> | undefined;

  constructor(definition: TypeDefinition, plans: Plans<State>) {
    this.definition = definition;
    this.#plans = plans;
  }

  /** The plan for objects of a shape: worked out when it is first met, if others can have it. */
  of(shape: Shape): ShapePlan<State> {
    if (shape === this.#lastShape && this.#last !== undefined) return this.#last;
    if (!shape.isShared) return this.#make(shape);
    let plan = this.#known.get(shape);
    if (plan === undefined) {
      plan = this.#make(shape);
      this.#known.set(shape, plan);
    }
    this.#lastShape = shape;
    this.#last = plan;
    return plan;
  }

  #make({ names }: Shape): ShapePlan<State> {
    const properties = names.map((name): PlannedProperty<State> | undefined => {
      const found = name === "resourceType" && this.definition.kind === "resource" ? undefined : propertyOf(this.definition, name);
      return found && { plan: this.#plans.ofProperty(found.property), isCompanion: found.isCompanion };
    });
    const hasExtensions = names.includes("extension") || names.includes("modifierExtension");
    return { properties, faults: nameFaults(this.definition, names), hasExtensions };
  }
}

const NO_FAULT: Format = () => undefined;

/** Everything that can be known before a document comes, of one set of definitions: for each type, property and list of names what is to be looked at and which rules are to be asked. Made when first needed, and kept. */
export class Plans<State> {
  readonly definitions: Definitions;
  readonly #rules: RuleSet<State>;
  readonly #types = new Map<TypeDefinition, TypePlan<State>>();
  readonly #properties = new Map<PropertyDefinition, PropertyPlan<State>>();

  constructor(rules: RuleSet<State>, definitions: Definitions) {
    this.#rules = rules;
    this.definitions = definitions;
  }

  ofType(definition: TypeDefinition): TypePlan<State> {
    const plan = this.#types.get(definition) ?? new TypePlan(definition, this);
    this.#types.set(definition, plan);
    return plan;
  }

  ofProperty(property: PropertyDefinition): PropertyPlan<State> {
    const plan = this.#properties.get(property) ?? this.#make(property);
    this.#properties.set(property, plan);
    return plan;
  }

  #make(property: PropertyDefinition): PropertyPlan<State> {
    const { isPrimitive, isResource, type, content } = property;
    return {
      property,
      isRepeating: property.element.max > 1,
      kind: isPrimitive ? jsonKindOf(type) : undefined,
      format: isPrimitive ? formatOf(type, this.definitions.definitionOf(type)?.pattern) : NO_FAULT,
      formatRule: formatRuleOf(type),
      content: content && this.ofType(content),
      objectRules: isPrimitive || isResource ? [] : about(this.#rules.objects, property, this.definitions),
      textRules: isPrimitive ? about(this.#rules.texts, property, this.definitions) : [],
    };
  }
}

function about<State, Value>(
  rules: readonly Rule<State, Value>[],
  property: PropertyDefinition,
  definitions: Definitions,
): Rule<State, Value>["ask"][] {
  return rules.filter((rule) => rule.about(property, definitions)).map(({ ask }) => ask);
}
