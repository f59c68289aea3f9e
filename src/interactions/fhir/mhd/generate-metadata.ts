import { operationOutcome, type Issue } from "../../../core/fhir/issue.ts";
import { MHD } from "../../../core/fhir/ihe.ts";
import { SourceExcerpt } from "../../../core/fhir/reading/source-excerpt.ts";
import type { Source } from "../../../core/fhir/reading/source-text.ts";
import { treeOf, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import { STATUS_OF, type CreateInteraction } from "../../interaction.ts";
import type { FhirOperation, OperationAnswer } from "../operation.ts";
import type { SubmissionNeeds } from "./provide-documents.ts";

/** `DocumentReference/$generate-metadata` (IHE MHD, ITI-106): a document is deposited, and the repository says of it what it says of itself. */
export function generateMetadata({
  depositing,
  deposit,
}: Pick<SubmissionNeeds, "depositing"> & { readonly deposit: CreateInteraction }): FhirOperation {
  return {
    name: "generate-metadata",
    definition: `${MHD}/OperationDefinition/generate-metadata`,
    documentation:
      "Generate Metadata (IHE MHD, ITI-106): deposits a document (a Bundle of type document, or a Binary that holds one) and answers with the DocumentReference that is made of it. Sending it again gives the same one.",
    levels: ["type"],
    types: ["DocumentReference"],
    affectsState: true,
    parameters: [{ name: "document", isSimple: false, type: "Resource", min: 1, max: "1" }],
    handle: async (asked, { sent }) => {
      if (!sent) return refused(400, [NOTHING]);
      const { limits, work } = depositing;
      const receivedAt = new Date();
      const read = await work.do("unpackParameter", { ...sent, limits }, { bytes: sent.bytes.length, handOver: [sent.bytes] });
      if (read.kind !== "document") return refused(read.kind === "unreadable" ? 400 : 422, read.issues, new SourceExcerpt(read.source));
      const { id, kind, issues, source } = await deposit.handle(asked, { ...read.content, receivedAt });
      if (id === undefined) return refused(STATUS_OF[kind], issues, source);
      const parameter = [{ name: "DocumentReference", valueReference: { reference: `DocumentReference/${id}` } }];
      return { kind: "resource", resource: treeOf({ resourceType: "Parameters", parameter }) as JsonObject };
    },
  };
}

function refused(status: number, issues: readonly Issue[], source?: Source): OperationAnswer {
  return { kind: "refused", status, resource: operationOutcome(issues, source) };
}

const NOTHING: Issue = {
  severity: "error",
  code: "required",
  rule: "mhd-parameter",
  text: "Send the document: a Parameters with one parameter document, which is a Bundle or a Binary.",
};
