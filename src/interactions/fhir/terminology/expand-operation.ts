import { randomUUID } from "node:crypto";
import { AppError } from "../../../core/errors.ts";
import { isAbstract, isInactive } from "../../../core/fhir/terminology/concept-facts.ts";
import { isVersionAsked } from "../../../core/fhir/terminology/asked-versions.ts";
import { languagesIn, wordIn, wordsOf, type Word } from "../../../core/fhir/terminology/displays.ts";
import { expand, type ExpandedCode, type Expansion } from "../../../core/fhir/terminology/expansion.ts";
import { GIVEN } from "../../../core/fhir/terminology/given-definitions.ts";
import type { CompiledSet, ValueSets } from "../../../core/fhir/terminology/value-sets.ts";
import { treeOf, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { FhirOperation, OperationAnswer, OperationCall } from "../operation.ts";
import { notHeld, refusal, required } from "./term-answers.ts";
import { SENT, type TermQuestion, type TermSets } from "./term-question.ts";

/** Codes that are given without `count`: who wants more asks for pages. */
const MOST_UNPAGED = 10_000;
const LARGEST_PAGE = 10_000;

/** `$expand` (R4 valueset-operation-expand.html). */
export function expandOperation(using: TermSets): FhirOperation {
  const text = (name: string, type = "string", max = "1"): FhirOperation["parameters"][number] => ({ name, isSimple: true, type, min: 0, max });
  return {
    name: "expand",
    definition: "http://hl7.org/fhir/OperationDefinition/ValueSet-expand",
    documentation:
      "Lists the codes of a value set that is held here, or is sent. Always as a flat list, never nested. What can't be listed, since a code system of it is not held whole or a filter is not understood, is refused (422) and the reason told; so is a list of more than 10000 codes without `count`.",
    levels: ["type"],
    types: ["ValueSet"],
    affectsState: false,
    isAskedByAddress: true,
    parameters: [
      ...[text("url", "uri"), { name: "valueSet", isSimple: false, type: "ValueSet", min: 0, max: "1" }, text("valueSetVersion")],
      ...[text("filter"), text("offset", "integer"), text("count", "integer"), text("includeDesignations", "boolean"), text("activeOnly", "boolean")],
      ...[text("excludeNested", "boolean"), text("displayLanguage", "code"), text("includeDefinition", "boolean")],
      ...[text("system-version", "canonical", "*"), text("force-system-version", "canonical", "*"), text("check-system-version", "canonical", "*")],
      { name: "tx-resource", isSimple: false, type: "Resource", min: 0, max: "*" },
    ],
    handle: (_asked, call) => Promise.resolve(expanded(call, using)),
  };
}

function expanded(call: OperationCall, using: TermSets): OperationAnswer {
  const question = using.question(call);
  const sets = using.for(question);
  const set = setOf(question, sets);
  if (typeof set === "string") return notHeld("value set", set);
  const expansion = expand(set, sets);
  if (expansion.kind === "too-costly") throw new AppError("too-costly", "The value set is too large to be listed here.");
  if (expansion.kind === "unknown") return unlisted(expansion.unheld, set);
  const wrong = wrongVersion(expansion.used.codeSystems, question.checkedVersions);
  if (wrong !== undefined) return refusal(422, "exception", "version-error", wrong);
  return { kind: "resource", resource: written(set, expansion, question, sets) };
}

/** What is wrong with the versions that were used. */
function wrongVersion(used: ReadonlySet<string>, checked: ReadonlyMap<string, string>): string | undefined {
  for (const canonical of used) {
    const [url = "", version = ""] = canonical.split("|");
    const asked = checked.get(url);
    if (asked !== undefined && !isVersionAsked(version, asked))
      return `The version '${version}' of '${url}' was used, where check-system-version wants '${asked}'`;
  }
  return undefined;
}

/** The one that is asked about; its address where it is not held. */
export function setOf(question: TermQuestion, sets: ValueSets): CompiledSet | string {
  const sent = question.valueSet;
  if (sent) return sets.compiled({ resource: sent, origin: GIVEN });
  const url = required(question.text("url"), "Say which value set: url, or the valueSet itself.");
  const version = question.text("valueSetVersion");
  const canonical = version === undefined ? url : `${url}|${version}`;
  return sets.find(canonical) ?? canonical;
}

function unlisted(unheld: readonly string[], { held: { resource } }: CompiledSet): OperationAnswer {
  const names = unheld.slice(0, 10).map((one) => `'${one}'`);
  const isOwn = unheld.length === 1 && unheld[0] === resource.url;
  const why = isOwn ? "a filter of it is not understood here, or it says no codes" : `this is not held here whole: ${names.join(", ")}`;
  return refusal(422, "not-found", "not-found", `The value set '${resource.url}' can't be listed: ${why}`);
}

interface Line {
  readonly code: ExpandedCode;
  readonly display: string | undefined;
  readonly words: readonly Word[];
  readonly isInactive: boolean;
}

function written(set: CompiledSet, { codes, used }: Extract<Expansion, { kind: "whole" }>, question: TermQuestion, sets: ValueSets): JsonObject {
  const languages = languagesIn(question.text("displayLanguage"));
  const filter = question.text("filter")?.toLowerCase();
  const [activeOnly, withDesignations] = [question.truth("activeOnly") === true, question.truth("includeDesignations") === true];
  const lines = codes
    .map((code) => lineOf(code, languages, sets))
    .filter((line) => !(activeOnly && line.isInactive) && (filter === undefined || isFound(line, filter)));
  const [offset = 0, count] = [question.count("offset"), question.count("count")];
  if (count === undefined && lines.length > MOST_UNPAGED)
    throw new AppError("too-costly", `The value set has ${lines.length} codes: ask for pages with count and offset, or for fewer with filter.`);
  const page = lines.slice(offset, offset + Math.min(count ?? LARGEST_PAGE, LARGEST_PAGE));
  const { url, version, name, title, status, copyright } = set.held.resource;
  return treeOf({
    resourceType: "ValueSet",
    ...(url !== SENT && { url }),
    ...{ version, name, title, status: status ?? "unknown", copyright: noticesOf(copyright, codes) },
    expansion: {
      identifier: `urn:uuid:${randomUUID()}`,
      timestamp: new Date().toISOString(),
      total: lines.length,
      ...((count !== undefined || question.count("offset") !== undefined) && { offset }),
      parameter: [
        ...echoed(question),
        ...[...used.codeSystems].map((one) => ({ name: "used-codesystem", valueUri: one })),
        ...[...used.valueSets].map((one) => ({ name: "used-valueset", valueUri: one })),
      ],
      ...(page.length > 0 && { contains: page.map((line) => contained(line, withDesignations)) }),
    },
  }) as JsonObject;
}

function lineOf(code: ExpandedCode, languages: readonly string[], { tables }: ValueSets): Line {
  const { at, display } = code;
  if (!at) return { code, display, words: [], isInactive: false };
  const words = wordsOf(at.concept, at.table, tables);
  const isWanted = languages.length > 0 || display === undefined;
  return { code, display: isWanted ? (wordIn(languages, words) ?? display) : display, words, isInactive: isInactive(at.concept, at.table.resource) };
}

/** By any word for the code, or the code itself. */
function isFound({ code, display, words }: Line, filter: string): boolean {
  return [code.code, display ?? "", ...words.map(({ value }) => value)].some((one) => one.toLowerCase().includes(filter));
}

function contained({ code: { system, version, code, at }, display, words, isInactive: inactive }: Line, withDesignations: boolean): object {
  const designation = words
    .filter(({ value }) => value !== display)
    .map(({ language, value }) => ({ ...(language !== undefined && { language }), value }));
  return {
    ...{ system, version, code, display },
    ...(at && isAbstract(at.concept, at.table.resource) && { abstract: true }),
    ...(inactive && { inactive: true }),
    ...(withDesignations && designation.length > 0 && { designation }),
  };
}

/** What was asked for, told again (R4 valueset.html, expansion.parameter). */
function echoed(question: TermQuestion): object[] {
  const truths = ["excludeNested", "activeOnly", "includeDesignations", "includeDefinition"].flatMap((name) => {
    const value = question.truth(name);
    return value === undefined ? [] : [{ name, valueBoolean: value }];
  });
  const counts = ["offset", "count"].flatMap((name) => {
    const value = question.count(name);
    return value === undefined ? [] : [{ name, valueInteger: value }];
  });
  const [language, filter] = [question.text("displayLanguage"), question.text("filter")];
  return [
    ...truths,
    ...counts,
    ...(language === undefined ? [] : [{ name: "displayLanguage", valueCode: language }]),
    ...(filter === undefined ? [] : [{ name: "filter", valueString: filter }]),
  ];
}

/** The notices of the value set and of the code systems that its codes are of, which their licences want to be shown. */
function noticesOf(own: string | undefined, codes: readonly ExpandedCode[]): string | undefined {
  const tables = new Set(codes.flatMap(({ at }) => at?.table ?? []));
  const all = [own, ...[...tables].map(({ resource }) => resource.copyright)].filter((one) => one !== undefined);
  return all.length === 0 ? undefined : [...new Set(all)].join("\n\n");
}
