import type { Definitions } from "../r4/definitions.ts";
import { Decimal } from "./decimal.ts";
import { FhirPathError, FhirPathSyntaxError } from "./errors.ts";
import { TypeInfo, type Item, type SystemValue } from "./item.ts";
import { FhirPathNode } from "./node.ts";
import { Quantity } from "./quantity.ts";
import type { Expression, TypeName } from "./syntax.ts";
import { Temporal } from "./temporal.ts";

const SYSTEM_TYPES: ReadonlySet<string> = new Set(["Any", "Boolean", "String", "Integer", "Decimal", "Date", "DateTime", "Time", "Quantity"]);
/** The System type that a FHIR primitive is taken for. What is not here is a String. */
const SYSTEM_TYPE_OF: Readonly<Record<string, string>> = {
  boolean: "Boolean",
  integer: "Integer",
  positiveInt: "Integer",
  unsignedInt: "Integer",
  decimal: "Decimal",
  date: "Date",
  dateTime: "DateTime",
  instant: "DateTime",
  time: "Time",
};
/** Types that FHIR has and the definitions do not list as types of their own. */
const ABSTRACT_TYPES: ReadonlySet<string> = new Set(["Element", "BackboneElement", "Resource", "DomainResource"]);

/** What `type()` says of an item. */
export function typeOf(item: Item): TypeInfo {
  return item instanceof FhirPathNode ? new TypeInfo("FHIR", item.type) : new TypeInfo("System", systemTypeOf(item));
}

function systemTypeOf(value: SystemValue): string {
  if (typeof value === "string") return "String";
  if (typeof value === "boolean") return "Boolean";
  if (typeof value === "number") return "Integer";
  if (value instanceof Decimal) return "Decimal";
  if (value instanceof Temporal) return value.kind;
  return value instanceof Quantity ? "Quantity" : "TypeInfo";
}

/** Asks an item whether it is of a type. */
export type TypeTest = (item: Item) => boolean;

export interface TypeTests {
  /** `is`: the type or one that is derived from it. */
  readonly is: TypeTest;
  /** `as`, `ofType`: the same, but of primitives the very type: a code is not given out as a string. */
  readonly as: TypeTest;
}

/**
 * Compiles a type's name. A name without a namespace is FHIR's for elements and System's for values.
 * @param isLenient a System name is true of a FHIR primitive too, as R4's invariants que-7 presumes (`answer is Boolean`)
 * @throws FhirPathSyntaxError for a type that nobody defines
 */
export function testsOf({ namespace, name, offset }: TypeName, isLenient: boolean, definitions: Definitions): TypeTests {
  const { definitionOf } = definitions;
  const isFhir = definitionOf(name) !== undefined || ABSTRACT_TYPES.has(name);
  const isSystem = SYSTEM_TYPES.has(name);
  const isKnown = namespace === undefined ? isFhir || isSystem : namespace === "System" || (namespace === "FHIR" && isFhir);
  if (!isKnown) throw new FhirPathSyntaxError(`${namespace === undefined ? "" : `${namespace}.`}${name} is not a type.`, offset);
  const isOfSystem = namespace !== "FHIR" && isSystem;
  const isOfFhir = namespace !== "System" && isFhir;
  const takesPrimitives = isLenient && namespace === undefined && isSystem && !isFhir;
  const is: TypeTest = (item) => {
    if (!(item instanceof FhirPathNode)) return isOfSystem && (name === "Any" || systemTypeOf(item) === name);
    return (isOfFhir && isDerived(item, name, definitions)) || (takesPrimitives && isTakenFor(item, name, definitions));
  };
  const isPrimitive = definitionOf(name)?.kind === "primitive";
  return { is, as: isPrimitive ? (item) => is(item) && (!(item instanceof FhirPathNode) || item.type === name) : is };
}

/** Whether an element's type is the named one or derived from it. */
export function isDerived(node: FhirPathNode, name: string, { definitionOf }: Definitions): boolean {
  let type: string | undefined = node.type;
  for (let steps = 0; type !== undefined && steps < 10; steps++) {
    if (type === name) return true;
    type = definitionOf(type)?.base;
  }
  return node.definition?.name === name || (name === "Element" && node.definition?.kind !== "resource");
}

function isTakenFor({ type }: FhirPathNode, name: string, { definitionOf }: Definitions): boolean {
  return definitionOf(type)?.kind === "primitive" && (SYSTEM_TYPE_OF[type] ?? "String") === name;
}

/** The type that an argument names, as in `ofType(FHIR.Patient)`. */
export function typeNameOf(argument: Expression): TypeName {
  if (argument.kind === "member") {
    const { source, name, offset } = argument;
    if (source === undefined) return { namespace: undefined, name, offset };
    if (source.kind === "member" && source.source === undefined) return { namespace: source.name, name, offset };
  }
  throw new FhirPathSyntaxError("Expected the name of a type.", argument.offset);
}

/** Refuses what is no boolean where one is needed (FHIRPath, boolean functions). */
export function refuseNonBoolean(item: Item): never {
  throw new FhirPathError(`Expected a boolean, but found ${typeOf(item).name}.`);
}
