import type { Origin } from "../../../core/fhir/conformance/conformance.ts";
import type { FhirPathNode } from "../../../core/fhir/fhirpath/node.ts";
import { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { RuleId } from "../catalogue/catalogue.ts";
import { shown } from "../shown.ts";
import type { Spot } from "./children.ts";
import type { Answer, BindingPlan, NodePlan } from "./plan.ts";
import type { CodeAsked, Pair, Whole } from "./standing.ts";
import type { Sink } from "./sink.ts";

/** What a rule about codes needs of the walk. */
interface Walking {
  readonly whole: Whole;
  readonly sink: Sink<Pair>;
  say(plan: NodePlan, spot: Spot, said: { rule: RuleId; severity?: "error" | "warning" | "information"; text: () => string }): void;
}

const TEXTS: ReadonlySet<string> = new Set(["code", "string", "uri", "markdown"]);

/** The codes of a coded element; undefined for one of another type. */
function codesOf({ type, value, definition }: FhirPathNode): readonly CodeAsked[] | undefined {
  if (typeof value === "string") return TEXTS.has(type) ? [{ system: undefined, version: undefined, code: value }] : undefined;
  if (!(value instanceof JsonObject)) return undefined;
  if (type === "CodeableConcept")
    return value
      .objects("coding")
      .map(codeOf)
      .filter((one) => one !== undefined);
  const isCoded = type === "Coding" || definition?.properties.has("unit") === true;
  if (!isCoded) return undefined;
  const own = codeOf(value);
  return own === undefined ? undefined : [own];
}

/** A Coding without a system is of no value set: the empty one. */
function codeOf(coding: JsonObject): CodeAsked | undefined {
  const code = coding.string("code");
  return code === undefined ? undefined : { system: coding.string("system") ?? "", version: coding.string("version"), code };
}

interface Asked {
  readonly answer: Answer;
  readonly unheld: readonly string[];
}

/** Whether one of the codes is of a value set. */
function asked(codes: readonly CodeAsked[], valueSet: string, from: Origin, whole: Whole): Asked {
  const unheld: string[] = [];
  let answer: Answer = "no";
  for (const code of codes) {
    const told = whole.membership(valueSet, code, from);
    if (told.membership === "member") return { answer: "yes", unheld: [] };
    if (told.membership === "stranger") continue;
    answer = "unknown";
    unheld.push(...told.unheld);
  }
  return { answer, unheld };
}

/** Whether a coded element is of a value set. */
export function isOf(coded: FhirPathNode, valueSet: string, from: Origin, whole: Whole): Answer {
  const codes = codesOf(coded);
  return codes === undefined ? "no" : asked(codes, valueSet, from, whole).answer;
}

/** A coded element against a value set that a profile binds it to (R4 terminologies.html, 4.1.3 to 4.1.5). */
export function tellOfBinding({ strength, valueSet, from }: BindingPlan, plan: NodePlan, spot: Spot, walk: Walking): void {
  const { whole, sink } = walk;
  const codes = codesOf(spot.node);
  // A choice is bound where it is coded: words in its place are none of a code.
  if (codes === undefined || (typeof spot.node.value === "string" && plan.path.endsWith("[x]") && spot.node.type !== "code")) return;
  if (codes.some(({ system }) => whole.isIgnored(system))) return;
  const isFirm = strength === "required";
  if (codes.length === 0) {
    if (isFirm) walk.say(plan, spot, { rule: "profile-code", text: () => `a code of the value set ${shown(valueSet)} is required: add a coding.` });
    return;
  }
  const { answer, unheld } = asked(codes, valueSet, from, whole);
  if (answer === "yes") return;
  if (answer === "no") {
    const severity = strength === "extensible" ? "warning" : "error";
    const must = severity === "error" ? "must" : "should, if one of its codes fits,";
    const text = (): string => `${shown(listed(codes))} is not of the value set ${shown(valueSet)}, from which this ${must} be coded.`;
    walk.say(plan, spot, { rule: "profile-code", severity, text });
    return;
  }
  sink.isOpen = true;
  if (sink.kind !== "tell") return;
  for (const one of unheld.length > 0 ? unheld : [valueSet]) {
    if (!whole.isNews(`terminology ${one}`)) continue;
    const text = (): string =>
      `whether ${shown(listed(codes))} is of the value set ${shown(valueSet)} can't be told here, where ${shown(one)} is not held.`;
    walk.say(plan, spot, { rule: "profile-code-unknown", severity: isFirm ? "warning" : "information", text });
  }
}

function listed(codes: readonly CodeAsked[]): string {
  const names = codes.slice(0, 3).map(({ system, code }) => (system === undefined ? code : `${system === "" ? "no system" : system} | ${code}`));
  return names.join(", ") + (codes.length > names.length ? ", …" : "");
}
