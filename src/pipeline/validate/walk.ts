import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../../core/fhir/tree/tree.ts";
import type { PropertyDefinition, TypeDefinition } from "../../core/fhir/r4/definitions.ts";
import type { Findings, PlainRuleId } from "./findings.ts";
import type { Scope } from "./policy.ts";
import { rootPlace, type Place } from "./place.ts";
import type { Plans, PropertyPlan, TypePlan } from "./plans.ts";
import type { RuleSet } from "./rule-set.ts";
import { shown } from "./shown.ts";
import type { NameFault } from "./structure/name-rules.ts";
import { lacksSecondsAlone, type Format } from "./structure/primitive-formats.ts";
import { arrayFaults, bareFault, companionFaults, hasCompanion, kindFault, nullFault, type ValueFault } from "./structure/value-rules.ts";

/**
 * Walks once through a resource, and those within it, in the order of the document: holds it against the R4 definitions (known elements, cardinality, choices, the kinds and formats
 * of values, companions of primitives: R4 json.html) and asks the rules of a rule set of what they are about. What R4 does not define is told of and passed over.
 */
export class Walk<State> {
  readonly #rules: RuleSet<State>;
  readonly #plans: Plans<State>;
  readonly #state: State;
  readonly #findings: Findings;
  readonly #root: JsonObject;
  readonly #place: Place;
  readonly #companion: TypePlan<State>;

  constructor(rules: RuleSet<State>, plans: Plans<State>, state: State, findings: Findings, root: JsonObject) {
    this.#rules = rules;
    this.#plans = plans;
    this.#state = state;
    this.#findings = findings;
    this.#root = root;
    this.#place = rootPlace(root);
    this.#companion = plans.ofType(plans.definitions.definitionOf("Element") as TypeDefinition);
  }

  through(): void {
    this.#resource(this.#root, this.#root.offset);
    this.#findings.element = undefined;
  }

  #resource(resource: JsonObject, at: number): void {
    const type = resource.get("resourceType");
    if (typeof type !== "string" || type === "") {
      this.#report("resource-type-missing", "A resource names its type: add resourceType.", at);
      return;
    }
    const { isResourceType, definitionOf } = this.#plans.definitions;
    const definition = isResourceType(type) ? definitionOf(type) : undefined;
    if (!definition) {
      this.#report("resource-type-unknown", `R4 has no resource of type "${shown(type, 64)}".`, resource.offsetOf("resourceType"));
      return;
    }
    this.#rules.enterResource(this.#state, resource, this.#place);
    this.#content(resource, this.#plans.ofType(definition), undefined);
    this.#rules.leaveResource(this.#state, resource, this.#place);
  }

  /** The properties of a resource, a datatype or backbone, or of what stands beside a primitive. */
  #content(object: JsonObject, type: TypePlan<State>, property: PropertyDefinition | undefined): void {
    const { properties, faults, hasExtensions } = type.of(object.shape);
    if (hasExtensions) this.#rules.extended(this.#state, object, property, this.#place);
    const { values, offsets } = object;
    let told = 0;
    for (let at = 0; at < properties.length; at++) {
      for (; faults[told]?.at === at; told++) this.#tellOfName(faults[told] as NameFault, offsets[at] as number);
      const planned = properties[at];
      if (planned === undefined) continue;
      const { plan } = planned;
      const value = values[at] as JsonValue;
      const offset = offsets[at] as number;
      this.#place.enter(plan.property.element.name);
      this.#findings.element = plan.property.element.path;
      if (planned.isCompanion) this.#beside(object, plan, value, offset);
      else if (value instanceof JsonArray) this.#items(object, plan, value, offset);
      else {
        if (plan.isRepeating) this.#tell(bareFault(plan.property.element, offset));
        this.#value(plan, value, offset);
      }
      this.#place.leave();
    }
    for (; told < faults.length; told++) this.#tellOfName(faults[told] as NameFault, object.offset);
  }

  #items(object: JsonObject, plan: PropertyPlan<State>, array: JsonArray, offset: number): void {
    const { items, offsets } = array;
    for (const fault of arrayFaults(plan.property.element, array, offset)) this.#tell(fault);
    for (let index = 0; index < items.length; index++) {
      const item = items[index] as JsonValue;
      const itemOffset = offsets[index] ?? offset;
      this.#place.enter(index);
      if (item !== null || plan.kind === undefined) this.#value(plan, item, itemOffset);
      else if (!hasCompanion(object, plan.property.name, index)) this.#tell(nullFault(plan.property, itemOffset));
      this.#place.leave();
    }
  }

  #value(plan: PropertyPlan<State>, value: JsonValue, offset: number): void {
    this.#findings.element = plan.property.element.path;
    if (plan.kind !== undefined) this.#primitive(plan, value, offset);
    else if (value instanceof JsonObject) this.#object(plan, value, offset);
    else this.#tell(kindFault(plan.property, value, offset));
  }

  #object({ property, content, objectRules }: PropertyPlan<State>, object: JsonObject, offset: number): void {
    if (property.isResource) {
      this.#resource(object, offset);
      return;
    }
    if (content === undefined) return;
    for (let at = 0; at < objectRules.length; at++) objectRules[at]?.(this.#state, object, property, this.#place, offset);
    this.#content(object, content, property);
  }

  #primitive({ property, kind, format, formatRule, textRules }: PropertyPlan<State>, value: JsonValue, offset: number): void {
    const isText = typeof value === "string";
    const isOfKind = kind === "string" ? isText : kind === "number" ? value instanceof JsonNumber : typeof value === "boolean";
    if (!isOfKind) {
      this.#tell(kindFault(property, value, offset));
      return;
    }
    if (typeof value === "boolean") return;
    const text = isText ? value : (value as JsonNumber).text;
    const fault = text === "" ? "" : format(text);
    if (fault === "") this.#report("empty-string", `${property.element.path} is an empty string: leave it out, or give it a value.`, offset);
    else if (fault !== undefined)
      this.#report(formatRule, `"${shown(text, 80)}" is not a valid ${property.type}: ${fault}.`, offset, scopeOf(text, format));
    else for (let at = 0; at < textRules.length; at++) textRules[at]?.(this.#state, text, property, this.#place, offset);
  }

  /** `_name`: id and extensions of a primitive. */
  #beside(object: JsonObject, { property, isRepeating }: PropertyPlan<State>, value: JsonValue, offset: number): void {
    for (const fault of companionFaults(object, property, value, offset)) this.#tell(fault);
    if (isRepeating !== value instanceof JsonArray) return;
    const items = value instanceof JsonArray ? value.items : [value];
    items.forEach((item, index) => {
      if (!(item instanceof JsonObject)) return;
      if (isRepeating) this.#place.enter(index);
      this.#content(item, this.#companion, property);
      if (isRepeating) this.#place.leave();
    });
  }

  #tellOfName({ rule, text, about }: NameFault, offset: number): void {
    this.#findings.element = undefined;
    this.#report(rule, text, offset, about);
  }

  #tell({ rule, text, offset, at }: ValueFault): void {
    if (typeof at === "number") this.#place.enter(at);
    const expression = at === "owner" ? this.#place.owner() : this.#place.expression();
    if (typeof at === "number") this.#place.leave();
    this.#findings.add({ rule, text, expression, offset });
  }

  #report(rule: PlainRuleId, text: string, offset: number, about?: string): void {
    this.#findings.add({ rule, text, expression: this.#place.expression(), offset, ...(about !== undefined && { about }) });
  }
}

function scopeOf(text: string, format: Format): Scope | undefined {
  return lacksSecondsAlone(text, format) ? "without-seconds" : undefined;
}
