import type { Asked } from "../../core/asked.ts";
import { isError, type Issue } from "../../core/fhir/issue.ts";
import type { DepositContext } from "../../pipeline/deposit.ts";
import { depositedBefore } from "../../pipeline/earlier-deposit.ts";
import type { DocumentExamined } from "../../pipeline/validate-operation.ts";
import type { Reader } from "../../reader/reader.ts";
import { conflictText } from "./conflict-text.ts";

/** What the verdict is found with. */
export interface VerdictNeeds {
  /** Keys and store are absent from a service that holds nothing: there the content alone decides. */
  readonly depositing: Pick<DepositContext, "limits" | "work"> & Partial<Pick<DepositContext, "keys" | "store" | "documentKeys">>;
  readonly reader: Pick<Reader, "mayName">;
}

/** What a deposit would come to. Nothing is stored. */
export interface DepositVerdict {
  /** `not-a-document`: valid, but nothing that is deposited here. */
  readonly kind: "accepted" | "refused" | "not-a-document" | "repeated" | "conflict";
  /** Every issue of its content, with that of the rule `document-only` where it is no document. */
  readonly issues: readonly Issue[];
  /** `repeated`: the id of the first deposit. */
  readonly id?: string;
  /** `conflict`: what its identifier names. */
  readonly reason?: string;
}

/** What a deposit would come to, of what its content says and of what the repository holds. */
export async function depositVerdict(
  asked: Asked,
  { isValid, issues, identity }: DocumentExamined,
  { depositing, reader }: VerdictNeeds,
): Promise<DepositVerdict> {
  const { keys, store, documentKeys } = depositing;
  const earlier = keys && store && documentKeys && (await depositedBefore(identity, { keys, store, documentKeys }));
  // Of a document that somebody may not know of he is told what he would be without it.
  if (earlier?.kind === "repeated" && (await reader.mayName(asked, earlier.entry))) return { kind: "repeated", issues, id: earlier.entry.id };
  if (earlier?.kind === "conflict" && (await reader.mayName(asked, earlier.conflict.twin)))
    return { kind: "conflict", issues, reason: await conflictText(earlier.conflict, asked, reader) };
  if (isValid) return { kind: "accepted", issues };
  return { kind: issues.filter(isError).every(isAboutDocuments) ? "not-a-document" : "refused", issues };
}

/** Whether an issue says only that this is no document, which is no fault of a resource. */
export function isAboutDocuments(issue: Issue): boolean {
  return issue.rule === "document-only";
}
