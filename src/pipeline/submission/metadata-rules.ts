/** What IHE MHD demands of a DocumentReference and a List that a source sends (MHD 4.2, ITI-65 and ITI-105; ITI TF-3 4.3.1, the columns XDR MS and XDS DS), beside the rules of R4. */
import { JsonArray, type JsonObject, type JsonValue } from "../../core/fhir/tree/tree.ts";
import type { SubmissionFaults } from "./submission-faults.ts";

/** Elements that must be there, as paths with arrays passed through. */
const REFERENCE_MINIMAL = ["masterIdentifier.value", "content.attachment.contentType"];
const REFERENCE_COMPREHENSIVE = [
  ...["type", "category", "subject", "securityLabel", "content.attachment.language", "content.attachment.creation", "content.format"],
  ...["context.facilityType", "context.practiceSetting", "context.sourcePatientInfo"],
];
const SUBMISSION_SET = ["date"];
const SUBMISSION_SET_COMPREHENSIVE = ["subject", "identifier.value"];
const FOLDER = ["identifier.value", "date"];
/** Elements that MHD's profiles of a DocumentReference take away. */
const NEVER = ["docStatus", "modifierExtension"];
const RELATIONS: ReadonlySet<string> = new Set(["replaces", "transforms", "signs", "appends"]);

export interface MetadataRules {
  readonly entry: number;
  readonly isComprehensive: boolean;
  readonly faults: SubmissionFaults;
}

export function checkReference(reference: JsonObject, { entry, isComprehensive, faults }: MetadataRules): void {
  const rules = isComprehensive ? [...REFERENCE_MINIMAL, ...REFERENCE_COMPREHENSIVE] : REFERENCE_MINIMAL;
  demand(reference, rules, { entry, isComprehensive, faults });
  for (const name of NEVER)
    if (reference.has(name)) faults.add(entry, "never", `A DocumentReference of MHD has no ${name}: leave it out.`, `.${name}`, reference);
  if (reference.string("status") !== "current")
    faults.add(entry, "status", `A DocumentReference is submitted with status "current".`, ".status", reference);
  const contents = reference.objects("content");
  if (contents.length !== 1)
    faults.add(entry, "content", `A DocumentReference has one content here, and this one has ${contents.length}.`, ".content", reference);
  for (const [at, relation] of reference.objects("relatesTo").entries()) {
    const code = relation.string("code") ?? "";
    if (!RELATIONS.has(code)) faults.add(entry, "relation", `"${code}" is no relation of documents.`, `.relatesTo[${at}].code`, relation);
  }
}

export function checkList(list: JsonObject, isFolder: boolean, { entry, isComprehensive, faults }: MetadataRules): void {
  const rules = isFolder ? FOLDER : isComprehensive ? [...SUBMISSION_SET, ...SUBMISSION_SET_COMPREHENSIVE] : SUBMISSION_SET;
  demand(list, rules, { entry, isComprehensive, faults });
  if (list.string("status") !== "current") faults.add(entry, "status", `A List of MHD has status "current".`, ".status", list);
  if (list.string("mode") !== "working") faults.add(entry, "mode", `A List of MHD has mode "working".`, ".mode", list);
  if (!isFolder && extensionsOf(list, "ihe-sourceId").length !== 1)
    faults.add(entry, "required", "A SubmissionSet says by one extension ihe-sourceId which system it comes from.", ".extension", list);
}

/** Extensions of IHE's by the last part of their address: it changed from http to https. */
export function extensionsOf(resource: JsonObject, name: string): readonly JsonObject[] {
  return resource.objects("extension").filter((one) => one.string("url")?.endsWith(`/ITI/MHD/StructureDefinition/${name}`));
}

function demand(resource: JsonObject, paths: readonly string[], { entry, isComprehensive, faults }: MetadataRules): void {
  for (const path of paths)
    if (!isThere(resource, path.split(".")))
      faults.add(
        entry,
        "required",
        `${path} is missing, which ${isComprehensive ? "comprehensive" : "minimal"} metadata must have.`,
        `.${path}`,
        resource,
      );
}

function isThere(value: JsonValue | undefined, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return value !== undefined && value !== null && value !== "";
  if (value instanceof JsonArray) return value.items.some((one) => isThere(one, [name, ...rest]));
  return typeof value === "object" && value !== null && "get" in value && isThere(value.get(name), rest);
}
