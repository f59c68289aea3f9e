/** What an entry of a batch asks to be read: the same interactions as when it is asked by itself. */
import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import { writeJson } from "../../../core/fhir/json/write-json.ts";
import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import { writeXml } from "../../../core/fhir/xml/write-xml.ts";
import type { UnpackedEntry } from "../../../pipeline/unpack-batch.ts";
import type { WrittenForm } from "../../../pipeline/serve.ts";
import type { Handling } from "../../../search/query/parse-query.ts";
import type { Parameter } from "../../../search/query/search-query.ts";
import type { ReadInteraction, FhirInteraction } from "../../interaction.ts";
import type { Turns } from "../../turns.ts";
import { routesOf, type FhirOperation } from "../operation.ts";
import type { HistoryInteractions } from "../read-history.ts";
import type { FoundPage, ResourceInteractions } from "../search-resources.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { statementFor, type Statements } from "../statements.ts";
import type { EntryAnswer } from "./entry-answer.ts";
import type { EntryCall } from "./entry-call.ts";

export interface CallNeeds {
  readonly interactions: readonly FhirInteraction[];
  readonly operations: readonly FhirOperation[];
  readonly resources: ResourceInteractions;
  readonly histories: HistoryInteractions;
  readonly definitions: Definitions;
  readonly fhirBase: string;
}

export interface CallWriting {
  readonly form: WrittenForm;
  readonly handling: Handling;
  readonly statements: Statements;
  /** Each call waits for its own turn among all that is asked. */
  readonly turns: Pick<Turns, "take">;
}

/** About how many bytes a page of a search opens. */
const PAGE_WEIGHT = 4_000_000;

type ReadCall = Exclude<EntryCall, { readonly kind: "create" }>;

/** AppErrors of what is asked. */
export async function performCall(asked: Asked, call: ReadCall, entry: UnpackedEntry, using: CallNeeds & CallWriting): Promise<EntryAnswer> {
  const { turns, form, handling, resources, histories } = using;
  const isHead = entry.method === "HEAD";
  const answered = async (make: () => Promise<Uint8Array>, weight = PAGE_WEIGHT): Promise<EntryAnswer> => {
    const bytes = await turns.take(weight, make);
    return { status: 200, ...(!isHead && { text: new TextDecoder().decode(bytes) }) };
  };
  const foundBy = ({ weight, write }: FoundPage): Promise<EntryAnswer> => answered(write, Math.min(weight, PAGE_WEIGHT));
  switch (call.kind) {
    case "read":
      return readAnswer(asked, call, entry, using);
    case "search":
      refuseUnknownType(call.type, resources.types);
      return foundBy(await resources.search(asked, { ...call, handling }, form));
    case "history":
      refuseUnknownType(call.type, histories.types);
      return answered(() => histories.history(asked, { ...call, handling }, form));
    case "operation":
      return answered(() => operationAnswer(asked, call, entry, using));
    case "capabilities":
      return answered(async () => written(await statementFor(call.mode, using.statements), using));
  }
}

async function readAnswer(
  asked: Asked,
  { type, id, versionId }: Extract<EntryCall, { kind: "read" }>,
  entry: UnpackedEntry,
  { interactions, resources, form, turns, fhirBase }: CallNeeds & CallWriting,
): Promise<EntryAnswer> {
  const whole = interactions.find((one): one is ReadInteraction => one.code === "read" && one.type === type);
  if (!whole) refuseUnknownType(type, resources.types);
  const isWhole = whole !== undefined && !id.includes(".");
  const read = isWhole ? await whole.handle(asked, id) : undefined;
  const standing = read ? { versionId: "1" as const, lastModified: read.lastModified } : await resources.standing(asked, type, id);
  if (versionId !== undefined && versionId !== "1" && versionId !== standing.versionId)
    throw new AppError(
      "not-found",
      `${type}/${id} has no version "${versionId}": nothing is changed here but by a later document that replaces another.`,
    );
  const version = versionId === "1" ? "1" : standing.versionId;
  const { lastModified } = standing;
  const validators = { etag: `W/"${version}"`, lastModified };
  if (isUnchanged(entry, version, lastModified)) return { status: 304, ...validators };
  const write = read ? () => read.write(form) : () => resources.read(asked, type, id, form, version);
  const bytes = await turns.take(read?.weight ?? PAGE_WEIGHT, write);
  return {
    status: 200,
    ...validators,
    ...(entry.method !== "HEAD" && { fullUrl: `${fhirBase}/${type}/${id}`, text: new TextDecoder().decode(bytes) }),
  };
}

/** R4 http.html, conditional read. */
function isUnchanged({ ifNoneMatch, ifModifiedSince }: UnpackedEntry, version: "1" | "2", lastModified: Date | undefined): boolean {
  if (ifNoneMatch !== undefined) return new RegExp(`^\\*$|(^|,)\\s*(W/)?"${version}"\\s*(,|$)`).test(ifNoneMatch.trim());
  const since = Date.parse(ifModifiedSince ?? "");
  return lastModified !== undefined && Math.floor(lastModified.getTime() / 1_000) * 1_000 <= since;
}

async function operationAnswer(
  asked: Asked,
  { name, type, id, parameters, isPosted }: Extract<EntryCall, { kind: "operation" }>,
  { resource: brought }: UnpackedEntry,
  { operations, interactions, definitions, form, handling }: CallNeeds & CallWriting,
): Promise<Uint8Array> {
  const operation = operations.find((one) => one.name === name);
  const readable = interactions.filter(({ code }) => code === "read").map((one) => one.type);
  const places = operation && routesOf(operation, { readable, all: definitions.resourceTypes() });
  const isHere = places && (type === undefined ? places.onSystem : (id === undefined ? places.onTypes : places.onInstancesOf).includes(type));
  if (!operation || !isHere) throw new AppError("not-found", `There is no operation $${name} at this address.`);
  const isGet = operation.isAskedByAddress === true || id !== undefined;
  // Within a transaction it would be done whatever became of the others.
  if (operation.affectsState)
    throw new AppError("unsupported", `$${name} is called by itself, with POST ${type ?? ""}/$${name}, and not within a batch.`);
  if (!isPosted && !isGet) throw new AppError("method-not-allowed", `$${name} is called with POST.`);
  const answer = await operation.handle(asked, {
    ...(type !== undefined && { type }),
    ...(id !== undefined && { id }),
    query: firstOf(parameters),
    parameters,
    handling,
    ...(isPosted && brought && { sent: { bytes: brought.bytes, mediaType: brought.mediaType } }),
  });
  if (answer.kind === "written") return answer.write(form);
  if (answer.kind === "resource" || answer.kind === "unreadable") return written(answer.resource, { form, definitions });
  throw new AppError("unsupported", `What $${name} answers here has no place in a batch: call it by itself.`);
}

function written(resource: JsonObject, { form, definitions }: Pick<CallNeeds & CallWriting, "form" | "definitions">): Uint8Array {
  return new TextEncoder().encode(form.form === "xml" ? writeXml(resource, definitions) : writeJson(resource));
}

function firstOf(parameters: readonly Parameter[]): ReadonlyMap<string, string> {
  return new Map([...parameters].reverse());
}

function refuseUnknownType(type: string | undefined, types: readonly string[]): void {
  if (type !== undefined && !types.includes(type)) throw new AppError("not-found", `${type} cannot be read or searched here.`);
}
