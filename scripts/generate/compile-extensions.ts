import { typeText } from "./compile-definitions.ts";
import type { ElementDefinition, StructureDefinition } from "./structure-definition.ts";
import { compileBindings, type Bindings } from "./value-set-names.ts";

const CORE = "http://hl7.org/fhir/StructureDefinition/";

/**
 * An extension in the artefact: the types of its value (`string|Reference<Patient>`; empty when it has parts instead), and what else there is to say: where it may stand
 * (absent: anywhere), that it modifies, the parts by their urls.
 */
type Entry = [types: string, more?: Bindings & { context?: string[]; modifier?: true; parts?: Record<string, Part> }];
type Part = [min: number, max: number, ...entry: Entry];

/** Where R4's own definitions use its extensions beside the contexts that it gives them: what its authors do, others may. */
const WIDER: ReadonlyMap<string, readonly string[]> = new Map([
  ["structuredefinition-fhir-type", ["ElementDefinition.type"]],
  ["regex", ["ElementDefinition.type"]],
  ["structuredefinition-normative-version", ["ElementDefinition", "DomainResource"]],
  ["valueset-concept-comments", ["CodeSystem.concept"]],
]);

/** The artefact that src/core/fhir/r4/extensions.ts reads: R4's own extensions by url, in order. */
export function compileExtensions(definitions: readonly StructureDefinition[]): string {
  const lines = [...definitions]
    .sort((a, b) => (a.url < b.url ? -1 : 1))
    .map((definition) => `${JSON.stringify(definition.url.replace(CORE, ""))}:${JSON.stringify(compileExtension(definition))}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

function compileExtension({ url, context, snapshot }: StructureDefinition): Entry {
  const places = [...(context ?? []).map(({ expression }) => expression.replaceAll("[x]", "")), ...(WIDER.get(url.replace(CORE, "")) ?? [])];
  const [types, more] = entryOf("Extension", snapshot.element);
  return [
    types,
    {
      ...(!places.includes("Element") && { context: places }),
      ...(snapshot.element[0]?.isModifier === true && { modifier: true as const }),
      ...more,
    },
  ];
}

/** @param id the id of the extension's element: `Extension`, `Extension.extension:lang` */
function entryOf(id: string, elements: readonly ElementDefinition[]): Entry {
  const value = elements.find((element) => element.id.startsWith(`${id}.value[x]`));
  const types = value === undefined || value.max === "0" ? "" : (value.type ?? []).map(typeText).join("|");
  const slices = elements.filter((element) => element.id.startsWith(`${id}.extension:`) && !element.id.slice(id.length + 1).includes("."));
  const parts = slices.map((slice): [string, Part] => {
    const url = elements.find((element) => element.id === `${slice.id}.url`)?.fixedUri;
    if (url === undefined) throw new Error(`A part without a url of its own: ${slice.id}`);
    return [url, [slice.min, slice.max === "*" ? -1 : Number(slice.max), ...entryOf(slice.id, elements)]];
  });
  const more = { ...(types !== "" && compileBindings(value)), ...(parts.length > 0 && { parts: Object.fromEntries(parts) }) };
  return Object.keys(more).length > 0 ? [types, more] : [types];
}
