import type { Asked } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import { treeOf, type JsonObject } from "../../core/fhir/tree/tree.ts";
import type { PatientDocuments, TimelineDocument } from "../../pipeline/render/pages/patient-page.ts";
import type { Speaking } from "../../reader/persons.ts";
import type { Reader } from "../../reader/reader.ts";
import type { WantedResource } from "../../search/derived/found-question.ts";
import { isPersonId } from "../../search/derived/person.ts";
import { pageToken, parsePageToken } from "../../search/query/page-token.ts";
import { parseQuery } from "../../search/query/parse-query.ts";
import { pathOf, type ResourceIdParts } from "../../search/query/resource-id.ts";
import type { Parameter, SearchQuery } from "../../search/query/search-query.ts";
import type { SearchPage } from "../../search/search-page.ts";
import { documentGroups } from "./patient-groups.ts";
import type { SearchNeeds } from "../fhir/search-resources.ts";

/** What pages that search work with. */
export interface PatientNeeds extends Pick<SearchNeeds, "definitions" | "parameters" | "terminology"> {
  readonly reader: Pick<Reader, "find" | "resources" | "pageOf" | "person" | "listed" | "relationsOf">;
  /** Absolute address of the FHIR interface. */
  readonly fhirBase: string;
}

/** A patient's page; or, for a copy that a derived Patient stands for, the id of that one. */
export type PatientAnswer = { readonly kind: "page"; readonly page: PatientDocuments } | { readonly kind: "person"; readonly id: string };

const PAGE_SIZE = 25;
/** The document's own Composition is its first entry (R4 documents.html); another is data. */
export const COMPOSITION_PATH = "0";

/**
 * The documents of a patient as a timeline, by the time at which they were written, the newest first: the search `Composition?subject=Patient/{id}&_sort=-date` with what each document says of others.
 *
 * @param id of a derived Patient (`p-…`), or of a copy in a document (`{document}.{entry}`)
 * @param page what `next` of the page before was
 * @throws AppError `not-found`, `gone`, `damaged`, `bad-query`
 */
export async function patientDocuments(asked: Asked, id: string, page: string | undefined, using: PatientNeeds): Promise<PatientAnswer> {
  const { calledBy, isOfFeed, ...place } = await placeOf(asked, id, using);
  const isDerived = isPersonId(id);
  if (calledBy !== id) return { kind: "person", id: calledBy };
  const [patient, composition, reference] = await resourcesAt(
    asked,
    place.documentId,
    [
      { type: "Patient", path: place.path },
      { type: "Composition", path: COMPOSITION_PATH },
      { type: "DocumentReference", path: "" },
    ],
    using,
  );
  if (!patient) throw new AppError("not-found", `There is no patient ${id} here.`);
  const isSubject = composition?.object("subject")?.string("reference") === `Patient/${id}`;
  const person = isDerived ? undefined : isSubject ? subjectOf(reference) : await linkedFrom(asked, id, using);
  if (person !== undefined && isPersonId(person)) return { kind: "person", id: person };
  const query: Parameter[] = [
    ["subject", `Patient/${id}`],
    ["_sort", "-date"],
    ["_count", String(PAGE_SIZE)],
  ];
  const found = await using.reader.find(asked, read("Composition", query, using), page === undefined ? undefined : parsePageToken(page));
  const ids = found.matches.filter(({ path }) => path === COMPOSITION_PATH).map(({ documentId }) => documentId);
  const listed = await using.reader.listed(asked, [...new Set(ids)]);
  const known = await using.reader.relationsOf(
    asked,
    listed.map(({ summary }) => summary.id),
  );
  const documents = listed.map((one, at): TimelineDocument => ({ ...one, relations: known[at]?.relations ?? [] }));
  // On the first page alone: they are about all of the documents.
  const groups = page === undefined ? await documentGroups(asked, id, (parameters) => read("List", parameters, using), using) : [];
  return { kind: "page", page: { id, isDerived, patient, documents, groups, ...moreOf(found), ...(!isOfFeed && { source: place.documentId }) } };
}

/**
 * The id of the patient whom a document is about, as DocumentReference.subject has it: of the derived Patient where there is one, else of the copy in the document.
 * @throws AppError `not-found` also when it is about no patient
 */
export async function patientOfDocument(asked: Asked, documentId: string, using: PatientNeeds): Promise<string> {
  const [reference] = await resourcesAt(asked, documentId, [{ type: "DocumentReference", path: "" }], using);
  const id = subjectOf(reference);
  if (id === undefined || (!isPersonId(id) && pathOf(id) === undefined))
    throw new AppError("not-found", "No patient of this document is known here.");
  return id;
}

/** Where the Patient stands that is shown: that of a person is what the document says that speaks for them. */
async function placeOf(asked: Asked, id: string, { reader }: PatientNeeds): Promise<ResourceIdParts & Pick<Speaking, "calledBy" | "isOfFeed">> {
  if (isPersonId(id)) {
    const { documentId, calledBy, isOfFeed } = await reader.person(asked, id);
    return { documentId, path: id, calledBy, isOfFeed };
  }
  const place = pathOf(id);
  if (place === undefined || place.path === "") throw new AppError("not-found", `There is no patient ${id} here.`);
  return { ...place, calledBy: id, isOfFeed: false };
}

/** The id of the Patient whom a DocumentReference is about. */
function subjectOf(reference: JsonObject | undefined): string | undefined {
  return /^Patient\/([\w.-]+)$/.exec(reference?.object("subject")?.string("reference") ?? "")?.[1];
}

/** The derived Patient that links to a copy of somebody whom the document is not about; undefined when they stand alone. The document that speaks for the person alone has the link. */
async function linkedFrom(asked: Asked, copy: string, using: PatientNeeds): Promise<string | undefined> {
  const query = read("Patient", [["link", `Patient/${copy}`]], using);
  const { matches } = await using.reader.find(asked, { ...query, withSuperseded: true });
  return matches.map(({ path }) => path).find(isPersonId);
}

/** Resources of a document as they are served, in the order in which they are wanted; it is opened once. */
async function resourcesAt(
  asked: Asked,
  documentId: string,
  wanted: readonly WantedResource[],
  { reader, fhirBase }: PatientNeeds,
): Promise<(JsonObject | undefined)[]> {
  const form = { form: "json", pretty: false, fhirBase, shown: { kind: "whole" } } as const;
  const texts = await reader.resources(asked, documentId, { ...form, wanted });
  return texts.map((text) => (text === undefined ? undefined : (treeOf(JSON.parse(text)) as JsonObject)));
}

function read(type: string, parameters: readonly Parameter[], { definitions, parameters: known, terminology, fhirBase }: PatientNeeds): SearchQuery {
  return parseQuery(type, parameters, "strict", { definitions, parameters: known, terminology, base: fhirBase, now: new Date() });
}

function moreOf({ next, missing }: SearchPage): { readonly next?: string; readonly isIncomplete: boolean } {
  return { ...(next && { next: pageToken(next) }), isIncomplete: missing > 0 };
}
