/** The vocabulary of the mutation test: kinds of damage, each with many damaged documents and what must be said of each of them. */
import { JsonArray, type JsonObject, type JsonValue } from "../../../src/core/fhir/tree/tree.ts";
import { writeJson } from "../../../src/core/fhir/json/write-json.ts";
import type { FhirMediaType } from "../../../src/pipeline/document-forms.ts";
import type { ObjectSite, PropertySite } from "./sites.ts";

/** A valid document, with every object and property in it. */
export interface Sample {
  readonly name: string;
  readonly bundle: JsonObject;
  readonly objects: readonly ObjectSite[];
  readonly properties: readonly PropertySite[];
}

/** One document to be damaged in one place. */
export interface Damage {
  /** Any of these rules tells of it ... */
  readonly rules: readonly string[];
  /** ... at this FHIRPath; undefined where the text is no resource any more, so that no place can be told. */
  readonly at: string | undefined;
  readonly mediaType: FhirMediaType;
  /** The damaged text. The sample is afterwards as it was before. */
  make(): string;
}

export interface Kind {
  readonly name: string;
  /** Why it is not caught yet. Once it is, it counts like the others, and this can go. */
  readonly pending?: string;
  /** All that can be done to a document; the test takes some of them. */
  damages(sample: Sample): Damage[];
}

/** Damage to the tree, sent as JSON: `change` alters `targets` and nothing else. */
export function damage(
  sample: Sample,
  rules: string | readonly string[],
  at: string,
  targets: readonly (JsonObject | JsonArray)[],
  change: () => void,
): Damage {
  return {
    rules: typeof rules === "string" ? [rules] : rules,
    at,
    mediaType: "application/fhir+json",
    make: () => whileChanged(targets, change, () => writeJson(sample.bundle)),
  };
}

/** What `look` gives while `change` is in force. */
export function whileChanged<T>(targets: readonly (JsonObject | JsonArray)[], change: () => void, look: () => T): T {
  const restores = targets.map(keep);
  try {
    change();
    return look();
  } finally {
    for (const restore of restores) restore();
  }
}

function keep(target: JsonObject | JsonArray): () => void {
  const offsets = [...target.offsets];
  if (target instanceof JsonArray) {
    const items = [...target.items];
    return () => {
      target.items.splice(0, Infinity, ...items);
      target.offsets.splice(0, Infinity, ...offsets);
    };
  }
  const values = [...target.values];
  const { names } = target;
  return () => {
    while (target.values.length > 0) target.remove(0);
    names.forEach((name, at) => target.add(name, values[at] as JsonValue, offsets[at]));
  };
}

/** Sets a property, new or not. */
export function put(object: JsonObject, name: string, value: JsonValue): void {
  const at = object.names.indexOf(name);
  if (at < 0) object.add(name, value);
  else object.values[at] = value;
}

export function drop(object: JsonObject, ...names: readonly string[]): void {
  for (const name of names) {
    const at = object.names.indexOf(name);
    if (at < 0) continue;
    object.remove(at);
  }
}

export function rename(object: JsonObject, from: string, to: string): void {
  object.rename(object.names.indexOf(from), to);
}

export function arrayOf(...items: readonly JsonValue[]): JsonArray {
  const array = new JsonArray();
  for (const item of items) array.add(item);
  return array;
}
