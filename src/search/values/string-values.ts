/** Strings and addresses as rows (R4 search.html, string and uri). */
import type { Item } from "../../core/fhir/fhirpath/item.ts";
import { FhirPathNode } from "../../core/fhir/fhirpath/node.ts";
import { textOf } from "../../core/fhir/fhirpath/values.ts";
import { JsonObject } from "../../core/fhir/tree/tree.ts";
import { boundedStart, boundedWhole } from "./bounded.ts";
import { nameOf, type WordRow } from "./index-row.ts";
import { plainBeginnings } from "./plain-text.ts";

/** The elements that a name or an address is searched by: those of type string. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  HumanName: ["text", "family", "given", "prefix", "suffix"],
  Address: ["text", "line", "city", "district", "state", "postalCode", "country"],
};

export function stringRows(code: string, item: Item, part: number): WordRow[] {
  const texts = stringsOf(item);
  const plain = new Set(texts.flatMap(plainBeginnings).map(boundedStart));
  const whole = new Set(texts.map(boundedWhole));
  return [...row(nameOf(code), plain, part), ...(part > 0 ? [] : row(nameOf(code, "exact"), whole, part))];
}

function row(name: string, values: ReadonlySet<string>, part: number): WordRow[] {
  return [...values].filter((value) => value !== "").map((value) => ({ kind: "word", name, value, part }));
}

function stringsOf(item: Item): string[] {
  if (!(item instanceof FhirPathNode) || !(item.value instanceof JsonObject)) {
    const text = textOf(item);
    return text === undefined ? [] : [text];
  }
  const { value } = item;
  return (PARTS[item.type] ?? []).flatMap((name) => [value.string(name), ...value.items(name)].filter((text) => typeof text === "string"));
}

/** An address as it is written: case counts. */
export function uriRows(code: string, item: Item, part: number): WordRow[] {
  const text = textOf(item);
  return text === undefined || text === "" ? [] : [{ kind: "word", name: nameOf(code), value: boundedWhole(text), part }];
}
