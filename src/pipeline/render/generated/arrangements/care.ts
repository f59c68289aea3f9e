/** Problems, allergies, procedures, care (R4 clinical summary and care provision modules). */
import type { Part } from "../../html.ts";
import { isBlank, joined } from "../joined.ts";
import { said, type RenderContext } from "../render-context.ts";
import type { Unsaid } from "../unsaid.ts";
import { column, dates, figures, type Arrangement } from "./arrangement.ts";

const reason = column("reason", "reasonCode", "reasonReference");

export const CARE_ARRANGEMENTS: Readonly<Record<string, Arrangement>> = {
  Condition: {
    columns: [column("name", "code"), column("severity", "severity"), dates("onset", "onset"), dates("end", "abatement"), column("site", "bodySite")],
  },
  AllergyIntolerance: {
    columns: [
      column("name", "code"),
      column("criticality", "criticality"),
      column("reaction", "reaction"),
      column("kind", "type", "category"),
      dates("onset", "onset"),
    ],
  },
  Procedure: { columns: [column("name", "code"), dates("date", "performed"), column("site", "bodySite"), column("outcome", "outcome"), reason] },
  Immunization: {
    columns: [
      column("vaccine", "vaccineCode"),
      dates("date", "occurrence"),
      figures("dose", "doseQuantity", "protocolApplied"),
      column("lot", "lotNumber", "expirationDate"),
      column("site", "site", "route"),
    ],
  },
  FamilyMemberHistory: {
    columns: [
      column("relationship", "relationship", "name"),
      figures("age", "age", "born"),
      { ...column("condition", "condition"), kind: "prose" },
      column("deceased", "deceased"),
    ],
  },
  CarePlan: {
    columns: [column("name", "title", "category"), column("description", "description"), dates("period", "period"), column("activity", "activity")],
  },
  Goal: { columns: [column("name", "description"), column("achievement", "achievementStatus"), column("target", "target"), dates("date", "start")] },
  ServiceRequest: {
    columns: [
      column("name", "code"),
      figures("quantity", "quantity"),
      dates("date", "occurrence", "authoredOn"),
      column("requester", "requester"),
      reason,
    ],
  },
  DeviceRequest: { columns: [column("name", "code"), dates("date", "occurrence", "authoredOn"), column("requester", "requester"), reason] },
  DeviceUseStatement: { columns: [column("device", "device"), dates("date", "timing"), column("site", "bodySite"), reason] },
  Device: {
    columns: [
      column("name", "deviceName", "type"),
      column("manufacturer", "manufacturer", "modelNumber"),
      column("lot", "lotNumber", "serialNumber"),
    ],
  },
  Flag: { columns: [column("name", "code"), column("kind", "category"), dates("period", "period"), column("author", "author")] },
  Encounter: {
    columns: [column("name", "type", "class"), dates("period", "period"), reason, column("participant", "participant"), column("site", "location")],
  },
  ClinicalImpression: {
    columns: [column("name", "code", "description"), column("summary", "summary"), column("finding", "finding"), dates("date", "effective", "date")],
  },
  RiskAssessment: { columns: [column("name", "code"), column("prediction", "prediction"), dates("date", "occurrence"), reason] },
  NutritionOrder: {
    columns: [column("name", "oralDiet", "supplement", "enteralFormula"), dates("date", "dateTime"), column("requester", "orderer")],
  },
  Task: {
    columns: [
      column("name", "code", "description"),
      column("for", "focus"),
      dates("date", "executionPeriod", "authoredOn"),
      column("owner", "owner"),
    ],
  },
  Appointment: { columns: [column("name", "description", "serviceType"), dates("date", "start"), column("participant", "participant"), reason] },
  Communication: { columns: [column("name", "topic", "category"), column("content", "payload"), dates("date", "sent", "received")] },
  QuestionnaireResponse: {
    columns: [
      { ...column("question", "text", "questionnaire"), wording: questionPart },
      column("answer", "answer"),
      dates("date", "authored"),
      column("author", "author", "source"),
    ],
    rows: [{ element: "item" }],
  },
};

/** A question, or the questionnaire that questions are of. */
function questionPart(unsaid: Unsaid, context: RenderContext): Part {
  const words = joined([said(unsaid, "text", context), said(unsaid, "questionnaire", context)], "; ");
  return isBlank(words) && unsaid.object.has("resourceType") ? context.locale.word("one-QuestionnaireResponse") : words;
}
