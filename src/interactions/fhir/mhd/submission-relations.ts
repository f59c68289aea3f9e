/** Whether what a submission says of documents that are here agrees with them: what it replaces, appends to, transforms or signs. */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import type { Issue } from "../../../core/fhir/issue.ts";
import { UUID } from "../../../core/formats/fields.ts";
import type { Accepted } from "../../../pipeline/deposit-unit.ts";
import type { ReadyDeposit } from "../../../pipeline/deposit.ts";
import type { ReadSubmission } from "../../../pipeline/submission/submission-forms.ts";
import type { Reader } from "../../../reader/reader.ts";
import type { UnnamedDescription } from "../../../search/describe-with-header.ts";
import type { DocumentLinks } from "../../../search/index-port.ts";
import { isSameMatter } from "../../../search/supersession.ts";
import { comparison, identifierKeys } from "./submission-subjects.ts";
import { entryFault, rootOf, SubmissionFault } from "./submission-fault.ts";

/** The document that a reference to a DocumentReference of ours means. */
function documentOf(reference: string, fhirBase: string): string | undefined {
  const relative = reference.startsWith(`${fhirBase}/`) ? reference.slice(fhirBase.length + 1) : reference;
  const [, id = ""] = /^DocumentReference\/([^/?#.]+)(?:\.submitted)?(?:\/_history\/[^/]+)?$/.exec(relative) ?? [];
  return UUID.test(id) ? id : undefined;
}

/** A document here that a relation of the submission names. */
export interface Target {
  readonly entry: number;
  /** The place of the document in the submission, and of the relation in its DocumentReference. */
  readonly document: number;
  readonly expression: string;
  readonly code: string;
  readonly id: string;
  readonly links: DocumentLinks;
}

/** What it says that its documents replace must be here, and a status that it sets must be that of one of these. Gives what is here of what they name. SubmissionFault. */
export async function checkRelations(
  asked: Asked,
  submission: ReadSubmission,
  { reader, fhirBase }: { readonly reader: Pick<Reader, "document">; readonly fhirBase: string },
): Promise<readonly Target[]> {
  const faults: Issue[] = [];
  const targets: Target[] = [];
  for (const [document, { entry, relatesTo }] of submission.documents.entries())
    for (const [at, { code, reference }] of relatesTo.entries()) {
      const expression = `${rootOf(submission, entry)}.relatesTo[${at}].target`;
      const isOurs = reference !== undefined && (reference.startsWith(`${fhirBase}/`) || reference.startsWith("DocumentReference/"));
      if (reference === undefined || !isOurs) continue;
      const id = documentOf(reference, fhirBase);
      const links = id === undefined ? undefined : await linksOf(asked, id, reader);
      if (id !== undefined && links) targets.push({ entry, document, expression, code, id, links });
      else
        faults.push(
          entryFault(
            expression,
            "not-found",
            `"${reference}" is not here: nothing can ${NOUN[code] ?? "relate to"} it (XDSReplaceFailed or its like).`,
          ),
        );
    }
  const replaced = new Set(targets.filter(({ code }) => code === "replaces").map(({ id }) => id));
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
  return targets;
}

const NOUN: Readonly<Record<string, string>> = { replaces: "replace", appends: "append to", transforms: "transform", signs: "sign" };

/**
 * Whether documents may be what they say of others here: about the same person. One that replaces another which keeps its status all the same (supersession.ts) is told so, and its patch refused: it would
 * be answered as done.
 */
export function checkTargets(
  submission: ReadSubmission,
  targets: readonly Target[],
  documents: readonly (ReadyDeposit | Accepted)[],
): { readonly faults: readonly Issue[]; readonly warnings: readonly { readonly entry: number; readonly text: string }[] } {
  const faults: Issue[] = [];
  const warnings: { readonly entry: number; readonly text: string }[] = [];
  for (const { entry, document, expression, code, id, links } of targets) {
    const ready = documents[document];
    if (ready?.kind !== "ready") continue;
    // It is what `describe` of the same composition root gave (search/describe-with-header.ts).
    const own = (ready.description as UnnamedDescription).links;
    const verb = NOUN[code] ?? "relate to";
    if (comparison(identifierKeys(own), identifierKeys(links)) === "others")
      faults.push(entryFault(expression, "subject", `Document ${id} is about somebody else: nothing can ${verb} it (XDSPatientIdDoesNotMatch).`));
    else if (code === "replaces" && !isSameMatter({ links: own }, { links })) {
      const text = `${id} keeps its status: the two documents call their patient or their custodian by nothing that they share, so that the replacement is shown as unconfirmed.`;
      const patch = submission.patches.find(({ target }) => target === id || target === `${id}.submitted`);
      if (patch) faults.push(entryFault(rootOf(submission, patch.entry), "patch", `It is not superseded: ${text}`));
      else warnings.push({ entry, text });
    }
  }
  return { faults, warnings };
}

async function linksOf(asked: Asked, id: string, reader: Pick<Reader, "document">): Promise<DocumentLinks | undefined> {
  try {
    return (await reader.document(id, asked)).links;
  } catch (error) {
    if (error instanceof AppError && (error.code === "not-found" || error.code === "gone")) return undefined;
    throw error;
  }
}
