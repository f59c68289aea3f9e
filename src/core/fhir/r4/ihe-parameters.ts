import { MHD, mhdExtension } from "../ihe.ts";

/** SearchParameters that IHE asks for beside those of R4, by type: of MHD (ITI-66 and ITI-67), and that of PDQm (ITI-78), which HL7 defines upon an extension. */
export interface IheParameter {
  readonly code: string;
  readonly type: "date" | "string" | "token";
  readonly expression: string;
  readonly url: string;
}

export const IHE_PARAMETERS: Readonly<Record<string, readonly IheParameter[]>> = {
  DocumentReference: [
    {
      code: "creation",
      type: "date",
      expression: "DocumentReference.content.attachment.creation",
      url: `${MHD}/SearchParameter/DocumentReference-Creation`,
    },
  ],
  Patient: [
    {
      code: "mothersMaidenName",
      type: "string",
      expression: "Patient.extension.where(url='http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName').value",
      url: "http://hl7.org/fhir/SearchParameter/patient-extensions-Patient-mothersMaidenName",
    },
  ],
  List: [
    {
      code: "designationType",
      type: "token",
      expression: `List.extension.where(url='${mhdExtension("ihe-designationType")}').value`,
      url: `${MHD}/SearchParameter/List-DesignationType`,
    },
    {
      code: "sourceId",
      type: "token",
      expression: `List.extension.where(url='${mhdExtension("ihe-sourceId")}').value`,
      url: `${MHD}/SearchParameter/List-SourceId`,
    },
  ],
};
