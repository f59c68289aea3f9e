import type { Asked } from "../../core/asked.ts";
import type { Issue } from "../../core/fhir/issue.ts";
import { SourceExcerpt } from "../../core/fhir/reading/source-excerpt.ts";
import type { Source } from "../../core/fhir/reading/source-text.ts";
import type { Content, DocumentMediaType } from "../../pipeline/document-forms.ts";
import { namesOf } from "../../pipeline/admission.ts";
import type { UnderPolicy } from "../../pipeline/validate/under-each.ts";
import type { HeldAgainst } from "../../pipeline/render/pages/held-against.ts";
import { depositVerdict, isAboutDocuments, type DepositVerdict, type VerdictNeeds } from "../fhir/deposit-verdict.ts";

/** What is to be said of a file that a person wants looked at. */
export interface CheckedFile {
  readonly verdict: DepositVerdict["kind"] | "unreadable";
  /** Everything about its content. */
  readonly issues: readonly Issue[];
  readonly source: Source;
  /** The first deposit of the same document. */
  readonly id?: string;
  /** Of a document, what each policy with a name says of it. */
  readonly policies?: readonly UnderPolicy[];
  /** What came of profiles: of those that a deposit asks, and of the one that was asked for here. */
  readonly profiles?: HeldAgainst;
  /** What its identifier names, when that is another document. */
  readonly reason?: string;
}

/** Validates a file and says what a deposit would come to, without storing anything. @param profile a canonical that it is held against besides, whatever it declares */
export async function checkFile(asked: Asked, content: Content<DocumentMediaType>, using: VerdictNeeds, profile?: string): Promise<CheckedFile> {
  const { limits, work } = using.depositing;
  const { bytes, mediaType } = content;
  const examined = await work.do(
    "examine",
    { bytes, mediaType, limits, submitter: namesOf(asked), profile, isCompared: true },
    { bytes: bytes.length, handOver: [bytes] },
  );
  const source = new SourceExcerpt(examined.source);
  if (examined.kind === "unreadable") return { verdict: "unreadable", issues: examined.issues, source };
  const { kind, ...found } = await depositVerdict(asked, { ...examined, isValid: examined.kind === "valid" }, using);
  const { held } = examined;
  const others = examined.profiles?.verdicts.filter((one) => one.profile !== profile) ?? [];
  const isTold = ({ rule, text, expression }: Issue): boolean =>
    found.issues.some((issue) => issue.rule === rule && issue.text === text && issue.expression === expression);
  const besides = held?.issues.filter((issue) => !isTold(issue)) ?? [];
  return {
    ...found,
    ...(examined.policies && { policies: examined.policies }),
    profiles: { ...examined.profiles, verdicts: [...(held?.verdicts ?? []), ...others] },
    verdict: kind,
    issues: [...found.issues.filter((issue) => !isAboutDocuments(issue)), ...besides],
    source,
  };
}
