/** Concepts and codes in words (R4 datatypes.html, CodeableConcept, Coding). */
import type { JsonObject } from "../../../../core/fhir/tree/tree.ts";
import { html, type Part } from "../../html.ts";
import type { Locale } from "../../locale.ts";
import { systemName, wordKey } from "../code-systems.ts";
import { joined } from "../joined.ts";
import type { RenderContext, Wording } from "../render-context.ts";
import { Unsaid } from "../unsaid.ts";

/**
 * A CodeableConcept: its text, and the displays of its codings that say something else; the one that the user chose first. Without any words its codes, each as a code of its system.
 */
export const concept: Wording = (unsaid, context) => {
  const type = context.definitions.definitionOf("Coding");
  const text = unsaid.string("text");
  const codings = unsaid.objects("coding").map((coding) => codingOf(new Unsaid(coding, type), context));
  const chosenFirst = codings.toSorted((a, b) => Number(b.isChosen) - Number(a.isChosen));
  const told: { words: string; shown: Part }[] = text === undefined ? [] : [{ words: text, shown: text }];
  for (const { words, shown } of chosenFirst) if (words !== undefined && !told.some((one) => says(one.words, words))) told.push({ words, shown });
  const [first, ...others] = told.map(({ shown }) => shown);
  const rests = codings.map(({ rest }) => rest);
  if (first === undefined) return joined([...codings.map(({ code }) => code), ...rests], "; ");
  const also = others.length > 0 && html` <span class="also">(${joined(others, "; ")})</span>`;
  return joined([html`${first}${also}`, ...rests], " ");
};

/** A Coding: its display, else words of ours for codes of HL7's own systems, else the code as a code of its system. */
export const coding: Wording = (unsaid, context) => {
  const { words, shown, code, rest } = codingOf(unsaid, context);
  return joined([words === undefined ? code : shown, rest], " ");
};

interface CodingWords {
  readonly words: string | undefined;
  /** The same as a page has them. */
  readonly shown: Part;
  /** As a code of its system. */
  readonly code: Part;
  /** What else stands in it: extensions may say that a diagnosis is only suspected. */
  readonly rest: Part;
  readonly isChosen: boolean;
}

function codingOf(unsaid: Unsaid, context: RenderContext): CodingWords {
  const isChosen = unsaid.object.get("userSelected") === true;
  const display = unsaid.string("display");
  const code = unsaid.string("code");
  const key = keyFor(unsaid.object.string("system"), code, display, context.locale);
  return {
    words: key === undefined ? display : context.locale.plain(key),
    shown: key === undefined ? display : context.locale.term(key),
    code: code !== undefined && codePart(unsaid.object.string("system"), code, context),
    rest: context.speaker.rest(unsaid, context),
    isChosen,
  };
}

/** The key of words of ours, where there is no display or one that repeats the code. */
function keyFor(system: string | undefined, code: string | undefined, display: string | undefined, locale: Locale): string | undefined {
  const isRepeated = display === undefined || display.trim() === "" || display === code;
  if (!isRepeated || code === undefined) return undefined;
  const key = wordKey(system, code);
  return key !== undefined && locale.has(key) ? key : undefined;
}

/** Characters of a name: some are definitions. */
const LONGEST_NAME = 200;

/** `code 860975 (RxNorm)`; with what its system calls it, where that is held, said to be the system's: whoever wrote the code gave it no words. */
function codePart(system: string | undefined, code: string, { locale, codeNames }: RenderContext): Part {
  const name = systemName(system);
  const called = system === undefined ? undefined : codeNames?.(system, code);
  if (name !== undefined && called !== undefined && called !== code) {
    const words = html`<bdi lang="en">${called.slice(0, LONGEST_NAME)}</bdi>`;
    return html`<span class="bare-code">${locale.word("bare-code")} <bdi>${code}</bdi> (<bdi>${name}</bdi>; ${locale.phrase("bare-code-name", { name: words })})</span>`;
  }
  return html`<span class="bare-code">${locale.word("bare-code")} <bdi>${code}</bdi>${name !== undefined && html` (<bdi>${name}</bdi>)`}</span>`;
}

/** Whether words are said already: letters alone count. */
function says(told: string, words: string): boolean {
  return told === words || plain(told).includes(plain(words));
}

function plain(words: string): string {
  return words
    .toLowerCase()
    .replace(/[\s.,;:()[\]"'/-]+/g, " ")
    .trim();
}

/** Whether a concept has words of its sender. */
export function isWorded(concept: JsonObject | undefined): boolean {
  return concept?.string("text") !== undefined || concept?.objects("coding").some((coding) => coding.string("display") !== undefined) === true;
}

/** The codes of a concept. */
export function codesOf(concept: JsonObject | undefined): string[] {
  return concept?.objects("coding").flatMap((coding) => coding.string("code") ?? []) ?? [];
}
