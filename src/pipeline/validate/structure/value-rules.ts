import { JsonArray, JsonNumber, JsonObject, NOWHERE, type JsonValue } from "../../../core/fhir/tree/tree.ts";
import type { PlainRuleId } from "../findings.ts";
import type { ElementDefinition, PropertyDefinition } from "../../../core/fhir/r4/definitions.ts";
import { shown } from "../shown.ts";
import { jsonKindOf, type JsonKind } from "./primitive-formats.ts";

/** What is wrong with the form of a value, whatever it says. */
export interface ValueFault {
  readonly rule: PlainRuleId;
  readonly text: string;
  readonly offset: number;
  /** Where it is, seen from the element: an item of it, or the object that the element stands in. */
  readonly at?: number | "owner";
}

const NONE: readonly ValueFault[] = [];
const KIND_NAMES = { boolean: "true or false", number: "a number", string: "a string" } as const;

/** A value that is no object where one belongs, or not of the kind that its primitive is in JSON. */
export function kindFault({ element, type, isPrimitive }: PropertyDefinition, value: JsonValue, offset: number): ValueFault {
  if (value === null) return { rule: "null-value", text: "null is no value in FHIR: leave the property out.", offset };
  if (!isPrimitive) return { rule: "object-expected", text: `${element.path} is an object, not ${kindOf(value)}.`, offset };
  return { rule: "wrong-json-type", text: `${element.path} is of type ${type}, ${otherThan(jsonKindOf(type), type, value)}`, offset };
}

/** XML's readers leave text that is no number or boolean as it is: in JSON it would be none without its quotation marks either. */
function otherThan(kind: JsonKind, type: string, value: NonNullable<JsonValue>): string {
  const ofKind = `which is ${KIND_NAMES[kind]} in JSON, not ${kindOf(value)}`;
  if (kind === "string" || typeof value !== "string") return `${ofKind}.`;
  const fault = kind === "boolean" ? (/^(?:true|false)$/.test(value) ? undefined : "it is true or false") : numberFault(value);
  return fault === undefined ? `${ofKind}: leave out its quotation marks.` : `and "${shown(value, 80)}" is no ${type}: ${fault}.`;
}

/** Why a text is no number as R4 writes them (datatypes.html, decimal); undefined when it is one. */
function numberFault(text: string): string | undefined {
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(text)) return undefined;
  if (text.trim() === "") return "it is empty";
  if (text !== text.trim()) return "white space stands before or behind it";
  if (/^[-+]?0\d/.test(text)) return "zeros lead it, which R4 does not allow; write it without them";
  if (text.startsWith("+")) return "it begins with a plus sign; leave it out";
  if (/^-?\d+(?:\.\d{3})*,\d+$|^-?\d+(?:,\d{3})+(?:\.\d+)?$/.test(text)) return "decimals stand behind a point, and nothing parts thousands";
  if (/^-?\.\d|^-?\d+\.$/.test(text)) return "digits stand before and behind its point";
  return "it is digits, with a minus sign before and decimals behind a point where need be";
}

/** A value without an array around it, where the element may repeat. */
export function bareFault({ path }: ElementDefinition, offset: number): ValueFault {
  const text = `${path} may repeat, so it is an array in JSON: put [ and ] around its value.`;
  return { rule: "array-expected", text, offset };
}

/** An array where none belongs, one with nothing in it, or with more than the element has room for. */
export function arrayFaults({ path, max }: ElementDefinition, array: JsonArray, offset: number): readonly ValueFault[] {
  const count = array.items.length;
  if (count > 0 && count <= max && max > 1) return NONE;
  const faults: ValueFault[] = [];
  if (max === 1 && count <= 1) {
    const instead = count === 1 ? "send its value alone, without [ and ] around it" : "leave it out, or send its value without [ and ]";
    faults.push({ rule: "array-unexpected", text: `${path} does not repeat, so it is no array in JSON: ${instead}.`, offset });
  }
  if (count === 0) faults.push({ rule: "empty-array", text: "An array is never empty in FHIR: leave it out, or give it content.", offset });
  if (count > max) {
    // Said, as by HL7's validator, of the object that they stand in; of an array in JSON, that should be none, where it stands.
    const text = `${path} may stand here ${max === 1 ? "once" : `${max} times`}, not ${count} times.`;
    const isOfOwner = max > 1 || array.offset === NOWHERE;
    faults.push({ rule: "element-repeated", text, offset, ...(isOfOwner && { at: "owner" as const }) });
  }
  return faults;
}

/** Whether `_name` has something for an item of an array that is null. */
export function hasCompanion(object: JsonObject, name: string, index: number): boolean {
  const companion = object.get(`_${name}`);
  return companion instanceof JsonArray && companion.items[index] instanceof JsonObject;
}

/** The null of an array that stands for nothing. */
export function nullFault({ name }: PropertyDefinition, offset: number): ValueFault {
  const text = `null stands here for a value that is missing, but there is nothing beside it in _${name}.`;
  return { rule: "null-unaligned", text, offset };
}

/** `_name` against `name`: an array where that is one, of the same length, objects in it, null where there is nothing to say (R4 json.html, primitive elements). */
export function companionFaults(object: JsonObject, property: PropertyDefinition, companion: JsonValue, offset: number): readonly ValueFault[] {
  const { name, element } = property;
  const isRepeating = element.max > 1;
  const invalid = (rule: PlainRuleId, text: string, at?: number): ValueFault => ({ rule, text, offset, ...(at !== undefined && { at }) });
  if (isRepeating !== companion instanceof JsonArray)
    return [invalid("companion-misshapen", `_${name} ${isRepeating ? "is an array, as" : "is an object, no array, as"} ${name} is.`)];
  if (companion instanceof JsonObject) {
    return object.get(name) === undefined ? valueless(property, companion, offset) : NONE;
  }
  if (!(companion instanceof JsonArray)) return [invalid("object-expected", noObject(name, companion))];
  const { items } = companion;
  const values = object.get(name);
  const faults: ValueFault[] = [];
  if (values instanceof JsonArray && values.items.length !== items.length)
    faults.push(
      invalid(
        "companion-unaligned",
        `${name} has ${values.items.length} items and _${name} has ${items.length}: fill both up with null, so that they correspond.`,
      ),
    );
  if (items.every((item) => item === null)) faults.push(invalid("companion-empty", `_${name} holds neither id nor extension: leave it out.`));
  items.forEach((item, index) => {
    // Where there are values, they tell of a null that nothing stands beside.
    if (item === null && !(values instanceof JsonArray))
      faults.push(invalid("null-unaligned", `null stands here, but there is no ${name} that could have a value in its place.`, index));
    else if (item instanceof JsonObject) {
      const value = values instanceof JsonArray ? values.items[index] : undefined;
      if (value === undefined || value === null) faults.push(...valueless(property, item, offset, index));
    } else if (item !== null) faults.push(invalid("object-expected", noObject(name, item), index));
  });
  return faults;
}

/** What stands beside a primitive without a value: extensions tell why (ele-1). A code that must be of a value set is demanded all the same, as by HL7's validator. */
function valueless({ name, type, element }: PropertyDefinition, companion: JsonObject, offset: number, at?: number): readonly ValueFault[] {
  const place = at === undefined ? {} : { at };
  if (!companion.has("extension")) {
    // What is empty altogether is told of elsewhere.
    const text = `${name} has neither a value nor extensions, only an id: leave it out, or give it one of them.`;
    return companion.has("id") ? [{ rule: "ele-1", text, offset, ...place }] : NONE;
  }
  if (type !== "code" || element.bindings.required === undefined) return NONE;
  const text = `${element.path} must have a code, whatever its extensions say: add it.`;
  return [{ rule: "code-missing", text, offset, ...place }];
}

function noObject(name: string, value: JsonValue): string {
  return `_${name} holds objects with id and extension, not ${value === null ? "null" : kindOf(value)}.`;
}

function kindOf(value: Exclude<JsonValue, null>): string {
  if (typeof value === "string") return KIND_NAMES.string;
  if (typeof value === "boolean") return KIND_NAMES.boolean;
  if (value instanceof JsonNumber) return KIND_NAMES.number;
  return value instanceof JsonArray ? "an array" : "an object";
}
