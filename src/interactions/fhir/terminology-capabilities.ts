import { treeOf, type JsonObject } from "../../core/fhir/tree/tree.ts";
import type { CapabilityFacts } from "./capabilities.ts";

/** `GET /fhir/metadata?mode=terminology` (R4 terminologycapabilities.html): what of terminology a client may ask here, which is nothing but what `$validate` does with it. */
export function terminologyCapabilities({ version, fhirBase, startedAt }: Pick<CapabilityFacts, "version" | "fhirBase" | "startedAt">): JsonObject {
  return treeOf({
    resourceType: "TerminologyCapabilities",
    status: "active",
    date: startedAt.toISOString(),
    description:
      "This is no terminology service: it expands, translates and validates nothing by itself. R4's own code systems and value sets are held when documents are validated ($validate).",
    kind: "instance",
    software: { name: "Chartulary", version },
    implementation: { description: "A repository of FHIR documents", url: fhirBase },
    lockedDate: false,
    codeSearch: "explicit",
  }) as JsonObject;
}
