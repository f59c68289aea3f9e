import { openR4 } from "../src/core/fhir/r4/open-r4.ts";
import { DEFAULT_POLICY } from "../src/pipeline/validate/policy.ts";
import { createValidator } from "../src/pipeline/validate/validate.ts";

/** The one instance of R4 that inputs are made and judged by. */
export const R4 = openR4();
export const VALIDATOR = createValidator({ ...R4, policy: DEFAULT_POLICY });
