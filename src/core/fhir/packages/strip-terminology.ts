import type { CodeSystem, Concept, Expanded, Include, ValueSet } from "../conformance/terminology-resources.ts";
import {
  DEEPEST,
  extensionsOf,
  flagOf,
  isFields,
  isShallow,
  numberOf,
  objectsOf,
  oneOf,
  present,
  textOf,
  textsOf,
  valueOf,
  type Fields,
} from "./fields.ts";

/** What says that an expansion lacks codes (R4 extensions valueset-toocostly and valueset-unclosed). */
const PARTIAL = ["http://hl7.org/fhir/StructureDefinition/valueset-toocostly", "http://hl7.org/fhir/StructureDefinition/valueset-unclosed"];

/** What is asked of a CodeSystem as a package has it; undefined where it lacks what makes it one. */
export function strippedCodeSystem(resource: Fields): CodeSystem | undefined {
  const url = textOf(resource["url"]);
  const said = oneOf(resource["content"], ["not-present", "example", "fragment", "complete", "supplement"]);
  if (url === undefined || said === undefined) return undefined;
  // What is left out since it is nested too deep is not nowhere.
  const content = said === "complete" && !isShallow(resource["concept"], 2 * DEEPEST) ? "fragment" : said;
  return present({
    url,
    version: textOf(resource["version"]),
    name: textOf(resource["name"]),
    title: textOf(resource["title"]),
    status: textOf(resource["status"]),
    language: textOf(resource["language"]),
    caseSensitive: flagOf(resource["caseSensitive"]),
    content,
    supplements: textOf(resource["supplements"]),
    hierarchyMeaning: textOf(resource["hierarchyMeaning"]),
    valueSet: textOf(resource["valueSet"]),
    copyright: textOf(resource["copyright"]),
    property: objectsOf(resource["property"]).flatMap((one) => {
      const [code, type] = [textOf(one["code"]), textOf(one["type"])];
      return code === undefined || type === undefined ? [] : [present({ code, type, uri: textOf(one["uri"]) }) as { code: string; type: string }];
    }),
    filter: objectsOf(resource["filter"]).flatMap((one) => {
      const code = textOf(one["code"]);
      return code === undefined ? [] : [{ code, operator: textsOf(one["operator"]) }];
    }),
    concept: conceptsOf(resource["concept"], DEEPEST),
  }) as CodeSystem;
}

/** Deeper ones than anybody nests are left out. */
function conceptsOf(concepts: unknown, depth: number): Concept[] {
  if (depth === 0) return [];
  return objectsOf(concepts).flatMap((one) => {
    const code = textOf(one["code"]);
    if (code === undefined) return [];
    return [
      present({
        code,
        display: textOf(one["display"]),
        definition: textOf(one["definition"]),
        designation: objectsOf(one["designation"]).flatMap(designationOf),
        property: objectsOf(one["property"]).flatMap(propertyOf),
        concept: conceptsOf(one["concept"], depth - 1),
      }) as Concept,
    ];
  });
}

function designationOf(designation: Fields): NonNullable<Concept["designation"]> {
  const value = textOf(designation["value"]);
  if (value === undefined) return [];
  const use = isFields(designation["use"]) ? textOf(designation["use"]["code"]) : undefined;
  return [present({ language: textOf(designation["language"]), use, value }) as NonNullable<Concept["designation"]>[number]];
}

function propertyOf(property: Fields): NonNullable<Concept["property"]> {
  const code = textOf(property["code"]);
  const given = valueOf(property);
  const value = isFields(given) ? textOf(given["code"]) : given;
  if (code === undefined || (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")) return [];
  return [{ code, value }];
}

/** What is asked of a ValueSet as a package has it; undefined where it has no url. */
export function strippedValueSet(resource: Fields): ValueSet | undefined {
  const url = textOf(resource["url"]);
  if (url === undefined) return undefined;
  return present({
    url,
    version: textOf(resource["version"]),
    name: textOf(resource["name"]),
    title: textOf(resource["title"]),
    status: textOf(resource["status"]),
    copyright: textOf(resource["copyright"]),
    compose: composeOf(resource["compose"]),
    expansion: expansionOf(resource["expansion"]),
  }) as ValueSet;
}

function composeOf(compose: unknown): ValueSet["compose"] {
  if (!isFields(compose)) return undefined;
  return {
    ...present({ inactive: flagOf(compose["inactive"]) }),
    include: objectsOf(compose["include"]).map(includeOf),
    ...present({ exclude: objectsOf(compose["exclude"]).map(includeOf) }),
  };
}

/** What can't be read is kept as what nobody knows, or as nothing: left out, the set would have more codes than it says. */
function includeOf(include: Fields): Include {
  const concept = objectsOf(include["concept"]).flatMap((one) => {
    const code = textOf(one["code"]);
    return code === undefined ? [] : [present({ code, display: textOf(one["display"]) }) as { readonly code: string; readonly display?: string }];
  });
  return {
    ...present({ system: textOf(include["system"]), version: textOf(include["version"]) }),
    ...(include["concept"] !== undefined && { concept }),
    ...(include["filter"] !== undefined && {
      filter: objectsOf(include["filter"]).map(({ property, op, value }) => ({
        property: textOf(property) ?? "",
        op: textOf(op) ?? "",
        value: textOf(value) ?? "",
      })),
    }),
    ...(include["valueSet"] !== undefined && { valueSet: textsOf(include["valueSet"]) }),
  };
}

function expansionOf(expansion: unknown): ValueSet["expansion"] {
  if (!isFields(expansion)) return undefined;
  const contains = containsOf(expansion["contains"], DEEPEST);
  const total = numberOf(expansion["total"]);
  const isPaged = (numberOf(expansion["offset"]) ?? 0) > 0 || (total !== undefined && total > countOf(contains));
  const isLimited = objectsOf(expansion["parameter"]).some(
    ({ name, ...value }) => ["filter", "limitedExpansion"].includes(name as string) && valueOf(value) !== false,
  );
  return { isWhole: !isPaged && !isLimited && extensionsOf(expansion, ...PARTIAL).length === 0, contains };
}

function containsOf(contains: unknown, depth: number): Expanded[] {
  if (depth === 0) return [];
  return objectsOf(contains).map(
    (one) =>
      present({
        system: textOf(one["system"]),
        version: textOf(one["version"]),
        code: textOf(one["code"]),
        display: textOf(one["display"]),
        abstract: flagOf(one["abstract"]),
        inactive: flagOf(one["inactive"]),
        contains: containsOf(one["contains"], depth - 1),
      }) as Expanded,
  );
}

function countOf(contains: readonly Expanded[]): number {
  return contains.reduce((count, one) => count + (one.code === undefined ? 0 : 1) + countOf(one.contains ?? []), 0);
}
