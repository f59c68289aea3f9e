import type { Asked } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import { isError, operationOutcome, type Issue } from "../../core/fhir/issue.ts";
import { isBeyondLimits } from "../../core/fhir/reading/limit-faults.ts";
import { SourceExcerpt } from "../../core/fhir/reading/source-excerpt.ts";
import { namesOf } from "../../pipeline/admission.ts";
import type { ValidateResult, ValidateRequest } from "../../pipeline/validate-operation.ts";
import { shown } from "../../pipeline/validate/shown.ts";
import type { Reader } from "../../reader/reader.ts";
import { depositVerdict, isAboutDocuments, type DepositVerdict, type VerdictNeeds } from "./deposit-verdict.ts";
import type { FhirOperation, OperationCall } from "./operation.ts";

type ValidatedCall = Extract<ValidateResult, { readonly kind: "validated" }>;

/** What the operation works with. */
export interface ValidateNeeds extends VerdictNeeds {
  readonly reader: Pick<Reader, "document" | "mayName">;
}

/** Validates what was sent, or what is stored, and stores nothing (R4 operation Resource/$validate). Valid or not, the answer is an OperationOutcome. */
export function validateOperation(using: ValidateNeeds): FhirOperation {
  return {
    name: "validate",
    definition: "http://hl7.org/fhir/OperationDefinition/Resource-validate",
    documentation:
      "Validates a resource of any type against R4, without storing it. Sent to /Bundle/$validate, a Bundle also learns whether it would be accepted as a document. Modes update and delete always have an error: documents are never changed or deleted. No profile but those of R4 itself is held.",
    levels: ["system", "type", "instance"],
    types: "any",
    affectsState: false,
    parameters: [
      { name: "resource", isSimple: false, type: "Resource", min: 0, max: "1" },
      { name: "mode", isSimple: true, type: "code", min: 0, max: "1" },
      { name: "profile", isSimple: true, type: "uri", min: 0, max: "1" },
    ],
    handle: async (asked, call) => {
      const { limits, work } = using.depositing;
      const { sent, type, query } = call;
      const stored = await storedAt(asked, call, using);
      const size = (sent?.bytes.length ?? 0) + (stored?.bytes.length ?? 0);
      const validated = await work.do(
        "validate",
        { sent, stored, type, query, limits, submitter: namesOf(asked) },
        { bytes: size, handOver: sent ? [sent.bytes] : [] },
      );
      const source = new SourceExcerpt(validated.source);
      if (validated.kind === "unreadable")
        return { kind: isBeyondLimits(validated.issues) ? "resource" : "unreadable", resource: operationOutcome(validated.issues, source) };
      return { kind: "resource", resource: operationOutcome(await issuesOf(asked, validated, using), source) };
    },
  };
}

async function issuesOf(asked: Asked, validated: ValidatedCall, using: ValidateNeeds): Promise<Issue[]> {
  const { mode, call, content, profile, asDocument: examined } = validated;
  if (mode === "delete") return [...call, NEVER_DELETED];
  const said = examined ? asDocument(await depositVerdict(asked, examined, using), mode === "create", using.depositing.store !== undefined) : content;
  return [...call, ...said, ...profile, ...(mode === "update" ? [NEVER_CHANGED] : [])];
}

/** What stands at the address of an instance. AppError `not-found`, `gone`. */
async function storedAt(asked: Asked, { type, id }: OperationCall, { reader }: ValidateNeeds): Promise<ValidateRequest["stored"]> {
  if (id === undefined) return undefined;
  if (type !== "Bundle" && type !== "Binary") throw new AppError("not-found", `There is no ${shown(type ?? "resource")} of that id here.`);
  const { bytes, mediaType, leaf } = await (await reader.document(id, asked)).original();
  return { bytes, mediaType, leaf, isBinary: type === "Binary" };
}

/**
 * What deposit would say of it. `asDemanded`: the client asked for that (mode create), so that a refusal is an error; else the content alone decides, and a note tells. `isHeld`: whether it was asked what the repository
 * holds.
 */
function asDocument(verdict: DepositVerdict, asDemanded: boolean, isHeld: boolean): Issue[] {
  const issues = asDemanded ? verdict.issues : verdict.issues.filter((issue) => !isAboutDocuments(issue));
  return [...issues, verdictIssue(verdict, asDemanded, isHeld)];
}

function verdictIssue({ kind, issues, id, reason }: DepositVerdict, asDemanded: boolean, isHeld: boolean): Issue {
  const note = { severity: "information", code: "informational", rule: "deposit-verdict" } as const;
  if (kind === "accepted" && !isHeld)
    return { ...note, text: "As a document its content would be accepted. Whether it was deposited before only a repository knows." };
  if (kind === "accepted") return { ...note, text: "As a document it would be accepted." };
  if (kind === "repeated")
    return { ...note, text: `This document was deposited before, as ${id ?? ""}: sending it again stores nothing and is harmless.` };
  if (kind === "conflict") {
    const text = `As a document it would be refused: ${reason ?? ""}`;
    return { ...note, ...(asDemanded && { severity: "error", code: "conflict" }), text, expression: "Bundle.identifier" };
  }
  const errors = issues.filter(isError).length;
  const why = issues.find(isAboutDocuments)?.text ?? `${errors} error${errors === 1 ? "" : "s"} must be mended first.`;
  return { ...note, text: `As a document it would be refused: ${why}` };
}

const NEVER_DELETED: Issue = {
  severity: "error",
  code: "business-rule",
  rule: "never-deleted",
  text: "Documents are never deleted. Deposit a new one whose Composition.relatesTo replaces the earlier one, or whose status is entered-in-error.",
};

const NEVER_CHANGED: Issue = {
  severity: "error",
  code: "business-rule",
  rule: "never-changed",
  text: "Documents are never changed. Deposit a new one whose Composition.relatesTo replaces the earlier one.",
};
