import { treeOf, type JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { FhirOperation } from "../operation.ts";

/** `$versions` (R4 operation CapabilityStatement/$versions): there is one version of FHIR here. */
export function versionsOperation(): FhirOperation {
  const parameter = [
    { name: "version", valueCode: "4.0" },
    { name: "default", valueCode: "4.0" },
  ];
  return {
    name: "versions",
    definition: "http://hl7.org/fhir/OperationDefinition/CapabilityStatement-versions",
    documentation: "The versions of FHIR that are spoken here: R4 (4.0).",
    levels: ["system"],
    types: [],
    affectsState: false,
    isAskedByAddress: true,
    parameters: [],
    handle: () => Promise.resolve({ kind: "resource", resource: treeOf({ resourceType: "Parameters", parameter }) as JsonObject }),
  };
}
