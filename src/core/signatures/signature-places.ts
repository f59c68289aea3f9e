/** Signatures that stand within a document's entries: of a Provenance, of a Bundle in the Bundle, of a contract. */
import { JsonArray, JsonObject, type JsonValue } from "../fhir/tree/tree.ts";

export interface PlacedSignature {
  /** As FHIRPath has it: `Bundle.entry[3].resource.signature[0]`. */
  readonly place: string;
  readonly signature: JsonObject;
  /** What has it. */
  readonly holder: Placed;
  /** The Bundle whose entry it stands in: the document, or one within it. */
  readonly bundle: Placed;
}

/** A part of a document, and where it stands. */
export interface Placed {
  readonly place: string;
  readonly resource: JsonObject;
}

/**
 * The signatures in the entries of a Bundle, in order, at most `most`. R4 names every element of type Signature so: `signature`, `proxySignature`, `sourceSignature`,
 * `attestationSignature`, `valueSignature`.
 */
export function signaturesWithin(bundle: JsonObject, most: number): PlacedSignature[] {
  const found: PlacedSignature[] = [];
  const path: (string | number)[] = ["Bundle", "entry"];
  let around: Placed = { place: "Bundle", resource: bundle };
  const entries = bundle.get("entry");
  if (entries instanceof JsonArray) visitItems(entries);
  return found;

  function visit(object: JsonObject): void {
    const { names, values } = object;
    const outer = around;
    const depth = path.length;
    // Written for those that are asked about alone: there are many.
    const holder = (): Placed => ({ place: written(path.slice(0, depth)), resource: object });
    // Of a Bundle within the document its own signature is not that of one of its entries.
    const isBundle = object.string("resourceType") === "Bundle";
    for (let at = 0; at < names.length && found.length < most; at += 1) {
      const value = values[at] as JsonValue;
      if (typeof value !== "object" || value === null) continue;
      const name = names[at] as string;
      path.push(name);
      if (isBundle) around = name === "entry" ? holder() : outer;
      if (isSignature(name)) take(value, holder());
      else if (value instanceof JsonObject) visit(value);
      else if (value instanceof JsonArray) visitItems(value);
      path.pop();
    }
    around = outer;
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

  function take(value: JsonValue, holder: Placed): void {
    const bundle = around;
    if (value instanceof JsonObject) found.push({ place: written(path), signature: value, holder, bundle });
    else if (value instanceof JsonArray)
      value.items.forEach((item, at) => {
        if (item instanceof JsonObject && found.length < most) found.push({ place: written([...path, at]), signature: item, holder, bundle });
      });
  }
}

function isSignature(name: string): boolean {
  return name === "signature" || name.endsWith("Signature");
}

function written(path: readonly (string | number)[]): string {
  return path.map((part, at) => (typeof part === "number" ? `[${part}]` : at === 0 ? part : `.${part}`)).join("");
}
