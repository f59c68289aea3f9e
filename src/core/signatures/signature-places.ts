/** Signatures that stand within a document's entries: of a Provenance, of a Bundle in the Bundle, of a contract. */
import { JsonArray, JsonObject, type JsonValue } from "../fhir/tree/tree.ts";

export interface PlacedSignature {
  /** As FHIRPath has it: `Bundle.entry[3].resource.signature[0]`. */
  readonly place: string;
  readonly signature: JsonObject;
}

/**
 * The signatures in the entries of a Bundle, in order, at most `most`. R4 names every element of type Signature so: `signature`, `proxySignature`, `sourceSignature`,
 * `attestationSignature`, `valueSignature`.
 */
export function signaturesWithin(bundle: JsonObject, most: number): PlacedSignature[] {
  const found: PlacedSignature[] = [];
  const path: (string | number)[] = ["Bundle", "entry"];
  const entries = bundle.get("entry");
  if (entries instanceof JsonArray) visitItems(entries);
  return found;

  function visit(object: JsonObject): void {
    const { names, values } = object;
    for (let at = 0; at < names.length && found.length < most; at += 1) {
      const value = values[at] as JsonValue;
      if (typeof value !== "object" || value === null) continue;
      const name = names[at] as string;
      path.push(name);
      if (isSignature(name)) take(value);
      else if (value instanceof JsonObject) visit(value);
      else if (value instanceof JsonArray) visitItems(value);
      path.pop();
    }
  }

  function visitItems(array: JsonArray): void {
    for (let at = 0; at < array.items.length && found.length < most; at += 1) {
      const item = array.items[at];
      if (typeof item !== "object" || item === null) continue;
      path.push(at);
      if (item instanceof JsonObject) visit(item);
      else if (item instanceof JsonArray) visitItems(item);
      path.pop();
    }
  }

  function take(value: JsonValue): void {
    if (value instanceof JsonObject) found.push({ place: written(path), signature: value });
    else if (value instanceof JsonArray)
      value.items.forEach((item, at) => {
        if (item instanceof JsonObject && found.length < most) found.push({ place: written([...path, at]), signature: item });
      });
  }
}

function isSignature(name: string): boolean {
  return name === "signature" || name.endsWith("Signature");
}

function written(path: readonly (string | number)[]): string {
  return path.map((part, at) => (typeof part === "number" ? `[${part}]` : at === 0 ? part : `.${part}`)).join("");
}
