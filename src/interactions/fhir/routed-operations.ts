import type { FhirInteraction } from "../interaction.ts";
import { routesOf, type FhirOperation, type OperationRoutes } from "./operation.ts";

/** An operation with the places where it is called. */
export interface RoutedOperation {
  readonly operation: FhirOperation;
  readonly places: OperationRoutes;
}

/** The operations of a registry with their places: what is routed, and what is advertised. */
export function routedOperations(
  { interactions, operations }: { readonly interactions: readonly FhirInteraction[]; readonly operations: readonly FhirOperation[] },
  resourceTypes: readonly string[],
): RoutedOperation[] {
  const readable = [...new Set(interactions.filter(({ code }) => code === "read").map(({ type }) => type))];
  return operations.map((operation) => ({ operation, places: routesOf(operation, { readable, all: resourceTypes }) }));
}
