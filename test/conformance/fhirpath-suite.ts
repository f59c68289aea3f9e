import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DOMParser, type Element } from "@xmldom/xmldom";
import type { Item } from "../../src/core/fhir/fhirpath/item.ts";
import type { FhirPathNode } from "../../src/core/fhir/fhirpath/node.ts";
import { typeOf } from "../../src/core/fhir/fhirpath/types.ts";
import { textOf } from "../../src/core/fhir/fhirpath/values.ts";
import { Temporal } from "../../src/core/fhir/fhirpath/temporal.ts";
import { DEFAULT_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { JsonObject } from "../../src/core/fhir/tree/tree.ts";
import { compileFhirPath, nodeOf, readResource } from "../r4.ts";

/** One test of HL7's suite (its testSchema.xsd). */
export interface SuiteTest {
  readonly name: string;
  readonly expression: string;
  readonly inputFile: string | undefined;
  readonly isStrict: boolean;
  readonly isPredicate: boolean;
  /** `syntax`, `semantic` or `execution`: where it must fail. */
  readonly invalid: string | undefined;
  readonly outputs: readonly { readonly type: string; readonly value: string }[];
}

export function readSuite(folder: string): SuiteTest[] {
  const document = new DOMParser().parseFromString(readFileSync(join(folder, "tests-fhir-r4.xml"), "utf8"), "text/xml");
  return elements(document, "test").map((test) => {
    const expression = elements(test, "expression")[0];
    const invalid = expression?.getAttribute("invalid") ?? "";
    return {
      name: test.getAttribute("name") ?? "",
      expression: expression?.textContent ?? "",
      inputFile: test.getAttribute("inputfile") ?? undefined,
      isStrict: test.getAttribute("mode") === "strict" || invalid === "semantic",
      isPredicate: test.getAttribute("predicate") === "true",
      invalid: invalid === "" ? undefined : invalid,
      outputs: elements(test, "output").map((output) => ({ type: output.getAttribute("type") ?? "", value: output.textContent ?? "" })),
    };
  });
}

function elements(parent: { getElementsByTagName(name: string): Iterable<Element> }, name: string): Element[] {
  return [...parent.getElementsByTagName(name)];
}

const nodes = new Map<string, FhirPathNode>();

function inputOf(folder: string, file: string | undefined): FhirPathNode {
  if (file === undefined || file === "") return nodeOf(new JsonObject().add("resourceType", "Basic"));
  const known = nodes.get(file);
  if (known) return known;
  const mediaType = file.endsWith(".json") ? "application/fhir+json" : "application/fhir+xml";
  const { resource } = readResource(readFileSync(join(folder, file)), mediaType, DEFAULT_READ_LIMITS);
  if (!resource) throw new Error(`${file} cannot be read`);
  const node = nodeOf(resource);
  nodes.set(file, node);
  return node;
}

/** What the suite would call wrong with our answer; undefined when it is right. */
export function faultOf(test: SuiteTest, folder: string): string | undefined {
  let found: readonly Item[];
  const focus = inputOf(folder, test.inputFile);
  try {
    const expression = compileFhirPath(test.expression, test.isStrict ? "strict" : "standard");
    if (test.isPredicate) return expression.holds(focus) === (test.outputs[0]?.value === "true") ? undefined : "the predicate is the opposite";
    found = expression.evaluate(focus);
  } catch (error) {
    return test.invalid === undefined ? `throws ${String(error)}` : undefined;
  }
  if (test.invalid !== undefined) return `must fail (${test.invalid}), gives ${found.map(shown).join("; ")}`;
  const isSame = found.length === test.outputs.length && found.every((item, at) => isExpected(item, test.outputs[at] ?? { type: "", value: "" }));
  return isSame ? undefined : `gives ${found.map(shown).join("; ") || "nothing"}`;
}

function isExpected(item: Item, { type, value }: { readonly type: string; readonly value: string }): boolean {
  const text = textOf(item) ?? "";
  const own = typeName(item);
  const isType = type === "" || own === type || (type === "date" && own === "dateTime");
  const expected = value.startsWith("@") ? value.slice(value.startsWith("@T") ? 2 : 1) : value;
  return isType && (own === "decimal" && type === "decimal" ? Number(text) === Number(expected) : text === expected);
}

function typeName(item: Item): string {
  const { namespace, name } = typeOf(item);
  return namespace === "FHIR" || name === "Quantity" ? name : name.charAt(0).toLowerCase() + name.slice(1);
}

function shown(item: Item): string {
  return `${typeName(item)} ${item instanceof Temporal ? "@" : ""}${textOf(item) ?? "(complex)"}`;
}
