/** Small instances of R4's types, as plain data: with what the definitions demand, and with one element more. */
import type { ElementDefinition, PropertyDefinition, TypeDefinition } from "../../src/core/fhir/r4/definitions.ts";
import { openR4 } from "../../src/core/fhir/r4/open-r4.ts";

/** Plain JSON. */
export type Plain = Record<string, unknown>;

export const R4 = openR4();

export const NARRATIVE: Plain = { status: "generated", div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div>' };

const PRIMITIVES: Readonly<Record<string, unknown>> = {
  base64Binary: "YQ==",
  boolean: true,
  canonical: "http://example.org/x",
  code: "x",
  date: "2026-01-01",
  dateTime: "2026-01-01T10:00:00Z",
  decimal: 1.5,
  id: "a1",
  instant: "2026-01-01T10:00:00Z",
  integer: 1,
  markdown: "x",
  oid: "urn:oid:1.2.3",
  positiveInt: 1,
  string: "x",
  time: "10:00:00",
  unsignedInt: 1,
  uri: "http://example.org/x",
  url: "http://example.org/x",
  uuid: "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0",
  xhtml: NARRATIVE["div"],
};

/** What a datatype holds at least to be something. */
const SMALL: Readonly<Record<string, Plain>> = {
  Reference: { display: "x" },
  Quantity: { value: 1 },
  Extension: { url: "http://example.org/extension", valueString: "x" },
  Narrative: NARRATIVE,
  Attachment: { contentType: "text/plain", data: "YQ==" },
  Expression: { language: "text/fhirpath", expression: "true" },
  Meta: { tag: [{ system: "http://example.org/tags", code: "x" }] },
  Signature: {
    type: [{ system: "urn:iso-astm:E1762-95:2013", code: "1.2.840.10065.1.12.1.1" }],
    when: "2026-01-01T10:00:00Z",
    who: { display: "x" },
  },
};

/** What a resource needs beside what its definition demands, to be valid. */
const NEEDED: Readonly<Record<string, Plain>> = {
  Bundle: { type: "collection" },
  Parameters: {},
  Binary: { data: "YQ==" },
  Questionnaire: { url: "http://example.org/x", name: "X" },
  StructureDefinition: {
    kind: "resource",
    type: "Patient",
    baseDefinition: "http://hl7.org/fhir/StructureDefinition/Patient",
    derivation: "constraint",
    abstract: false,
  },
  SearchParameter: { code: "x", base: ["Patient"], type: "token", expression: "Patient.active" },
};

/** Codes where the value set has no list. */
const BY_GRAMMAR: Readonly<Record<string, string>> = {
  mimetypes: "text/plain",
  languages: "en",
  "all-languages": "en",
  currencies: "EUR",
  "ucum-units": "mg",
};

/** A resource with what its definition demands. */
export function smallResource(type: string): Plain {
  const definition = R4.definitions.definitionOf(type);
  if (!definition) throw new Error(`R4 has no ${type}.`);
  const hasText = definition.properties.has("text");
  return { resourceType: type, ...(hasText && { text: NARRATIVE }), ...demanded(definition, 0), ...NEEDED[type] };
}

/** A value of a property, alone: not within an array. */
export function smallValue(property: PropertyDefinition, depth = 0): unknown {
  const { type, content, isPrimitive, isResource, element } = property;
  if (isResource) return { resourceType: "Patient", text: NARRATIVE, active: true };
  if (isPrimitive) return type === "code" ? codeFor(element) : (PRIMITIVES[type] ?? "x");
  if (type === "CodeableConcept" || type === "Coding") return coded(type, element);
  if (!content) return { id: "x" };
  const inner = { ...demanded(content, depth), ...(SMALL[type] ?? {}) };
  if (Object.keys(inner).length > 0) return inner;
  const first =
    [...content.properties.values()].find((one) => one.isPrimitive && one.element.name !== "id") ?? [...content.properties.values()].at(-1);
  return first && depth < 5 ? { [first.name]: asMany(first, smallValue(first, depth + 1)) } : {};
}

/** In an array where the element repeats. */
export function asMany({ element }: PropertyDefinition, value: unknown): unknown {
  return element.max > 1 ? [value] : value;
}

/** The first property of an element: of a choice that of its first type. */
export function propertiesOf({ properties }: TypeDefinition, element: ElementDefinition): PropertyDefinition[] {
  return [...properties.values()].filter((one) => one.element === element);
}

function demanded(definition: TypeDefinition, depth: number): Plain {
  if (depth > 5) return {};
  const needed = definition.elements.filter(({ min }) => min > 0).flatMap((element) => propertiesOf(definition, element).slice(0, 1));
  return Object.fromEntries(needed.map((property) => [property.name, asMany(property, smallValue(property, depth + 1))]));
}

function codeFor({ bindings }: ElementDefinition): string {
  const url = bindings.required ?? bindings.maximum ?? bindings.extensible;
  if (url === undefined) return "x";
  const [first] = R4.terminology.valueSet(url)?.codes() ?? [];
  return first?.code ?? BY_GRAMMAR[url.split("/").at(-1) ?? ""] ?? "en";
}

function coded(type: string, { bindings }: ElementDefinition): Plain {
  const url = bindings.required ?? bindings.extensible;
  const codes = url === undefined ? [] : (R4.terminology.valueSet(url)?.codes() ?? []);
  const found = codes.find(({ code }) => !code.startsWith("_"));
  const coding = found ? { system: found.system, code: found.code } : { system: "http://example.org/codes", code: "x" };
  return type === "Coding" ? coding : found ? { coding: [coding] } : { text: "x" };
}
