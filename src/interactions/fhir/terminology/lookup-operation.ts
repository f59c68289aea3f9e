import { isAbstract, isInactive } from "../../../core/fhir/terminology/concept-facts.ts";
import type { CodeTable } from "../../../core/fhir/terminology/code-table.ts";
import { languagesIn, wordIn, wordsOf } from "../../../core/fhir/terminology/displays.ts";
import type { Coded } from "../../../core/fhir/terminology/terms.ts";
import type { Concept } from "../../../core/fhir/conformance/terminology-resources.ts";
import type { FhirOperation, OperationAnswer, OperationCall } from "../operation.ts";
import { notHeld, parameter, parametersAnswer, refusal, required } from "./term-answers.ts";
import type { TermQuestion, TermSets } from "./term-question.ts";

/** `$lookup` (R4 codesystem-operation-lookup.html). */
export function lookupOperation(using: TermSets): FhirOperation {
  const text = (name: string, type: string, max = "1"): FhirOperation["parameters"][number] => ({ name, isSimple: true, type, min: 0, max });
  return {
    name: "lookup",
    definition: "http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup",
    documentation:
      "Tells what a code is called and what its code system says of it, where that is held here. A code that is not there is not found (404), and so is a code system.",
    levels: ["type"],
    types: ["CodeSystem"],
    affectsState: false,
    isAskedByAddress: true,
    parameters: [
      ...[text("code", "code"), text("system", "uri"), text("version", "string"), text("displayLanguage", "code"), text("property", "code", "*")],
      { name: "coding", isSimple: false, type: "Coding", min: 0, max: "1" },
      { name: "tx-resource", isSimple: false, type: "Resource", min: 0, max: "*" },
    ],
    handle: (_asked, call) => Promise.resolve(lookedUp(call, using)),
  };
}

function lookedUp(call: OperationCall, using: TermSets): OperationAnswer {
  const question = using.question(call);
  const sets = using.for(question);
  const coded = codedIn(question);
  const { system, version, code } = coded;
  const table = sets.tables.of(system, version);
  if (!table) return notHeld("code system", version === undefined ? system : `${system}|${version}`);
  const place = table.place(code);
  const concept = place === undefined ? undefined : table.concepts[place];
  if (place === undefined || !concept) return refusal(404, "not-found", "invalid-code", `Unknown code '${code}' in the CodeSystem '${system}'`);
  const words = wordsOf(concept, table, sets.tables);
  const wanted = question.texts("property");
  const { resource } = table;
  const designations = words.map(({ language, use, value }) => ({
    name: "designation",
    part: [
      ...parameter("language", "Code", language),
      ...parameter("use", "Coding", use === undefined ? undefined : { code: use }),
      { name: "value", valueString: value },
    ],
  }));
  return parametersAnswer([
    { name: "name", valueString: resource.name ?? resource.title ?? resource.url },
    ...parameter("version", "String", resource.version),
    ...parameter("display", "String", wordIn(languagesIn(question.text("displayLanguage")), words) ?? code),
    ...parameter("system", "Uri", system),
    ...parameter("code", "Code", concept.code),
    ...parameter("definition", "String", concept.definition),
    { name: "abstract", valueBoolean: isAbstract(concept, resource) },
    ...designations,
    ...propertiesOf(place, concept, table)
      .filter(({ code: name }) => wanted.length === 0 || wanted.includes("*") || wanted.includes(name))
      .map(propertyParameter),
  ]);
}

/** AppError `bad-query` where it is not said which code. */
export function codedIn(question: TermQuestion, name = "coding", code = "code"): Coded & { readonly system: string } {
  const coding = question.objects(name)[0];
  return {
    system: required(coding?.string("system") ?? question.text("system"), "Say of which code system: system, or a coding."),
    version: coding?.string("version") ?? question.text("version"),
    code: required(coding?.string("code") ?? question.text(code), `Say which code: ${code}, or ${name}.`),
  };
}

interface ToldProperty {
  readonly code: string;
  readonly value: object;
  readonly description?: string | undefined;
}

/** Those that the system gives, and where the code stands. */
function propertiesOf(place: number, concept: Concept, table: CodeTable): readonly ToldProperty[] {
  const { resource, concepts } = table;
  const stated = (concept.property ?? []).map(({ code, value }) => ({ code, value: valueOf(code, value, table) }));
  const standing = (code: string, places: readonly number[]): ToldProperty[] =>
    places.flatMap((at) => (concepts[at] ? [{ code, value: { valueCode: concepts[at].code }, description: concepts[at].display }] : []));
  const own = new Set(stated.map(({ code }) => code));
  const derived = [
    ...standing("parent", table.parents(place)),
    ...standing("child", table.children(place)),
    { code: "inactive", value: { valueBoolean: isInactive(concept, resource) } },
  ];
  return [...stated, ...derived.filter(({ code }) => !own.has(code))];
}

function valueOf(code: string, value: string | number | boolean, { resource }: CodeTable): object {
  const type = resource.property?.find((one) => one.code === code)?.type;
  if (typeof value === "boolean") return { valueBoolean: value };
  if (typeof value === "number") return Number.isInteger(value) ? { valueInteger: value } : { valueDecimal: value };
  if (type === "code" || type === "Coding") return { valueCode: value };
  return type === "dateTime" ? { valueDateTime: value } : { valueString: value };
}

function propertyParameter({ code, value, description }: ToldProperty): object {
  return {
    name: "property",
    part: [{ name: "code", valueCode: code }, { name: "value", ...value }, ...parameter("description", "String", description)],
  };
}
