/** Resources of cases as plain data, from JSON or XML. */
import { readFileSync } from "node:fs";
import { writeJson } from "../../src/core/fhir/json/write-json.ts";
import { openR4 } from "../../src/core/fhir/r4/open-r4.ts";
import { DEFAULT_READ_LIMITS } from "../../src/core/fhir/reading/read-limits.ts";
import { readResource } from "../../src/core/fhir/reading/read-resource.ts";

export type Plain = Readonly<Record<string, unknown>>;

export const R4 = openR4();

export function mediaTypeOf(file: string): "application/fhir+xml" | "application/fhir+json" {
  return file.endsWith(".xml") ? "application/fhir+xml" : "application/fhir+json";
}

/** @throws Error when it can't be read */
export function plainOf(bytes: Buffer, file: string): Plain {
  if (!file.endsWith(".xml")) return JSON.parse(bytes.toString("utf8").replace(/^\uFEFF/, "")) as Plain;
  const { resource, issues } = readResource(bytes, mediaTypeOf(file), DEFAULT_READ_LIMITS, R4.definitions);
  if (resource === undefined) throw new Error(`${file}: ${issues[0]?.text ?? "not read"}`);
  return JSON.parse(writeJson(resource)) as Plain;
}

export function readPlain(file: string): Plain {
  return plainOf(readFileSync(file), file);
}

/** The resources of a definition file: itself, or what its Bundle holds. */
export function resourcesIn(plain: Plain): readonly Plain[] {
  if (plain["resourceType"] !== "Bundle") return [plain];
  return ((plain["entry"] ?? []) as readonly { readonly resource?: Plain }[]).flatMap(({ resource }) => (resource ? [resource] : []));
}
