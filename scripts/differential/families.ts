/** The families of made inputs, each as many as there are of its kind: `differential.ts` takes some of them. */
import { readFileSync } from "node:fs";
import type { ElementDefinition, PropertyDefinition, TypeDefinition } from "../../src/core/fhir/r4/definitions.ts";
import { DEFAULT_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { readResource } from "../../src/core/fhir/reading/read-resource.ts";
import { writeXml } from "../../src/core/fhir/xml/write-xml.ts";
import type { FhirMediaType } from "../../src/pipeline/document-forms.ts";
import type { Kind, Sample } from "../../test/conformance/mutation/damage.ts";
import { DOCUMENT_KINDS } from "../../test/conformance/mutation/document-kinds.ts";
import { INVARIANT_KINDS } from "../../test/conformance/mutation/invariant-kinds.ts";
import { NARRATIVE_KINDS } from "../../test/conformance/mutation/narrative-kinds.ts";
import { sitesOf } from "../../test/conformance/mutation/sites.ts";
import { STRUCTURE_KINDS } from "../../test/conformance/mutation/structure-kinds.ts";
import { VALUE_KINDS } from "../../test/conformance/mutation/value-kinds.ts";
import { XML_KINDS } from "../../test/conformance/mutation/xml-kinds.ts";
import { narrativeInputs } from "./narratives.ts";
import { asMany, propertiesOf, R4, smallResource, smallValue, type Plain } from "./plain-instances.ts";
import { referenceInputs } from "./references.ts";
import { vitalSignInputs } from "./vital-signs.ts";

/** One input, made when it is asked for. */
export interface Input {
  readonly name: string;
  readonly mediaType: FhirMediaType;
  text(): string;
}

/** By its name, all that it has. */
export const FAMILIES: Readonly<Record<string, () => Input[]>> = {
  elements: elementInputs,
  twice: () => R4.definitions.resourceTypes().flatMap((type) => twice(type)),
  datatypes: datatypeInputs,
  primitives: primitiveInputs,
  xml: () => elementInputs().map(inXml),
  damages: damageInputs,
  narratives: () => narrativeInputs().map(([name, div]) => json(name, { ...smallResource("Patient"), text: { status: "generated", div } })),
  references: () => referenceInputs().map(([name, resource]) => json(name, resource)),
  "vital-signs": () => vitalSignInputs().map(([name, resource]) => json(name, resource)),
};

function json(name: string, resource: Plain): Input {
  return { name, mediaType: "application/fhir+json", text: () => JSON.stringify(resource, null, 1) };
}

/** Every element of every resource, two levels deep, in each of its types, in a resource that is small but for it. */
function elementInputs(): Input[] {
  return R4.definitions.resourceTypes().flatMap((type) => {
    const definition = R4.definitions.definitionOf(type);
    return definition ? withElements(type, smallResource(type), definition, type, 0) : [];
  });
}

function withElements(name: string, root: Plain, definition: TypeDefinition, path: string, depth: number, at: readonly string[] = []): Input[] {
  return definition.elements.filter(isAsked).flatMap((element) =>
    propertiesOf(definition, element).flatMap((property) => {
      const here = json(`${path}.${property.name}`, withValue(root, at, property, smallValue(property)));
      const { content } = property;
      if (content === undefined || content.kind === "resource" || !content.name.includes(".") || depth >= 2) return [here];
      const around = withValue(root, at, property, smallValue(property));
      return [here, ...withElements(name, around, content, `${path}.${property.name}`, depth + 1, [...at, property.name])];
    }),
  );
}

function isAsked({ name }: ElementDefinition): boolean {
  return name !== "contained";
}

/** The root with a property of the object at a path set; other types of the same choice make room. */
function withValue(root: Plain, at: readonly string[], property: PropertyDefinition, value: unknown): Plain {
  const copy = structuredClone(root);
  let object = copy;
  for (const name of at) object = (Array.isArray(object[name]) ? object[name][0] : object[name]) as Plain;
  const { element } = property;
  const others = element.isChoice ? Object.keys(object).filter((key) => new RegExp(`^${element.name}[A-Z]`).test(key)) : [];
  for (const key of others) Reflect.deleteProperty(object, key);
  object[property.name] = asMany(property, value);
  return copy;
}

/** Every element with two values, or with one where R4 has an array. */
function twice(type: string): Input[] {
  const definition = R4.definitions.definitionOf(type);
  return [...(definition?.properties.values() ?? [])]
    .filter(({ element }) => isAsked(element))
    .map((property) => {
      const value = smallValue(property);
      const two = property.element.max > 1 ? [value, value] : [value];
      return json(`${type}.${property.name} twice`, { ...smallResource(type), [property.name]: two });
    });
}

/** Every element of every datatype, in an extension. */
function datatypeInputs(): Input[] {
  const extension = R4.definitions.definitionOf("Extension");
  const values = [...(extension?.properties.values() ?? [])].filter(({ element }) => element.name === "value");
  return values.flatMap((value) =>
    [...(value.content?.properties.values() ?? [])].flatMap((property) => {
      const held = { ...(smallValue(value) as Plain), [property.name]: asMany(property, smallValue(property)) };
      const without = { [property.name]: asMany(property, smallValue(property)) };
      return [held, without].map((one, at) => json(`${value.type}.${property.name} ${at === 0 ? "more" : "alone"}`, inExtension(value.name, one)));
    }),
  );
}

function inExtension(name: string, value: unknown): Plain {
  return { ...smallResource("Patient"), extension: [{ url: "http://example.org/extension", [name]: value }] };
}

const TEXTS = [
  ..."x|X y| x|x |  |x\ty|x\ny|x  y|é|日本|\u00a0|\u200b|\u007f|\u0085|\ufeffx|-1|0|1|01|+1|1.0|1e2|1.|2147483647|2147483648|true|True|1|2026|2026-1|2026-01|2026-13|2026-01-01|2026-02-29|2024-02-29|0000|9999-12-31|2026-01-01T10:00|2026-01-01T10:00:00|2026-01-01T10:00:00Z|2026-01-01T24:00:00Z|2026-01-01T10:00:60Z|2026-01-01T10:00:00.123456789Z|2026-01-01T10:00:00+14:00|2026-01-01T10:00:00+14:01|2026-01-01T10:00:00-00:00|2026-01-01t10:00:00z|10:00|10:00:00|24:00:00|10:00:60|10:00:00.5|10:00:00Z|YQ==|YQ=|YQ|Y Q = =|YQ==\n|====|a.b-c|a_b".split(
    "|",
  ),
  "a".repeat(64),
  "a".repeat(65),
  ..."http://example.org/x|http://example.org/ x|HTTP://EXAMPLE.ORG|example.org|#a|urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0|urn:uuid:0C3151BD-1CBF-4D64-B04D-CD9187A4C6E0|urn:uuid:x|urn:oid:1.2.3|urn:oid:1.02.3|urn:oid:3.2|urn:oid:1|urn:oid:|urn:x|mailto:a@example.org|http://example.org/x|1.0|http://|http:x|ftp://example.org|{x}|http://example.org/{x}|http://example.org/<x>|http://example.org/%zz".split(
    "|",
  ),
  "http://example.org/x|1.0",
  "http://example.org/x#a",
];

/** Texts of every primitive type: right, wrong, and on the edge. */
function primitiveInputs(): Input[] {
  const extension = R4.definitions.definitionOf("Extension");
  const values = [...(extension?.properties.values() ?? [])].filter(({ element, isPrimitive }) => element.name === "value" && isPrimitive);
  return values.flatMap(({ name, type }) =>
    TEXTS.map((text, at) => {
      const isNumber = /^(?:integer|decimal|positiveInt|unsignedInt)$/.test(type) && /^-?\d+(?:\.\d+)?(?:e\d+)?$/.test(text);
      const isBoolean = type === "boolean" && /^(?:true|false)$/.test(text);
      return json(`${type} ${at} ${text.slice(0, 30)}`, inExtension(name, isNumber ? Number(text) : isBoolean ? text === "true" : text));
    }),
  );
}

function inXml({ name, text }: Input): Input {
  return {
    name,
    mediaType: "application/fhir+xml",
    text: () => {
      const { resource } = readResource(Buffer.from(text()), "application/fhir+json", DEFAULT_READ_LIMITS, R4.definitions);
      if (resource === undefined) throw new Error(`${name} could not be read`);
      return writeXml(resource, R4.definitions);
    },
  };
}

const KINDS: readonly Kind[] = [...STRUCTURE_KINDS, ...VALUE_KINDS, ...DOCUMENT_KINDS, ...NARRATIVE_KINDS, ...INVARIANT_KINDS, ...XML_KINDS];
/** Small ones: HL7's engine takes its time. */
const SAMPLES = [
  "laboratory-report-entered-in-error.json",
  "psychiatry-letter-restricted.json",
  "addendum-histology-german.xml",
  "prescription-without-narrative.json",
];

/** The damages of the mutation test, in fixtures. */
function damageInputs(): Input[] {
  return SAMPLES.flatMap((name) => {
    const bytes = readFileSync(new URL(`../../fixtures/documents/valid/${name}`, import.meta.url));
    const { resource } = readResource(
      bytes,
      name.endsWith(".xml") ? "application/fhir+xml" : "application/fhir+json",
      DEFAULT_READ_LIMITS,
      R4.definitions,
    );
    if (resource === undefined) throw new Error(`${name} could not be read`);
    const sample: Sample = { name, bundle: resource, ...sitesOf(resource) };
    return KINDS.flatMap((kind) =>
      kind.damages(sample).map(({ mediaType, at, make }): Input => ({ name: `${kind.name} at ${at ?? "the text"}`, mediaType, text: make })),
    );
  });
}
