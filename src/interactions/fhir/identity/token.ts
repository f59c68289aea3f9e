import { AppError } from "../../../core/errors.ts";
import type { Parameter } from "../../../search/query/search-query.ts";

const GENERAL: ReadonlySet<string> = new Set(["_format", "_pretty"]);
/** `system|value`, in which a bar of either is escaped (R4 search.html, "Escaping Search Parameters"). */
const TOKEN = /^((?:[^|\\]|\\.)+)\|((?:[^|\\]|\\.)+)$/;

/** The identifier that stands in an address as the one parameter, with its system. AppError `bad-query`. */
export function tokenOf(name: string, parameters: readonly Parameter[]): { readonly system: string; readonly value: string } {
  const own = parameters.filter(([one]) => !GENERAL.has(one));
  const [parameter] = own;
  if (own.length !== 1 || parameter?.[0] !== name)
    throw new AppError("bad-query", `The address has ${name}=system|value, once, and no other parameter.`);
  return identifierIn(name, parameter[1]);
}

/** AppError `bad-query` when it is not `system|value`. */
export function identifierIn(name: string, text: string): { readonly system: string; readonly value: string } {
  const [, system, value] = TOKEN.exec(text) ?? [];
  if (system === undefined || value === undefined) throw new AppError("bad-query", `${name} is an identifier with its system, system|value.`);
  return { system: unescaped(system), value: unescaped(value) };
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, "$1");
}
