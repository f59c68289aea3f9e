/** Which actors of IHE this service is, by the CapabilityStatements in which IHE says what each does (docs/design/mhd.md, "Actors"). Those of MHD are of 4.2.3, which has the same addresses as 4.2.4. */
import { MHD, mhdProfile, MXDE, PDQM, PIXM, QEDM } from "../../core/fhir/ihe.ts";

/** The canonical addresses. @param hasFeed whether identity feeds are taken (ITI-104), and asked about (ITI-83) */
export function iheActors(hasFeed: boolean): string[] {
  const recipient = ["", ".Comprehensive", ".UnContained", ".Simplified", ".Generate", ".Fdoc"];
  return [
    ...recipient.map((option) => `${MHD}/CapabilityStatement/IHE.MHD.DocumentRecipient${option}`),
    `${MHD}/CapabilityStatement/IHE.MHD.DocumentResponder`,
    `${MXDE}/CapabilityStatement/IHE.mXDE.DataElementExtractor`,
    `${QEDM}/CapabilityStatement/IHE.QEDm.Clinical-Data-Source`,
    `${PDQM}/CapabilityStatement/IHE.PDQm.PatientDemographicsSupplier`,
    ...(hasFeed ? [`${PIXM}/CapabilityStatement/IHE.PIXm.Manager`] : []),
  ];
}

/** What a machine cannot tell of it by the addresses. */
export const IHE_OPTIONS =
  "IHE MHD, Document Recipient (ITI-65, ITI-105, ITI-106) with the options Comprehensive Metadata, UnContained Reference, Simplified Publish, Generate Metadata and ITI-65 FHIR Documents Publish, and Document Responder (ITI-66, ITI-67, ITI-68) with UnContained Reference. Documents are of FHIR: other media types (PDF, CDA, text) are refused. IHE QEDm, Clinical Data Source (PCC-44) with the options Simple Observations, Allergies and Intolerances, Conditions, Diagnostic Reports, Medications, Immunizations, Procedures, Encounters and Provenance; not Occupational Data for Health.";

/** The profiles of IHE that resources of a type may claim here. */
export const IHE_PROFILES: Readonly<Record<string, readonly string[]>> = {
  DocumentReference: ["Minimal", "UnContained.Comprehensive", "Comprehensive"].map((level) => mhdProfile(`${level}.DocumentReference`)),
  List: [
    ...["Minimal", "UnContained.Comprehensive", "Comprehensive"].map((level) => mhdProfile(`${level}.SubmissionSet`)),
    ...["Minimal", "Comprehensive"].map((level) => mhdProfile(`${level}.Folder`)),
  ],
  Provenance: [`${MXDE}/StructureDefinition/IHE.ITI.mXDE.Provenance`],
};
