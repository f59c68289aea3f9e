/** The finder's fields as a search upon Compositions: one search for people and for programs, with the same rights. */
import type { Asked } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import type { FinderFields } from "../../pipeline/render/pages/finder-form.ts";
import { criterionOf } from "../../search/query/criterion-of.ts";
import { every, some, type Criterion } from "../../search/query/criterion.ts";
import { pageToken, parsePageToken, type PageToken } from "../../search/query/page-token.ts";
import { parseName } from "../../search/query/parameter-name.ts";
import { parseQuery } from "../../search/query/parse-query.ts";
import type { QueryContext } from "../../search/query/query-context.ts";
import type { Listed } from "../../reader/reader.ts";
import { COMPOSITION_PATH, type PatientNeeds } from "./patient-documents.ts";

/** A question to the finder: words for the box, and fields. */
export interface FinderQuestion {
  readonly query: string;
  readonly fields: FinderFields;
  /** What `next` of the page before was. */
  readonly page?: string | undefined;
}

export interface FoundDocuments extends Listed {
  readonly next?: string;
}

const TYPE = "Composition";
const PAGE_SIZE = 25;
/** Pages that hold nothing but Compositions which are data are passed over, so many at a time. */
const MOST_PASSED = 8;
/** Each word is looked up by itself, in each place where it may stand. */
const MOST_WORDS = 12;

/** Names of those who may have written a document, by the chains that lead to them. */
const AUTHORS = [
  "author:Practitioner.name",
  "author:PractitionerRole.practitioner.name",
  "author:Organization.name",
  "author:PractitionerRole.organization.name",
  "author:Patient.name",
  "author:RelatedPerson.name",
  "author:Device.device-name",
  // Who has no resource in the document is named by Reference.display.
  "author:text",
];
/** The custodian: Composition has no parameter for it, the DocumentReference of the same document has. Our Provenance joins the two. */
const ORGANISATIONS = [
  "_has:Provenance:target:entity:DocumentReference.custodian:Organization.name",
  "_has:Provenance:target:entity:DocumentReference.custodian:text",
];
/** That of the patient, by which all of their documents are found (search/identities.ts); and those of the document: its Composition's, its Bundle's. */
const OF_PATIENT = "subject:Patient.identifier";
const IDENTIFIERS = [OF_PATIENT, "identifier", "_has:Bundle:composition:identifier"];

/**
 * Documents that all of it finds, the newest by time of receipt first.
 * @throws AppError `bad-query`, `too-costly`, `unavailable`
 */
export async function findDocuments(asked: Asked, { query, fields, page }: FinderQuestion, using: PatientNeeds): Promise<FoundDocuments> {
  const context = contextOf(using);
  const criteria = criteriaOf(query, fields, context);
  return criteria === undefined ? { documents: [], isIncomplete: false } : found(asked, criteria, page, { ...using, context });
}

/** The newest documents of the patient who is known by an identifier, whatever other identifiers they are known by as well (search/identities.ts). AppErrors as above. */
export async function documentsOfPatient(asked: Asked, identifier: string, using: PatientNeeds): Promise<Listed["documents"]> {
  const context = contextOf(using);
  const criterion = criterionOf(TYPE, parseName(OF_PATIENT), escaped(identifier), context);
  return (await found(asked, [criterion], undefined, { ...using, context })).documents;
}

function contextOf({ definitions, parameters, terminology, fhirBase: base }: PatientNeeds): QueryContext {
  return { definitions, parameters, terminology, base, now: new Date() };
}

async function found(
  asked: Asked,
  criteria: readonly Criterion[],
  page: string | undefined,
  { context, ...using }: PatientNeeds & { readonly context: QueryContext },
): Promise<FoundDocuments> {
  const base = parseQuery(
    TYPE,
    [
      ["_count", String(PAGE_SIZE)],
      ["_total", "none"],
    ],
    "strict",
    context,
  );
  const search = { ...base, types: [{ type: TYPE, criterion: every(criteria) }] };
  let token: PageToken | undefined = page === undefined ? undefined : parsePageToken(page);
  for (let passed = 1; ; passed += 1) {
    const found = await using.reader.find(asked, search, token);
    const ids = found.matches.filter(({ path }) => path === COMPOSITION_PATH).map(({ documentId }) => documentId);
    if (ids.length === 0 && found.next !== undefined && passed < MOST_PASSED) {
      token = found.next;
      continue;
    }
    const documents = await using.reader.listed(asked, ids);
    return { documents, isIncomplete: found.missing > 0, ...(found.next && { next: pageToken(found.next) }) };
  }
}

/** Undefined when a field asks for a name in which there is no letter: nothing has it. */
function criteriaOf(query: string, fields: FinderFields, context: QueryContext): Criterion[] | undefined {
  const criterion = (name: string, value: string): Criterion => criterionOf(TYPE, parseName(name), value, context);
  const named = (paths: readonly string[], words: readonly string[]): Criterion =>
    some(paths.map((path) => every(words.map((word) => criterion(path, word)))));
  const identified = (paths: readonly string[], value: string): Criterion => some(paths.map((path) => criterion(path, escaped(value))));
  const words = {
    query: wordsOf(query),
    patient: wordsOf(fields.patient),
    author: wordsOf(fields.author),
    organisation: wordsOf(fields.organisation),
  };
  const isNameless = (["patient", "author", "organisation"] as const).some((name) => fields[name] !== undefined && words[name].length === 0);
  if (isNameless || (query.trim() !== "" && words.query.length === 0)) return undefined;
  const criteria: Criterion[] = [];
  if (words.query.length > 0) criteria.push(some([named(["subject:Patient.name"], words.query), identified([OF_PATIENT], query.trim())]));
  if (words.patient.length > 0) criteria.push(named(["subject:Patient.name"], words.patient));
  if (words.author.length > 0) criteria.push(named(AUTHORS, words.author));
  if (words.organisation.length > 0) criteria.push(named(ORGANISATIONS, words.organisation));
  if (fields.identifier !== undefined) criteria.push(identified(IDENTIFIERS, fields.identifier));
  if (fields.type !== undefined) criteria.push(typeCriterion(fields.type, criterion));
  if (fields.from !== undefined) criteria.push(criterion("date", `ge${dayOf("from", fields.from)}`));
  if (fields.to !== undefined) criteria.push(criterion("date", `le${dayOf("to", fields.to)}`));
  if (fields.status !== undefined) criteria.push(statusCriterion(fields.status, criterion));
  return criteria;
}

/** By its words, or by a code as it is written. */
function typeCriterion(value: string, criterion: (name: string, value: string) => Criterion): Criterion {
  const words = wordsOf(value);
  const byCode = criterion("type", escaped(value));
  return words.length === 0 ? byCode : some([byCode, every(words.map((word) => criterion("type:text", word)))]);
}

function statusCriterion(status: string, criterion: (name: string, value: string) => Criterion): Criterion {
  const isError = criterion("status", "entered-in-error");
  const superseded: Criterion = { kind: "superseded" };
  if (status === "entered-in-error") return isError;
  if (status === "superseded") return superseded;
  if (status !== "current") throw new AppError("bad-query", `status is current, superseded or entered-in-error, not "${status}".`);
  return every([
    { kind: "not", of: isError },
    { kind: "not", of: superseded },
  ]);
}

/** @throws AppError `bad-query` for what is no day, month or year */
function dayOf(name: string, value: string): string {
  if (!/^\d{4}(?:-\d{2}(?:-\d{2})?)?$/.test(value))
    throw new AppError("bad-query", `${name} is a day (such as 2026-03-14), a month or a year, not "${value}".`);
  return value;
}

/** Words with a letter or digit. @throws AppError `bad-query` for too many */
function wordsOf(text = ""): string[] {
  const words = [...new Set(text.split(/[\s,;]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word)))];
  if (words.length > MOST_WORDS) throw new AppError("bad-query", `A field has at most ${MOST_WORDS} words.`);
  return words.map(escaped);
}

/** What a search parameter's value would be taken apart by (R4 search.html, escaping). */
function escaped(value: string): string {
  return value.trim().replace(/[\\|,$]/g, "\\$&");
}
