/** What IHE MHD demands of a DocumentReference and a List that a source sends (MHD 4.2, ITI-65 and ITI-105; ITI TF-3 4.3.1, the columns XDR MS and XDS DS), beside the rules of R4. */
import { keepingText, labelsAgainstKeeping } from "../../core/fhir/label-codes.ts";
import { JsonArray, type JsonObject, type JsonValue } from "../../core/fhir/tree/tree.ts";
import { checkReferenceIdentifiers, checkSetIdentifiers } from "./submitted-identifiers.ts";
import type { SubmissionFaults } from "./submission-faults.ts";
import type { ProvideProfile } from "./submission-forms.ts";

/** Elements that must be there, as paths with arrays passed through. */
const REFERENCE_MINIMAL = ["masterIdentifier.system", "masterIdentifier.value", "content.attachment.contentType"];
const REFERENCE_UNCONTAINED = [
  ...["type", "category", "subject", "securityLabel", "content.attachment.language", "content.attachment.creation", "content.format"],
  ...["context.facilityType", "context.practiceSetting", "context.sourcePatientInfo"],
];
const REFERENCE: Readonly<Record<ProvideProfile, readonly string[]>> = {
  minimal: REFERENCE_MINIMAL,
  uncontained: [...REFERENCE_MINIMAL, ...REFERENCE_UNCONTAINED],
  comprehensive: [...REFERENCE_MINIMAL, ...REFERENCE_UNCONTAINED, "context.sourcePatientInfo.reference"],
};
const SET = { minimal: ["date"], comprehensive: ["date", "subject"] };
const FOLDER = { minimal: ["identifier.value"], comprehensive: ["identifier.value", "subject", "title"] };
/** Elements that MHD's profiles take away. */
const NEVER_IN_REFERENCES = ["docStatus", "modifierExtension"];
const NEVER_IN_LISTS = ["modifierExtension", "encounter", "orderedBy", "emptyReason"];
const NEVER_IN_ITEMS = ["flag", "deleted", "date"];
const RELATIONS: ReadonlySet<string> = new Set(["replaces", "transforms", "signs", "appends"]);

export interface MetadataRules {
  readonly entry: number;
  readonly profile: ProvideProfile;
  readonly faults: SubmissionFaults;
}

export function checkReference(reference: JsonObject, rules: MetadataRules): void {
  const { entry, profile, faults } = rules;
  demand(reference, REFERENCE[profile], rules);
  forbid(reference, NEVER_IN_REFERENCES, rules);
  if (reference.string("status") !== "current")
    faults.add(entry, "status", `A DocumentReference is submitted with status "current".`, ".status", reference);
  for (const name of ["content", "category"]) {
    const { length } = reference.items(name);
    if (length > 1 || (name === "content" && length === 0))
      faults.add(entry, name, `A DocumentReference has one ${name} here, and this one has ${length}.`, `.${name}`, reference);
  }
  for (const [at, relation] of reference.objects("relatesTo").entries()) {
    const code = relation.string("code") ?? "";
    if (!RELATIONS.has(code)) faults.add(entry, "relation", `"${code}" is no relation of documents.`, `.relatesTo[${at}].code`, relation);
  }
  for (const [at, concept] of reference.objects("securityLabel").entries())
    for (const label of labelsAgainstKeeping(concept.objects("coding")))
      faults.add(entry, "label", keepingText(label.code), `.securityLabel[${at}].coding[${label.at}]`, concept);
  checkReferenceIdentifiers(reference, rules);
  if (profile !== "comprehensive") return;
  demandContained(reference, "author", rules);
  demandContained(reference, "authenticator", rules);
  const context = reference.object("context");
  if (context) demandContained(context, "sourcePatientInfo", rules, ".context");
}

export function checkList(list: JsonObject, isFolder: boolean, rules: MetadataRules): void {
  const { entry, profile, faults } = rules;
  const isComprehensive = profile !== "minimal";
  demand(list, (isFolder ? FOLDER : SET)[isComprehensive ? "comprehensive" : "minimal"], rules);
  forbid(list, isFolder ? [...NEVER_IN_LISTS, "source"] : NEVER_IN_LISTS, rules);
  for (const [at, item] of list.objects("entry").entries()) forbid(item, NEVER_IN_ITEMS, rules, `.entry[${at}]`);
  if (list.string("status") !== "current") faults.add(entry, "status", `A List of MHD has status "current".`, ".status", list);
  if (list.string("mode") !== "working") faults.add(entry, "mode", `A List of MHD has mode "working".`, ".mode", list);
  const designations = extensionsOf(list, "ihe-designationType").length;
  if (isComprehensive && designations === 0)
    faults.add(entry, "required", "Comprehensive metadata say in an extension ihe-designationType what the List is of.", ".extension", list);
  if (isFolder) return;
  checkSetIdentifiers(list, rules);
  if (designations > 1) faults.add(entry, "designation", "A SubmissionSet has one extension ihe-designationType at most.", ".extension", list);
  if (extensionsOf(list, "ihe-sourceId").length !== 1)
    faults.add(entry, "required", "A SubmissionSet says by one extension ihe-sourceId which system it comes from.", ".extension", list);
  if (profile === "comprehensive") demandContained(list, "source", rules);
}

/** Extensions of IHE's by the last part of their address: it changed from http to https. */
export function extensionsOf(resource: JsonObject, name: string): readonly JsonObject[] {
  return resource.objects("extension").filter((one) => one.string("url")?.endsWith(`/ITI/MHD/StructureDefinition/${name}`));
}

function demand(resource: JsonObject, paths: readonly string[], { entry, profile, faults }: MetadataRules): void {
  for (const path of paths)
    if (!isThere(resource, path.split(".")))
      faults.add(
        entry,
        "required",
        `${path} is missing, which ${profile === "minimal" ? "minimal" : "comprehensive"} metadata must have.`,
        `.${path}`,
        resource,
      );
}

function forbid(resource: JsonObject, names: readonly string[], { entry, faults }: MetadataRules, path = ""): void {
  for (const name of names)
    if (resource.has(name)) faults.add(entry, "never", `IHE MHD has no ${name} here: leave it out.`, `${path}.${name}`, resource);
}

/** Whom an element names stands in the resource itself, as it was known then (MHD, Comprehensive without UnContained). */
function demandContained(parent: JsonObject, name: string, { entry, faults }: MetadataRules, path = ""): void {
  const own = parent.object(name);
  const strange = (own ? [own] : parent.objects(name)).find((one) => one.string("reference")?.startsWith("#") === false);
  if (strange)
    faults.add(
      entry,
      "contained",
      `Comprehensive metadata contain whom ${name} names ("#…"); "${strange.string("reference") ?? ""}" leads elsewhere, which the profile UnContained allows.`,
      `${path}.${name}.reference`,
      strange,
    );
}

function isThere(value: JsonValue | undefined, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return value !== undefined && value !== null && value !== "";
  if (value instanceof JsonArray) return value.items.some((one) => isThere(one, [name, ...rest]));
  return typeof value === "object" && value !== null && "get" in value && isThere(value.get(name), rest);
}
