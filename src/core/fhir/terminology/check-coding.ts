import type { Concept } from "../conformance/terminology-resources.ts";
import type { Membership } from "../r4/terminology.ts";
import type { CodeTable } from "./code-table.ts";
import { Asking } from "./deciding.ts";
import { isAbstract, isInactive, statusOf } from "./concept-facts.ts";
import { isOf, wordIn, wordsOf, type Word } from "./displays.ts";
import { judgedByGrammar } from "./grammars.ts";
import type { Coded } from "./terms.ts";
import { withVersion } from "./value-set-part.ts";
import type { CompiledSet, ValueSets } from "./value-sets.ts";

/** A code with what it is called. */
export interface AskedCoding extends Coded {
  readonly display?: string | undefined;
}

/** What a question wants to be minded. */
export interface Minding {
  readonly sets: ValueSets;
  /** Undefined: the code system alone is asked. */
  readonly set: CompiledSet | undefined;
  /** The dearest first; none: any word for a code is right. */
  readonly languages: readonly string[];
  /** A display that is wrong does not make the code wrong. */
  readonly isLenient: boolean;
  /** Whether codes that only head others may stand here. */
  readonly mayBeAbstract: boolean;
  readonly activeOnly: boolean;
}

/** Something that is said of a coding. `type` is of HL7's tx-issue-type, `code` of R4's issue-type. */
export interface CodingIssue {
  readonly severity: "error" | "warning" | "information";
  readonly code: "code-invalid" | "not-found" | "invalid" | "business-rule" | "exception";
  readonly type: string;
  readonly text: string;
  /** The element of the coding; empty: the coding as a whole. */
  readonly at: "code" | "system" | "display" | "version" | "";
}

export interface CodingVerdict {
  /** Of the value set, or of the code system where that alone is asked. */
  readonly membership: Membership;
  readonly issues: readonly CodingIssue[];
  readonly found?: {
    readonly table: CodeTable;
    readonly concept: Concept;
    readonly display: string | undefined;
    readonly isInactive: boolean;
    readonly status: string | undefined;
  };
  /** What would have decided it. */
  readonly unheld: readonly string[];
  /** The system is not held here, whether that matters or not. */
  readonly isUnknownSystem: boolean;
}

/** What can be said of one coding: whether it is of the value set, whether it is a code of its system, and what it is called there (R4 valueset-operation-validate-code.html). */
export function checkCoding(coding: AskedCoding, minding: Minding): CodingVerdict {
  const { system, code, version } = coding;
  const { sets, set } = minding;
  const from = set?.held.origin;
  const asking = new Asking();
  if (system === undefined) return withoutSystem(coding, minding);
  const isVersionHeld = version === undefined || sets.tables.of(system, version, from) !== undefined;
  const tables = tablesFor(coding, minding);
  const table = tables.find((one) => one.has(code)) ?? tables[0];
  const concept = table?.concepts[table.place(code) ?? -1];
  const ofSystem = concept ? "member" : table?.isWhole === true ? "stranger" : table ? "unknown" : (judgedByGrammar(system, code) ?? "unknown");
  const isUnheld = (table === undefined && judgedByGrammar(system, code) === undefined) || (table !== undefined && !isVersionHeld);
  const ofSet = isUnheld && table !== undefined ? "unknown" : set ? set.decide(coding, asking) : ofSystem;
  const issues: CodingIssue[] = [];
  // What a value set lists is of no use where its system has no such code.
  const membership = ofSet === "member" && ofSystem === "stranger" && isVersionHeld ? "stranger" : ofSet;
  if (set && ofSet === "stranger") issues.push(notInSet(coding, set));
  if (ofSystem === "stranger" && isVersionHeld) issues.push(noCode(coding, table));
  else if (isUnheld && ofSet !== "member") issues.push(noSystem(coding, ofSet === "unknown" ? "warning" : "error"));
  else if (ofSystem === "unknown" && ofSet === "unknown") issues.push(perhapsNoCode(coding, table));
  if (membership === "unknown") issues.push(...unheldSets(asking.unheld, system));
  // Where no version is said, a word of any version is right.
  const words = tables.flatMap((one) => wordsIn(code, one, sets));
  const found = table && concept && foundAt(table, concept, wordIn(minding.languages, words));
  if (found) issues.push(...standing(coding, found.concept, found.table, minding), ...displayed(coding, words, minding));
  const isForbidden = issues.some(({ type }) => type === "code-rule" || type === "abstract-code");
  return {
    membership: isForbidden ? "stranger" : membership,
    issues,
    ...(found && { found }),
    unheld: [...asking.unheld, ...(isUnheld && membership === "unknown" ? [withVersion(system, version)] : [])],
    isUnknownSystem: isUnheld,
  };
}

function foundAt(table: CodeTable, concept: Concept, display: string | undefined): NonNullable<CodingVerdict["found"]> {
  return { table, concept, display, isInactive: isInactive(concept, table.resource), status: statusOf(concept, table.resource) };
}

/** The versions in which a code may stand: the one that it says, else those that the value set takes in, and what the system is without a version. */
function tablesFor({ system = "", version }: AskedCoding, { sets, set }: Minding): readonly CodeTable[] {
  const from = set?.held.origin;
  const said = version === undefined ? undefined : sets.tables.of(system, version, from);
  if (said) return [said];
  const taken = set?.includes.flatMap((part) => (part.system === system ? (part.own?.table ?? []) : [])) ?? [];
  return [...new Set([...taken, ...sets.tables.among(system, undefined, from)])];
}

function wordsIn(code: string, table: CodeTable, { tables }: ValueSets): readonly Word[] {
  const concept = table.concepts[table.place(code) ?? -1];
  return concept ? wordsOf(concept, table, tables) : [];
}

/** A coding that says no system means nothing. */
function withoutSystem(coding: AskedCoding, { set }: Minding): CodingVerdict {
  const text = "Coding has no system. A code with no system has no defined meaning, and it cannot be validated. A system should be provided";
  const issues: CodingIssue[] = [{ severity: "warning", code: "invalid", type: "invalid-data", text, at: "" }];
  return { membership: "stranger", issues: set ? [notInSet(coding, set), ...issues] : issues, unheld: [], isUnknownSystem: false };
}

function named({ system = "", version, code }: AskedCoding): string {
  return `${withVersion(system, version)}#${code}`;
}

export function nameOfSet({ held: { resource } }: CompiledSet): string {
  return withVersion(resource.url, resource.version);
}

function notInSet(coding: AskedCoding, set: CompiledSet): CodingIssue {
  const text = `The provided code '${named(coding)}' was not found in the value set '${nameOfSet(set)}'`;
  return { severity: "error", code: "code-invalid", type: "not-in-vs", text, at: "code" };
}

function noCode({ system = "", code }: AskedCoding, table: CodeTable | undefined): CodingIssue {
  const version = table?.resource.version;
  const text = `Unknown code '${code}' in the CodeSystem '${system}'${version === undefined ? "" : ` version '${version}'`}`;
  return { severity: "error", code: "code-invalid", type: "invalid-code", text, at: "code" };
}

function perhapsNoCode({ system = "", code }: AskedCoding, table: CodeTable | undefined): CodingIssue {
  const text = `Unknown Code '${code}' in the CodeSystem '${system}'${table?.resource.version === undefined ? "" : ` version '${table.resource.version}'`} - note that the code system is labeled as a ${table?.resource.content ?? "system of which no list is held"}, so the code may be valid in some other fragment`;
  return { severity: "warning", code: "code-invalid", type: "invalid-code", text, at: "code" };
}

function noSystem({ system = "", version }: AskedCoding, severity: "error" | "warning"): CodingIssue {
  const text = `A definition for CodeSystem '${system}'${version === undefined ? "" : ` version '${version}'`} could not be found, so the code cannot be validated`;
  return { severity, code: "not-found", type: "not-found", text, at: "system" };
}

/** Whatever else is not held and would have decided it. */
function unheldSets(unheld: ReadonlySet<string>, system: string): CodingIssue[] {
  return [...unheld]
    .filter((canonical) => canonical.split("|")[0] !== system)
    .map((canonical) => ({
      severity: "warning",
      code: "not-found",
      type: "not-found",
      at: "",
      text: `A definition for '${canonical}' could not be found, or a filter of it is not understood here`,
    }));
}

function standing(coding: AskedCoding, concept: Concept, table: CodeTable, { activeOnly, mayBeAbstract }: Minding): CodingIssue[] {
  const found: CodingIssue[] = [];
  const { resource } = table;
  if (!mayBeAbstract && isAbstract(concept, resource))
    found.push({
      severity: "error",
      code: "business-rule",
      type: "abstract-code",
      at: "code",
      text: `Code '${named(coding)}' is abstract, and not allowed in this context`,
    });
  if (isInactive(concept, resource)) {
    if (activeOnly)
      found.push({
        severity: "error",
        code: "business-rule",
        type: "code-rule",
        at: "code",
        text: `The concept '${coding.code}' is valid but is not active`,
      });
    const text = `The concept '${coding.code}' has a status of ${statusOf(concept, resource) ?? "inactive"} and its use should be reviewed`;
    found.push({ severity: "warning", code: "business-rule", type: "code-comment", at: "", text });
  } else if (statusOf(concept, resource) === "deprecated") {
    const text = `The concept '${coding.code}' is deprecated and its use should be reviewed`;
    found.push({ severity: "warning", code: "business-rule", type: "code-comment", at: "", text });
  }
  return found;
}

/** A display is right that is a word for the code in a language that is asked for; in any where none is. */
function displayed(coding: AskedCoding, words: readonly Word[], { languages, isLenient }: Minding): CodingIssue[] {
  const { display } = coding;
  if (display === undefined || words.length === 0) return [];
  const isCalled = (word: { readonly value: string }): boolean => word.value.toLowerCase() === display.toLowerCase();
  const among = languages.length === 0 ? words : words.filter(({ language }) => languages.some((asked) => isOf(language, asked)));
  if (among.some(isCalled)) return [];
  const inLanguages = languages.map((language) => `'${language}'`).join(",");
  const fallback = words[0]?.value ?? "";
  if (among.length === 0) {
    if (words.some(isCalled)) {
      const text = `There are no valid display names found for the code ${named(coding)} for language(s) ${inLanguages}. The display is '${display}' which is a display in another language`;
      return [{ severity: "information", code: "invalid", type: "invalid-display", at: "display", text }];
    }
    const text = `Wrong Display Name '${display}' for ${named(coding)}. There are no valid display names found for language(s) ${inLanguages}. Default display is '${fallback}'`;
    return [{ severity: isLenient ? "warning" : "error", code: "invalid", type: "invalid-display", at: "display", text }];
  }
  const choices = [...new Set(among.map(({ value }) => `'${value}'`))];
  const shown = choices.length === 1 ? choices[0] : `one of ${choices.length} choices: ${choices.slice(0, 10).join(", ")}`;
  const text = `Wrong Display Name '${display}' for ${named(coding)}. Valid display is ${shown ?? ""}${languages.length > 0 ? ` (for the language(s) ${inLanguages})` : ""}`;
  return [{ severity: isLenient ? "warning" : "error", code: "invalid", type: "invalid-display", at: "display", text }];
}
