/** A reference by its value (R4 search.html, reference). */
import { AppError } from "../../core/errors.ts";
import type { SearchParameter } from "../../core/fhir/r4/search-parameters.ts";
import { isAbsoluteUrl, parseReference } from "../../core/fhir/references.ts";
import { boundedWhole } from "../values/bounded.ts";
import { nameOf } from "../values/index-row.ts";
import { some, type Criterion, type RowTest } from "./criterion.ts";
import { unescaped } from "./escapes.ts";
import type { QueryContext } from "./query-context.ts";
import { targetsOf } from "./targets.ts";

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/**
 * `id`, `Type/id`, an address of a resource here or elsewhere, or a canonical.
 * @param type of the resource that refers
 * @param wanted the type that a modifier names
 * @throws AppError `bad-query`
 */
export function referenceCriterion(
  parameter: SearchParameter,
  type: string,
  text: string,
  wanted: string | undefined,
  context: QueryContext,
): Criterion {
  const name = nameOf(parameter.code);
  const written = unescaped(text);
  const local = written.startsWith(`${context.base}/`) ? written.slice(context.base.length + 1) : written;
  const allowed = wanted === undefined ? targetsOf(parameter, type, context.definitions) : [wanted];
  if (ID.test(local)) return byId(name, allowed, local, context);
  const form = parseReference(local);
  const words = (values: readonly string[]): RowTest[] =>
    [...new Set(values)].map((value) => ({ kind: "word", name, match: "whole", value: boundedWhole(value) }));
  if (form.kind === "relative") {
    const plain = `${form.type}/${form.id}`;
    const version = form.version === undefined ? "" : `/_history/${form.version}`;
    const literal: Criterion = { kind: "row", anyOf: words([plain + version, `${context.base}/${plain}${version}`]) };
    // Whatever is here has one version.
    const isHere = form.version === undefined || form.version === "1";
    return isHere ? some([{ kind: "refers-to", name, types: [form.type], id: form.id }, literal]) : literal;
  }
  if (form.kind === "absolute" || isAbsoluteUrl(written)) return { kind: "row", anyOf: words([written]) };
  throw new AppError("bad-query", `${parameter.code}: "${text}" is not an id, Type/id or an absolute address.`);
}

function byId(name: string, types: readonly string[], id: string, { base }: QueryContext): Criterion {
  const literals = types.flatMap((type) => [`${type}/${id}`, `${base}/${type}/${id}`]);
  const here: Criterion = { kind: "refers-to", name, types, id };
  if (literals.length === 0) return here;
  return some([here, { kind: "row", anyOf: literals.map((value) => ({ kind: "word", name, match: "whole", value: boundedWhole(value) })) }]);
}
