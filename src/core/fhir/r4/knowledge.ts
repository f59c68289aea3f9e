import type { Definitions } from "./definitions.ts";
import type { Extensions } from "./extensions.ts";
import type { Terminology } from "./terminology.ts";

/** What is known of FHIR: an instance. R4 alone is the first (open-r4.ts); packages that an operator loads make others. */
export interface Knowledge {
  readonly definitions: Definitions;
  readonly extensions: Extensions;
  readonly terminology: Terminology;
}
