import type { Issue } from "../core/fhir/issue.ts";
import { JsonArray, JsonObject, type JsonValue } from "../core/fhir/tree/tree.ts";

/** What an entry's request may say (R4 bundle.html, Bundle.entry.request): all of it is text. */
const REQUEST = ["method", "url", "ifNoneMatch", "ifModifiedSince", "ifMatch", "ifNoneExist"];

/**
 * What of a batch or transaction has not the form that it is read in. A condition that is no text, or entries that are no list, must not be passed over: something else would be done than was asked, and
 * nobody would be told.
 */
export function batchFormIssues(resource: JsonObject): Issue[] {
  const listed = resource.get("entry");
  if (listed === undefined) return [];
  if (!(listed instanceof JsonArray)) return [issue("Bundle.entry", "a list of objects", resource.offsetOf("entry"))];
  return listed.items.flatMap((entry, at) => {
    const path = `Bundle.entry[${at}]`;
    return entry instanceof JsonObject ? entryIssues(entry, path) : [issue(path, "an object", listed.offsets[at])];
  });
}

function entryIssues(entry: JsonObject, path: string): Issue[] {
  const request = entry.get("request");
  const texts = request instanceof JsonObject ? REQUEST.flatMap((name) => textIssues(request, name, `${path}.request`)) : [];
  return [...textIssues(entry, "fullUrl", path), ...objectIssues(entry, "resource", path), ...objectIssues(entry, "request", path), ...texts];
}

function textIssues(object: JsonObject, name: string, path: string): Issue[] {
  return isAbsentOr(object.get(name), (value) => typeof value === "string") ? [] : [issue(`${path}.${name}`, "a text", object.offsetOf(name))];
}

function objectIssues(object: JsonObject, name: string, path: string): Issue[] {
  return isAbsentOr(object.get(name), (value) => value instanceof JsonObject) ? [] : [issue(`${path}.${name}`, "an object", object.offsetOf(name))];
}

function isAbsentOr(value: JsonValue | undefined, isRight: (value: JsonValue) => boolean): boolean {
  return value === undefined || isRight(value);
}

function issue(expression: string, form: string, offset: number | undefined): Issue {
  return {
    severity: "error",
    code: "structure",
    rule: "batch-form",
    text: `${expression} is ${form}.`,
    expression,
    ...(offset !== undefined && { offset }),
  };
}
