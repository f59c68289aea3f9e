/** Tokens, texts and identifiers as rows (R4 search.html, token). */
import type { Item } from "../../core/fhir/fhirpath/item.ts";
import { FhirPathNode } from "../../core/fhir/fhirpath/node.ts";
import { textOf } from "../../core/fhir/fhirpath/values.ts";
import { JsonObject } from "../../core/fhir/tree/tree.ts";
import { boundedStart, boundedWhole } from "./bounded.ts";
import { nameOf, type WordRow } from "./index-row.ts";
import { plainBeginnings } from "./plain-text.ts";

/** A code with the system it is of; none where none is said. */
export interface Token {
  readonly system: string | undefined;
  readonly code: string;
}

/** Systems in which `m` and `M` are two things. Of others R4 bids to find too much rather than too little. */
const CASE_SENSITIVE: ReadonlySet<string> = new Set(["http://unitsofmeasure.org"]);

/** A code as it is compared. */
export function foldedCode({ system, code }: Token): string {
  return boundedWhole(system !== undefined && CASE_SENSITIVE.has(system) ? code : code.toLowerCase());
}

/** How a type of element gives tokens, and the texts beside them. */
interface Coded {
  readonly tokens: readonly Token[];
  readonly texts: readonly (string | undefined)[];
  /** Of an identifier with a type: `system|code` of the type, and the value. */
  readonly typed?: readonly { readonly type: string; readonly value: string }[];
}

type Reader = (object: JsonObject) => Coded;

const READERS: Readonly<Record<string, Reader>> = {
  Coding: (coding) => ({ tokens: tokenAt(coding, "code"), texts: [coding.string("display")] }),
  CodeableConcept: (concept) => ({
    tokens: concept.objects("coding").flatMap((coding) => tokenAt(coding, "code")),
    texts: [concept.string("text"), ...concept.objects("coding").map((coding) => coding.string("display"))],
  }),
  Identifier: (identifier) => {
    const value = identifier.string("value");
    const type = identifier.object("type");
    const types = (type?.objects("coding") ?? []).flatMap((coding) => tokenAt(coding, "code"));
    return {
      tokens: tokenAt(identifier, "value"),
      texts: [type?.string("text")],
      typed: value === undefined ? [] : types.map(({ system = "", code }) => ({ type: `${system}|${code}`, value })),
    };
  },
  ContactPoint: (contact) => ({ tokens: contactTokens(contact), texts: [] }),
};

/** @param implied the system of a plain code, by its binding */
export function tokenRows(code: string, item: Item, part: number, implied: string | undefined): WordRow[] {
  const { tokens, texts, typed = [] } = codedOf(item, implied);
  return [
    ...tokens.map((token) => tokenRow(nameOf(code), token, part)),
    ...(part > 0 ? [] : textRows(code, texts)),
    ...(part > 0 ? [] : typed.map(({ type, value }) => word(nameOf(code, "of-type"), boundedWhole(value.toLowerCase()), part, type.toLowerCase()))),
  ];
}

/** Reference.identifier, for `:identifier`. */
export function identifierRow(code: string, identifier: JsonObject): WordRow[] {
  return tokenAt(identifier, "value").map((token) => tokenRow(nameOf(code, "identifier"), token, 0));
}

function tokenRow(name: string, token: Token, part: number): WordRow {
  return word(name, foldedCode(token), part, token.system);
}

function textRows(code: string, texts: readonly (string | undefined)[]): WordRow[] {
  const plain = new Set(texts.flatMap((text) => (text === undefined ? [] : plainBeginnings(text).map(boundedStart))));
  return [...plain].filter((text) => text !== "").map((text) => word(nameOf(code, "text"), text, 0));
}

function codedOf(item: Item, implied: string | undefined): Coded {
  if (item instanceof FhirPathNode && item.value instanceof JsonObject) return READERS[item.type]?.(item.value) ?? NOTHING;
  const text = textOf(item);
  return text === undefined ? NOTHING : { tokens: [{ system: implied, code: text }], texts: [] };
}

const NOTHING: Coded = { tokens: [], texts: [] };

function tokenAt(object: JsonObject, name: string): Token[] {
  const code = object.string(name);
  const system = object.string("system");
  // A system alone is found by `system|`.
  return code === undefined && system === undefined ? [] : [{ system, code: code ?? "" }];
}

/** A number is found with and without what people write between its digits. */
function contactTokens(contact: JsonObject): Token[] {
  const value = contact.string("value");
  if (value === undefined) return [];
  const digits = contact.get("system") === "email" || !/^[+\d][\d\s()./-]+$/.test(value) ? value : value.replace(/[\s()./-]+/g, "");
  return [...new Set([value, digits])].map((code) => ({ system: undefined, code }));
}

function word(name: string, value: string, part: number, system?: string): WordRow {
  return { kind: "word", name, value, part, ...(system !== undefined && { system }) };
}
