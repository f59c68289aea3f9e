import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { makeArtefacts, readDefinitions } from "../../../../scripts/generate.ts";
import { compileBindings } from "../../../../scripts/generate/value-set-names.ts";
import type { ElementDefinition } from "../../../../src/core/fhir/r4/definitions.ts";
import { definitionOf, isResourceType, typeNames } from "../../../r4.ts";

const FOLDER = new URL("../../../../src/core/fhir/r4/", import.meta.url);

test("the artefacts are what the generator makes of the pinned definitions", () => {
  const made = makeArtefacts();
  expect([...made.keys()]).toEqual([
    "definitions.json",
    "displays.json",
    "extensions.json",
    "parameter-definitions.json",
    "search-parameters.json",
    "terminology.json",
    "vital-signs.json",
  ]);
  for (const [name, text] of made) expect(readFileSync(fileURLToPath(new URL(name, FOLDER)), "utf8")).toBe(text);
});

test("every element is that of the published 4.0.1, whose data elements the definitions package holds untouched", () => {
  const published = readDefinitions("dataelements.json").map((definition) => definition.snapshot.element[0]);
  const differences: string[] = [];
  let compared = 0;
  for (const element of published) {
    // MetadataResource is no type of 4.0.1's own definitions; a maximum of 0 is SimpleQuantity's, a profile, under the name of Quantity.
    if (!element || element.path.startsWith("MetadataResource.") || element.max === "0") continue;
    const ours = find(element.path);
    if (definitionOf(element.path.split(".")[0] ?? "")?.kind === "primitive") continue; // the id, extension and value of primitives are not listed one by one
    compared++;
    const types = (element.type ?? []).map((type) => type.code).filter((code) => !code.startsWith("http://hl7.org/fhirpath/"));
    const isSame =
      ours !== undefined &&
      ours.min === element.min &&
      (ours.max === Infinity ? "*" : String(ours.max)) === element.max &&
      (types.length === 0 ||
        (ours.types.map((type) => type.code).join() === types.join() &&
          ours.types.every((type, at) => type.targets.length === (element.type?.[at]?.targetProfile?.length ?? 0))));
    if (!isSame) differences.push(element.path);
  }
  expect(differences).toEqual([]);
  expect(compared).toBeGreaterThan(6000);
});

test("bindings and invariants are those of the published 4.0.1", () => {
  const published = readDefinitions("dataelements.json").flatMap((definition) => definition.snapshot.element[0] ?? []);
  const differences: string[] = [];
  let bindings = 0;
  let invariants = 0;
  for (const element of published) {
    const ours = find(element.path);
    if (!ours || element.max === "0") continue;
    const { required = "", extensible = "" } = compileBindings(element);
    const inFull = (name: string): string | undefined =>
      name === "" ? undefined : name.includes(":") ? name : `http://hl7.org/fhir/ValueSet/${name}`;
    if (ours.bindings.required !== inFull(required) || ours.bindings.extensible !== inFull(extensible)) differences.push(element.path);
    // Data elements have the constraints of their own, without those that every element inherits; in our artefact those of a backbone stand with its content.
    const keys = (element.constraint ?? []).map(({ key, expression }) => `${key} ${expression}`).filter((key) => !/^(?:ele|ext|txt)-/.test(key));
    const held = [...ours.invariants, ...(ours.types.length > 0 ? (ours.content?.invariants ?? []) : [])].map(
      ({ key, expression }) => `${key} ${expression}`,
    );
    const own = held.filter((key) => !key.startsWith("sqty-")); // those of SimpleQuantity come with its profile
    if ([...keys].sort().join() !== [...own].sort().join()) differences.push(element.path);
    bindings += required + extensible === "" ? 0 : 1;
    invariants += keys.length;
  }
  expect(differences).toEqual([]);
  expect(bindings).toBeGreaterThan(400);
  expect(invariants).toBeGreaterThan(4); // data elements are leaves, and nearly all invariants stand on types and backbones
});

test("no element is ours alone", () => {
  const published = new Set(readDefinitions("dataelements.json").map((definition) => definition.snapshot.element[0]?.path.replace("[x]", "")));
  // Data elements are not listed for what every resource inherits, for backbones (here or referred to), and for Quantity under its other names.
  const inherited = new Set(["id", "extension", "modifierExtension", "meta", "implicitRules", "language", "text", "contained"]);
  const leaves = (elements: readonly ElementDefinition[]): ElementDefinition[] =>
    elements.flatMap((element) => (element.types.length > 0 && element.content ? leaves(element.content.elements) : [element]));
  const extra = typeNames()
    .map((name) => definitionOf(name))
    .filter((definition) => definition !== undefined && definition.kind !== "primitive" && !definition.isAbstract && definition.base !== "Quantity")
    .flatMap((definition) => leaves(definition?.elements ?? []))
    .filter((element) => element.types.length > 0 && !inherited.has(element.name) && !published.has(element.path))
    .map((element) => element.path);
  // These fourteen stand in R4's pages; the list of data elements lacks them because their names are too long for an id (64 characters).
  expect(extra.map((path) => path.split(".")[0])).toEqual([
    "MedicationKnowledge",
    ...Array<string>(6).fill("MedicinalProductIngredient"),
    ...Array<string>(4).fill("MedicinalProductPharmaceutical"),
    ...Array<string>(3).fill("ResearchElementDefinition"),
  ]);
});

describe("look-up by property", () => {
  test("a choice has a property for each type", () => {
    expect(definitionOf("Observation")?.properties.get("valueQuantity")).toMatchObject({
      type: "Quantity",
      isPrimitive: false,
      element: { path: "Observation.value", isChoice: true },
    });
    expect(definitionOf("Observation")?.properties.has("value")).toBe(false);
  });

  test("a backbone that refers to itself has the same content at any depth", () => {
    const section = definitionOf("Composition")?.properties.get("section")?.content;
    expect(section?.properties.get("section")?.content).toBe(section?.properties.get("section")?.content?.properties.get("section")?.content);
    expect(section?.properties.get("section")?.content?.properties.has("text")).toBe(true);
  });

  test("ids of elements and urls of extensions are attributes, ids of resources are elements", () => {
    expect(definitionOf("Extension")?.properties.get("url")?.element.isAttribute).toBe(true);
    expect(definitionOf("HumanName")?.properties.get("id")?.element.isAttribute).toBe(true);
    expect(definitionOf("Patient")?.properties.get("id")?.element.isAttribute).toBe(false);
  });

  test("abstract types can't be sent", () => {
    expect(["Patient", "Bundle", "DomainResource", "Resource", "HumanName"].map(isResourceType)).toEqual([true, true, false, false, false]);
  });
});

/** By path, through backbones and their references; `[x]` stands behind a choice's name. */
function find(path: string): ElementDefinition | undefined {
  const [root = "", ...steps] = path.replaceAll("[x]", "").split(".");
  let type = definitionOf(root);
  let element: ElementDefinition | undefined;
  for (const step of steps) {
    element = type?.elements.find((candidate) => candidate.name === step);
    type = element?.content;
  }
  return element;
}
