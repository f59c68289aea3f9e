import { AppError } from "../core/errors.ts";
import { isError, operationOutcome, type Issue } from "../core/fhir/issue.ts";
import type { JsonObject } from "../core/fhir/json/tree.ts";
import { isBeyondLimits } from "../core/fhir/limit-faults.ts";
import { STORED_READ_LIMITS } from "../core/fhir/read-limits.ts";
import { receive } from "../pipeline/intake/receive.ts";
import { fetchDocument } from "../pipeline/present.ts";
import type { Received } from "../pipeline/record.ts";
import { coreTypeOf } from "../pipeline/validate/profiles.ts";
import { shown } from "../pipeline/validate/shown.ts";
import { validate } from "../pipeline/validate/validate.ts";
import type { InteractionContext } from "./context.ts";
import { depositVerdict, isAboutDocuments, type DepositVerdict } from "./deposit-verdict.ts";
import type { FhirOperation, OperationAnswer, OperationCall } from "./operation.ts";
import { readSubmitted } from "./read-original.ts";
import { validateParameters, type ValidateParameters } from "./validate-parameters.ts";

/** Validates what was sent, or what is stored, and stores nothing (R4 operation Resource/$validate). Valid or not, the answer is an OperationOutcome. */
export const validateOperation: FhirOperation = {
  name: "validate",
  definition: "http://hl7.org/fhir/OperationDefinition/Resource-validate",
  documentation:
    "Validates a resource of any type against R4, without storing it. Sent to /Bundle/$validate, a Bundle also learns whether it would be accepted as a document. Modes update and delete always have an error: documents are never changed or deleted. No profile but those of R4 itself is held.",
  queryParameters: ["mode", "profile"],
  handle: async (call, context) => {
    const intake = call.submission && receive(call.submission, context.limits);
    if (intake?.kind === "unreadable")
      return { kind: isBeyondLimits(intake.issues) ? "done" : "unreadable", resource: operationOutcome(intake.issues, intake.source) };
    return answer(call, intake?.received, context);
  },
};

async function answer(call: OperationCall, received: Received | undefined, context: InteractionContext): Promise<OperationAnswer> {
  const asked = validateParameters(received?.resource, call.query, call.type);
  const stored = await storedAt(call, context);
  if (asked.mode === "delete") return { kind: "done", resource: operationOutcome([...asked.issues, NEVER_DELETED], received?.source) };
  const subject = asked.resource && received ? unwrapped(received, asked.resource, asked.path) : stored;
  if (!subject)
    throw new AppError(
      "malformed",
      "There is nothing to validate: send a resource, or a Parameters with the parameter resource (R4 operation $validate).",
    );
  const mayDeposit = call.id === undefined && (asked.mode === "create" || (call.type === "Bundle" && typeOf(subject) === "Bundle"));
  const issues = [
    ...asked.issues,
    ...wrongType(call, subject),
    ...(mayDeposit ? await asDocument(subject, asked.mode === "create", context) : validate(subject.resource, subject.readingIssues, context.policy)),
    ...nominatedProfile(asked, subject),
    ...(asked.mode === "update" ? [NEVER_CHANGED] : []),
  ];
  return { kind: "done", resource: operationOutcome(issues, subject.source) };
}

/** What stands at the address of an instance. AppError `not-found`, `gone`. */
async function storedAt({ type, id }: OperationCall, context: InteractionContext): Promise<Received | undefined> {
  if (id === undefined) return undefined;
  if (type !== "Bundle" && type !== "Binary") throw new AppError("not-found", `There is no ${shown(type ?? "resource")} of that id here.`);
  const { bytes, mediaType, leaf } = await fetchDocument(id, context);
  const intake = receive({ bytes, mediaType, receivedAt: new Date(leaf.receivedAt), submitter: "", requestId: "" }, STORED_READ_LIMITS);
  if (intake.kind === "unreadable") throw new AppError("damaged", `Document ${id} can no longer be read as a resource.`);
  if (type === "Bundle") return intake.received;
  const resource = await (await readSubmitted(id, context)).resource();
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
async function asDocument(received: Received, asDemanded: boolean, context: InteractionContext): Promise<Issue[]> {
  const verdict = await depositVerdict(received, context);
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
function nominatedProfile({ mode, profile }: ValidateParameters, received: Received): Issue[] {
  const error = { severity: "error", rule: "operation-profile" } as const;
  if (profile === undefined)
    return mode === "profile" ? [{ ...error, code: "required", text: "Mode profile needs the parameter profile: say which one." }] : [];
  const type = coreTypeOf(profile);
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
