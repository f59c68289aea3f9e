import { each, type RuleRows } from "../../../core/fhir/rule.ts";

/** The profiles that are held: R4's types, and R4's vital signs (profiles.ts, vital-signs.ts). */
export const PROFILE_RULES = {
  "profile-of-other-type": {
    severity: "error",
    code: "structure",
    source: "Meta.profile",
    meaning: "A resource declares a profile of R4's own that is of another type.",
    change: "Remove it from `meta.profile`.",
  },
  "vital-sign-code": {
    severity: "error",
    code: "structure",
    source: "observation-vitalsigns.html, magic values",
    meaning: "The one LOINC code by which everybody finds this vital sign is missing beside the more special code, or is there twice.",
    change: "Add it to `code.coding`.",
  },
  "vital-sign-part": {
    severity: "warning",
    code: "business-rule",
    source: "observation-vitalsigns.html, magic values",
    meaning: "The systolic or diastolic pressure stands alone, in an Observation of its own. R4 demands the profile of the code of both, 85354-9.",
    change: "Send both as components of one Observation with that code.",
  },
  "vital-sign-value": {
    severity: "error",
    code: "structure",
    source: "observation-vitalsigns.html",
    meaning:
      "The value, or that of a component of a blood pressure, is no Quantity or lacks its number, unit, system or code; or there is one where none may stand (blood pressure, panel).",
    change: "Send a Quantity with a unit of UCUM; a blood pressure in components.",
  },
  "vital-sign-unit": {
    severity: "error",
    code: "value",
    source: "observation-vitalsigns.html; the profile's value set",
    meaning: "The unit is none of the profile's: `kg`, `g`, `[lb_av]` for a weight, `cm`, `[in_i]` for a height, `/min` for a heart rate, and so on.",
    change: "Convert the value.",
  },
  ...each(["vital-sign-missing", "vital-sign-category", "vital-sign-subject", "vital-sign-effective", "vital-sign-component"], {
    severity: "error",
    code: "structure",
    source: "observation-vitalsigns.html",
    meaning:
      "A vital sign lacks its subject, its time, or the members of a panel; its category is not vital-signs alone; its subject is no Patient; its time is neither a dateTime nor a Period; a blood pressure has not one component for each of systolic and diastolic.",
    change: "Add or mend it.",
  }),
  "vs-1": {
    severity: "error",
    code: "invariant",
    source: "vitalsigns, vs-1",
    meaning: "`effectiveDateTime` is not precise to the day.",
    change: "Say on which day.",
  },
  "vs-2": {
    severity: "error",
    code: "invariant",
    source: "vitalsigns, vs-2",
    meaning: "Neither value nor `dataAbsentReason`, and neither components nor members.",
    change: "Add the value, or say why there is none.",
  },
  "vs-3": {
    severity: "error",
    code: "invariant",
    source: "vitalsigns, vs-3",
    meaning: "A component with neither value nor `dataAbsentReason`.",
    change: "Add the value, or say why there is none.",
  },
} as const satisfies RuleRows;
