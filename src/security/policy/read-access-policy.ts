/** Reads the file of ACCESS_POLICY. A slip in it would open or close more than was meant: what is not known is refused, by the rule's name. */
import { AppError } from "../../core/errors.ts";
import { isError } from "../../core/fhir/issue.ts";
import { readJson } from "../../core/fhir/json/read-json.ts";
import { DEFAULT_READ_LIMITS } from "../../core/fhir/reading/read-limits.ts";
import { SourceText } from "../../core/fhir/reading/source-text.ts";
import { JsonArray, JsonNumber, JsonObject } from "../../core/fhir/tree/tree.ts";
import { isLevel, SENSITIVITIES } from "../../core/fhir/label-codes.ts";
import {
  LONGEST_GLASS,
  RIGHTS,
  type AccessPolicy,
  type AccessRule,
  type CallerCondition,
  type DocumentCondition,
  type Right,
} from "./access-policy.ts";

const TO_NAMES: readonly (keyof CallerCondition)[] = ["kinds", "roles", "clients", "organisations", "purposes"];
const OF_NAMES: readonly (keyof DocumentCondition)[] = ["patient", "custodian", "author", "type", "status", "label"];
/** Conditions whose values are written `system|code`. */
const TOKENS: readonly string[] = ["organisations", "custodian", "author", "type", "label"];

/** @throws AppError `malformed` with what is wrong and in which rule */
export function readAccessPolicy(text: string): AccessPolicy {
  const source = new SourceText(text);
  const { resource, issues } = readJson(source, DEFAULT_READ_LIMITS);
  const fault = issues.find(isError);
  if (resource === undefined || fault) {
    const position = fault?.offset === undefined ? undefined : source.positionOf(fault.offset);
    throw malformed(`${position ? `line ${position.line}, column ${position.column}: ` : ""}${fault?.text ?? "it is no JSON object"}`);
  }
  refuseOthers(resource, ["version", "clearance", "rules", "consent", "despite", "purpose", "breakGlass"], "the policy");
  const [version, rules] = [resource.string("version"), resource.get("rules")];
  if (version === undefined || version === "" || !(rules instanceof JsonArray)) throw malformed('it has a "version" (a text) and "rules" (a list)');
  const read = rules.items.map((item, at) => ruleOf(item, at + 1));
  const twice = read.find(({ name }, at) => read.findIndex((other) => other.name === name) < at);
  if (twice) throw malformed(`two rules are called "${twice.name}"`);
  return { version, clearance: clearanceOf(resource), rules: read, ...consentOf(resource), ...breakGlassOf(resource) };
}

function consentOf(file: JsonObject): Pick<AccessPolicy, "consent" | "despite" | "purpose"> {
  const consent = file.get("consent") ?? "opt-out";
  if (consent !== "opt-in" && consent !== "opt-out") throw malformed('"consent" is "opt-in" or "opt-out"');
  const purpose = file.string("purpose");
  if (file.has("purpose") && !purpose) throw malformed('"purpose" is a code of v3-PurposeOfUse');
  const despite = file.objects("despite").map((one) => callersOf(one, '"despite"'));
  if (
    file.has("despite") &&
    (despite.length === 0 || despite.length !== file.items("despite").length || despite.some((one) => Object.keys(one).length === 0))
  )
    throw malformed('"despite" is a list of conditions upon callers as of "to", each with at least one');
  return {
    consent,
    ...(despite.length > 0 && { despite }),
    ...(purpose !== undefined && { purpose }),
  };
}

function breakGlassOf(file: JsonObject): Pick<AccessPolicy, "breakGlass"> {
  if (!file.has("breakGlass")) return {};
  const object = file.object("breakGlass");
  if (!object) throw malformed('"breakGlass" is an object with "minutes" and "clearance"');
  refuseOthers(object, ["minutes", "clearance"], '"breakGlass"');
  const given = object.get("minutes");
  const minutes = object.has("minutes") ? Number(given instanceof JsonNumber ? given.text : NaN) : undefined;
  if (minutes !== undefined && !(Number.isInteger(minutes) && minutes >= 1 && minutes <= LONGEST_GLASS))
    throw malformed(`"minutes" of "breakGlass" is a whole number from 1 to ${LONGEST_GLASS}`);
  const clearance = object.has("clearance") ? clearanceCodes(object.get("clearance"), '"breakGlass"') : undefined;
  return { breakGlass: { ...(minutes !== undefined && { minutes }), ...(clearance && { clearance }) } };
}

function clearanceCodes(value: unknown, of: string): readonly string[] {
  const codes = textsOf(value);
  const strange = codes?.find((code) => code !== "*" && !isLevel(code) && !SENSITIVITIES.has(code));
  if (codes && strange === undefined) return codes;
  throw malformed(
    `"clearance" of ${of} is a list of levels (U, L, M, N, R, V), codes of sensitivities (PSY, HIV, …) and "*"${strange === undefined ? "" : `, not "${strange}"`}`,
  );
}

function clearanceOf(file: JsonObject): ReadonlyMap<string, readonly string[]> {
  if (!file.has("clearance")) return new Map();
  const roles = file.object("clearance");
  if (!roles) throw malformed('"clearance" is an object: of each role a list of levels and sensitivities');
  return new Map(roles.names.map((role) => [role, clearanceCodes(roles.get(role), `"${role}"`)] as const));
}

function ruleOf(item: unknown, number: number): AccessRule {
  if (!(item instanceof JsonObject)) throw malformed(`rule ${number} is no object`);
  const name = item.string("name");
  if (name === undefined || name.trim() === "") throw malformed(`rule ${number} has no "name": refusals are explained by it`);
  const called = `rule "${name}"`;
  refuseOthers(item, ["name", "permit", "deny", "to", "of", "despite"], called);
  if (item.has("permit") === item.has("deny")) throw malformed(`${called} has either "permit" or "deny"`);
  const effect = item.has("permit") ? "permit" : "deny";
  const rights = textsOf(item.get(effect));
  if (!rights || rights.length === 0 || !rights.every(isRight)) throw malformed(`${called}: "${effect}" is a list of ${RIGHTS.join(", ")}`);
  if (item.has("despite") && (item.get("despite") !== "consent" || effect !== "permit"))
    throw malformed(`${called}: "despite" is "consent", of a rule that permits`);
  return {
    ...(item.has("despite") && { despite: "consent" as const }),
    name,
    effect,
    rights,
    to: conditionOf(item, "to", TO_NAMES, called),
    of: documentsOf(item, called),
  };
}

function conditionOf(item: JsonObject, part: "to", names: readonly (keyof CallerCondition)[], called: string): CallerCondition {
  const object = partOf(item, part, names, called);
  return object ? callersOf(object, `${called}: "${part}"`) : {};
}

function callersOf(object: JsonObject, called: string): CallerCondition {
  refuseOthers(object, TO_NAMES, called);
  const listed = Object.fromEntries(object.names.map((name) => [name, listOf(object, name, called)]));
  const kinds = listed["kinds"];
  if (kinds && !kinds.every((kind) => kind === "person" || kind === "system")) throw malformed(`${called}: "kinds" are "person" and "system"`);
  return listed;
}

function documentsOf(item: JsonObject, called: string): DocumentCondition {
  const object = partOf(item, "of", OF_NAMES, called);
  if (!object) return {};
  const entries = object.names.map((name): [string, "own" | readonly string[]] => {
    const value = object.get(name);
    if (value === "own" && ["patient", "custodian", "author"].includes(name)) return [name, "own"];
    if (name === "patient") throw malformed(`${called}: "patient" is "own"`);
    return [name, listOf(object, name, `${called}: "of"`)];
  });
  return Object.fromEntries(entries) as DocumentCondition;
}

function partOf(item: JsonObject, part: string, names: readonly string[], called: string): JsonObject | undefined {
  if (!item.has(part)) return undefined;
  const object = item.object(part);
  if (!object) throw malformed(`${called}: "${part}" is an object`);
  refuseOthers(object, names, `${called}: "${part}"`);
  return object;
}

function listOf(object: JsonObject, name: string, where: string): readonly string[] {
  const list = textsOf(object.get(name));
  // An empty list would permit nobody and deny nobody: whoever writes one means something else.
  if (!list || list.length === 0) throw malformed(`${where}: "${name}" is a list of texts with at least one; leave it out if it does not matter`);
  if (TOKENS.includes(name) && !list.every((text) => text.includes("|"))) throw malformed(`${where}: "${name}" is written system|value`);
  return list;
}

function textsOf(value: unknown): readonly string[] | undefined {
  return value instanceof JsonArray && value.items.every((item) => typeof item === "string") ? value.items : undefined;
}

function isRight(text: string): text is Right {
  return (RIGHTS as readonly string[]).includes(text);
}

function refuseOthers(object: JsonObject, known: readonly string[], name: string): void {
  const strange = object.names.find((one) => !known.includes(one));
  if (strange !== undefined) throw malformed(`${name} has "${strange}", which is not known`);
}

function malformed(what: string): AppError {
  return new AppError("malformed", `it is no access policy: ${what}`);
}
