import { isVitalSignsProfile } from "../../../core/fhir/r4/held-profiles.ts";
import { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { RuleId } from "../catalogue/catalogue.ts";
import type { Scope } from "../policy.ts";
import type { Naming, Said } from "./sink.ts";

/*
 * What R4's vital signs profiles find has rules of its own: operators choose by them what they let pass.
 */

/** Under which rules it is told of what a profile found; undefined for all but vital signs. */
export function namingOf(profile: string): Naming | undefined {
  return isVitalSignsProfile(profile) ? { named, isToldOnce: (rule) => rule === "vital-sign-value" } : undefined;
}

function named(said: Said): Said {
  // What is no fault of the document is told as of any profile.
  if (said.constraint || said.severity === "information") return said;
  const rule = ruleOf(said.rule, said.about.replaceAll("[x]", ""));
  if (rule === undefined) return said;
  return rule === "vital-sign-value" && isUnitTold(said.within) ? { ...said, rule, about: "unit-told" satisfies Scope } : { ...said, rule };
}

function ruleOf(rule: RuleId, path: string): RuleId | undefined {
  const isMissing = rule === "profile-element-missing" || rule === "profile-slice-missing";
  const [, element = "", part = ""] = /^Observation\.((?:component\.value|[a-z]+)(?:Quantity)?)(?:\.(.*))?$/i.exec(path) ?? [];
  switch (element) {
    case "code":
      return "vital-sign-code";
    case "category":
      return "vital-sign-category";
    case "subject":
      return isMissing ? "vital-sign-missing" : "vital-sign-subject";
    case "effective":
      return isMissing ? "vital-sign-missing" : "vital-sign-effective";
    case "hasMember":
      return "vital-sign-missing";
    case "component":
      return "vital-sign-component";
    case "value":
    case "valueQuantity":
    case "component.value":
    case "component.valueQuantity":
      if (rule === "profile-code") return "vital-sign-unit";
      if (part === "") return isMissing ? "vital-sign-missing" : "vital-sign-value";
      return (part === "system" || part === "code") && !isMissing ? "vital-sign-unit" : "vital-sign-value";
    default:
      return undefined;
  }
}

/** Whether a Quantity tells its number and, in one way, its unit. */
function isUnitTold(quantity: unknown): boolean {
  return quantity instanceof JsonObject && quantity.has("value") && (quantity.has("unit") || quantity.has("code"));
}
