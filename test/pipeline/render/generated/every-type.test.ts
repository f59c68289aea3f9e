/** The default loses nothing: every type of R4 with every element filled by a value of its own, each of which must be on the page or be left out by left-out.ts. */
import { expect, test } from "@jest/globals";
import { openDocument } from "../../../../src/core/fhir/document-bundle.ts";
import type { ElementDefinition, TypeDefinition } from "../../../../src/core/fhir/r4/definitions.ts";
import { JsonNumber, treeOf, type JsonObject } from "../../../../src/core/fhir/tree/tree.ts";
import { localeFor } from "../../../../src/pipeline/render/locale-for.ts";
import { definitionOf, resourceTypes } from "../../../r4.ts";
import { missingFrom, pageText, primitivesOf } from "./primitives.ts";
import { shownHtml, type Resource } from "./shown.ts";

/** Deeper than that only what must be there is filled. */
const DEEPEST = 4;
/** Says what stands elsewhere, or nothing of its own. */
const PASSED_OVER = new Set(["id", "contained", "text", "meta", "modifierExtension", "extension", "implicitRules", "language"]);

class Filler {
  #count = 0;
  /** Which type of a choice is taken: another one each time. */
  readonly turn: number;

  constructor(turn: number) {
    this.turn = turn;
  }

  object(type: TypeDefinition, depth: number, path: readonly string[]): Record<string, unknown> {
    const filled: Record<string, unknown> = {};
    for (const element of type.elements) {
      if (PASSED_OVER.has(element.name) && type.name !== "Extension") continue;
      if (depth >= DEEPEST && element.min === 0) continue;
      const value = this.#element(element, depth, path);
      if (value !== undefined) filled[value[0]] = element.max > 1 ? [value[1]] : value[1];
    }
    return filled;
  }

  #element(element: ElementDefinition, depth: number, path: readonly string[]): readonly [string, unknown] | undefined {
    if (element.content) {
      // What holds itself (an item in an item) is filled once.
      if (path.includes(element.content.name)) return undefined;
      return [element.name, this.object(element.content, depth + 1, [...path, element.content.name])];
    }
    const { code = "" } = element.types[this.turn % element.types.length] ?? {};
    const name = element.isChoice ? element.name + code.charAt(0).toUpperCase() + code.slice(1) : element.name;
    const type = definitionOf(code);
    if (type === undefined || type.kind === "resource" || code === "xhtml" || code === "Narrative") return undefined;
    if (type.kind === "primitive") return [name, this.#primitive(code)];
    if (path.includes(code)) return undefined;
    return [name, this.object(type, depth + 1, [...path, code])];
  }

  #primitive(code: string): unknown {
    const count = ++this.#count;
    switch (code) {
      case "boolean":
        return count % 2 === 0;
      case "decimal":
        return new JsonNumber(`${7000 + count}.50`);
      case "integer":
      case "positiveInt":
      case "unsignedInt":
        return new JsonNumber(String(7000 + count));
      case "date":
      case "dateTime":
        return `${1900 + (count % 100)}-${String(1 + (count % 12)).padStart(2, "0")}-${String(1 + (count % 28)).padStart(2, "0")}`;
      case "instant":
        return `${1900 + (count % 100)}-03-04T05:06:07Z`;
      case "time":
        return `${String(count % 24).padStart(2, "0")}:15:30`;
      case "base64Binary":
        return "QUJD";
      default:
        return `zq${count}`;
    }
  }
}

function lost(type: string, turn: number): string[] {
  const definition = definitionOf(type);
  if (definition === undefined) return [`${type}: unknown`];
  const resource: Resource = { resourceType: type, id: "x", ...new Filler(turn).object(definition, 0, [type]) };
  const locale = localeFor(["en"]);
  const text = pageText(shownHtml([resource]));
  const tree = treeOf(resource) as JsonObject;
  const document = openDocument(treeOf({ resourceType: "Bundle", entry: [{ resource: { resourceType: "Composition" } }] }) as JsonObject);
  const primitives = primitivesOf(
    { resource: tree, type },
    {
      locale,
      isPatient: () => false,
      resolves: (reference) => document.resolve(reference.string("reference") ?? "", document.composition) !== undefined,
    },
  );
  return missingFrom(text, primitives).map(({ path, raw }) => `${path}: ${raw}`);
}

const TYPES = resourceTypes().filter((type) => !["Bundle", "Parameters"].includes(type));

test.each([0, 1, 2, 5, 12])("every value of every type of resource, choices taken by turn %i", (turn) => {
  expect(TYPES.length).toBeGreaterThan(140);
  expect(TYPES.flatMap((type) => lost(type, turn))).toEqual([]);
});

test("a value that the page does not have is found missing", () => {
  const resource = { resourceType: "Observation", id: "x", code: { text: "Potassium" } };
  const tree = treeOf({ ...resource, valueString: "hidden" }) as JsonObject;
  const primitives = primitivesOf(
    { resource: tree, type: "Observation" },
    { locale: localeFor(["en"]), isPatient: () => false, resolves: () => false },
  );
  expect(missingFrom(pageText(shownHtml([resource])), primitives).map(({ path }) => path)).toEqual(["Observation.value"]);
});
