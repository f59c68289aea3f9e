import type { VitalSignsProfile } from "../../core/fhir/r4/held-profiles.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { Findings, PlainRuleId } from "./findings.ts";
import type { Place } from "./place.ts";
import type { Scope } from "./policy.ts";
import { shown } from "./shown.ts";

/*
 * R4's vital signs profiles (observation-vitalsigns.html, and the profiles derived from it): an Observation whose code is one of the table SHALL conform to the profile. Plain data, until
 * profiles are compiled.
 */

const LOINC = "http://loinc.org";
const SNOMED = "http://snomed.info/sct";
const UCUM = "http://unitsofmeasure.org";
const CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category";
const PROFILES = "http://hl7.org/fhir/StructureDefinition/";

interface VitalSign {
  /** The last part of the profile's canonical. */
  readonly profile: VitalSignsProfile;
  readonly title: string;
  /** The LOINC code that R4 demands of each of them ("magic value"). */
  readonly code?: string;
  /** Codes of the same observation, of which HL7's validator demands the profile, and so the code above beside them: LOINC's and SNOMED CT's. */
  readonly alsoLoinc: string;
  readonly alsoSnomed: string;
  /** What the value may be: a Quantity in one of these UCUM units, nothing, or anything. */
  readonly value: readonly string[] | "none" | "any";
  readonly mustHave?: "value" | "hasMember";
  /** LOINC codes of the components that must be there, each once. */
  readonly components?: Readonly<Record<string, readonly string[]>>;
}

const BASE: VitalSign = { profile: "vitalsigns", title: "Vital Signs", alsoLoinc: "", alsoSnomed: "", value: "any" };

/** In the order in which HL7's validator asks: the first that fits counts. */
const VITAL_SIGNS: readonly VitalSign[] = [
  { profile: "vitalspanel", title: "Vital Signs Panel", alsoLoinc: "85353-1", alsoSnomed: "46680005", value: "none", mustHave: "hasMember" },
  {
    profile: "resprate",
    title: "Respiratory Rate",
    code: "9279-1",
    alsoLoinc: "76170-0 76172-6 76171-8 19840-8 33438-3 76270-8 11291-2",
    alsoSnomed: "86290005 271625008 271306003",
    value: ["/min"],
  },
  {
    profile: "heartrate",
    title: "Heart rate",
    code: "8867-4",
    alsoLoinc: "60978-4 73795-7 73799-9 76476-1 76477-9 8889-8 8890-6 8891-4 8892-2 8893-0 40443-4 55425-3 68999-2 11328-2 69000-8 8886-4",
    alsoSnomed: "249043002 444981005 399017001 251670001 429525003 429614003",
    value: ["/min"],
  },
  {
    profile: "oxygensat",
    title: "Oxygen saturation",
    code: "2708-6",
    alsoLoinc: "19224-5 20564-1 2709-4 2710-2 2713-6 51733-4 59408-5 59417-6 89276-0 97549-0",
    alsoSnomed: "442476006 431314004",
    value: ["%"],
  },
  {
    profile: "bodytemp",
    title: "Body temperature",
    code: "8310-5",
    alsoLoinc:
      "60834-9 60835-6 60836-4 60838-0 60955-2 61009-7 75539-7 75987-8 76010-8 76011-6 76278-1 8309-7 8328-7 8329-5 8330-3 8331-1 8332-9 8333-7 8334-5 91371-5 98657-0 98663-8",
    alsoSnomed:
      "386725007 276885007 300076005 1222808002 364246006 307047009 708499008 431598003 698831002 698832009 415882003 415974002 415929009 415945006",
    value: ["Cel", "[degF]"],
  },
  {
    profile: "bodyheight",
    title: "Body height",
    code: "8302-2",
    alsoLoinc: "3137-7 3138-5 8306-3 8308-9",
    alsoSnomed: "1153637007 1162419008 50373000 1162418000 1230278008 1162392001 1162417005",
    value: ["cm", "[in_i]"],
  },
  {
    profile: "headcircum",
    title: "Head circumference",
    code: "9843-4",
    alsoLoinc: "8287-5",
    alsoSnomed: "363812007 169876006 1269262007 363811000",
    value: ["cm", "[in_i]"],
  },
  {
    profile: "bodyweight",
    title: "Body weight",
    code: "29463-7",
    alsoLoinc: "3141-9 3142-7 75292-3 79348-9 8350-1 8351-9",
    alsoSnomed: "735395000 425024002 424927000 784399000 1162416001 1162415002",
    value: ["kg", "[lb_av]", "g"],
  },
  { profile: "bmi", title: "Body mass index", code: "39156-5", alsoLoinc: "89270-3", alsoSnomed: "60621009", value: ["kg/m2"], mustHave: "value" },
  {
    profile: "bp",
    title: "Blood pressure systolic and diastolic",
    code: "85354-9",
    alsoLoinc: "35094-2 8459-0 76534-7 55284-4 8480-6",
    alsoSnomed: "251076008 163033001 163035008 386534000 386536003 271649006 271650006 407556006 407554009 716579001 399304008",
    value: "none",
    components: { "8480-6": ["mm[Hg]"], "8462-4": ["mm[Hg]"] },
  },
];

/** Codes of one part of a blood pressure, for which HL7's validator demands the whole. R4 demands it of 85354-9, which is no other name for a part (docs/differential.md). */
const PART_CODES: ReadonlySet<string> = new Set([
  ...["8480-6", "8459-0", "76534-7"].map((code) => `${LOINC}|${code}`),
  ...["271649006", "271650006", "407554009", "407556006", "716579001", "399304008"].map((code) => `${SNOMED}|${code}`),
]);

/** Which profile a code asks for, by `system|code`, as its place in the table: LOINC's codes come before SNOMED CT's. */
const RANKS: ReadonlyMap<string, number> = new Map(
  [...VITAL_SIGNS.entries()].flatMap(([rank, { code = "", alsoLoinc, alsoSnomed }]) => [
    ...`${code} ${alsoLoinc}`.split(" ").map((one) => [`${LOINC}|${one}`, rank] as const),
    ...alsoSnomed.split(" ").map((one) => [`${SNOMED}|${one}`, rank + VITAL_SIGNS.length] as const),
  ]),
);
/** The same codes without their systems: most Observations have none of them, and need not be looked up by both. */
const CODES: ReadonlySet<string> = new Set([...RANKS.keys()].map((key) => key.slice(key.indexOf("|") + 1)));
const BY_PROFILE: ReadonlyMap<string, VitalSign> = new Map([BASE, ...VITAL_SIGNS].map((sign) => [PROFILES + sign.profile, sign]));

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
