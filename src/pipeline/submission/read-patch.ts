import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import type { Entry } from "./submission-entries.ts";
import type { SubmissionFaults } from "./submission-faults.ts";

/** The one patch that a submission has: Parameters of FHIRPath Patch (R4 fhirpatch.html) that set the status of a reference that is replaced, and nothing else (MHD, UpdateDocumentRefs). */
export function readPatch({ at, id, resource }: Entry, faults: SubmissionFaults): { entry: number; target: string }[] {
  const operations = resource.objects("parameter").filter((one) => one.string("name") === "operation");
  const part = (operation: JsonObject, name: string): JsonObject | undefined => operation.objects("part").find((one) => one.string("name") === name);
  const [operation] = operations;
  const value = (name: string): string | undefined => {
    const found = operation && part(operation, name);
    return ["valueString", "valueCode"].map((one) => found?.string(one)).find((one) => one !== undefined);
  };
  const isStatus =
    operations.length === 1 && value("type") === "replace" && value("path") === "DocumentReference.status" && value("value") === "superseded";
  if (!isStatus)
    faults.add(
      at,
      "not-supported",
      "Of a DocumentReference that is here the status alone is set, to superseded, of one that the submission replaces (Parameters with one operation: replace of DocumentReference.status).",
      "",
      resource,
    );
  return isStatus && id !== undefined ? [{ entry: at, target: id }] : [];
}
