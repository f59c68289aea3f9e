/** Policies as files (docs/rules.md, Policy). */
import { AppError } from "../../../core/errors.ts";
import { isError, type Severity } from "../../../core/fhir/issue.ts";
import { readJson } from "../../../core/fhir/json/read-json.ts";
import { DEFAULT_READ_LIMITS } from "../../../core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../core/fhir/reading/source-text.ts";
import type { Resolving } from "../../../core/fhir/told-by-type-and-id.ts";
import { JsonArray, JsonObject, type JsonValue } from "../../../core/fhir/tree/tree.ts";
import { isRuleId } from "../catalogue/catalogue.ts";
import { RULES_VERSION } from "../catalogue/rule-sets.ts";
import { DEFAULT_POLICY, FIRM, SCOPES, type Policy, type PolicyCase } from "../policy.ts";
import { shown } from "../shown.ts";

/** Opens another policy that a file names, `strict`, `form`, `references` or a path from that file. AppError `malformed`, `not-found`. */
export type OpenOther = (name: string) => Promise<Policy>;

/**
 * Reads the text of a policy file.
 *
 * @throws AppError `malformed`, which says what is wrong with it, in which line and column
 */
export async function readPolicy(text: string, openOther: OpenOther): Promise<Policy> {
  const source = new SourceText(text);
  const fault: Fault = (offset, what) => {
    const position = source.positionOf(offset);
    return new AppError("malformed", position ? `line ${position.line}, column ${position.column}: ${what}` : what);
  };
  const { resource, issues } = readJson(source, DEFAULT_READ_LIMITS);
  const found = issues.find(isError);
  if (resource === undefined || found) throw fault(found?.offset ?? -1, `A policy is a JSON object: ${found?.text ?? "this is something else"}`);
  return parsePolicy(resource, fault, openOther);
}

type Fault = (offset: number, what: string) => AppError;

async function parsePolicy(file: JsonObject, fault: Fault, openOther: OpenOther): Promise<Policy> {
  noOthers(file, ["version", "about", "extends", "severities", "references", "cases"], "A policy", fault);
  const version = textIn(file, "version", fault);
  textIn(file, "about", fault);
  if (version === undefined || version.trim() === "" || version.length > 100)
    throw fault(file.offset, 'A policy has a "version": a text of at most 100 characters, which names it in deposit records.');
  if (!["extends", "severities", "references", "cases"].some((name) => file.has(name)))
    throw fault(
      file.offset,
      'A policy has "severities" (an object of rule id to severity), or "extends", "references" or "cases": this one says nothing.',
    );
  const base = await extended(file, fault, openOther);
  const severities = new Map([...base.severities, ...severitiesIn(file, fault)]);
  const references = referencesIn(file, fault) ?? base.references;
  const cases = await casesIn(file, fault, openOther);
  return { version, rules: RULES_VERSION, severities, ...(references && { references }), ...(cases && { cases }) };
}

async function extended(file: JsonObject, fault: Fault, openOther: OpenOther): Promise<Policy> {
  const name = textIn(file, "extends", fault);
  if (name === undefined) return DEFAULT_POLICY;
  return opened(name, file.offsetOf("extends"), fault, openOther);
}

/** Another policy, which itself has none for some documents: which one counts could not be told any more. */
async function opened(name: string, offset: number, fault: Fault, openOther: OpenOther): Promise<Policy> {
  const policy = await openOther(name).catch((cause: unknown) => {
    throw cause instanceof AppError ? fault(offset, `${shown(name)}: ${cause.message}`) : cause;
  });
  if (policy.cases) throw fault(offset, `${shown(name)} has "cases" itself: name the policy that is meant.`);
  return policy;
}

function severitiesIn(file: JsonObject, fault: Fault): [string, Severity | "ignore"][] {
  if (!file.has("severities")) return [];
  const listed = file.object("severities");
  if (!listed) throw fault(file.offsetOf("severities"), '"severities" is an object of rule id to severity.');
  return listed.names.map((name, at) => {
    const offset = listed.offsets[at] ?? -1;
    const [rule = "", scope, ...rest] = name.split(" ");
    if (rest.length > 0 || (scope !== undefined && !isScope(scope)))
      throw fault(
        offset,
        `${shown(name)}: behind a rule's id stands, after one blank, the path of an element (Composition.title), or ${SCOPES.join(", ")}.`,
      );
    if (!isRuleId(rule) && !INVARIANT.test(rule)) throw fault(offset, `There is no rule ${shown(rule)}: docs/rules.md lists them.`);
    if (FIRM.has(rule)) throw fault(offset, `No policy changes ${rule}: the repository can't do without it.`);
    return [name, severityIn(name, listed.values[at] ?? null, offset, fault)];
  });
}

/** Keys of invariants, which R4's definitions have: `dom-6`, `sdf-15a`. */
const INVARIANT = /^[a-z]{2,6}-[0-9]{1,3}[a-z]?$/;

function isScope(text: string): boolean {
  return (SCOPES as readonly string[]).includes(text) || /^[A-Z][A-Za-z]*(?:\.[A-Za-z]+(?:\[x\])?)*$/.test(text);
}

/** A severity alone, or with the reason why it is so. */
function severityIn(rule: string, value: JsonValue, offset: number, fault: Fault): Severity | "ignore" {
  if (value instanceof JsonObject) {
    noOthers(value, ["severity", "because"], `What ${shown(rule)} is to be`, fault);
    textIn(value, "because", fault);
    return severityIn(rule, value.get("severity") ?? null, value.offset, fault);
  }
  const severity = SEVERITIES.find((known) => known === value);
  if (severity === undefined) throw fault(offset, `The severity of ${shown(rule)} is none of ${SEVERITIES.join(", ")}.`);
  return severity;
}

const SEVERITIES = ["error", "warning", "information", "ignore"] as const;

const RESOLVING: Readonly<Record<Resolving, true>> = { "full-url": true, "missing-full-url": true, "type-and-id": true };

function referencesIn(file: JsonObject, fault: Fault): Resolving | undefined {
  const text = textIn(file, "references", fault);
  if (text === undefined) return undefined;
  if (!Object.hasOwn(RESOLVING, text)) throw fault(file.offsetOf("references"), `"references" is one of ${Object.keys(RESOLVING).join(", ")}.`);
  return text as Resolving;
}

async function casesIn(file: JsonObject, fault: Fault, openOther: OpenOther): Promise<readonly PolicyCase[] | undefined> {
  if (!file.has("cases")) return undefined;
  const listed = file.get("cases");
  if (!(listed instanceof JsonArray)) throw fault(file.offsetOf("cases"), '"cases" is a list.');
  const cases: PolicyCase[] = [];
  for (const [at, item] of listed.items.entries()) {
    if (!(item instanceof JsonObject)) throw fault(listed.offsets[at] ?? listed.offset, "A case is an object.");
    noOthers(item, ["types", "submitters", "policy", "because"], "A case", fault);
    textIn(item, "because", fault);
    const name = textIn(item, "policy", fault);
    if (name === undefined || !(item.has("types") || item.has("submitters")))
      throw fault(item.offset, 'A case has a "policy" (a name or a path), and "types", "submitters" or both, which say of what documents.');
    const types = listIn(item, "types", fault)?.map((type) => typeIn(type, item, fault));
    const submitters = listIn(item, "submitters", fault)?.map((submitter) => {
      if (typeof submitter === "string" && submitter !== "") return submitter;
      throw fault(item.offsetOf("submitters"), '"submitters" are texts, as deposit records name persons, clients and organizations.');
    });
    const policy = await opened(name, item.offsetOf("policy"), fault, openOther);
    cases.push({ ...(types && { types }), ...(submitters && { submitters }), policy });
  }
  return cases;
}

function typeIn(type: JsonValue, item: JsonObject, fault: Fault): NonNullable<PolicyCase["types"]>[number] {
  const code = type instanceof JsonObject ? textIn(type, "code", fault) : undefined;
  if (!(type instanceof JsonObject) || code === undefined)
    throw fault(item.offsetOf("types"), 'Each of "types" is an object of "system" and "code".');
  noOthers(type, ["system", "code"], "A type", fault);
  return { system: textIn(type, "system", fault), code };
}

function listIn(object: JsonObject, name: string, fault: Fault): readonly JsonValue[] | undefined {
  if (!object.has(name)) return undefined;
  const listed = object.get(name);
  if (!(listed instanceof JsonArray) || listed.items.length === 0) throw fault(object.offsetOf(name), `"${name}" is a list with something in it.`);
  return listed.items;
}

function textIn(object: JsonObject, name: string, fault: Fault): string | undefined {
  const value = object.get(name);
  if (value === undefined || typeof value === "string") return value;
  throw fault(object.offsetOf(name), `"${name}" is a text.`);
}

function noOthers(object: JsonObject, known: readonly string[], what: string, fault: Fault): void {
  const at = object.names.findIndex((name) => !known.includes(name));
  if (at >= 0) throw fault(object.offsets[at] ?? -1, `${what} has no "${shown(object.names[at] ?? "", 64)}": it has ${known.join(", ")}.`);
}
