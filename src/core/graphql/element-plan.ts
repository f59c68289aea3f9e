/**
 * Selections of elements alone, which most of a query of documents is: told once what is to be written of each element, a resource is written straight from its tree. Worked out field by field such a selection costs several
 * times as much, for objects that are made to be thrown away.
 */
import { GraphQLBoolean, GraphQLID, GraphQLInt, GraphQLString, Kind, type FieldNode, type GraphQLScalarType, type SelectionSetNode } from "graphql";
import type { Definitions, PropertyDefinition, TypeDefinition } from "../fhir/r4/definitions.ts";
import { JsonNumber, JsonObject } from "../fhir/tree/tree.ts";
import type { Effort } from "./effort.ts";
import type { Fragments } from "./fitting.ts";
import { ELEMENT_BASE, scalarName, typeName } from "./names.ts";
import { shownPrimitive, valuesOf } from "./node.ts";

/** Writes an element as JSON. @throws AppError `too-costly`, GraphQLError */
export type ElementWriter = (value: JsonObject, effort: Effort) => string;

/** How fields of a query are written, by where they stand in it. */
export type FieldWriters = ReadonlyMap<FieldNode, ElementWriter>;

/** Writes a property of an element; undefined where it is not there. */
type PropertyWriter = (value: JsonObject, effort: Effort) => string | undefined;

export interface PlanNeeds {
  readonly definitions: Definitions;
  readonly fragments: Fragments;
  /** Selections that may still be looked at, fragments counted wherever they are used. */
  left: number;
}

/** How what is selected is written; undefined where more is selected than elements: what is searched, what a reference leads to, anything with arguments or directives. @param type undefined: any resource */
export function planOf(set: SelectionSetNode, type: TypeDefinition | undefined, needs: PlanNeeds): ElementWriter | undefined {
  return type ? writerOf([set], type, needs) : resourceWriter([set], needs);
}

type Sets = readonly SelectionSetNode[];

/** @param called what GraphQL calls the type */
function writerOf(sets: Sets, type: TypeDefinition, needs: PlanNeeds, called: string = typeName(type.name)): ElementWriter | undefined {
  const selected = selectedOf(sets, { called, isResource: type.kind === "resource" }, needs);
  const writers: (readonly [key: string, write: PropertyWriter])[] = [];
  for (const [name, fields] of selected ?? []) {
    const write = (fields[0]?.name.value === "__typename" && constant(called)) || fieldWriter(fields, type, needs);
    if (!write) return undefined;
    // Names are GraphQL's, which need no escapes.
    writers.push([`"${name}":`, write]);
  }
  if (!selected) return undefined;
  return (value, effort) => {
    let text = "{";
    for (const [key, write] of writers) {
      const written = write(value, effort);
      if (written !== undefined) text += (text === "{" ? key : `,${key}`) + written;
    }
    return `${text}}`;
  };
}

/** What is selected of an element of the type, by its name in the answer; undefined where there is more to it. */
function selectedOf(
  sets: Sets,
  { called, isResource }: { readonly called: string; readonly isResource: boolean },
  needs: PlanNeeds,
): Map<string, FieldNode[]> | undefined {
  const selected = new Map<string, FieldNode[]>();
  const open = sets.flatMap(({ selections }) => selections).toReversed();
  for (let one = open.pop(); one; one = open.pop()) {
    if (--needs.left < 0 || (one.directives ?? []).length > 0) return undefined;
    if (one.kind === Kind.FIELD) {
      if ((one.arguments ?? []).length > 0) return undefined;
      const name = (one.alias ?? one.name).value;
      const before = selected.get(name);
      if (before) before.push(one);
      else selected.set(name, [one]);
      continue;
    }
    const fragment = one.kind === Kind.INLINE_FRAGMENT ? one : needs.fragments.get(one.name.value);
    const condition = fragment?.typeCondition?.name.value;
    const isMeant = condition === undefined || condition === called || (condition === "Resource" && isResource);
    if (fragment && isMeant) open.push(...fragment.selectionSet.selections.toReversed());
  }
  return selected;
}

function fieldWriter(fields: readonly FieldNode[], type: TypeDefinition, needs: PlanNeeds): PropertyWriter | undefined {
  const name = fields[0]?.name.value ?? "";
  if (name === "resourceType" && type.kind === "resource") return constant(type.name);
  const property = type.properties.get(name);
  if (property?.isPrimitive) return primitiveWriter(property, property.name === "id" && type.kind === "resource" ? "id" : property.type);
  const sets = fields.flatMap(({ selectionSet }) => selectionSet ?? []);
  if (property) return elementWriter(property, sets, needs);
  const beside = name.startsWith("_") ? type.properties.get(name.slice(1)) : undefined;
  return beside?.hasCompanion ? companionWriter(beside, sets, needs) : undefined;
}

function constant(value: string): PropertyWriter {
  const text = JSON.stringify(value);
  return () => text;
}

/** GraphQL's own scalars, which do not take every value. */
const COERCED = new Map<string, GraphQLScalarType>([GraphQLBoolean, GraphQLID, GraphQLInt, GraphQLString].map((scalar) => [scalar.name, scalar]));

function primitiveWriter({ name, type, element }: PropertyDefinition, called: string): PropertyWriter {
  const scalar = COERCED.get(scalarName(called));
  const written = (value: ReturnType<typeof shownPrimitive>): string | undefined => {
    if (value === undefined) return undefined;
    return value instanceof JsonNumber ? value.text : JSON.stringify(scalar ? scalar.coerceOutputValue(value) : value);
  };
  if (element.max > 1)
    return (value, effort) => {
      const all = valuesOf(value.get(name));
      effort.spend(all.length + 1);
      return listOf(all.map((one) => written(shownPrimitive(one, type))));
    };
  return (value, effort) => {
    effort.spend(1);
    const [first] = valuesOf(value.get(name));
    return first === undefined ? undefined : written(shownPrimitive(first, type));
  };
}

function elementWriter(property: PropertyDefinition, sets: Sets, needs: PlanNeeds): PropertyWriter | undefined {
  const { name, element, content, isResource } = property;
  const write = isResource ? resourceWriter(sets, needs) : content && writerOf(sets, content, needs);
  const isHere = isResource ? (value: JsonObject) => needs.definitions.definitionOf(value.string("resourceType") ?? "") !== undefined : () => true;
  if (!write) return undefined;
  return (value, effort) => {
    const all = valuesOf(value.get(name)).filter((one) => one instanceof JsonObject && isHere(one)) as JsonObject[];
    effort.spend(2 * all.length + 1);
    return element.max > 1 ? listOf(all.map((one) => write(one, effort))) : all[0] && write(all[0], effort);
  };
}

/** What stands beside a primitive, with the places of the values that have nothing. */
function companionWriter({ name, element }: PropertyDefinition, sets: Sets, needs: PlanNeeds): PropertyWriter | undefined {
  const content = needs.definitions.definitionOf("Element");
  const write = content && writerOf(sets, content, needs, ELEMENT_BASE);
  if (!write) return undefined;
  return (value, effort) => {
    const all = valuesOf(value.get(`_${name}`));
    effort.spend(all.length + 1);
    const written = all.map((one) => (one instanceof JsonObject ? write(one, effort) : undefined));
    return element.max > 1 ? listOf(written) : written[0];
  };
}

function listOf(written: readonly (string | undefined)[]): string | undefined {
  return written.length === 0 ? undefined : `[${written.map((text) => text ?? "null").join(",")}]`;
}

/** Of any resource: what each type has is known by the fragments that name it; without them it has what all have. */
function resourceWriter(sets: Sets, needs: PlanNeeds): ElementWriter | undefined {
  const { definitions } = needs;
  const common = definitions.definitionOf("Resource");
  const writers = new Map<string, ElementWriter | undefined>();
  for (const name of typesNamed(sets, needs)) {
    const type = definitions.definitionOf(name);
    const write = type && writerOf(sets, type, needs);
    if (!write) return undefined;
    writers.set(name, write);
  }
  // Elements that are named without their type are held against the type of each resource (fitting.ts).
  const before = needs.left;
  if (!common || !writerOf(sets, common, needs)) return undefined;
  const ofUnnamed = before - needs.left + 1;
  return (value, effort) => {
    const name = value.string("resourceType") ?? "";
    const type = definitions.definitionOf(name);
    if (!writers.has(name) && type) writers.set(name, writerOf(sets, type, { ...needs, left: ofUnnamed }));
    const write = writers.get(name);
    if (!write) throw new TypeError(`no plan for ${name}`);
    return write(value, effort);
  };
}

/** The types of resources of which something is selected by their names. */
function typesNamed(sets: Sets, { definitions, fragments }: PlanNeeds): ReadonlySet<string> {
  const names = new Set<string>();
  const seen = new Set<string>();
  const open = sets.flatMap(({ selections }) => selections);
  for (let one = open.pop(); one; one = open.pop()) {
    if (one.kind === Kind.FIELD || (one.kind === Kind.FRAGMENT_SPREAD && seen.has(one.name.value))) continue;
    if (one.kind === Kind.FRAGMENT_SPREAD) seen.add(one.name.value);
    const fragment = one.kind === Kind.INLINE_FRAGMENT ? one : fragments.get(one.name.value);
    const name = fragment?.typeCondition?.name.value;
    if (name !== undefined && definitions.isResourceType(name)) names.add(name);
    if (fragment) open.push(...fragment.selectionSet.selections);
  }
  return names;
}
