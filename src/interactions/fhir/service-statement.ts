import { treeOf, type JsonObject } from "../../core/fhir/tree/tree.ts";
import { operationOf, securityOf, type CapabilityFacts } from "./capabilities.ts";
import type { RoutedOperation } from "./routed-operations.ts";

/** The CapabilityStatement of a service that keeps nothing: the operations that it has, and no interaction. @param does in a sentence: what else it does */
export function serviceStatement(placed: readonly RoutedOperation[], does: string, facts: CapabilityFacts): JsonObject {
  const types = [...new Set(placed.flatMap(({ places }) => places.onTypes))].sort();
  const onSystem = placed.filter(({ places }) => places.onSystem);
  return treeOf({
    resourceType: "CapabilityStatement",
    status: "active",
    date: facts.startedAt.toISOString(),
    kind: "instance",
    software: { name: "Chartulary", version: facts.version },
    implementation: { description: "A part of Chartulary that works on what it is sent, and keeps nothing", url: facts.fhirBase },
    fhirVersion: "4.0.1",
    format: ["application/fhir+json", "application/fhir+xml", "json", "xml"],
    rest: [
      {
        mode: "server",
        documentation: does,
        security: securityOf(facts),
        ...(types.length > 0 && {
          resource: types.map((type) => ({
            type,
            operation: placed.filter(({ places }) => places.onTypes.includes(type)).map((one) => operationOf(one, false)),
          })),
        }),
        ...(onSystem.length > 0 && { operation: onSystem.map((one) => operationOf(one, true)) }),
      },
    ],
  }) as JsonObject;
}
