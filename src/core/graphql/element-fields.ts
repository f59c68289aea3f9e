/** Fields of what has elements: each property as JSON calls it, and what stands beside a primitive as `_name` (R4 graphql.html, "Field Selection"). */
import { GraphQLList, responsePathAsArray, type GraphQLOutputType, type GraphQLResolveInfo } from "graphql";
import { AppError } from "../errors.ts";
import { FhirPathNode } from "../fhir/fhirpath/node.ts";
import { textOf } from "../fhir/fhirpath/values.ts";
import type { PropertyDefinition, TypeDefinition } from "../fhir/r4/definitions.ts";
import { JsonObject } from "../fhir/tree/tree.ts";
import { arrangementOf, PLAIN, type Arrangement } from "./directives.ts";
import type { Field, GraphContext } from "./context.ts";
import { childrenOf, shownPrimitive, valuesOf, type GraphNode } from "./node.ts";
import { navigated, navigationArguments } from "./navigation.ts";
import type { Scalars } from "./scalars.ts";

export type Fields = Record<string, Field<GraphNode>>;

export interface FieldNeeds {
  readonly scalars: Scalars;
  /** The type of what is inside a property that is no primitive. */
  typeOf(property: PropertyDefinition): GraphQLOutputType;
  readonly elementBase: GraphQLOutputType;
  /** The content of such. */
  readonly element: TypeDefinition;
}

export function elementFields(definition: TypeDefinition, needs: FieldNeeds): Fields {
  const fields: Fields = {};
  for (const property of definition.properties.values()) {
    const isList = property.element.max > 1;
    if (!property.isPrimitive) {
      fields[property.name] = complexField(property, isList, needs);
      continue;
    }
    const isResourceId = definition.kind === "resource" && property.name === "id";
    fields[property.name] = primitiveField(
      property,
      isList,
      needs.scalars.ofPrimitive(isResourceId ? "id" : property.type === "id" ? "string" : property.type),
    );
    if (property.hasCompanion && property.name !== "id") fields[`_${property.name}`] = companionField(property, isList, needs);
  }
  return fields;
}

function primitiveField({ name, type }: PropertyDefinition, isList: boolean, scalar: GraphQLOutputType): Field<GraphNode> {
  return {
    type: isList ? new GraphQLList(scalar) : scalar,
    resolve: ({ value, definition }, _args, context, info) => {
      const arrangement = arrangementOf(info.fieldNodes, info.variableValues);
      const all = valuesOf(value.get(name));
      // Most fields are such.
      if (!isList && arrangement === PLAIN) {
        context.effort.spend(1);
        return all.length === 0 ? undefined : shownPrimitive(all[0] ?? null, type);
      }
      const primitives = all.map((one) => shownPrimitive(one, type));
      const given = taken(primitives, arrangement, { context, info }, (at) => {
        const companion = valuesOf(value.get(`_${name}`))[at];
        return new FhirPathNode(type, definition.properties.get(name)?.content, all[at], companion instanceof JsonObject ? companion : undefined);
      });
      return isList ? nothingIfEmpty(given) : given[0];
    },
  };
}

/** What stands beside a primitive, with the places of the values that have nothing. */
function companionField({ name }: PropertyDefinition, isList: boolean, { elementBase, element }: FieldNeeds): Field<GraphNode> {
  return {
    type: isList ? new GraphQLList(elementBase) : elementBase,
    resolve: ({ value, held }, _args, context, info) => {
      const all = valuesOf(value.get(`_${name}`)).map((one) => (one instanceof JsonObject ? { value: one, definition: element, held } : undefined));
      const given = taken(all, arrangementOf(info.fieldNodes, info.variableValues), { context, info }, (at) => pathNode(all[at]));
      return isList ? nothingIfEmpty(given) : given[0];
    },
  };
}

function complexField(property: PropertyDefinition, isList: boolean, { scalars, typeOf }: FieldNeeds): Field<GraphNode> {
  const type = typeOf(property);
  return {
    type: isList ? new GraphQLList(type) : type,
    ...(isList && { args: navigationArguments(property.content, scalars) }),
    resolve: (parent, args, context, info) => {
      const all = childrenOf(parent, property, context.definitions);
      context.effort.spend(all.length);
      const wanted = isList ? navigated(all, args, { parent, name: property.name, fhirpath: context.fhirpath }) : all;
      const given = taken(wanted, arrangementOf(info.fieldNodes, info.variableValues), { context, info }, (at) => pathNode(wanted[at]));
      return isList ? nothingIfEmpty(given) : given[0];
    },
  };
}

/** What directives leave of the values of a field; what `@slice` names them by is noted for whoever arranges the answer. */
export function taken<Value>(
  all: readonly Value[],
  { isFirst, slice }: Arrangement,
  { context, info }: { readonly context: GraphContext; readonly info: GraphQLResolveInfo },
  nodeAt: (at: number) => FhirPathNode | undefined,
): readonly Value[] {
  context.effort.spend(all.length + 1);
  if (slice !== undefined && all.length > 0)
    context.slices.set(
      responsePathAsArray(info.path).join("/"),
      all.map((_, at) => sliceName(slice, at, nodeAt(at), context)),
    );
  return isFirst ? all.slice(0, 1) : all;
}

function sliceName(path: string, at: number, node: FhirPathNode | undefined, { fhirpath }: GraphContext): string {
  if (path === "$index") return String(at);
  const found = node === undefined ? [] : fhirpath.on(path).evaluate(node);
  return found
    .map((item) => {
      const text = textOf(item);
      if (text === undefined) throw new AppError("bad-query", `@slice: "${path}" finds something that is no text.`);
      return text;
    })
    .join(",");
}

function pathNode(node: GraphNode | undefined): FhirPathNode | undefined {
  return node && new FhirPathNode(node.definition.name, node.definition, node.value, undefined);
}

function nothingIfEmpty<Value>(values: readonly Value[]): readonly Value[] | undefined {
  return values.length === 0 ? undefined : values;
}
