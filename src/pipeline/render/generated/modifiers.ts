/** Elements that change how what holds them is read (isModifier in R4's definitions), and what their values mean for that. The one place that knows them: marks.ts shows them. */

/**
 * `error`: was never true. `negated`: says the opposite. `ended`: no longer so. `caution`: less, or otherwise, than it seems. `plain`: as anybody would take it.
 */
export type Tone = "plain" | "caution" | "ended" | "negated" | "error";

/** The worst first. */
export const TONES: readonly Tone[] = ["error", "negated", "ended", "caution", "plain"];

const spread = (tone: Tone, codes: string): [string, Tone][] =>
  codes
    .trim()
    .split(/\s+/)
    .map((code) => [code, tone]);

/** What a code of any status, intent, mode or use means. */
const CODES: ReadonlyMap<string, Tone> = new Map([
  ...spread("error", "entered-in-error"),
  ...spread(
    "negated",
    "not-done not-taken refuted declined rejected disapproved contraindicated noshow ineligible not-billable not-registered unsatisfactory unavailable disjoint unmatched failure failed error",
  ),
  ...spread(
    "ended",
    `stopped cancelled revoked resolved inactive remission retired abandoned aborted terminated withdrawn superseded off off-study old
     closed-to-accrual closed-to-accrual-and-intervention administratively-completed`,
  ),
  ...spread(
    "caution",
    `on-hold onhold suspended draft preliminary registered partial unknown health-unknown proposed proposal plan planned option directive unconfirmed provisional differential
     potential pending tentative needs-action not-started intended preparation requested received accepted ready offered negotiable disputed waitlist test
     data-requested data-required changes temp anonymous in-review candidate potential-candidate screening pending-on-study temporarily-closed-to-accrual
     temporarily-closed-to-accrual-and-intervention overdue < <= > >= inexact wider narrower relatedto onleave waiting`,
  ),
  ...spread(
    "plain",
    `active actual amended appended corrected final completed complete finished fulfilled confirmed recurrence relapse current order original-order reflex-order filler-order instance-order
     in-progress arrived triaged booked checked-in available approved billable billed billing balanced issued due immune success scheduled snapshot working home work mobile official usual
     secondary nickname maiden executable executed policy renewed eligible follow-up on-study on-study-intervention on-study-observation increase decrease
     equal equivalent subsumes specializes treatment research patient-privacy adr`,
  ),
]);

/** Elements whose codes mean something else than their words do elsewhere. */
const EXCEPTIONS: Readonly<Record<string, Readonly<Record<string, Tone>>>> = {
  // A plan to treat is what a care plan is.
  "CarePlan.intent": { plan: "plain", proposal: "caution", option: "caution" },
  "Encounter.status": { cancelled: "negated" },
  "Appointment.status": { cancelled: "negated" },
  "AllergyIntolerance.verificationStatus": { unconfirmed: "caution" },
};

/** What a modifier that is true or false means; the value that is not named is plain. */
interface Truth {
  readonly value: boolean;
  readonly tone: Tone;
}

const NOT_ACTIVE: Truth = { value: false, tone: "ended" };
const NOT_TO_BE_DONE: Truth = { value: true, tone: "negated" };

const TRUTHS: Readonly<Record<string, Truth>> = {
  active: NOT_ACTIVE,
  doNotPerform: NOT_TO_BE_DONE,
  isSubpotent: { value: true, tone: "caution" },
  deleted: { value: true, tone: "ended" },
  deceased: { value: true, tone: "caution" },
};

const STATUS = `Account ActivityDefinition Appointment CapabilityStatement CarePlan CarePlan.activity.detail CareTeam ChargeItem ChargeItemDefinition Claim ClaimResponse ClinicalImpression
 CodeSystem Communication CommunicationRequest CompartmentDefinition Composition ConceptMap Consent Contract Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue
 Device DeviceRequest DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis Encounter Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare
 EventDefinition Evidence EvidenceVariable ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag GraphDefinition GuidanceResponse ImagingStudy Immunization ImmunizationEvaluation
 ImplementationGuide InsurancePlan Invoice Library List Location Measure MeasureReport Media Medication MedicationAdministration MedicationDispense MedicationKnowledge MedicationRequest
 MedicationStatement MessageDefinition NamingSystem NutritionOrder Observation OperationDefinition PaymentNotice PaymentReconciliation PlanDefinition Procedure Questionnaire
 QuestionnaireResponse RequestGroup ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject RiskEvidenceSynthesis SearchParameter ServiceRequest Specimen
 StructureDefinition StructureMap Subscription Substance SupplyDelivery SupplyRequest Task TerminologyCapabilities TestReport TestScript ValueSet VisionPrescription`;

const paths = (element: string, types: string): string[] =>
  types
    .trim()
    .split(/\s+/)
    .map((type) => `${type}.${element}`);

/** Which elements are modifiers of codes or concepts, or true or false: by path. */
export const MODIFIERS: ReadonlySet<string> = new Set([
  ...paths("status", STATUS),
  ...paths("intent", "CarePlan DeviceRequest MedicationRequest NutritionOrder RequestGroup ServiceRequest"),
  ...paths("active", "BodyStructure HealthcareService Organization Patient Person RelatedPerson Schedule"),
  ...paths("doNotPerform", "ActivityDefinition CarePlan.activity.detail CommunicationRequest Contract.term.action MedicationRequest ServiceRequest"),
  ...paths("clinicalStatus", "AllergyIntolerance Condition"),
  ...paths("verificationStatus", "AllergyIntolerance Condition"),
  "AdverseEvent.actuality",
  "AppointmentResponse.participantStatus",
  "ConceptMap.group.element.target.equivalence",
  "Consent.scope",
  "Goal.lifecycleStatus",
  "Immunization.isSubpotent",
  "ImmunizationRecommendation.recommendation.forecastStatus",
  "List.entry.deleted",
  "List.mode",
  "MeasureReport.improvementNotation",
  "Patient.deceased",
  "Patient.link",
  "Basic.code",
]);

/** The same by type: which elements of it are modifiers. Most types have none. */
export const MODIFIERS_OF: ReadonlyMap<string, ReadonlySet<string>> = byType(MODIFIERS);

function byType(all: ReadonlySet<string>): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const path of all) {
    const at = path.lastIndexOf(".");
    const elements = found.get(path.slice(0, at)) ?? new Set();
    found.set(path.slice(0, at), elements.add(path.slice(at + 1)));
  }
  return found;
}

/** Modifiers that the wording of their datatype says itself, where they stand among its words. */
export const WORDED_MODIFIERS: ReadonlySet<string> = new Set([
  ...paths("comparator", "Age Count Distance Duration Quantity"),
  ...paths("use", "Address ContactPoint HumanName Identifier"),
]);

/** Modifiers whose label alone says what they change: listed like any other element. */
export const LISTED_MODIFIERS: ReadonlySet<string> = new Set([
  "Questionnaire.item.enableWhen",
  "MedicinalProductIngredient.specifiedSubstance.strength.presentationLowLimit",
  "MedicinalProductIngredient.specifiedSubstance.strength.concentrationLowLimit",
]);

/** A code as it is read: a policy may let one with other capitals pass (`Entered-In-Error`), which means the same to everybody who reads it. R4's are in lower case. */
export function readCode(code: string): string {
  return code.trim().toLowerCase();
}

/** What a code of a modifier means; undefined for a code that is in none of R4's value sets, which nobody can tell. */
export function toneOfCode(path: string, code: string): Tone | undefined {
  const read = readCode(code);
  return EXCEPTIONS[path]?.[read] ?? CODES.get(read);
}

/** What true or false means for a modifier; undefined for one that is not known. */
export function toneOfTruth(element: string, value: boolean): Tone | undefined {
  const truth = TRUTHS[element];
  return truth === undefined ? undefined : truth.value === value ? truth.tone : "plain";
}

export function worst(tones: readonly Tone[]): Tone {
  return TONES.find((tone) => tones.includes(tone)) ?? "plain";
}
