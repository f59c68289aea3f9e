import { AppError } from "../../core/errors.ts";
import { isHeaderType } from "../header-types.ts";
import type { SearchParameter, SearchType } from "../../core/fhir/r4/search-parameters.ts";
import { foldedCode } from "../values/coded-values.ts";
import { WORD_ROWS, wordsOf } from "../values/full-text.ts";
import { componentName, nameOf } from "../values/index-row.ts";
import { ANYTHING, every, some, type Criterion, type RowTest } from "./criterion.ts";
import { splitEscaped, unescaped } from "./escapes.ts";
import { dateTests, numberTests, quantityTests, receivedConditions } from "./ordered-tests.ts";
import type { NameStep, ParameterName } from "./parameter-name.ts";
import { parameterOf, UnknownParameterError, type QueryContext } from "./query-context.ts";
import { referenceCriterion } from "./reference-criterion.ts";
import { FROM_DOCUMENTS, sourceCriterion } from "./source-criterion.ts";
import { ownTagCriterion } from "./tag-criterion.ts";
import { targetsOf } from "./targets.ts";
import { exactTest, ofTypeTest, stringTest, tokenTest, tokenTests, uriAboveTests, uriTest } from "./word-tests.ts";

/**
 * What a parameter with its value asks of resources of `type`.
 * @param value as it came, its escapes in place; not empty
 * @throws UnknownParameterError; AppError `bad-query` for a value that is not of the parameter's type, `unsupported` for a modifier that it does not have
 */
export function criterionOf(type: string, name: ParameterName, value: string, context: QueryContext): Criterion {
  if (name.kind === "has") {
    const reference = parameterOf(name.type, name.reference, context);
    if (reference.type !== "reference") throw new AppError("bad-query", `${name.type}.${name.reference} is no reference: _has cannot follow it.`);
    return { kind: "referred", type: name.type, name: nameOf(reference.code), criterion: criterionOf(name.type, name.rest, value, context) };
  }
  const [step, ...rest] = name.steps;
  if (!step) throw new AppError("bad-query", "A search parameter has a name.");
  if (rest.length === 0 && name.then === undefined) return stepCriterion(type, step, value, context);
  return chainCriterion(type, step, rest.length === 0 && name.then ? name.then : { ...name, steps: rest }, value, context);
}

function chainCriterion(type: string, { code, modifier }: NameStep, following: ParameterName, value: string, context: QueryContext): Criterion {
  const parameter = parameterOf(type, code, context);
  if (parameter.type !== "reference") throw new AppError("bad-query", `${type}.${code} is no reference: nothing can be chained to it.`);
  if (modifier !== undefined && !context.definitions.isResourceType(modifier)) throw unsupportedModifier(code, modifier, parameter);
  const targets = targetsOf(parameter, type, context.definitions);
  const candidates = modifier !== undefined ? [modifier] : targets.length > 0 ? targets : context.definitions.resourceTypes();
  const steps = following.kind === "path" ? following.steps : [];
  const last = steps.length === 1 && following.kind === "path" && following.then === undefined ? steps[0] : undefined;
  const kinds = new Set<string>();
  const to = candidates.flatMap((target) => {
    try {
      const criterion = criterionOf(target, following, value, context);
      if (last) kinds.add(parameterOf(target, last.code, context).type);
      return [{ type: target, criterion }];
    } catch (error) {
      // A type that has no such parameter is none that was meant, when there are several.
      if (error instanceof UnknownParameterError && candidates.length > 1) return [];
      throw error;
    }
  });
  const [next = { code: "_has" }] = steps;
  if (to.length === 0) throw new UnknownParameterError(`What ${type}.${code} leads to`, next.code);
  if (kinds.size > 1)
    throw new AppError(
      "bad-query",
      `${code}.${next.code} means several things: say which type is meant, such as ${code}:${to[0]?.type}.${next.code}.`,
    );
  return { kind: "refers", name: nameOf(code), to };
}

function stepCriterion(type: string, { code, modifier }: NameStep, value: string, context: QueryContext): Criterion {
  if (code === "_list") return listCriterion(modifier, value);
  const parameter = parameterOf(type, code, context);
  if (modifier !== undefined && (ALWAYS_THERE.has(code) || parameter.type === "composite")) throw unsupportedModifier(code, modifier, parameter);
  if (modifier === "missing") return missingCriterion(code, value);
  const values = splitEscaped(value, ",").filter((one) => one !== "");
  if (values.length === 0) throw new AppError("bad-query", `${code} has no value.`);
  if (code === "_id") return { kind: "id", ids: values.map(unescaped) };
  if (code === "_lastUpdated")
    return some(values.flatMap((one) => receivedConditions(one, context.now).map((conditions) => ({ kind: "received" as const, conditions }))));
  if (code === "_text" || code === "_content") return some(values.map((one) => wordsCriterion(code, one)));
  if (parameter.type === "composite") return some(values.map((one) => compositeCriterion(parameter, one, context)));
  if (parameter.type === "reference" && modifier !== "identifier" && modifier !== "below" && modifier !== "text")
    return some(values.map((one) => referenceCriterion(parameter, type, one, typeModifier(parameter, modifier, context), context)));
  if (modifier === "text" && !isHeaderType(type)) return some(values.map((one) => textCriterion(rowTests(parameter, modifier, one, context))));
  const tests = values.map((one): Criterion => ({ kind: "row", anyOf: rowTests(parameter, modifier, one, context) }));
  if (type === "DocumentReference" && code === "status" && (modifier === undefined || modifier === "not"))
    return documentStatus(values, tests, modifier === "not");
  if (code === "_source" && (modifier === undefined || modifier === "above" || modifier === "below"))
    return some(values.map((one, at) => sourceCriterion(unescaped(one), modifier, tests[at] ?? ANYTHING, context.base)));
  const written = rowCriterion(values.flatMap((one) => rowTests(parameter, modifier, one, context)));
  const ours =
    code === "_tag" && (modifier === undefined || modifier === "not")
      ? values.flatMap((one) => ownTagCriterion(unescaped(one), context.base) ?? [])
      : [];
  const criterion = ours.length === 0 ? written : some([written, ...ours]);
  return modifier === "not" || modifier === "not-in" ? { kind: "not", of: criterion } : criterion;
}

function listCriterion(modifier: string | undefined, value: string): Criterion {
  if (modifier !== undefined) throw new AppError("unsupported", `_list has no modifier ":${modifier}".`);
  if (value.startsWith("$")) throw new AppError("unsupported", `_list: ${value} is no list that is kept here; name a List by its id.`);
  return { kind: "referred", type: "List", name: "item", criterion: { kind: "id", ids: [unescaped(value)] } };
}

/** They have no rows of their own, and no modifiers. */
const ALWAYS_THERE: ReadonlySet<string> = new Set(["_id", "_lastUpdated", "_text", "_content"]);

function typeModifier(parameter: SearchParameter, modifier: string | undefined, { definitions }: QueryContext): string | undefined {
  if (modifier !== undefined && !definitions.isResourceType(modifier)) throw unsupportedModifier(parameter.code, modifier, parameter);
  return modifier;
}

function missingCriterion(code: string, value: string): Criterion {
  if (value !== "true" && value !== "false") throw new AppError("bad-query", `${code}:missing is true or false, not "${value}".`);
  const present = some([nameOf(code), nameOf(code, "text"), nameOf(code, "identifier")].map((name) => ({ kind: "present", name })));
  const all = code === "_source" ? some([FROM_DOCUMENTS, present]) : present;
  return value === "true" ? { kind: "not", of: all } : all;
}

/** Each is looked up by itself. */
const MOST_WORDS = 200;

function wordsCriterion(code: "_text" | "_content", value: string): Criterion {
  const words = wordsOf(unescaped(value));
  if (words.length > MOST_WORDS) throw new AppError("bad-query", `${code} has at most ${MOST_WORDS} words.`);
  if (words.length === 0) throw new AppError("bad-query", `${code}: there is no word in "${value}".`);
  return every(words.map((value) => ({ kind: "text", names: WORD_ROWS[code], value })));
}

/** Texts of what comes behind its document are words of the document; of what a source said of it (derived/submitted-resources.ts) they are rows, whatever its type is. */
function textCriterion(tests: readonly RowTest[]): Criterion {
  const words = tests.flatMap((test): Criterion[] =>
    test.kind === "word" && test.value !== undefined ? [{ kind: "text", names: [test.name], value: test.value }] : [],
  );
  return some([...words, { kind: "row", anyOf: tests }]);
}

function compositeCriterion({ code, components }: SearchParameter, value: string, context: QueryContext): Criterion {
  const parts = splitEscaped(value, "$");
  if (parts.length !== components.length)
    throw new AppError("bad-query", `${code}: "${value}" has ${parts.length} parts instead of ${components.length}; they are joined by '$'.`);
  const tests = components.map((component, at) => {
    const part: SearchParameter = { ...component, code: componentName(code, at), targets: [], components: [], url: "" };
    return rowTests(part, undefined, parts[at] ?? "", context);
  });
  return { kind: "together", components: tests };
}

/** An engine is asked for so many tests together. */
const TESTS_TOGETHER = 100;

function rowCriterion(tests: readonly RowTest[]): Criterion {
  const parts = Math.max(1, Math.ceil(tests.length / TESTS_TOGETHER));
  const groups = Array.from({ length: parts }, (_, at) => tests.slice(at * TESTS_TOGETHER, (at + 1) * TESTS_TOGETHER));
  return some(groups.map((anyOf) => ({ kind: "row", anyOf })));
}

/** A document is current until another supersedes it, which its rows cannot tell. */
function documentStatus(values: readonly string[], tests: readonly Criterion[], isNot: boolean): Criterion {
  const superseded: Criterion = { kind: "superseded" };
  const all = values.map((value, at): Criterion => {
    const asWritten = tests[at] ?? superseded;
    const code = unescaped(value).split("|").at(-1)?.toLowerCase();
    if (code === "superseded") return superseded;
    return code === "current" ? every([asWritten, { kind: "not", of: superseded }]) : asWritten;
  });
  return isNot ? { kind: "not", of: some(all) } : some(all);
}

type Tests = (parameter: SearchParameter, value: string, context: QueryContext) => readonly RowTest[];

/** By type and modifier; `""` without one. What is not here is refused (R4 search.html, modifiers). */
const TESTS: Readonly<Record<string, Readonly<Record<string, Tests>>>> = {
  string: {
    "": ({ code }, value) => [stringTest(code, value, "start")],
    contains: ({ code }, value) => [stringTest(code, value, "anywhere")],
    exact: ({ code }, value) => [exactTest(code, value)],
  },
  token: {
    "": ({ code }, value) => tokenTests(code, value),
    not: ({ code }, value) => tokenTests(code, value),
    text: ({ code }, value) => [stringTest(nameOf(code, "text"), value, "start")],
    "of-type": ({ code }, value) => [ofTypeTest(code, value)],
    below: ({ code }, value) => mimeTypeTests(code, value),
    in: ({ code }, value, context) => valueSetTests(code, value, context),
    "not-in": ({ code }, value, context) => valueSetTests(code, value, context),
  },
  reference: {
    "": ({ code }, value, { base }) => [value, `${base}/${value}`].map((one) => uriTest(code, one, "whole")),
    identifier: ({ code }, value) => [tokenTest(nameOf(code, "identifier"), value)],
    below: ({ code }, value) => [uriTest(code, value, "start")],
    text: ({ code }, value) => [stringTest(nameOf(code, "text"), value, "start")],
  },
  uri: {
    "": ({ code }, value) => [uriTest(code, value, "whole")],
    below: ({ code }, value) => [uriTest(code, value, "start")],
    above: ({ code }, value) => uriAboveTests(code, value),
  },
  date: { "": ({ code }, value, { now }) => dateTests(code, value, now) },
  number: { "": ({ code }, value) => numberTests(code, value) },
  quantity: { "": ({ code }, value) => quantityTests(code, value) },
};

/** The modifiers that parameters of a type have, besides types of resources; `""` for none. Composite parameters have no other. */
export function modifiersOf(type: SearchType): readonly string[] {
  return type === "composite" || type === "special" ? [""] : [...Object.keys(TESTS[type] ?? {}), "missing"];
}

/** Parameters whose values are MIME types, which have a hierarchy of their own. */
const MIME_TYPES: ReadonlySet<string> = new Set(["contenttype"]);
/** Parameters of type reference upon canonicals, whose versions `:below` passes over. */
const CANONICALS =
  /^(instantiates-canonical|questionnaire|depends-on|derived-from|composed-of|predecessor|successor|definition|system|derivation|base)$/;

function rowTests(parameter: SearchParameter, modifier: string | undefined, value: string, context: QueryContext): readonly RowTest[] {
  const { code, type } = parameter;
  const tests = TESTS[type]?.[modifier ?? ""];
  const isOfOthers = modifier === "below" && ((type === "token" && !MIME_TYPES.has(code)) || (type === "reference" && !CANONICALS.test(code)));
  if (!tests || isOfOthers) throw unsupportedModifier(code, modifier ?? "", parameter);
  return tests(parameter, value, context);
}

/** `text/xml` with and without parameters. */
function mimeTypeTests(code: string, value: string): RowTest[] {
  const type = unescaped(value).toLowerCase();
  return [
    { kind: "word", name: code, match: "whole", value: type },
    { kind: "word", name: code, match: "start", value: `${type};` },
  ];
}

/** A value set with more codes is not searched by: each is looked up. */
const MOST_CODES = 1_000;

/** `:in`: the codes of a value set that is held here (R4's required and extensible bindings). AppErrors `bad-query`, `unsupported`. */
function valueSetTests(code: string, value: string, { terminology }: QueryContext): RowTest[] {
  const url = unescaped(value);
  if (!/^[a-z][a-z0-9+.-]*:/i.test(url)) throw new AppError("bad-query", `${code}:in names a value set by its canonical address, not "${value}".`);
  const [plain = url, version] = url.split("|");
  const set = version === undefined || version === "4.0.1" ? terminology.valueSet(plain) : undefined;
  if (!set) throw new AppError("unsupported", `${code}:in: the value set ${url} is not held here, and there is no terminology service at hand.`);
  const codes = set.codes();
  if (!codes)
    throw new AppError("unsupported", `${code}:in: not all codes of ${set.title} are held here, and there is no terminology service at hand.`);
  if (codes.length > MOST_CODES)
    throw new AppError("unsupported", `${code}:in: ${set.title} has ${codes.length} codes; by more than ${MOST_CODES} is not searched.`);
  return codes.map(({ system, code: member }) => ({ kind: "word", name: code, match: "whole", value: foldedCode({ system, code: member }), system }));
}

const NEEDS_TERMINOLOGY: ReadonlySet<string> = new Set(["above", "below"]);

function unsupportedModifier(code: string, modifier: string, { type }: SearchParameter): AppError {
  if (type === "token" && NEEDS_TERMINOLOGY.has(modifier))
    return new AppError("unsupported", `${code}:${modifier} needs a terminology service, which is not at hand.`);
  return new AppError("unsupported", `${code} is of type ${type}, which has no modifier ":${modifier}" here.`);
}
