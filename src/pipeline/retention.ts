/** How long documents are kept: a policy by type and age, which proposes erasures and never makes one. */
import { AppError } from "../core/errors.ts";
import { isError } from "../core/fhir/issue.ts";
import { readJson } from "../core/fhir/json/read-json.ts";
import { DEFAULT_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import { SourceText } from "../core/fhir/reading/source-text.ts";
import { JsonArray, JsonNumber, JsonObject } from "../core/fhir/tree/tree.ts";

const UNITS = ["years", "months", "days"] as const;
type Unit = (typeof UNITS)[number];

/** Documents of one of these types are kept so long. */
export interface RetentionRule {
  /** `system|code` of Composition.type; empty: of every type. */
  readonly types: readonly string[];
  readonly keep: { readonly count: number; readonly unit: Unit };
  /** From when on: that it was received, or Composition.date. */
  readonly from: "received" | "written";
}

/** Rules in order: the first that fits a document decides. What none fits is kept for ever. */
export interface RetentionPolicy {
  readonly version: string;
  readonly rules: readonly RetentionRule[];
}

/** What the policy goes by. */
export interface Aging {
  /** `system|code`. */
  readonly types: readonly string[];
  /** An instant. */
  readonly receivedAt: string;
  /** Composition.date as it was sent. */
  readonly written: string;
}

/** `due`: it may be erased from then on; `rule` counts from 1. `undated`: the rule that fits goes by a date that can't be read. */
export type Retention =
  | { readonly kind: "due"; readonly at: Date; readonly rule: number }
  | { readonly kind: "kept" }
  | { readonly kind: "undated"; readonly rule: number };

/** Reads a policy file: `{"version":"records/1","rules":[{"type":["http://loinc.org|18842-5"],"keep":{"years":30},"from":"written"}]}`. AppError `malformed`. */
export function readRetentionPolicy(text: string): RetentionPolicy {
  const { resource, issues } = readJson(new SourceText(text), DEFAULT_READ_LIMITS);
  const fault = issues.find(isError);
  if (resource === undefined || fault) throw malformed(fault?.text ?? "it is no JSON object");
  const [version, rules] = [resource.string("version"), resource.get("rules")];
  if (version === undefined || !(rules instanceof JsonArray)) throw malformed('it has a "version" (a text) and "rules" (a list)');
  refuseOthers(resource, ["version", "rules"], "the policy");
  return { version, rules: rules.items.map((item, at) => ruleOf(item, at + 1)) };
}

/** What the policy says of a document. */
export function retentionOf({ types, receivedAt, written }: Aging, { rules }: RetentionPolicy): Retention {
  const at = rules.findIndex((rule) => rule.types.length === 0 || rule.types.some((type) => types.includes(type)));
  const rule = rules[at];
  if (rule === undefined) return { kind: "kept" };
  const from = rule.from === "received" ? new Date(receivedAt) : endOf(written);
  if (from === undefined || Number.isNaN(from.getTime())) return { kind: "undated", rule: at + 1 };
  return { kind: "due", at: later(from, rule.keep), rule: at + 1 };
}

function ruleOf(item: unknown, number: number): RetentionRule {
  const name = `rule ${number}`;
  if (!(item instanceof JsonObject)) throw malformed(`${name} is no object`);
  refuseOthers(item, ["type", "keep", "from"], name);
  const types = item.get("type") ?? new JsonArray();
  if (!(types instanceof JsonArray) || !types.items.every((type) => typeof type === "string" && type.includes("|")))
    throw malformed(`${name}: "type" is a list of texts, system|code`);
  if (item.has("type") && types.items.length === 0) throw malformed(`${name}: "type" names no type; leave it out for all`);
  const from = item.has("from") ? item.get("from") : "received";
  if (from !== "received" && from !== "written") throw malformed(`${name}: "from" is "received" or "written"`);
  return { types: types.items as readonly string[], keep: keepOf(item.object("keep"), name), from };
}

function keepOf(keep: JsonObject | undefined, name: string): RetentionRule["keep"] {
  const [unit, ...others] = UNITS.filter((one) => keep?.has(one));
  const count = unit === undefined ? undefined : keep?.get(unit);
  if (unit === undefined || others.length > 0 || keep?.names.length !== 1 || !(count instanceof JsonNumber) || !/^[1-9][0-9]{0,4}$/.test(count.text))
    throw malformed(`${name}: "keep" is an object of one of years, months, days, with a whole number above 0`);
  return { count: Number(count.text), unit };
}

/** A slip in a name would keep or erase more than was meant. */
function refuseOthers(object: JsonObject, known: readonly string[], name: string): void {
  const strange = object.names.find((one) => !known.includes(one));
  if (strange !== undefined) throw malformed(`${name} has "${strange}", which is not known`);
}

/** When the last moment that a date may mean has passed, wherever on Earth it was written. */
function endOf(date: string): Date | undefined {
  const [, year, month, day, time] = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(T.+)?)?)?$/.exec(date) ?? [];
  if (year === undefined) return undefined;
  if (time !== undefined) return new Date(date);
  const [y, m, d] = [Number(year), Number(month ?? 12) - 1, day === undefined ? undefined : Number(day)];
  return new Date(d === undefined ? Date.UTC(y, m + 1, 1, 12) : Date.UTC(y, m, d + 1, 12));
}

/** The same day of a later month, or that month's last day. */
function later(from: Date, { count, unit }: RetentionRule["keep"]): Date {
  const to = new Date(from);
  if (unit === "days") {
    to.setUTCDate(to.getUTCDate() + count);
    return to;
  }
  const day = to.getUTCDate();
  to.setUTCDate(1);
  to.setUTCMonth(to.getUTCMonth() + (unit === "years" ? 12 * count : count));
  to.setUTCDate(Math.min(day, new Date(Date.UTC(to.getUTCFullYear(), to.getUTCMonth() + 1, 0)).getUTCDate()));
  return to;
}

function malformed(what: string): AppError {
  return new AppError("malformed", `it is no retention policy: ${what}`);
}
