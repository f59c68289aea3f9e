import type { Environment } from "../../../../src/core/fhir/fhirpath/environment.ts";
import type { FhirPathMode } from "../../../../src/core/fhir/fhirpath/mode.ts";
import type { FhirPathNode } from "../../../../src/core/fhir/fhirpath/node.ts";
import { typeOf } from "../../../../src/core/fhir/fhirpath/types.ts";
import { textOf } from "../../../../src/core/fhir/fhirpath/values.ts";
import { readJson } from "../../../../src/core/fhir/json/read-json.ts";
import { DEFAULT_READ_LIMITS } from "../../../../src/core/fhir/reading/read-limits.ts";
import { SourceText } from "../../../../src/core/fhir/reading/source-text.ts";
import { compileFhirPath, nodeOf } from "../../../r4.ts";

/** A resource that is written as JSON in a test, read as the program reads one. */
export function resourceNode(json: string): FhirPathNode {
  const { resource } = readJson(new SourceText(json), DEFAULT_READ_LIMITS);
  if (!resource) throw new Error("not JSON");
  return nodeOf(resource);
}

export const NOTHING = resourceNode('{"resourceType":"Basic"}');

/** What an expression finds: text of simple values, the type's name of complex elements. */
export function found(expression: string, focus: FhirPathNode = NOTHING, environment: Environment = {}, mode: FhirPathMode = "standard"): string[] {
  return compileFhirPath(expression, mode)
    .evaluate(focus, environment)
    .map((item) => textOf(item) ?? typeOf(item).name);
}
