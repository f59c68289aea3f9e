import { JsonObject, type JsonArray } from "./json/tree.ts";

/** A step from an object to one of its properties, or from an array to one of its items. */
export type PathStep = string | number;

/**
 * The FHIRPath of a place in a tree that is still being read, with indexes: `Bundle.entry[3].resource.name[0]`.
 * @param containers the objects and arrays from the root inwards, as far as they were read
 * @param steps what in each container leads on; the path ends where one is undefined
 * @returns undefined for the root of a resource whose type is not known yet; below such a root the path begins with its first property
 */
export function fhirPathOf(containers: readonly (JsonObject | JsonArray)[], steps: readonly (PathStep | undefined)[]): string | undefined {
  const root = containers[0];
  let path = root instanceof JsonObject ? (root.string("resourceType") ?? "") : "";
  for (const step of steps) {
    if (step === undefined || step === "resourceType") break;
    if (typeof step === "number") path += `[${step}]`;
    else path += `${path === "" ? "" : "."}${step.startsWith("_") ? step.slice(1) : step}`;
  }
  return path === "" ? undefined : path;
}
