/** Whether a submission agrees with itself and with what is here: whom it is about, and what it says that its documents replace. */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import type { Issue } from "../../../core/fhir/issue.ts";
import { UUID } from "../../../core/formats/fields.ts";
import type { Accepted } from "../../../pipeline/deposit-unit.ts";
import type { ReadyDeposit } from "../../../pipeline/deposit.ts";
import type { SubmissionCheck } from "../../../pipeline/submit.ts";
import type { ReadSubmission, SubmittedSubject } from "../../../pipeline/submission/submission-forms.ts";
import type { Reader } from "../../../reader/reader.ts";
import type { DescribedResource } from "../../../search/describe-resources.ts";
import { unpacked } from "../../../search/packed-resources.ts";
import type { UnnamedDescription } from "../../../search/describe-with-header.ts";

/** Why a submission is refused as a whole. */
export class SubmissionFault extends Error {
  readonly issues: readonly Issue[];

  constructor(issues: readonly Issue[]) {
    super("the submission is refused");
    this.issues = issues;
  }
}

/** A fault of what the expression names. */
export function entryFault(expression: string, rule: string, text: string): Issue {
  return { severity: "error", code: "business-rule", rule: `mhd-${rule}`, text, expression };
}

/** The FHIRPath of the resource of an entry. */
export function rootOf({ transaction }: Pick<ReadSubmission, "transaction">, entry: number): string {
  return transaction === "simplified" ? "DocumentReference" : `Bundle.entry[${entry}].resource`;
}

/** The document that a reference to a DocumentReference of ours means. */
function documentOf(reference: string, fhirBase: string): string | undefined {
  const relative = reference.startsWith(`${fhirBase}/`) ? reference.slice(fhirBase.length + 1) : reference;
  const [, id = ""] = /^DocumentReference\/([^/?#.]+)(?:\.submitted)?(?:\/_history\/[^/]+)?$/.exec(relative) ?? [];
  return UUID.test(id) ? id : undefined;
}

/** What it says that its documents replace must be here, and a status that it sets must be that of one of these. SubmissionFault. */
export async function checkRelations(
  asked: Asked,
  submission: ReadSubmission,
  { reader, fhirBase }: { readonly reader: Pick<Reader, "document">; readonly fhirBase: string },
): Promise<void> {
  const faults: Issue[] = [];
  const replaced = new Set<string>();
  for (const { entry, relatesTo } of submission.documents)
    for (const [at, { code, reference }] of relatesTo.entries()) {
      const expression = `${rootOf(submission, entry)}.relatesTo[${at}].target`;
      const isOurs = reference !== undefined && (reference.startsWith(`${fhirBase}/`) || reference.startsWith("DocumentReference/"));
      if (reference === undefined || !isOurs) continue;
      const id = documentOf(reference, fhirBase);
      if (id === undefined || !(await isHere(asked, id, reader)))
        faults.push(
          entryFault(
            expression,
            "not-found",
            `"${reference}" is not here: nothing can ${NOUN[code] ?? "relate to"} it (XDSReplaceFailed or its like).`,
          ),
        );
      else if (code === "replaces") replaced.add(id);
    }
  for (const { entry, target } of submission.patches)
    if (!replaced.has(documentOf(`DocumentReference/${target}`, fhirBase) ?? ""))
      faults.push(
        entryFault(
          rootOf(submission, entry),
          "patch",
          `DocumentReference/${target} is set to superseded, and no DocumentReference of the submission says that it replaces that one (relatesTo).`,
        ),
      );
  if (faults.length > 0) throw new SubmissionFault(faults);
}

const NOUN: Readonly<Record<string, string>> = { replaces: "replace", appends: "append to", transforms: "transform", signs: "sign" };

async function isHere(asked: Asked, id: string, reader: Pick<Reader, "document">): Promise<boolean> {
  try {
    await reader.document(id, asked);
    return true;
  } catch (error) {
    if (error instanceof AppError && (error.code === "not-found" || error.code === "gone")) return false;
    throw error;
  }
}

/** All of it is about one person, as far as that can be told: SubmissionFault where it says two. */
export function checkSubjects(submission: ReadSubmission, documents: readonly (ReadyDeposit | Accepted)[]): SubmissionCheck {
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
    const said = comparison(keysOf(subject), new Set(links.subjectKeys.filter((key) => key.startsWith("identifier:"))));
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
  if (faults.length > 0) throw new SubmissionFault(faults);
  return { warnings, patient };
}

function keysOf(subject: SubmittedSubject | undefined): ReadonlySet<string> {
  if (!subject) return new Set();
  const { reference, identifiers } = subject;
  const named = identifiers.flatMap(({ system, value }) => (system === undefined ? [] : [`identifier:${system}|${value}`]));
  return new Set(reference === undefined ? named : [...named, `reference:${reference}`]);
}

/** `others`: of one system they have different identifiers, and none in common. */
function comparison(one: ReadonlySet<string>, other: ReadonlySet<string>): "same" | "others" | "unknown" {
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
