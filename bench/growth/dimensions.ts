import type { Dimension } from "./dimension.ts";
import { NARRATIVE_DIMENSIONS } from "./narrative-dimensions.ts";
import { RESOURCE_DIMENSIONS } from "./resource-dimensions.ts";
import { SIGNATURE_DIMENSIONS } from "./signature-dimensions.ts";
import { TEXT_DIMENSIONS } from "./text-dimensions.ts";

/** Everything whose growth is measured. A new one is a row. */
export const DIMENSIONS: readonly Dimension[] = [...TEXT_DIMENSIONS, ...RESOURCE_DIMENSIONS, ...NARRATIVE_DIMENSIONS, ...SIGNATURE_DIMENSIONS];
