/** Damage to the shape of JSON: elements, cardinality, kinds of values, companions. */
import { JsonArray, JsonNumber, JsonObject, type JsonValue } from "../../../src/core/fhir/tree/tree.ts";
import { arrayOf, damage, drop, put, rename, type Damage, type Kind, type Sample } from "./damage.ts";
import type { ObjectSite, PropertySite } from "./sites.ts";

export const STRUCTURE_KINDS: readonly Kind[] = [
  ofProperties(
    "a required element dropped",
    ({ property }) => property.element.min > 0,
    (sample, { owner, property }) =>
      damage(sample, "element-missing", owner.path, [owner.object], () => drop(owner.object, property.name, `_${property.name}`)),
  ),
  ofObjects(
    "an unknown element",
    () => true,
    (sample, { object, path }) => damage(sample, "unknown-element", path, [object], () => put(object, "colour", "red")),
  ),
  ofProperties("a misspelt element", isMisspellable, (sample, { owner, property }) =>
    damage(sample, "unknown-element", owner.path, [owner.object], () => rename(owner.object, property.name, misspelt(property.name))),
  ),
  ofProperties(
    "an element of another version's name",
    ({ property }) => property.name in FORMER_NAMES,
    (sample, { owner, property }) =>
      damage(sample, "unknown-element", owner.path, [owner.object], () => rename(owner.object, property.name, FORMER_NAMES[property.name] ?? "")),
  ),
  ofProperties("a second value of a single element", isSingle, (sample, { path, container, value, replace }) =>
    damage(sample, "element-repeated", path, [container], () => replace(arrayOf(value, value))),
  ),
  ofProperties("an array around a single element", isSingle, (sample, { path, container, value, replace }) =>
    damage(sample, "array-unexpected", path, [container], () => replace(arrayOf(value))),
  ),
  ofProperties(
    "no array around a repeating element",
    ({ value }) => value instanceof JsonArray,
    (sample, { path, container, items, replace }) =>
      damage(sample, "array-expected", path, [container], () => replace((items[0] as { value: JsonValue }).value)),
  ),
  ofItems(
    "a number instead of a string",
    (value) => typeof value === "string",
    "wrong-json-type",
    () => new JsonNumber("7"),
  ),
  ofItems(
    "a boolean in quotes",
    (value) => typeof value === "boolean",
    "wrong-json-type",
    (value) => (value === true ? "true" : "false"),
  ),
  ofItems(
    "a number in quotes",
    (value) => value instanceof JsonNumber,
    "wrong-json-type",
    (value) => (value as JsonNumber).text,
  ),
  ofItems(
    "an object instead of a primitive",
    (value) => !(value instanceof JsonObject),
    "wrong-json-type",
    () => new JsonObject().add("value", "x"),
  ),
  ofItems(
    "a string instead of an object",
    (value) => value instanceof JsonObject,
    "object-expected",
    () => "x",
  ),
  ofProperties(
    "two values of a choice",
    ({ property }) => property.element.isChoice,
    (sample, { owner, property }) =>
      damage(sample, "choice-repeated", owner.path, [owner.object], () =>
        put(owner.object, otherChoice(property.element.name, property.name, owner), "x"),
      ),
  ),
  ofProperties(
    "a choice of a type that it does not have",
    ({ property }) => property.element.isChoice,
    (sample, { owner, property }) =>
      damage(sample, "unknown-element", owner.path, [owner.object], () => rename(owner.object, property.name, `${property.element.name}Narrative`)),
  ),
  ofItems(
    "an empty string",
    (value) => typeof value === "string",
    "empty-string",
    () => "",
  ),
  ofProperties(
    "an empty array",
    ({ value }) => value instanceof JsonArray,
    (sample, { path, container, replace }) => damage(sample, "empty-array", path, [container], () => replace(new JsonArray())),
  ),
  ofItems(
    "an empty object",
    (value, isResource) => value instanceof JsonObject && !isResource,
    "empty-object",
    () => new JsonObject(),
  ),
  ofProperties("null as a value", isSingle, (sample, { path, container, replace }) =>
    damage(sample, "null-value", path, [container], () => replace(null)),
  ),
  ofProperties(
    "null in an array",
    ({ value }) => value instanceof JsonArray,
    (sample, { path, value }) => {
      const array = value as JsonArray;
      return damage(sample, ["null-value", "null-unaligned"], `${path}[${array.items.length}]`, [array], () => array.add(null));
    },
  ),
  ofProperties("companions that are not aligned", isPrimitiveArray, (sample, { path, owner, property, items }) =>
    damage(sample, "companion-unaligned", path, [owner.object], () => {
      const companions = items.map(() => new JsonObject().add("id", "a"));
      put(owner.object, `_${property.name}`, arrayOf(...companions, new JsonObject().add("id", "b")));
    }),
  ),
  ofProperties(
    "companions of another shape",
    ({ property }) => property.isPrimitive && property.type !== "xhtml",
    (sample, { path, owner, property }) => {
      const companion = new JsonObject().add("id", "a");
      return damage(sample, "companion-misshapen", path, [owner.object], () =>
        put(owner.object, `_${property.name}`, property.element.max > 1 ? companion : arrayOf(companion)),
      );
    },
  ),
  ofProperties(
    "a companion of something that is no primitive",
    ({ property }) => !property.isPrimitive,
    (sample, { owner, property }) =>
      damage(sample, "unknown-element", owner.path, [owner.object], () => put(owner.object, `_${property.name}`, new JsonObject().add("id", "a"))),
  ),
  ofProperties(
    "a name that stands twice",
    () => true,
    (sample, { owner, property, value }) => {
      // A tree can't hold it: the text gets it in the end.
      const made = damage(sample, "json-duplicate-name", owner.path, [owner.object], () => owner.object.add("SECOND", value));
      return { ...made, make: () => made.make().replace('"SECOND":', `${JSON.stringify(property.name)}:`) };
    },
  ),
  ofItems(
    "a number that JSON does not know",
    (value) => value instanceof JsonNumber,
    "json-syntax",
    (value) => new JsonNumber(`0${(value as JsonNumber).text}`),
  ),
  ofObjects("a resource without its type", isInnerResource, (sample, { object, path }) =>
    damage(sample, "resource-type-missing", path, [object], () => drop(object, "resourceType")),
  ),
  ofObjects("a resource of an unknown type", isInnerResource, (sample, { object, path }) =>
    damage(sample, "resource-type-unknown", path, [object], () => put(object, "resourceType", "Pateint")),
  ),
];

/** What DSTU2 or R5 call what R4 calls otherwise. */
const FORMER_NAMES: Readonly<Record<string, string>> = {
  medicationCodeableConcept: "medication",
  medicationReference: "medication",
  clinicalStatus: "activityStatus",
  performer: "author2",
  recordedDate: "dateRecorded",
  subject: "patientReference",
  author: "authors",
  relatesTo: "relates",
  effectiveDateTime: "appliesDateTime",
  interpretation: "interpretations",
  dosageInstruction: "dosage2",
};

export function ofObjects(
  name: string,
  isMeant: (site: ObjectSite) => boolean,
  damaged: (sample: Sample, site: ObjectSite) => Damage,
  pending?: string,
): Kind {
  return {
    name,
    ...(pending !== undefined && { pending }),
    damages: (sample) => sample.objects.filter(isMeant).map((site) => damaged(sample, site)),
  };
}

export function ofProperties(
  name: string,
  isMeant: (site: PropertySite) => boolean,
  damaged: (sample: Sample, site: PropertySite) => Damage,
  pending?: string,
): Kind {
  return {
    name,
    ...(pending !== undefined && { pending }),
    damages: (sample) => sample.properties.filter(isMeant).map((site) => damaged(sample, site)),
  };
}

function ofItems(
  name: string,
  isMeant: (value: JsonValue, isResource: boolean) => boolean,
  rule: string,
  other: (value: JsonValue) => JsonValue,
): Kind {
  return {
    name,
    damages: (sample) =>
      sample.properties.flatMap(({ items, property }) =>
        items
          .filter(({ value }) => value !== null && isMeant(value, property.isResource))
          .map((item) => damage(sample, rule, item.path, [item.container], () => item.replace(other(item.value)))),
      ),
  };
}

function isSingle({ property }: PropertySite): boolean {
  return property.element.max === 1;
}

function isPrimitiveArray({ property, value }: PropertySite): boolean {
  return property.isPrimitive && value instanceof JsonArray;
}

function isInnerResource({ property }: ObjectSite): boolean {
  return property?.isResource === true;
}

function isMisspellable({ property, owner }: PropertySite): boolean {
  return property.name.length > 2 && !owner.definition.properties.has(misspelt(property.name));
}

/** The last two letters the other way round, or one of them doubled where they are the same. */
function misspelt(name: string): string {
  const [last = "", before = ""] = [name.at(-1), name.at(-2)];
  return last === before ? `${name}${last}` : `${name.slice(0, -2)}${last}${before}`;
}

function otherChoice(element: string, name: string, { definition }: ObjectSite): string {
  const other = [...definition.properties.values()].find((property) => property.element.name === element && property.name !== name);
  return other?.name ?? name;
}
