/** What `$validate` says (R4 operation Resource/$validate) of what was sent or is stored, as far as the content alone tells it: a function of data, for any thread. */
import { AppError } from "../core/errors.ts";
import type { Issue } from "../core/fhir/issue.ts";
import type { JsonObject } from "../core/fhir/tree/tree.ts";
import type { Definitions } from "../core/fhir/r4/definitions.ts";
import { STORED_READ_LIMITS, type ReadLimits } from "../core/fhir/reading/read-limits.ts";
import type { SourceParts } from "../core/fhir/reading/source-excerpt.ts";
import type { Leaf } from "../core/formats/leaf.ts";
import { examineReceived, told, type ExaminationTools, type Told } from "./admission.ts";
import { receive } from "./intake/receive.ts";
import type { Content, DocumentMediaType, Identity, Received } from "./document-forms.ts";
import { servedBinary } from "./serve.ts";
import { judgedByAsking } from "./validate/hearing.ts";
import { coreTypeOf } from "./validate/profiles.ts";
import { shown } from "./validate/shown.ts";
import type { Validator } from "./validate/validate.ts";
import { validateParameters, type ValidateParameters, type ValidationMode } from "./validate-parameters.ts";

/** One call of the operation. */
export interface ValidateRequest {
  /** The body: a Parameters resource, or what is to be validated. */
  readonly sent: Content | undefined;
  /** What stands at the address of an instance, and whether it is asked about as the Binary of its bytes. */
  readonly stored: (Content<DocumentMediaType> & { readonly leaf: Leaf; readonly isBinary: boolean }) | undefined;
  /** Of the address. */
  readonly type: string | undefined;
  readonly query: ReadonlyMap<string, string>;
  readonly limits: ReadLimits;
  /** Names of whoever asks (`namesOf`), as for a deposit. */
  readonly submitter?: readonly string[] | undefined;
}

/** What is to be said of the call, of the content and of the profile that was named, in this order; `source` shows where all of it lies. */
export type ValidateResult =
  | (Told & { readonly kind: "unreadable" })
  | {
      readonly kind: "validated";
      readonly mode: ValidationMode | undefined;
      readonly call: readonly Issue[];
      readonly content: readonly Issue[];
      readonly profile: readonly Issue[];
      readonly source: SourceParts;
      /** Present where a deposit could follow: what it would say. Whether the document came before, the repository knows. */
      readonly asDocument?: DocumentExamined;
    };

/** What a deposit would say, as far as the content tells. */
export interface DocumentExamined {
  readonly isValid: boolean;
  readonly issues: readonly Issue[];
  readonly identity?: Identity;
}

/** AppError `malformed` when there is nothing to judge, `damaged` when what is stored can't be read. */
export async function validateOperation(request: ValidateRequest, tools: ExaminationTools): Promise<ValidateResult> {
  const { validator, hearing } = tools;
  const { sent, stored, query, type, limits } = request;
  const { definitions } = validator;
  const intake = sent && receive(sent, limits, definitions);
  if (intake?.kind === "unreadable") return { kind: "unreadable", ...told(intake.issues, intake.source) };
  const received = intake?.received;
  const asked = validateParameters(received?.resource, query, type);
  const { mode } = asked;
  if (mode === "delete") {
    const source = received ? told(asked.issues, received.source).source : { lines: [] };
    return { kind: "validated", mode, call: asked.issues, content: [], profile: [], source };
  }
  const subject = asked.resource && received ? unwrapped(received, asked.resource, asked.path) : stored && readStored(stored, definitions);
  if (!subject)
    throw new AppError(
      "malformed",
      "There is nothing to validate: send a resource, or a Parameters with the parameter resource (R4 operation $validate).",
    );
  const mayDeposit = stored === undefined && (mode === "create" || (type === "Bundle" && typeOf(subject) === "Bundle"));
  const examined = mayDeposit ? await examineReceived(subject, tools, request.submitter, subject !== received) : undefined;
  const content = examined?.issues ?? (await judgedByAsking(() => validator.validate(subject.resource, subject.readingIssues), hearing));
  const call = [...asked.issues, ...wrongType(type, subject)];
  const isTold = ({ rule, text, expression }: Issue): boolean =>
    content.some((issue) => issue.rule === rule && issue.text === text && issue.expression === expression);
  const nominated = await judgedByAsking(() => nominatedProfile(asked, subject, validator), hearing);
  const profile = nominated.filter((issue) => !isTold(issue));
  const { source } = told([...call, ...content, ...profile], subject.source);
  return { kind: "validated", mode, call, content, profile, source, ...(examined && { asDocument: documentExamined(examined) }) };
}

function documentExamined({ kind, issues, identity }: Awaited<ReturnType<typeof examineReceived>>): DocumentExamined {
  return { isValid: kind === "valid", issues, ...(identity && { identity }) };
}

function readStored(stored: NonNullable<ValidateRequest["stored"]>, definitions: Definitions): Received<DocumentMediaType> {
  const { bytes, mediaType, leaf, isBinary } = stored;
  const intake = receive({ bytes, mediaType }, STORED_READ_LIMITS, definitions);
  if (intake.kind === "unreadable") throw new AppError("damaged", `Document ${leaf.id} can no longer be read as a resource.`);
  return isBinary ? { ...intake.received, resource: servedBinary(stored), readingIssues: [] } : intake.received;
}

/** A resource out of a Parameters, as if it had been sent by itself: what the reader noticed within it has its place in it. */
function unwrapped(received: Received<DocumentMediaType>, resource: JsonObject, path: string): Received<DocumentMediaType> {
  if (path === "") return received;
  const root = resource.string("resourceType") ?? "";
  const readingIssues = received.readingIssues.map((issue) => {
    const { expression } = issue;
    if (expression === undefined || (expression !== path && !expression.startsWith(`${path}.`))) return issue;
    return { ...issue, expression: root + expression.slice(path.length) };
  });
  return { ...received, resource, readingIssues };
}

function wrongType(type: string | undefined, received: Received<DocumentMediaType>): Issue[] {
  const found = typeOf(received);
  if (type === undefined || found === undefined || found === type) return [];
  const text = `This was sent to be validated as ${shown(type)}, but it is a ${shown(found)}: send it to the address of its own type.`;
  return [{ severity: "error", code: "invalid", rule: "operation-type", text, offset: received.resource.offset }];
}

/** "If a profile is nominated, and the server cannot validate against the nominated profile, it SHALL return an error." */
function nominatedProfile({ mode, profile }: ValidateParameters, received: Received<DocumentMediaType>, validator: Validator): Issue[] {
  const error = { severity: "error", rule: "operation-profile" } as const;
  if (profile === undefined)
    return mode === "profile" ? [{ ...error, code: "required", text: "Mode profile needs the parameter profile: say which one." }] : [];
  const held = validator.heldAgainst(profile, received.resource);
  if (held) return [...held.issues];
  const type = coreTypeOf(profile, validator.definitions);
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

function typeOf({ resource }: Received<DocumentMediaType>): string | undefined {
  return resource.string("resourceType");
}
