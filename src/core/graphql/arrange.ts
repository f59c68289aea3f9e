/** An answer as FHIR writes it: without what is not there, and as its directives want it (R4 graphql.html). A pass over what was found, with the types that it is of. */
import {
  getNamedType,
  isListType,
  isObjectType,
  Kind,
  visit,
  type DocumentNode,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import { AppError } from "../errors.ts";
import { JsonArray, JsonNumber, JsonObject, treeOf, type JsonValue } from "../fhir/tree/tree.ts";
import { fragmentsOf, type Fragments } from "./fitting.ts";
import { arrangementOf, isIncluded, REARRANGING, type Arrangement } from "./directives.ts";
import { TYPE_KEY } from "./names.ts";

export interface Arranging {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: GraphQLResolveInfo["variableValues"];
  readonly slices: ReadonlyMap<string, readonly string[]>;
}

type Found = Readonly<Record<string, unknown>>;

/** A field of an answer, with the selections that are made within it. */
interface Planned {
  readonly nodes: FieldNode[];
  readonly type: GraphQLOutputType;
  readonly arrangement: Arrangement;
  readonly inner: Map<GraphQLObjectType, ReadonlyMap<string, Planned>>;
}

/** A value of the answer while it is put together. */
interface Slot {
  readonly isList: boolean;
  readonly type: string;
  readonly values: JsonValue[];
}

/** Where values go: flattened elements share one. */
interface Target {
  readonly slots: Map<string, Slot>;
  /** What is added to names. */
  readonly suffix: string;
  /** Whether an element around it repeats and is flattened. */
  readonly isRepeated: boolean;
}

/** Whether a query has directives that rearrange its answer. */
export function hasArrangement(document: DocumentNode): boolean {
  let hasSome = false;
  visit(document, {
    Directive: ({ name }) => {
      if (REARRANGING.has(name.value)) hasSome = true;
    },
  });
  return hasSome;
}

/** @throws AppError `bad-query` for values that cannot stand together */
export function arranged(data: Found, using: Arranging): JsonObject {
  return new Arranger(using).all(data);
}

class Arranger {
  readonly #using: Arranging;
  readonly #fragments: Fragments;

  constructor(using: Arranging) {
    this.#using = using;
    this.#fragments = fragmentsOf(using.document);
  }

  all(data: Found): JsonObject {
    const { schema, operation } = this.#using;
    const root = schema.getQueryType() as GraphQLObjectType;
    const planned = this.#plan([operation.selectionSet], root);
    return this.#object(data, planned, "");
  }

  /** The fields of a type that are selected, by the names under which they are answered. */
  #plan(sets: readonly SelectionSetNode[], type: GraphQLObjectType): Map<string, Planned> {
    const { schema, variables } = this.#using;
    const nodes = new Map<string, FieldNode[]>();
    const collect = ({ selections }: SelectionSetNode): void => {
      for (const one of selections) {
        if (!isIncluded(one, variables)) continue;
        if (one.kind === Kind.FIELD) {
          const key = (one.alias ?? one.name).value;
          nodes.set(key, [...(nodes.get(key) ?? []), one]);
          continue;
        }
        const fragment = one.kind === Kind.INLINE_FRAGMENT ? one : this.#fragments.get(one.name.value);
        const condition = fragment?.typeCondition?.name.value;
        if (fragment && (condition === undefined || condition === type.name || type.getInterfaces().some(({ name }) => name === condition)))
          collect(fragment.selectionSet);
      }
    };
    sets.forEach(collect);
    return new Map(
      [...nodes].flatMap(([key, own]): [string, Planned][] => {
        const field = schema.getField(type, own[0]?.name.value ?? "");
        return field ? [[key, { nodes: own, type: field.type, arrangement: arrangementOf(own, variables), inner: new Map() }]] : [];
      }),
    );
  }

  #object(found: Found, planned: ReadonlyMap<string, Planned>, path: string): JsonObject {
    const slots = new Map<string, Slot>();
    this.#fill({ slots, suffix: "", isRepeated: false }, found, planned, path);
    const object = new JsonObject();
    for (const [name, { isList, values }] of slots)
      object.add(
        name,
        isList
          ? new JsonArray(
              undefined,
              values,
              values.map(() => -1),
            )
          : (values[0] ?? null),
      );
    return object;
  }

  #fill(target: Target, found: Found, planned: ReadonlyMap<string, Planned>, path: string): void {
    for (const [key, value] of Object.entries(found)) {
      const plan = planned.get(key);
      if (key === TYPE_KEY || value === null || value === undefined || !plan) continue;
      this.#place(target, key, value, plan, path === "" ? key : `${path}/${key}`);
    }
  }

  #place({ slots, suffix, isRepeated }: Target, key: string, value: unknown, plan: Planned, path: string): void {
    const { isFlattened, isFirst, isSingleton } = plan.arrangement;
    const isList = isListType(plan.type) && !isFirst;
    const slices = this.#using.slices.get(path);
    if (Array.isArray(value) && value.length === 0 && !isFlattened)
      slots.set(key + suffix, { isList: true, type: String(getNamedType(plan.type)), values: [] });
    (Array.isArray(value) ? value : [value]).forEach((one: unknown, at) => {
      const own = suffix + (slices ? `.${slices[at] ?? ""}` : "");
      const itemPath = Array.isArray(value) ? `${path}/${at}` : path;
      if (isFlattened) {
        if (!isFound(one)) throw new AppError("bad-query", `@flatten: ${key} has no fields that could stand in its place.`);
        return this.#fill({ slots, suffix: own, isRepeated: isRepeated || isList }, one, this.#within(one, plan), itemPath);
      }
      const written = isFound(one) ? this.#object(one, this.#within(one, plan), itemPath) : leaf(one);
      // Beside what has a value at its place nothing stands for what has none.
      if (written === null && (isRepeated || !isList)) return;
      put(slots, key + own, written, { type: String(getNamedType(plan.type)), isList: !isSingleton && (isList || isRepeated), isSingleton });
    });
  }

  #within(found: Found, plan: Planned): ReadonlyMap<string, Planned> {
    const named = getNamedType(plan.type);
    const type = isObjectType(named) ? named : this.#using.schema.getType(String(found[TYPE_KEY]));
    if (!isObjectType(type)) return new Map();
    const known =
      plan.inner.get(type) ??
      this.#plan(
        plan.nodes.flatMap(({ selectionSet }) => selectionSet ?? []),
        type,
      );
    plan.inner.set(type, known);
    return known;
  }
}

function put(
  slots: Map<string, Slot>,
  name: string,
  value: JsonValue,
  { type, isList, isSingleton }: { readonly type: string; readonly isList: boolean; readonly isSingleton: boolean },
): void {
  const known = slots.get(name);
  if (!known) return void slots.set(name, { isList, type, values: [value] });
  if (known.type !== type)
    throw new AppError(
      "bad-query",
      `@flatten: "${name}" would have values of different types, ${known.type} and ${type}: give one of them another name.`,
    );
  if (!known.isList)
    throw new AppError(
      "bad-query",
      isSingleton ? `@singleton: "${name}" has several values.` : `"${name}" stands for several fields: give one of them another name.`,
    );
  known.values.push(value);
}

function isFound(value: unknown): value is Found {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber);
}

function leaf(value: unknown): JsonValue {
  return value instanceof JsonNumber ? value : treeOf(value ?? null);
}
