import type { Asked } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import { isError, operationOutcome, type Issue } from "../../core/fhir/issue.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { isBeyondLimits } from "../../core/fhir/reading/limit-faults.ts";
import { STORED_READ_LIMITS } from "../../core/fhir/reading/read-limits.ts";
import { receive } from "../../pipeline/intake/receive.ts";
import type { Received } from "../../pipeline/record.ts";
import { coreTypeOf } from "../../pipeline/validate/profiles.ts";
import { shown } from "../../pipeline/validate/shown.ts";
import type { Reader } from "../../reader/reader.ts";
import { depositVerdict, isAboutDocuments, type DepositVerdict, type VerdictNeeds } from "./deposit-verdict.ts";
import type { FhirOperation, OperationAnswer, OperationCall } from "./operation.ts";
import { readSubmitted } from "./read-original.ts";
import { validateParameters, type ValidateParameters } from "./validate-parameters.ts";

/** What the operation works with. */
export interface ValidateNeeds extends VerdictNeeds {
  readonly reader: Pick<Reader, "fetch" | "original" | "proof" | "mayName">;
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
      const intake = call.sent && receive(call.sent, using.depositing.limits, using.depositing.validator.definitions);
      if (intake?.kind === "unreadable")
        return { kind: isBeyondLimits(intake.issues) ? "resource" : "unreadable", resource: operationOutcome(intake.issues, intake.source) };
      return answer(asked, call, intake?.received, using);
    },
  };
}

async function answer(asked: Asked, call: OperationCall, received: Received | undefined, using: ValidateNeeds): Promise<OperationAnswer> {
  const parameters = validateParameters(received?.resource, call.query, call.type);
  const { mode } = parameters;
  const stored = await storedAt(asked, call, using);
  if (mode === "delete") return { kind: "resource", resource: operationOutcome([...parameters.issues, NEVER_DELETED], received?.source) };
  const subject = parameters.resource && received ? unwrapped(received, parameters.resource, parameters.path) : stored;
  if (!subject)
    throw new AppError(
      "malformed",
      "There is nothing to validate: send a resource, or a Parameters with the parameter resource (R4 operation $validate).",
    );
  const mayDeposit = call.id === undefined && (mode === "create" || (call.type === "Bundle" && typeOf(subject) === "Bundle"));
  const issues = [
    ...parameters.issues,
    ...wrongType(call, subject),
    ...(mayDeposit
      ? asDocument(await depositVerdict(asked, subject, using), mode === "create")
      : using.depositing.validator.validate(subject.resource, subject.readingIssues)),
    ...nominatedProfile(parameters, subject, using.depositing.validator.definitions),
    ...(mode === "update" ? [NEVER_CHANGED] : []),
  ];
  return { kind: "resource", resource: operationOutcome(issues, subject.source) };
}

/** What stands at the address of an instance. AppError `not-found`, `gone`. */
async function storedAt(asked: Asked, { type, id }: OperationCall, using: ValidateNeeds): Promise<Received | undefined> {
  if (id === undefined) return undefined;
  if (type !== "Bundle" && type !== "Binary") throw new AppError("not-found", `There is no ${shown(type ?? "resource")} of that id here.`);
  const { bytes, mediaType } = await using.reader.original(id, asked);
  const intake = receive({ bytes, mediaType }, STORED_READ_LIMITS, using.depositing.validator.definitions);
  if (intake.kind === "unreadable") throw new AppError("damaged", `Document ${id} can no longer be read as a resource.`);
  if (type === "Bundle") return intake.received;
  const resource = await (await readSubmitted(asked, id, using)).resource();
  return { ...intake.received, resource, readingIssues: [] };
}

/** A resource out of a Parameters, as if it had been sent by itself: what the reader noticed within it has its place in it. */
function unwrapped(received: Received, resource: JsonObject, path: string): Received {
  if (path === "") return received;
  const root = resource.string("resourceType") ?? "";
  const readingIssues = received.readingIssues.map((issue) => {
    const { expression } = issue;
    if (expression === undefined || (expression !== path && !expression.startsWith(`${path}.`))) return issue;
    return { ...issue, expression: root + expression.slice(path.length) };
  });
  return { ...received, resource, readingIssues };
}

/** What deposit would say of it. `asDemanded`: the client asked for that (mode create), so that a refusal is an error; else the content alone decides, and a note tells. */
function asDocument(verdict: DepositVerdict, asDemanded: boolean): Issue[] {
  const issues = asDemanded ? verdict.issues : verdict.issues.filter((issue) => !isAboutDocuments(issue));
  return [...issues, verdictIssue(verdict, asDemanded)];
}

function verdictIssue({ kind, issues, id, reason }: DepositVerdict, asDemanded: boolean): Issue {
  const note = { severity: "information", code: "informational", rule: "deposit-verdict" } as const;
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

function wrongType({ type }: OperationCall, received: Received): Issue[] {
  const found = typeOf(received);
  if (type === undefined || found === undefined || found === type) return [];
  const text = `This was sent to be validated as ${shown(type)}, but it is a ${shown(found)}: send it to the address of its own type.`;
  return [{ severity: "error", code: "invalid", rule: "operation-type", text, offset: received.resource.offset }];
}

/** "If a profile is nominated, and the server cannot validate against the nominated profile, it SHALL return an error." */
function nominatedProfile({ mode, profile }: ValidateParameters, received: Received, definitions: Definitions): Issue[] {
  const error = { severity: "error", rule: "operation-profile" } as const;
  if (profile === undefined)
    return mode === "profile" ? [{ ...error, code: "required", text: "Mode profile needs the parameter profile: say which one." }] : [];
  const type = coreTypeOf(profile, definitions);
  if (type === undefined)
    return [{ ...error, code: "not-supported", text: `The profile ${shown(profile)} is not held here: only the rules of R4 itself were checked.` }];
  const found = typeOf(received);
  if (type === found || type === "Resource" || found === undefined) return [];
  return [
    {
      ...error,
      code: "invalid",
      text: `The profile ${shown(profile)} is of ${type}, and this is a ${shown(found)}.`,
      offset: received.resource.offset,
    },
  ];
}

function typeOf({ resource }: Received): string | undefined {
  return resource.string("resourceType");
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
