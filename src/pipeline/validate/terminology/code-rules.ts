import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Bindings, PropertyDefinition, TypeDefinition } from "../../../core/fhir/r4/definitions.ts";
import type { Terminology, ValueSet } from "../../../core/fhir/r4/terminology.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import { shown } from "../shown.ts";

/*
 * Codes against the value sets that R4 binds to their element (R4 terminologies.html, 4.1.3 to 4.1.5) and against their own code systems, as far as R4's package holds both: what can't be
 * known is accepted.
 */

/** Elements of type code that must or should be of a value set. */
export function isBoundCode({ type, element }: PropertyDefinition): boolean {
  return type === "code" && isBound(element.bindings);
}

export function checkCode(
  code: string,
  { element }: PropertyDefinition,
  place: Place,
  offset: number,
  findings: Findings,
  terminology: Terminology,
): void {
  checkCodeAt(code, element.bindings, () => place.expression(), offset, findings, terminology);
}

/** CodeableConcepts, Codings of their own and Quantities. */
export function isCoded({ type, element, content }: PropertyDefinition): boolean {
  return type === "CodeableConcept" || (type === "Coding" && element.path !== "CodeableConcept.coding") || isQuantity(content);
}

export function checkCoded(
  object: JsonObject,
  property: PropertyDefinition,
  place: Place,
  offset: number,
  findings: Findings,
  terminology: Terminology,
): void {
  const { bindings } = property.element;
  if (property.type === "CodeableConcept") checkConcept(object, bindings, place, offset, findings, terminology);
  else if (property.type === "Coding") {
    checkCodings([object], bindings, place, offset, findings, terminology);
    checkKnown(object, place, findings, terminology);
  } else if (object.has("code")) {
    checkCodings([object], bindings, place, offset, findings, terminology);
    if (property.content) checkCodings([object], property.content.bindings, place, offset, findings, terminology);
    checkKnown(object, place, findings, terminology);
  }
}

/** Quantity and what is derived from it (Age, Duration …). */
function isQuantity(content: TypeDefinition | undefined): boolean {
  return content?.properties.has("unit") === true;
}

/** A code that says no system, at a place that the caller knows. */
export function checkCodeAt(
  code: string,
  bindings: Bindings,
  expression: () => string,
  offset: number,
  findings: Findings,
  terminology: Terminology,
): void {
  const required = boundTo(terminology, bindings.required ?? bindings.maximum);
  if (required?.membership(code, undefined) === "stranger") {
    findings.add({ rule: "binding-required", text: refusal(shown(code, 80), required), expression: expression(), offset });
    return;
  }
  const extensible = boundTo(terminology, bindings.extensible);
  if (extensible?.membership(code, undefined) === "stranger")
    findings.add({ rule: "binding-extensible", text: advice(shown(code, 80), extensible), expression: expression(), offset });
}

function checkConcept(concept: JsonObject, bindings: Bindings, place: Place, offset: number, findings: Findings, terminology: Terminology): void {
  const codings = concept.objects("coding");
  if (checkCodings(codings, bindings, place, offset, findings, terminology)) return;
  place.enter("coding");
  for (let index = 0; index < codings.length; index++) {
    place.enter(index);
    checkKnown(codings[index] as JsonObject, place, findings, terminology);
    place.leave();
  }
  place.leave();
}

/** True when something was said of them all. */
function checkCodings(
  codings: readonly JsonObject[],
  bindings: Bindings,
  place: Place,
  offset: number,
  findings: Findings,
  terminology: Terminology,
): boolean {
  if (!isBound(bindings)) return false;
  if (codings.length === 0) {
    // What a maximum value set limits may be told in words alone.
    if (bindings.required === undefined) return false;
    // No code is none of the value set's, be that held or not.
    const title = boundTo(terminology, bindings.required)?.title ?? bindings.required;
    const text = `A code of the value set ${title} is required: add a coding.`;
    findings.add({ rule: "binding-required", text, expression: place.expression(), offset });
    return true;
  }
  const required = boundTo(terminology, bindings.required ?? bindings.maximum);
  if (required && codings.every((coding) => membershipOf(coding, required) === "stranger")) {
    findings.add({ rule: "binding-required", text: refusal(listOf(codings), required), expression: place.expression(), offset });
    return true;
  }
  const extensible = boundTo(terminology, bindings.extensible);
  if (!extensible || codings.some((coding) => membershipOf(coding, extensible) !== "stranger")) return false;
  // Of a code in a system that is not held nobody can say whether the value set has none that would do.
  const judged = codings.filter((coding) => terminology.codeSystem(coding.string("system") ?? "")?.has(coding.string("code") ?? "") === true);
  if (judged.length > 0)
    findings.add({ rule: "binding-extensible", text: advice(listOf(judged), extensible), expression: place.expression(), offset });
  return false;
}

/** The code of a system that is held is one of its codes. */
function checkKnown(coding: JsonObject, place: Place, findings: Findings, terminology: Terminology): void {
  const system = coding.string("system");
  const code = coding.string("code");
  if (system === undefined || code === undefined || code === "" || terminology.codeSystem(system)?.has(code) !== false) return;
  place.enter("code");
  const text = `The code system ${shown(system)} has no code "${shown(code, 80)}": mend the code or the system.`;
  findings.add({ rule: "code-unknown", text, expression: place.expression(), offset: coding.offsetOf("code") });
  place.leave();
}

function isBound({ required, maximum, extensible }: Bindings): boolean {
  return required !== undefined || maximum !== undefined || extensible !== undefined;
}

function boundTo(terminology: Terminology, url: string | undefined): ValueSet | undefined {
  return url === undefined ? undefined : terminology.valueSet(url);
}

/** A Coding without a system means nothing (R4 datatypes.html, Coding), so it is in no value set. */
function membershipOf(coding: JsonObject, set: ValueSet): ReturnType<ValueSet["membership"]> {
  return set.membership(coding.string("code") ?? "", coding.string("system") ?? "");
}

function listOf(codings: readonly JsonObject[]): string {
  const names = codings.slice(0, 3).map((coding) => {
    const system = coding.string("system");
    return `${system === undefined ? "no system" : shown(system)} | ${shown(coding.string("code") ?? "no code", 80)}`;
  });
  return names.join(", ") + (codings.length > names.length ? ", …" : "");
}

function refusal(what: string, set: ValueSet): string {
  return `"${what}" is not in the value set ${set.title}, from which this element must be coded${choices(set)}.`;
}

function advice(what: string, set: ValueSet): string {
  return `"${what}" is not in the value set ${set.title}, from which this element should be coded if one of its codes fits${choices(set)}.`;
}

function choices(set: ValueSet): string {
  const { examples } = set;
  return examples.length === 0 ? "" : `: ${examples.slice(0, 10).join(", ")}${examples.length > 10 ? ", …" : ""}`;
}
