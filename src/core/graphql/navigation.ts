/** Which elements of a list a query wants (R4 graphql.html, "List Navigation"). */
import { GraphQLInt, GraphQLString, type GraphQLFieldConfigArgumentMap } from "graphql";
import { AppError } from "../errors.ts";
import type { PropertyDefinition, TypeDefinition } from "../fhir/r4/definitions.ts";
import { JsonNumber, type JsonValue } from "../fhir/tree/tree.ts";
import type { Arguments } from "./context.ts";
import { pathNodeOf, valuesOf, type GraphNode } from "./node.ts";
import { argumentName } from "./names.ts";
import type { SafeFhirPath } from "./safe-fhirpath.ts";
import type { Scalars } from "./scalars.ts";

const OWN = ["fhirpath", "_offset", "_count"];

/** The arguments of an element that repeats: the primitive ones within it, of one type each, may be compared. */
export function navigationArguments(content: TypeDefinition | undefined, scalars: Scalars): GraphQLFieldConfigArgumentMap {
  const compared = [...(content?.properties.values() ?? [])].filter(isCompared);
  return {
    ...Object.fromEntries(compared.map(({ name, type }) => [argumentName(name), { type: scalars.ofPrimitive(type) }])),
    fhirpath: { type: GraphQLString, description: "FHIRPath upon each element: those for which it is true." },
    _offset: { type: GraphQLInt, description: "So many are passed over." },
    _count: { type: GraphQLInt, description: "So many at most." },
  };
}

function isCompared({ isPrimitive, element, name }: PropertyDefinition): boolean {
  return isPrimitive && !element.isChoice && name !== "div";
}

/** @throws AppError `bad-query` */
export function navigated(
  all: readonly GraphNode[],
  args: Arguments,
  { parent, name, fhirpath }: { readonly parent: GraphNode; readonly name: string; readonly fhirpath: SafeFhirPath },
): readonly GraphNode[] {
  const given = Object.entries(args).filter(([, value]) => value !== undefined && value !== null);
  if (given.length === 0) return all;
  const filters = given.filter(([one]) => !OWN.includes(one));
  const equal = all.filter(({ value }) => filters.every(([one, wanted]) => valuesOf(value.get(one)).some((own) => isEqual(own, wanted))));
  const text = args["fhirpath"];
  const matching = typeof text === "string" ? among(equal, text, { parent, name, fhirpath }) : equal;
  const [offset, count] = [whole(args, "_offset"), whole(args, "_count")];
  return offset === undefined && count === undefined
    ? matching
    : matching.slice(offset ?? 0, count === undefined ? undefined : (offset ?? 0) + count);
}

function among(all: readonly GraphNode[], text: string, { parent, name, fhirpath }: Parameters<typeof navigated>[2]): readonly GraphNode[] {
  const found = new Set(
    fhirpath
      .among(name, text)
      .evaluate(pathNodeOf(parent))
      .map((one) => (one as { readonly value?: unknown }).value),
  );
  return all.filter(({ value }) => found.has(value));
}

function isEqual(own: JsonValue, wanted: unknown): boolean {
  return own instanceof JsonNumber ? own.text === String(wanted) : own === wanted;
}

/** @throws AppError `bad-query` */
export function whole(args: Arguments, name: string): number | undefined {
  const value = args[name];
  if (typeof value !== "number") return undefined;
  if (value < 0) throw new AppError("bad-query", `${name} is no number below 0.`);
  return value;
}
