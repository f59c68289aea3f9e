import type { Asked } from "../../core/asked.ts";
import type { Issue } from "../../core/fhir/issue.ts";
import type { SourceText } from "../../core/fhir/reading/source-text.ts";
import { receive } from "../../pipeline/intake/receive.ts";
import type { Content } from "../../pipeline/record.ts";
import { depositVerdict, isAboutDocuments, type DepositVerdict, type VerdictNeeds } from "../fhir/deposit-verdict.ts";

/** What is to be said of a file that a person wants looked at. */
export interface CheckedFile {
  readonly verdict: DepositVerdict["kind"] | "unreadable";
  /** Everything about its content. */
  readonly issues: readonly Issue[];
  readonly source: SourceText;
  /** The first deposit of the same document. */
  readonly id?: string;
  /** What its identifier names, when that is another document. */
  readonly reason?: string;
}

/** Validates a file and says what a deposit would come to, without storing anything. */
export async function checkFile(asked: Asked, content: Content, using: VerdictNeeds): Promise<CheckedFile> {
  const intake = receive(content, using.depositing.limits, using.depositing.validator.definitions);
  if (intake.kind === "unreadable") return { verdict: "unreadable", issues: intake.issues, source: intake.source };
  const { kind, ...found } = await depositVerdict(asked, intake.received, using);
  return { ...found, verdict: kind, issues: found.issues.filter((issue) => !isAboutDocuments(issue)), source: intake.received.source };
}
