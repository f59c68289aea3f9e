import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../../../core/fhir/tree/tree.ts";
import type { ValuePlan } from "./plan.ts";

/*
 * Values that a profile gives (R4 elementdefinition.html, fixed[x] and pattern[x]), as plain data, against what a resource has.
 */

/** Whether a value is the fixed one, or has the pattern. */
export function agrees({ kind, value: wanted }: ValuePlan, value: JsonValue | undefined): boolean {
  return kind === "fixed" ? isSame(wanted, value) : hasPattern(wanted, value);
}

/** "The specified value SHALL exactly match": nothing less, nothing more. */
function isSame(wanted: unknown, value: JsonValue | undefined): boolean {
  if (Array.isArray(wanted))
    return value instanceof JsonArray && value.items.length === wanted.length && wanted.every((one, at) => isSame(one, value.items[at]));
  if (isObject(wanted)) {
    const names = Object.keys(wanted);
    return value instanceof JsonObject && value.names.length === names.length && names.every((name) => isSame(wanted[name], value.get(name)));
  }
  return isSamePrimitive(wanted, value);
}

/** "Anything that the pattern has, the value has": of arrays, each item of the pattern is found in some item. */
function hasPattern(wanted: unknown, value: JsonValue | undefined): boolean {
  if (Array.isArray(wanted)) return value instanceof JsonArray && wanted.every((one) => value.items.some((item) => hasPattern(one, item)));
  if (isObject(wanted)) return value instanceof JsonObject && Object.keys(wanted).every((name) => hasPattern(wanted[name], value.get(name)));
  return isSamePrimitive(wanted, value);
}

/** Numbers by what they are, not by how many digits they are written with. */
function isSamePrimitive(wanted: unknown, value: JsonValue | undefined): boolean {
  if (typeof wanted === "number") return value instanceof JsonNumber && Number(value.text) === wanted;
  return wanted !== undefined && wanted === value;
}

/** What a value of a profile says at a step below it: undefined when it says nothing there. Of arrays, what each item says. */
export function below(wanted: unknown, name: string): readonly unknown[] {
  const objects = (Array.isArray(wanted) ? wanted : [wanted]).filter(isObject);
  return objects.flatMap((object) => {
    const found = object[name];
    return found === undefined ? [] : Array.isArray(found) ? (found as unknown[]) : [found];
  });
}

/** A value of a profile for people, short: `http://loinc.org | 8480-6`. */
export function saying(value: unknown): string {
  if (Array.isArray(value)) return value.map(saying).join(", ");
  if (!isObject(value)) return typeof value === "string" ? `"${cut(value)}"` : String(value);
  const { system, code, coding, ...rest } = value;
  if (Array.isArray(coding) && Object.keys(rest).length === 0) return saying(coding);
  if (typeof code === "string" && typeof system === "string") return `${cut(system)} | ${cut(code)}`;
  return cut(JSON.stringify(value));
}

/** What a resource has in its place, for people. */
export function has(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return "nothing";
  return saying(plain(value));
}

/** A tree as plain data. */
export function plain(value: JsonValue): unknown {
  if (value instanceof JsonObject) return Object.fromEntries(value.names.map((name, at) => [name, plain(value.values[at] ?? null)]));
  if (value instanceof JsonArray) return value.items.map(plain);
  return value instanceof JsonNumber ? Number(value.text) : value;
}

function cut(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
