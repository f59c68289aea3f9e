import { treeOf, type JsonObject } from "../../core/fhir/tree/tree.ts";
import type { FhirInteraction } from "../interaction.ts";
import { placesOf, type FhirOperation, type OperationPlaces } from "./operation.ts";
import type { FhirRegistry } from "../registry.ts";

/** What the statement says besides the interactions. */
export interface CapabilityFacts {
  /** e.g. `0.1.0` */
  readonly version: string;
  readonly fhirBase: string;
  /** When this configuration began to be served. */
  readonly startedAt: Date;
  readonly isOpen: boolean;
  /** Every type of resource of R4. */
  readonly resourceTypes: readonly string[];
}

/** An operation with the places where it is called. */
export interface PlacedOperation {
  readonly operation: FhirOperation;
  readonly places: OperationPlaces;
}

/** The operations of a registry with their places: what is routed, and what is advertised. */
export function placedOperations({ interactions, operations }: FhirRegistry, resourceTypes: readonly string[]): PlacedOperation[] {
  const readable = [...new Set(interactions.filter(({ code }) => code === "read").map(({ type }) => type))];
  return operations.map((operation) => ({ operation, places: placesOf(operation, { readable, all: resourceTypes }) }));
}

/** The CapabilityStatement (R4 http.html, "capabilities"): exactly what is registered, each on the types and levels on which it is routed. */
export function capabilityStatement(registry: FhirRegistry, facts: CapabilityFacts): JsonObject {
  const { interactions } = registry;
  const placed = placedOperations(registry, facts.resourceTypes);
  const types = [
    ...new Set([...interactions.map(({ type }) => type), ...placed.flatMap(({ places }) => [...places.onTypes, ...places.onInstancesOf])]),
  ];
  const onSystem = placed.filter(({ places }) => places.onSystem);
  return treeOf({
    resourceType: "CapabilityStatement",
    status: "active",
    date: facts.startedAt.toISOString(),
    kind: "instance",
    software: { name: "Chartulary", version: facts.version },
    implementation: { description: "A repository of FHIR documents: deposited once, never changed, provable for ever", url: facts.fhirBase },
    fhirVersion: "4.0.1",
    format: ["application/fhir+json", "application/fhir+xml", "json", "xml"],
    rest: [
      {
        mode: "server",
        security: {
          description: facts.isOpen ? "There is no access control yet: whoever reaches the service may read and deposit." : "Access is controlled.",
        },
        resource: types.sort().map((type) => resourceOf(type, interactions, placed)),
        ...(onSystem.length > 0 && { operation: onSystem.map((one) => operationOf(one, true)) }),
      },
    ],
  }) as JsonObject;
}

/** `isTold`: with its documentation, which would else be repeated for every type of R4. */
function operationOf({ operation: { name, definition, documentation } }: PlacedOperation, isTold: boolean): object {
  return { name, definition, ...(isTold && { documentation }) };
}

function resourceOf(type: string, interactions: readonly FhirInteraction[], placed: readonly PlacedOperation[]): object {
  const own = interactions.filter((interaction) => interaction.type === type);
  const operations = placed.filter(({ places }) => places.onTypes.includes(type) || places.onInstancesOf.includes(type));
  return {
    type,
    ...(own.length > 0 && {
      interaction: own.map(({ code, documentation }) => ({ code, documentation })),
      versioning: "versioned",
      readHistory: own.some(({ code }) => code === "vread"),
      updateCreate: false,
      conditionalCreate: false,
      conditionalRead: "full-support",
      conditionalUpdate: false,
      conditionalDelete: "not-supported",
    }),
    ...(operations.length > 0 && { operation: operations.map((one) => operationOf(one, !one.places.onSystem)) }),
  };
}
