/**
 * Code systems and value sets out of resources as they are written: what nobody here asks for is left behind, what is not of the form that R4 gives it is passed over. Plain JSON: definitions are never signed, kept or given out.
 */
import type { CodeSystem, Concept, Expanded, Include, ValueSet } from "./terminology-resources.ts";

type Plain = Readonly<Record<string, unknown>>;

const CONTENTS: ReadonlySet<string> = new Set(["not-present", "example", "fragment", "complete", "supplement"]);

/** @returns undefined for what has no address, or is none */
export function codeSystemOf(resource: unknown): CodeSystem | undefined {
  if (!isPlain(resource) || resource["resourceType"] !== "CodeSystem") return undefined;
  const url = text(resource, "url");
  const content = text(resource, "content") ?? "not-present";
  if (url === undefined || !CONTENTS.has(content)) return undefined;
  return {
    url,
    content: content as CodeSystem["content"],
    ...some(resource, "version", "name", "title", "status", "language", "supplements", "hierarchyMeaning", "valueSet", "copyright"),
    ...truths(resource, "caseSensitive"),
    ...list("property", resource, (one) => {
      const code = text(one, "code");
      return code === undefined ? undefined : { code, type: text(one, "type") ?? "string", ...some(one, "uri") };
    }),
    ...list("filter", resource, (one) => {
      const code = text(one, "code");
      return code === undefined ? undefined : { code, operator: texts(one["operator"]) };
    }),
    ...list("concept", resource, conceptOf),
  };
}

function conceptOf(one: Plain): Concept | undefined {
  const code = text(one, "code");
  if (code === undefined) return undefined;
  return {
    code,
    ...some(one, "display", "definition"),
    ...list("designation", one, (designation) => {
      const value = text(designation, "value");
      const use = isPlain(designation["use"]) ? text(designation["use"], "code") : undefined;
      return value === undefined ? undefined : { value, ...some(designation, "language"), ...(use !== undefined && { use }) };
    }),
    ...list("property", one, (property) => {
      const name = text(property, "code");
      const value = valueOf(property);
      return name === undefined || value === undefined ? undefined : { code: name, value };
    }),
    ...list("concept", one, conceptOf),
  };
}

function valueOf(property: Plain): string | number | boolean | undefined {
  const name = Object.keys(property).find((one) => one.startsWith("value"));
  const value = name === undefined ? undefined : property[name];
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return isPlain(value) ? text(value, "code") : undefined;
}

/** @returns undefined for what has no address, or is none */
export function valueSetOf(resource: unknown): ValueSet | undefined {
  if (!isPlain(resource) || resource["resourceType"] !== "ValueSet") return undefined;
  const url = text(resource, "url");
  if (url === undefined) return undefined;
  const { compose, expansion } = resource;
  return {
    url,
    ...some(resource, "version", "name", "title", "status", "copyright"),
    ...(isPlain(compose) && {
      compose: { include: [], ...truths(compose, "inactive"), ...list("include", compose, includeOf), ...list("exclude", compose, includeOf) },
    }),
    ...(isPlain(expansion) && { expansion: expansionOf(expansion) }),
  };
}

function includeOf(one: Plain): Include {
  const imports = texts(one["valueSet"]);
  return {
    ...some(one, "system", "version"),
    ...list("concept", one, (concept) => {
      const code = text(concept, "code");
      return code === undefined ? undefined : { code, ...some(concept, "display") };
    }),
    ...list("filter", one, (filter) => ({
      property: text(filter, "property") ?? "",
      op: text(filter, "op") ?? "",
      value: text(filter, "value") ?? "",
    })),
    ...(imports.length > 0 && { valueSet: imports }),
  };
}

/** One that is a page of it, or says that it was cut short, is not whole (R4 valueset.html, expansion; extension valueset-toocostly). */
function expansionOf(expansion: Plain): NonNullable<ValueSet["expansion"]> {
  const contains = list("contains", expansion, expandedOf).contains ?? [];
  const total = expansion["total"];
  const isCut =
    Array.isArray(expansion["extension"]) &&
    expansion["extension"].some((one) => isPlain(one) && /valueset-(?:toocostly|unclosed)$/.test(text(one, "url") ?? ""));
  const isPage = expansion["offset"] !== undefined && expansion["offset"] !== 0;
  return { contains, isWhole: !isCut && !isPage && (typeof total !== "number" || total <= counted(contains)) };
}

function expandedOf(one: Plain): Expanded {
  return { ...some(one, "system", "version", "code", "display"), ...truths(one, "abstract", "inactive"), ...list("contains", one, expandedOf) };
}

function counted(contains: readonly Expanded[]): number {
  return contains.reduce((sum, { contains: nested = [] }) => sum + 1 + counted(nested), 0);
}

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(object: Plain, name: string): string | undefined {
  const value = object[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

function some<Name extends string>(object: Plain, ...names: readonly Name[]): { readonly [Each in Name]?: string } {
  return Object.fromEntries(names.flatMap((name) => (text(object, name) === undefined ? [] : [[name, text(object, name)]]))) as Partial<
    Record<Name, string>
  >;
}

function truths<Name extends string>(object: Plain, ...names: readonly Name[]): { readonly [Each in Name]?: boolean } {
  return Object.fromEntries(names.flatMap((name) => (typeof object[name] === "boolean" ? [[name, object[name]]] : []))) as Partial<
    Record<Name, boolean>
  >;
}

/** The objects of a list, each as it is made; no property without any. */
function list<Name extends string, Made>(
  name: Name,
  object: Plain,
  make: (one: Plain) => Made | undefined,
): { readonly [Each in Name]?: readonly Made[] } {
  const value: unknown = object[name];
  const made = Array.isArray(value) ? value.filter(isPlain).flatMap((one) => make(one) ?? []) : [];
  return (made.length > 0 ? { [name]: made } : {}) as unknown as { readonly [Each in Name]?: readonly Made[] };
}
