import { MHD, mhdExtension } from "../ihe.ts";

/** SearchParameters that IHE's MHD defines beside those of R4 (ITI-66 and ITI-67), by type. */
export interface IheParameter {
  readonly code: string;
  readonly type: "date" | "token";
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
