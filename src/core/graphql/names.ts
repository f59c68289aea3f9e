/** How things are called in the graph: as HL7's schema of FHIR calls them (R4 graphql.html), so that a query made for another server means the same here. */

/** A backbone is called by its path: `Bundle.entry.link` is `BundleEntryLink`. */
export function typeName(path: string): string {
  return path
    .split(".")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join("");
}

/** A search parameter as an argument: GraphQL knows no hyphen. */
export function argumentName(code: string): string {
  return code.replaceAll("-", "_");
}

/** The scalar of a primitive: GraphQL's own where there is one. */
export function scalarName(primitive: string): string {
  return SCALARS[primitive] ?? primitive;
}

const SCALARS: Readonly<Record<string, string>> = { boolean: "Boolean", integer: "Int", string: "String", id: "ID" };

/** Stands for the type of each resource in what is executed, and is taken out of the answer: no query may use it. */
export const TYPE_KEY = "__resourceType";

/** The type of what may stand beside a primitive. */
export const ELEMENT_BASE = "ElementBase";

/** Ends of the names of fields that search. */
export const LIST = "List";
export const CONNECTION = "Connection";
