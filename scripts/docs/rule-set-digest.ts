import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { CATALOGUE } from "../../src/pipeline/validate/catalogue/catalogue.ts";
import { CHECKED_ELSEWHERE, MENDED } from "../../src/pipeline/validate/invariants/mended.ts";

const ARTEFACTS = ["definitions.json", "displays.json", "extensions.json", "parameter-definitions.json", "terminology.json", "vital-signs.json"];

/**
 * The digest (SHA-256, hexadecimal) of what rules judge by: the catalogue, whole rows, in any order; R4's definitions, displays, extensions, SearchParameters, terminology and vital signs profiles as they were compiled; and which of R4's
 * invariants are asked otherwise. It says nothing of the code of rules: whoever changes a verdict changes what the row says, or the version by hand.
 */
export function ruleSetDigest(rules: object = CATALOGUE, artefact: (name: string) => string = readArtefact): string {
  const hash = createHash("sha256");
  hash.update(canonical(rules));
  for (const name of ARTEFACTS) hash.update(canonical(JSON.parse(artefact(name))));
  hash.update(canonical([Object.entries(MENDED), [...CHECKED_ELSEWHERE]]));
  return hash.digest("hex");
}

function readArtefact(name: string): string {
  return readFileSync(new URL(`../../src/core/fhir/r4/${name}`, import.meta.url), "utf8");
}

/** JSON with the names of objects in order, so that moving a row changes nothing. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
