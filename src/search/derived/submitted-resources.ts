/** What a source said of a document when it submitted it (IHE MHD): its DocumentReference, and the Lists of the submission with the first of its documents, as resources with an id and a place here. */
import type { SubmittedMetadata } from "../../core/formats/submitted.ts";
import { saidLabels } from "../../core/fhir/label-codes.ts";
import { readJson } from "../../core/fhir/json/read-json.ts";
import { STORED_READ_LIMITS } from "../../core/fhir/reading/read-limits.ts";
import { SourceText } from "../../core/fhir/reading/source-text.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { MADE_PLACES, MOST_CONTAINED, MOST_OF_A_KIND, submittedContained } from "../resource-number.ts";

export interface SubmittedResource {
  readonly place: number;
  readonly type: "DocumentReference" | "List";
  /** The part of its id behind the document's: `submitted`, or `folder-1` for the first folder. */
  readonly path: string;
  /** As it was sent. */
  readonly sent: JsonObject;
}

/** A resource that is contained in one of them. */
export interface SubmittedContained {
  readonly place: number;
  readonly type: string;
  readonly path: string;
  /** Counted from 1. */
  readonly at: number;
  readonly resource: JsonObject;
}

export interface SubmittedResources {
  readonly all: readonly SubmittedResource[];
  /** What cannot be read, in words. */
  readonly faults: readonly string[];
}

/** The path of the source's DocumentReference, and of the SubmissionSet that it sent. */
export const SUBMITTED_PATH = "submitted";
/** A row of what we make ourselves where the source said its own: it is found by who asks for it (query/routine.ts). No parameter of R4 has this name. */
export const BESIDE_ROW = ":beside";

/** What cannot be read is told and left out, so that it keeps nothing else from being found. Nothing of a document of which its source said nothing. */
export function submittedResources(submitted: SubmittedMetadata | undefined): SubmittedResources {
  const faults: string[] = [];
  const all: SubmittedResource[] = [];
  if (submitted === undefined) return { all, faults };
  const take = (text: string, place: number, type: SubmittedResource["type"], path: string): void => {
    const sent = readAs(type, text);
    if (sent) all.push({ place, type, path, sent });
    else faults.push(`${type}.${path}: what the source sent cannot be read`);
  };
  const [set, ...folders] = submitted.lists;
  take(submitted.reference, MADE_PLACES.SubmittedReference, "DocumentReference", SUBMITTED_PATH);
  if (set !== undefined) take(set, MADE_PLACES.SubmittedList, "List", SUBMITTED_PATH);
  folders.slice(0, MOST_OF_A_KIND).forEach((folder, at) => take(folder, MADE_PLACES.Folder + at, "List", `folder-${at + 1}`));
  if (folders.length > MOST_OF_A_KIND) faults.push(`List: of ${folders.length} folders ${MOST_OF_A_KIND} are found`);
  return { all, faults };
}

/** Labels of the document as its source has it: they count as the document's own. */
export function labelsOfSource(said: readonly SubmittedResource[]): readonly JsonObject[] {
  return saidLabels(said.find(({ type }) => type === "DocumentReference")?.sent);
}

/**
 * Types of which a source said its own of a document, so that ours stand beside. Its SubmissionSet may stand with another document of the submission, which has an address for it then; who submitted a
 * document without a SubmissionSet (ITI-105) has the one that we make.
 */
export function saidBySource(submitted: SubmittedMetadata | undefined, said: readonly SubmittedResource[]): ReadonlySet<string> {
  const own = said.map(({ type }) => type);
  const isOfSet = submitted?.places.some(({ place }) => place.startsWith("List/")) ?? false;
  return new Set(isOfSet && own.includes("DocumentReference") ? [...own, "List"] : own);
}

/** The source's DocumentReference as it was sent; undefined where there is none that can be read. */
export function submittedReference(submitted: SubmittedMetadata | undefined): JsonObject | undefined {
  return submitted && readAs("DocumentReference", submitted.reference);
}

function readAs(type: string, text: string): JsonObject | undefined {
  const { resource } = readJson(new SourceText(text), STORED_READ_LIMITS);
  return resource?.string("resourceType") === type ? resource : undefined;
}

/** More are not found by themselves. @param resource one of them, as it was sent or with other references */
export function containedIn(one: Pick<SubmittedResource, "place" | "type" | "path">, resource: JsonObject): SubmittedContained[] {
  // The SubmissionSet has the path of the DocumentReference, and ids tell apart what stands in them.
  const path = one.type === "List" && one.path === SUBMITTED_PATH ? "set" : one.path;
  const all = resource.objects("contained").slice(0, MOST_CONTAINED);
  return all.map((inner, at) => ({
    place: submittedContained(one.place, at),
    type: inner.string("resourceType") ?? "",
    path: `${path}.${at + 1}`,
    at: at + 1,
    resource: inner,
  }));
}
