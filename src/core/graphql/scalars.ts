import { GraphQLBoolean, GraphQLError, GraphQLID, GraphQLInt, GraphQLScalarType, GraphQLString, Kind, type ConstValueNode } from "graphql";
import type { JsonNumber } from "../fhir/tree/tree.ts";
import { scalarName } from "./names.ts";

/** Scalars by name, each made once: a schema knows a type by what it is. */
export class Scalars {
  readonly #made = new Map<string, GraphQLScalarType>([GraphQLBoolean, GraphQLID, GraphQLInt, GraphQLString].map((scalar) => [scalar.name, scalar]));

  /** Of a primitive type of FHIR. A number keeps the digits of its token: GraphQL's Float would make `2` of `2.00`. */
  ofPrimitive(primitive: string): GraphQLScalarType {
    return this.#named(scalarName(primitive), `FHIR's ${primitive}, as JSON writes it.`);
  }

  /** Of what a search parameter takes: text as it stands in an address. */
  ofSearch(type: string): GraphQLScalarType {
    return type === "string" ? GraphQLString : this.#named(type, `A value of a search parameter of type ${type}, as it stands in an address.`);
  }

  #named(name: string, description: string): GraphQLScalarType {
    const known = this.#made.get(name);
    if (known) return known;
    const scalar = new GraphQLScalarType<unknown>({
      name,
      description,
      coerceOutputValue: (value) => value,
      coerceInputValue: (value) => textOf(value, name),
      coerceInputLiteral: (literal) => textOf(valueOf(literal), name),
    });
    this.#made.set(name, scalar);
    return scalar;
  }
}

/** Of what comes from a schema's `Int`. */
export function wholeOf(number: JsonNumber): number {
  return Number(number.text);
}

function textOf(value: unknown, name: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new GraphQLError(`${name}: this is no text, number or truth value.`);
}

/** A word without quotes is its own text (R4 graphql.html: `name(use: official)`). */
function valueOf(literal: ConstValueNode): unknown {
  switch (literal.kind) {
    case Kind.BOOLEAN:
      return literal.value;
    case Kind.STRING:
    case Kind.ENUM:
    case Kind.INT:
    case Kind.FLOAT:
      return literal.value;
    default:
      return undefined;
  }
}
