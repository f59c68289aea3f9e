import { depositDocument } from "./deposit-document.ts";
import type { FhirInteraction } from "./interaction.ts";
import type { FhirOperation } from "./operation.ts";
import { readDocument, readDocumentVersion } from "./read-document.ts";
import { readOriginal, readOriginalVersion } from "./read-original.ts";
import { validateOperation } from "./validate-resource.ts";

/** Everything that a FHIR client may ask. Routes and CapabilityStatement are made from this list alone, so that neither can say what the other does not do. */
export const FHIR_INTERACTIONS: readonly FhirInteraction[] = [depositDocument, readDocument, readDocumentVersion, readOriginal, readOriginalVersion];

/** The operations, each on the levels of system, type and instance. */
export const FHIR_OPERATIONS: readonly FhirOperation[] = [validateOperation];
