/** Resources of our own that stand in no document and change by versions: Consents and Subscriptions. What they have in common: how they are asked for, received and shown. */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import { isError, type Issue } from "../../../core/fhir/issue.ts";
import { readResource } from "../../../core/fhir/reading/read-resource.ts";
import { SourceExcerpt } from "../../../core/fhir/reading/source-excerpt.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Content } from "../../../pipeline/document-forms.ts";
import type { Compartment } from "../../../search/query/compartment.ts";
import type { Criterion } from "../../../search/query/criterion.ts";
import type { Handling } from "../../../search/query/parse-query.ts";
import type { Parameter } from "../../../search/query/search-query.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import type { CreateOutcome } from "../../interaction.ts";
import type { DepositNeeds } from "../deposit-document.ts";
import type { OwnDefinition } from "../search-definitions.ts";

/** What became of a resource that was sent to be kept. */
export interface KeptOutcome extends Omit<CreateOutcome, "lastModified"> {
  readonly version?: number;
  /** An instant. */
  readonly at?: string;
}

/** A version as it is served; without a resource it is the one by which it was deleted. */
export interface KeptVersion {
  readonly version: number;
  readonly at: string;
  readonly resource?: JsonObject;
}

export interface KeptSearch {
  readonly parameters: readonly Parameter[];
  readonly handling: Handling;
  readonly compartment: Compartment | undefined;
  /** False where other types are searched with it: whoever has no scope for this one finds none of it then, and is not refused. */
  readonly isAlone: boolean;
  /** What else must hold. */
  readonly also?: Criterion;
}

/** What may be asked of one type of them. */
export interface KeptResources {
  readonly type: "Consent" | "Subscription";
  /** For the CapabilityStatement. */
  readonly documented: readonly { readonly code: "create" | "update" | "delete"; readonly documentation: string }[];
  /** AppErrors `forbidden`; `invalid` for what cannot be kept. */
  create(asked: Asked, sent: Content): Promise<KeptOutcome>;
  /** @param expected the version that it must have (If-Match). AppErrors `not-found`, `gone`, `forbidden`, `precondition-failed`, `conflict` */
  update(asked: Asked, id: string, sent: Content & { readonly expected: number | undefined }): Promise<KeptOutcome>;
  /** Deletes one; what was deleted stays so. Undefined where nothing is. AppErrors as of `update`. */
  remove?(asked: Asked, id: string, expected: number | undefined): Promise<void>;
  /** Every version, oldest first. AppError `not-found` */
  versions(asked: Asked, id: string): Promise<readonly KeptVersion[]>;
  /** Those that the caller may know and that a search finds, as they stand now. AppErrors as of parse-query.ts, `forbidden` */
  find(asked: Asked, search: KeptSearch): Promise<readonly OwnDefinition[]>;
}

export interface Receiving extends Pick<DepositNeeds, "depositing"> {
  readonly definitions: Definitions;
}

/**
 * Validates a resource that was sent by R4's rules.
 * @param id of the address, of an update
 * @param largest in bytes
 * @returns the resource when nothing is wrong with it, and in any case what is to be answered
 * @throws AppError `too-large`
 */
export async function receiveKept(
  sent: Content,
  { type, id, largest }: { readonly type: KeptResources["type"]; readonly id: string | undefined; readonly largest: number },
  { depositing: { limits, work }, definitions }: Receiving,
): Promise<{ readonly resource?: JsonObject } & KeptOutcome> {
  if (sent.bytes.length > largest) throw new AppError("too-large", `A ${type} has at most ${largest} bytes.`);
  const validated = await work.do("validate", { sent, stored: undefined, type, query: new Map(), limits }, { bytes: sent.bytes.length });
  const source = new SourceExcerpt(validated.source);
  if (validated.kind === "unreadable") return { kind: "unreadable", issues: validated.issues, source };
  const issues = validated.content;
  if (issues.some(isError)) return { kind: "invalid", issues, source };
  const { resource } = readResource(sent.bytes, sent.mediaType, limits, definitions);
  const wrong = resource && faultOf(resource, type, id);
  if (!resource || wrong) return { kind: "invalid", issues: [...issues, ...(wrong ? [wrong] : [])], source };
  return { kind: "created", issues, source, resource };
}

/** What the rules of R4 leave open, and this repository needs. */
function faultOf(resource: JsonObject, type: string, id: string | undefined): Issue | undefined {
  const issue = (text: string): Issue => ({ severity: "error", code: "business-rule", rule: type.toLowerCase(), text });
  if (resource.string("resourceType") !== type) return issue(`This is no ${type}.`);
  if (id !== undefined && resource.string("id") !== id) return issue(`The id of the resource is that of the address, ${id} (R4 http.html, update).`);
  return undefined;
}

/** AppError `precondition-failed` when a client expects another version than there is. */
export function requireVersion(
  type: KeptResources["type"],
  id: string,
  { version }: { readonly version: number },
  expected: number | undefined,
): void {
  if (expected !== undefined && expected !== version)
    throw new AppError("precondition-failed", `${type}/${id} is at version ${version}: look at it again.`);
}

export function notHere(type: KeptResources["type"], id: string): AppError {
  return new AppError("not-found", `There is no ${type}/${id} here.`);
}
