/** Whether all of a submission is about one person (IHE MHD 2:3.65.4.1.2.2). */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import type { Issue } from "../../../core/fhir/issue.ts";
import { readJson } from "../../../core/fhir/json/read-json.ts";
import { isAbsoluteUrl } from "../../../core/fhir/references.ts";
import { STORED_READ_LIMITS } from "../../../core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../core/fhir/reading/source-text.ts";
import type { Accepted } from "../../../pipeline/deposit-unit.ts";
import type { ReadyDeposit } from "../../../pipeline/deposit.ts";
import type { SubmissionCheck } from "../../../pipeline/submit.ts";
import type { ReadSubmission, SubmittedIdentifier, SubmittedSubject } from "../../../pipeline/submission/submission-forms.ts";
import { identifiersOf } from "../../../pipeline/submission/submitted-identifiers.ts";
import type { DescribedResource } from "../../../search/describe-resources.ts";
import type { UnnamedDescription } from "../../../search/describe-with-header.ts";
import type { DocumentLinks } from "../../../search/index-port.ts";
import { unpacked } from "../../../search/packed-resources.ts";
import type { ResourceInteractions } from "../search-resources.ts";
import { entryFault, rootOf, SubmissionFault } from "./submission-fault.ts";

/** Where Patients of ours are looked up: whoever asked us who somebody is (ITI-78) names them by our address. */
export interface PatientNeeds {
  readonly resources: Pick<ResourceInteractions, "read">;
  readonly fhirBase: string;
}

/** The submission with what is known of Patients that are here. SubmissionFault for an address of ours where there is none. Nothing elsewhere is asked. */
export async function withOwnPatients(asked: Asked, submission: ReadSubmission, using: PatientNeeds): Promise<ReadSubmission> {
  const faults: Issue[] = [];
  const known = new Map<string, readonly SubmittedIdentifier[]>();
  const completed = async <One extends { readonly entry: number; readonly subject: SubmittedSubject | undefined }>(one: One): Promise<One> => {
    const id = one.subject?.isWithin === false ? ownPatient(one.subject.reference, using.fhirBase) : undefined;
    if (id === undefined || !one.subject) return one;
    const identifiers = known.get(id) ?? (await patientIdentifiers(asked, id, using));
    if (identifiers) known.set(id, identifiers);
    else
      faults.push(
        entryFault(`${rootOf(submission, one.entry)}.subject.reference`, "not-found", `There is no Patient/${id} here (XDSUnknownPatientId).`),
      );
    return { ...one, subject: { ...one.subject, identifiers: [...one.subject.identifiers, ...(identifiers ?? [])] } };
  };
  const documents = [];
  for (const one of submission.documents) documents.push(await completed(one));
  const lists = [];
  for (const one of submission.lists) lists.push(await completed(one));
  if (faults.length > 0) throw new SubmissionFault(faults);
  return { ...submission, documents, lists };
}

/** The id of a Patient that an address of ours means: one below our base, or one without a server. */
function ownPatient(reference: string | undefined, fhirBase: string): string | undefined {
  if (reference === undefined) return undefined;
  const relative = reference.startsWith(`${fhirBase}/`) ? reference.slice(fhirBase.length + 1) : reference;
  return isAbsoluteUrl(relative) ? undefined : /^Patient\/([^/?#]+)(?:\/_history\/[^/]+)?$/.exec(relative)?.[1];
}

async function patientIdentifiers(asked: Asked, id: string, { resources }: PatientNeeds): Promise<readonly SubmittedIdentifier[] | undefined> {
  try {
    const bytes = await resources.read(asked, "Patient", id, { form: "json", pretty: false });
    const { resource } = readJson(new SourceText(new TextDecoder().decode(bytes)), STORED_READ_LIMITS);
    return resource && identifiersOf(resource);
  } catch (error) {
    if (error instanceof AppError && (error.code === "not-found" || error.code === "gone")) return undefined;
    throw error;
  }
}

/** What was found of whom a submission is about. */
export interface SubjectCheck extends SubmissionCheck {
  readonly faults: readonly Issue[];
}

/** All of it is about one person, as far as that can be told; a fault where it says two. */
export function checkSubjects(submission: ReadSubmission, documents: readonly (ReadyDeposit | Accepted)[]): SubjectCheck {
  const faults: Issue[] = [];
  const warnings: { readonly entry: number; readonly text: string }[] = [];
  const [set] = submission.lists;
  const told = (entry: number, text: string): void => void faults.push(entryFault(`${rootOf(submission, entry)}.subject`, "subject", text));
  let patient: string | undefined;
  submission.documents.forEach(({ entry, subject }, at) => {
    if (set && comparison(keysOf(set.subject), keysOf(subject)) === "others")
      told(entry, `The DocumentReference is about somebody else than the SubmissionSet (entry ${set.entry}).`);
    const ready = documents[at];
    if (ready?.kind !== "ready") return;
    // It is what `describe` of the same composition root gave (search/describe-with-header.ts).
    const { links, header } = ready.description as UnnamedDescription;
    patient ??= patientOf(ready.entry.id, header);
    const said = comparison(keysOf(subject), identifierKeys(links));
    if (said === "others")
      told(entry, "The document is about somebody else than its DocumentReference: they have different identifiers of one system.");
    if (said === "unknown" && subject !== undefined)
      warnings.push({
        entry,
        text: "Whether the document is about the person that the DocumentReference names could not be told: they have no identifier in common.",
      });
  });
  for (const { entry, subject } of submission.lists.slice(1))
    if (set && comparison(keysOf(set.subject), keysOf(subject)) === "others")
      told(entry, `The folder is about somebody else than the SubmissionSet (entry ${set.entry}).`);
  return { faults, warnings, patient };
}

function keysOf(subject: SubmittedSubject | undefined): ReadonlySet<string> {
  if (!subject) return new Set();
  const { reference, identifiers } = subject;
  const named = identifiers.flatMap(({ system, value }) => (system === undefined ? [] : [`identifier:${system}|${value}`]));
  return new Set(reference === undefined ? named : [...named, `reference:${reference}`]);
}

/** The identifiers of the person whom a document is about. */
export function identifierKeys({ subjectKeys }: Pick<DocumentLinks, "subjectKeys">): ReadonlySet<string> {
  return new Set(subjectKeys.filter((key) => key.startsWith("identifier:")));
}

/** `others`: of one system they have different identifiers, and none in common. */
export function comparison(one: ReadonlySet<string>, other: ReadonlySet<string>): "same" | "others" | "unknown" {
  if ([...one].some((key) => other.has(key))) return "same";
  const systemOf = (key: string): string => key.slice(0, key.lastIndexOf("|"));
  const systems = new Set([...one].filter((key) => key.startsWith("identifier:")).map(systemOf));
  if ([...other].some((key) => key.startsWith("identifier:") && systems.has(systemOf(key)))) return "others";
  return "unknown";
}

/** The document's own Patient, by what its Composition says. */
function patientOf(documentId: string, header: UnnamedDescription["header"]): string | undefined {
  // Persons are called by their keys still, which is nothing that is asked here.
  const all: readonly DescribedResource[] = "text" in header ? unpacked({ text: header.text, ids: header.keys }) : header;
  const composition = all.find(({ place }) => place === 0);
  const link = composition?.rows.find((row) => row.kind === "link" && row.name === "subject");
  const target = link?.kind === "link" ? all.find(({ place, type }) => place === link.target && type === "Patient") : undefined;
  return target && `Patient/${documentId}.${target.path}`;
}
