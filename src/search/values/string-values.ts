/** Strings and addresses as rows (R4 search.html, string and uri). */
import type { Item } from "../../core/fhir/fhirpath/item.ts";
import { FhirPathNode } from "../../core/fhir/fhirpath/node.ts";
import { textOf } from "../../core/fhir/fhirpath/values.ts";
import { JsonObject } from "../../core/fhir/tree/tree.ts";
import { boundedStart, boundedWhole } from "./bounded.ts";
import { nameOf, type WordRow } from "./index-row.ts";
import { laterWords, plainText } from "./plain-text.ts";

/** The elements that a name or an address is searched by: those of type string. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  HumanName: ["text", "family", "given", "prefix", "suffix"],
  Address: ["text", "line", "city", "district", "state", "postalCode", "country"],
};

/** Elements of which one part is a name of its own: a family name's second, a street without its number. */
const SEVERAL_WORDS: ReadonlySet<string> = new Set(["text", "family", "given", "line", "city"]);

export function stringRows(code: string, item: Item, part: number): WordRow[] {
  const texts = stringsOf(item, code);
  const plain = new Set(texts.flatMap(({ text, words }) => [plainText(text), ...words]).map(boundedStart));
  const whole = new Set(texts.map(({ text }) => boundedWhole(text)));
  return [...row(nameOf(code), plain, part), ...(part > 0 ? [] : row(nameOf(code, "exact"), whole, part))];
}

function row(name: string, values: ReadonlySet<string>, part: number): WordRow[] {
  return [...values].filter((value) => value !== "").map((value) => ({ kind: "word", name, value, part }));
}

interface Named {
  readonly text: string;
  /** By what it is found besides its beginning. */
  readonly words: readonly string[];
}

function stringsOf(item: Item, code: string): Named[] {
  if (!(item instanceof FhirPathNode) || !(item.value instanceof JsonObject)) {
    const text = textOf(item);
    return text === undefined ? [] : [{ text, words: SEVERAL_WORDS.has(code) ? laterWords(text) : [] }];
  }
  const { value } = item;
  return (PARTS[item.type] ?? []).flatMap((name) =>
    [value.string(name), ...value.items(name)]
      .filter((text) => typeof text === "string")
      .map((text) => ({ text, words: SEVERAL_WORDS.has(name) ? laterWords(text) : [] })),
  );
}

/** An address as it is written: case counts. */
export function uriRows(code: string, item: Item, part: number): WordRow[] {
  const text = textOf(item);
  return text === undefined || text === "" ? [] : [{ kind: "word", name: nameOf(code), value: boundedWhole(text), part }];
}
