import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { Findings, PlainRuleId } from "./findings.ts";
import type { Place } from "./place.ts";
import type { Scope } from "./policy.ts";
import { shown } from "./shown.ts";
import { BY_PROFILE, CODES, LOINC, PART_CODES, RANKS, VITAL_SIGNS, type VitalSign } from "./vital-sign-table.ts";

/*
 * R4's vital signs profiles (observation-vitalsigns.html, and the profiles derived from it): an Observation whose code is one of the table SHALL conform to the profile. Plain data, until
 * profiles are compiled.
 */

const UCUM = "http://unitsofmeasure.org";
const CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category";

/** What an Observation is told about its vital signs profiles. */
interface Context {
  readonly place: Place;
  readonly findings: Findings;
  /** The type of the resource that a Reference leads to, if it is here. */
  readonly targetType: (reference: string) => string | undefined;
}

/**
 * Holds an Observation against the vital signs profile that its code asks for, and those that it declares.
 * @param declared canonicals without their versions
 */
export function checkVitalSigns(observation: JsonObject, declared: readonly string[], context: Context): void {
  const coding = observation.object("code")?.objects("coding") ?? [];
  if (declared.length === 0 && !coding.some((one) => CODES.has(one.string("code") ?? ""))) return;
  const codes = coding.map((one) => `${one.string("system") ?? ""}|${one.string("code") ?? ""}`).filter((code) => RANKS.has(code));
  const isPart = codes.length > 0 && codes.every((code) => PART_CODES.has(code));
  const ranks = isPart ? [] : codes.flatMap((code) => RANKS.get(code) ?? []);
  const asked = ranks.length === 0 ? undefined : VITAL_SIGNS[Math.min(...ranks) % VITAL_SIGNS.length];
  if (isPart)
    context.findings.add({
      rule: "vital-sign-part",
      text: "One part of a blood pressure stands alone: R4's profile (bp) has both in one Observation with the LOINC code 85354-9, as components.",
      expression: `${context.place.expression()}.code`,
      offset: observation.offsetOf("code"),
    });
  const signs = new Set([asked, ...declared.map((canonical) => BY_PROFILE.get(canonical))]);
  for (const sign of signs) if (sign) new VitalSignCheck(observation, sign, context).all();
}

/** Holds it against one of these profiles alone. @param canonical without its version */
export function checkVitalSign(observation: JsonObject, canonical: string, context: Context): void {
  const sign = BY_PROFILE.get(canonical);
  if (sign) new VitalSignCheck(observation, sign, context).all();
}

class VitalSignCheck {
  readonly #observation: JsonObject;
  readonly #sign: VitalSign;
  readonly #context: Context;

  constructor(observation: JsonObject, sign: VitalSign, context: Context) {
    this.#observation = observation;
    this.#sign = sign;
    this.#context = context;
  }

  all(): void {
    this.#code();
    this.#category();
    this.#subject();
    this.#effective();
    this.#value();
    this.#components();
    if (this.#sign.mustHave === "hasMember" && this.#observation.objects("hasMember").length === 0)
      this.#tell("vital-sign-missing", "hasMember is missing: refer to its measurements.");
  }

  #code(): void {
    const { code } = this.#sign;
    const count = code === undefined ? 1 : codingsOf(this.#observation.object("code"), code).length;
    if (count === 0) this.#tell("vital-sign-code", `the LOINC code ${code ?? ""} is missing: add it beside the others.`, "code");
    else if (count > 1) this.#tell("vital-sign-code", `the LOINC code ${code ?? ""} stands there ${count} times: keep one.`, "code");
  }

  /** One category is that of vital signs, and says nothing else. */
  #category(): void {
    const isVital = (category: JsonObject): boolean =>
      category.objects("coding").some((coding) => coding.string("system") === CATEGORY) &&
      category.objects("coding").some((coding) => coding.string("code") === "vital-signs");
    const found = this.#observation.objects("category").filter(isVital);
    const [category] = found;
    if (category === undefined) this.#tell("vital-sign-category", `the category ${CATEGORY} | vital-signs is missing: add it.`);
    else if (found.length > 1) this.#tell("vital-sign-category", `the category vital-signs stands there ${found.length} times: keep one.`);
    else if (category.objects("coding").some((coding) => coding.string("system") !== CATEGORY || coding.string("code") !== "vital-signs"))
      this.#tell("vital-sign-category", "beside vital-signs the same category has another coding: put that into a category of its own.", "category");
  }

  #subject(): void {
    const subject = this.#observation.object("subject");
    if (subject === undefined) this.#tell("vital-sign-missing", "subject is missing: refer to the patient.");
    const reference = subject?.string("reference");
    const type = reference === undefined ? undefined : this.#context.targetType(reference);
    if (type !== undefined && type !== "Patient") this.#tell("vital-sign-subject", `its subject is a Patient, and not a ${shown(type)}.`, "subject");
  }

  #effective(): void {
    const { names } = this.#observation;
    const name = names.map((one) => one.replace(/^_/, "")).find((one) => one.startsWith("effective"));
    if (name === undefined) this.#tell("vital-sign-missing", "effective is missing: say when it was measured (effectiveDateTime, effectivePeriod).");
    else if (name !== "effectiveDateTime" && name !== "effectivePeriod")
      this.#tell("vital-sign-effective", `${shown(name)} may not stand there: use effectiveDateTime or effectivePeriod.`, "effective");
    const time = this.#observation.string("effectiveDateTime");
    if (time !== undefined && time.length < SHORTEST_DAY)
      this.#tell("vs-1", `"${shown(time, 20)}" is not precise to the day.`, "effective", this.#observation.offsetOf("effectiveDateTime"));
  }

  #value(): void {
    const { value: allowed, mustHave } = this.#sign;
    const observation = this.#observation;
    const name = valueName(observation);
    const hasParts = observation.has("component") || observation.has("hasMember");
    if (name === undefined) {
      if (mustHave === "value") this.#tell("vital-sign-missing", "valueQuantity is missing: add it.");
      if (!hasParts && !observation.has("dataAbsentReason"))
        this.#tell("vs-2", "without components and members it has a value or a dataAbsentReason: add one.");
    } else if (allowed === "none") this.#tell("vital-sign-value", `${shown(name)} may not stand there.`, "value", observation.offsetOf(name));
    else if (allowed !== "any") this.#quantity(observation, name, allowed, "");
  }

  #components(): void {
    const components = this.#observation.objects("component");
    components.forEach((component, at) => {
      if (valueName(component) === undefined && !component.has("dataAbsentReason"))
        this.#tell("vs-3", "a component has a value or a dataAbsentReason: add one.", `component[${at}]`, component.offset);
    });
    const demanded = Object.entries(this.#sign.components ?? {});
    if (components.length === 1 && demanded.length > 1)
      this.#tell("vital-sign-component", `it has ${demanded.length} components or more, and not one: part it.`);
    for (const [code, units] of demanded) {
      const places = [...components.entries()].filter(([, component]) => codingsOf(component.object("code"), code).length > 0);
      if (places.length !== 1)
        this.#tell("vital-sign-component", `the component with the LOINC code ${code} stands there once, and not ${places.length} times.`);
      for (const [at, component] of places) {
        if (codingsOf(component.object("code"), code).length > 1)
          this.#tell("vital-sign-component", `${code} stands there twice: keep one.`, `component[${at}].code`, component.offset);
        const name = valueName(component);
        if (name !== undefined) this.#quantity(component, name, units, `component[${at}].`);
      }
    }
  }

  /** A value as a Quantity with value, unit, and a code of UCUM that may stand there. */
  #quantity(object: JsonObject, name: string, units: readonly string[], path: string): void {
    const offset = object.offsetOf(name);
    const quantity = object.object("valueQuantity");
    if (name !== "valueQuantity" || quantity === undefined) {
      this.#tell("vital-sign-value", `it is a Quantity (${units.join(", ")}), and not ${shown(name)}.`, `${path}value`, offset);
      return;
    }
    const missing = ["value", "unit", "system", "code"].filter((part) => !quantity.has(part));
    const isUnitTold = quantity.has("value") && (quantity.has("unit") || quantity.has("code"));
    if (missing.length > 0)
      this.#tell(
        "vital-sign-value",
        `the Quantity lacks ${missing.join(", ")}: add it.`,
        `${path}value`,
        offset,
        isUnitTold ? "unit-told" : undefined,
      );
    const [system, code] = [quantity.string("system"), quantity.string("code")];
    if (system !== undefined && system !== UCUM)
      this.#tell("vital-sign-unit", `its unit is one of UCUM (${UCUM}).`, `${path}value.system`, quantity.offsetOf("system"));
    if (code !== undefined && !units.includes(code))
      this.#tell(
        "vital-sign-unit",
        `"${shown(code, 40)}" is none of its units: ${units.join(", ")}.`,
        `${path}value.code`,
        quantity.offsetOf("code"),
      );
  }

  #tell(rule: PlainRuleId, text: string, path = "", at?: number, about?: Scope): void {
    const offset = at ?? (this.#observation.has(path) ? this.#observation.offsetOf(path) : this.#observation.offset);
    const { place, findings } = this.#context;
    const expression = path === "" ? place.expression() : `${place.expression()}.${path}`;
    const { title, profile } = this.#sign;
    findings.add({ rule, text: `R4's profile ${title} (${profile}): ${text}`, expression, offset, ...(about !== undefined && { about }) });
  }
}

/** `2026-01-01` is longer, `2026-01` shorter: R4's vs-1 counts so. */
const SHORTEST_DAY = 8;

/** The codings of a concept with a LOINC code. */
function codingsOf(concept: JsonObject | undefined, code: string): readonly JsonObject[] {
  return (concept?.objects("coding") ?? []).filter((coding) => coding.string("system") === LOINC && coding.string("code") === code);
}

/** `valueQuantity`: which value there is, be it only an extension in its place. */
function valueName(object: JsonObject): string | undefined {
  return object.names.map((name) => name.replace(/^_/, "")).find((name) => /^value[A-Z]/.test(name));
}
