import { AppError } from "../../core/errors.ts";

/** One step of a parameter's name: `subject`, `subject:Patient`, `code:text`. */
export interface NameStep {
  readonly code: string;
  readonly modifier: string | undefined;
}

/** A parameter's name, taken apart (R4 search.html, chained parameters and reverse chaining). */
export type ParameterName =
  /** `subject:Patient.organization.name:exact`: all steps but the last are references. With `then` the last one is too, and a reverse chain follows: `patient._has:Group:member:_id`. */
  | { readonly kind: "path"; readonly steps: readonly NameStep[]; readonly then?: ParameterName }
  /** `_has:Observation:patient:code`: the last part is a name of its own. */
  | { readonly kind: "has"; readonly type: string; readonly reference: string; readonly rest: ParameterName };

/** How deep a name may lead: what each step costs multiplies. */
const DEEPEST = 5;

/** @throws AppError `bad-query` */
export function parseName(text: string, depth = 0): ParameterName {
  if (depth > DEEPEST) throw new AppError("bad-query", `A search may follow at most ${DEEPEST} references, one after the other.`);
  if (text.startsWith("_has:")) {
    const [, type, reference, ...rest] = text.split(":");
    if (type === undefined || reference === undefined || rest.length === 0 || [type, reference, rest[0]].includes(""))
      throw new AppError("bad-query", `"${text}" is not of the form _has:Type:reference:parameter.`);
    return { kind: "has", type, reference, rest: parseName(rest.join(":"), depth + 1) };
  }
  // A chain may end in a reverse chain: `patient._has:Group:member:_id`.
  const has = text.indexOf("._has:");
  const plain = has < 0 ? text : text.slice(0, has);
  const steps = plain.split(".").map((step) => stepOf(step, text));
  if (has >= 0) return { kind: "path", steps, then: parseName(text.slice(has + 1), depth + steps.length) };
  if (steps.length > DEEPEST + 1) throw new AppError("bad-query", `A search may follow at most ${DEEPEST} references, one after the other.`);
  return { kind: "path", steps };
}

function stepOf(step: string, text: string): NameStep {
  const [code = "", modifier, ...more] = step.split(":");
  if (code === "" || modifier === "" || more.length > 0) throw new AppError("bad-query", `"${text}" is not the name of a search parameter.`);
  return { code, modifier };
}
