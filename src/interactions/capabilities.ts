import { treeOf, type JsonObject } from "../core/fhir/json/tree.ts";
import type { FhirInteraction } from "./interaction.ts";
import type { FhirOperation } from "./operation.ts";

/** What the statement says besides the interactions. */
export interface CapabilityFacts {
  /** e.g. `0.1.0` */
  readonly version: string;
  readonly fhirBase: string;
  /** When this configuration began to be served. */
  readonly startedAt: Date;
  readonly isOpen: boolean;
}

/** What is registered. */
export interface Registered {
  readonly interactions: readonly FhirInteraction[];
  readonly operations: readonly FhirOperation[];
}

/** The CapabilityStatement (R4 http.html, "capabilities"), derived from what is registered. */
export function capabilityStatement({ interactions, operations }: Registered, facts: CapabilityFacts): JsonObject {
  const types = [...new Set(interactions.map((interaction) => interaction.type))].sort();
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
        resource: types.map((type) => resourceOf(type, { interactions, operations })),
        operation: operations.map(operationOf),
      },
    ],
  }) as JsonObject;
}

function operationOf({ name, definition, documentation }: FhirOperation): object {
  return { name, definition, documentation };
}

function resourceOf(type: string, { interactions, operations }: Registered): object {
  return {
    type,
    interaction: interactions.filter((interaction) => interaction.type === type).map(({ code, documentation }) => ({ code, documentation })),
    versioning: "versioned",
    readHistory: interactions.some((interaction) => interaction.type === type && interaction.code === "vread"),
    updateCreate: false,
    conditionalCreate: false,
    conditionalRead: "full-support",
    conditionalUpdate: false,
    conditionalDelete: "not-supported",
    operation: operations.map(operationOf),
  };
}
