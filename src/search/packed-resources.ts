/**
 * What resources are found by as one text: it goes from the thread that worked it out, by way of the event loop, to the thread that writes it, and a text costs a copy where a thousand objects
 * cost each thread as many again. Persons are called by their places in a list, so that whoever names them need not look into the text.
 */
import { type Role, hashed } from "./derived/person.ts";
import type { DescribedResource, PackedUnnamed } from "./describe-resources.ts";
import type { IndexedResource, IndexedResources } from "./resource-index.ts";
import type { IndexRow } from "./values/index-row.ts";
import type { ExtractedRow } from "./values/reference-values.ts";

type PackedRow =
  | readonly ["w", name: string, part: number, value: string, system?: string]
  | readonly ["s", name: string, part: number, scale: string, low: number | string, high: number | string]
  | readonly ["l", name: string, part: number, target: number]
  | readonly ["p", name: string, part: number, person: number, before: "" | "Patient/", system?: Role];

/** `person`: the place of the key that a derived Patient's path is made of, or -1. */
type PackedResource = readonly [
  place: number,
  type: string,
  path: string,
  person: number,
  rows: readonly PackedRow[],
  words?: IndexedResource["words"],
];

export function packed(resources: readonly DescribedResource[]): PackedUnnamed {
  const places = new Map<string, number>();
  const placeOf = (key: string): number => {
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, places.size);
    return places.size - 1;
  };
  const made = resources.map(({ place, type, path, person, rows, words }): PackedResource => {
    const own = rows.map((row) => packedRow(row, placeOf));
    const known = [place, type, path, person === undefined ? -1 : placeOf(person), own] as const;
    return words === undefined ? known : [...known, words];
  });
  return { text: JSON.stringify(made), keys: [...places.keys()] };
}

function packedRow(row: ExtractedRow, placeOf: (key: string) => number): PackedRow {
  const { name, part } = row;
  switch (row.kind) {
    case "word":
      return row.system === undefined ? ["w", name, part, row.value] : ["w", name, part, row.value, row.system];
    case "span":
      return ["s", name, part, row.scale, row.low, row.high];
    case "link":
      return ["l", name, part, row.target];
    case "person":
      return row.system === undefined ? ["p", name, part, placeOf(row.key), row.before] : ["p", name, part, placeOf(row.key), row.before, row.system];
  }
}

/** The resources, packed or not, as they were described. */
export function unpacked(resources: IndexedResources): readonly IndexedResource[] {
  if (!("text" in resources)) return resources;
  const { text, ids } = resources;
  // Of our own making (`packed`), in this process.
  return (JSON.parse(text) as PackedResource[]).map(([place, type, path, person, rows, words]) => ({
    ...{ place, type, path: person < 0 ? path : (ids[person] ?? "") },
    rows: rows.map((row) => unpackedRow(row, ids)),
    ...(words && { words }),
  }));
}

function unpackedRow(row: PackedRow, ids: readonly string[]): IndexRow {
  const [kind, name, part] = row;
  switch (kind) {
    case "w":
      return row[4] === undefined ? { kind: "word", name, value: row[3], part } : { kind: "word", name, value: row[3], part, system: row[4] };
    case "s":
      return { kind: "span", name, scale: row[3], low: row[4], high: row[5], part };
    case "l":
      return { kind: "link", name, target: row[3], part };
    case "p":
      return hashed({ kind: "person", name, key: "", part, before: row[4], ...(row[5] !== undefined && { system: row[5] }) }, ids[row[3]] ?? "");
  }
}
