/**
 * Reading of our own formats, which others may have altered: strict JSON without a name twice, and nothing that two readers could understand differently. A closed format has exactly its properties;
 * an open one may have more, which are passed over unless its list `critical` names them.
 */
import { AppError } from "../errors.ts";
import { fromBase64 } from "../crypto/base64.ts";
import { JsonArray, JsonNumber, type JsonObject } from "../fhir/tree/tree.ts";
import { readJson } from "../fhir/json/read-json.ts";
import { DEFAULT_READ_LIMITS, type ReadLimits } from "../fhir/reading/read-limits.ts";
import { SourceText } from "../fhir/reading/source-text.ts";

/** Of our own formats names mean other things than in FHIR: a text may be as long as it is, whatever it is called. */
const LIMITS: ReadLimits = { ...DEFAULT_READ_LIMITS, maxLengths: new Map(), maxItems: new Map(), maxItemsInAll: new Map() };

/** The properties of one format, by whether they must be there. `format` itself is always one. */
export interface FormatShape {
  readonly format: string;
  readonly required: readonly string[];
  readonly optional?: readonly string[];
}

/** The object that `text` holds, if it is of this closed format. AppError `malformed` says what is wrong with it. */
export function readFormat(text: string, shape: FormatShape): JsonObject {
  return readVersions(text, { closed: shape }).object;
}

/** The same of an open format: properties that are not known are passed over, unless the list `critical` names them. */
export function readOpenFormat(text: string, shape: FormatShape): JsonObject {
  return readVersions(text, { open: shape }).object;
}

/** The same of a format that has a closed number and an open one. */
export function readVersions(
  text: string,
  { closed, open }: { readonly closed?: FormatShape; readonly open?: FormatShape },
): { object: JsonObject; isOpen: boolean } {
  const [format = ""] = [open, closed].flatMap((shape) => shape?.format ?? []);
  const { resource, issues } = readJson(new SourceText(text), LIMITS);
  const fault = issues.find((issue) => issue.severity === "error" || issue.severity === "fatal");
  if (resource === undefined || fault) throw new AppError("malformed", `not a ${format}: ${fault?.text ?? "it is no JSON object"}`);
  const named = resource.string("format");
  if (closed !== undefined && closed.format === named) {
    checkNames(resource, { ...closed, required: ["format", ...closed.required] });
    return { object: resource, isOpen: false };
  }
  if (open === undefined || open.format !== named) throw new AppError("malformed", `not a ${format}: its format is ${named ?? "not named"}`);
  checkOpen(resource, open);
  return { object: resource, isOpen: true };
}

function checkOpen(object: JsonObject, { format, required, optional = [] }: FormatShape): void {
  for (const name of required) if (!object.has(name)) throw new AppError("malformed", `not a ${format}: ${name} is missing`);
  const critical = object.get("critical");
  if (critical === undefined) return;
  const names = critical instanceof JsonArray ? critical.items : [null];
  const strange = names.find((name) => typeof name !== "string" || ![...required, ...optional].includes(name));
  if (strange !== undefined) throw new AppError("malformed", `not a ${format} that can be read here: it has a critical property that is not known`);
}

/** Refuses missing and unknown properties. */
export function checkNames(object: JsonObject, { format, required, optional = [] }: FormatShape): void {
  for (const name of required) if (!object.has(name)) throw new AppError("malformed", `not a ${format}: ${name} is missing`);
  for (const name of object.names)
    if (!required.includes(name) && !optional.includes(name)) throw new AppError("malformed", `not a ${format}: it has no property ${name}`);
}

/** The text at `name`, if there is any. AppError `malformed` when it is something else than text. */
export function optionalText(object: JsonObject, name: string): string | undefined {
  return object.has(name) ? textField(object, name) : undefined;
}

/** The text at `name`; with `pattern`, all of it must match. */
export function textField(object: JsonObject, name: string, pattern?: RegExp): string {
  const value = object.string(name);
  if (value === undefined || (pattern && !pattern.test(value))) throw new AppError("malformed", `${name} is not what it must be`);
  return value;
}

/** The whole number at `name`, from 0. */
export function countField(object: JsonObject, name: string): number {
  const value = object.get(name);
  if (!(value instanceof JsonNumber) || !/^(0|[1-9][0-9]{0,15})$/.test(value.text) || !Number.isSafeInteger(Number(value.text))) {
    throw new AppError("malformed", `${name} is not a count`);
  }
  return Number(value.text);
}

/** The bytes at `name`, base64, of a given length if one is given. */
export function bytesField(object: JsonObject, name: string, length?: number): Uint8Array {
  const bytes = fromBase64(textField(object, name));
  if (bytes === undefined || (length !== undefined && bytes.length !== length))
    throw new AppError("malformed", `${name} is not base64 of ${length ?? "some"} bytes`);
  return bytes;
}

export const DIGEST = /^sha256:[0-9a-f]{64}$/;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UUID_WITHIN = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;
/** The first UUID in what a person typed or pasted, an address perhaps; undefined where there is none. */
export function uuidIn(text: string): string | undefined {
  return UUID_WITHIN.exec(text.toLowerCase())?.[0];
}
export const INSTANT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/;

/** The object at `name`. AppError `malformed`. */
export function objectField(object: JsonObject, name: string): JsonObject {
  const value = object.object(name);
  if (!value) throw new AppError("malformed", `${name} is no object`);
  return value;
}
