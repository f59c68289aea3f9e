import type { Definitions } from "../../../core/fhir/r4/definitions.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import { profilesAsked, type ProfileAsked } from "../profiles.ts";

/** A resource that the first walk met, with the profiles that it is to be held against in the second. */
export interface AskedResource {
  readonly resource: JsonObject;
  readonly place: readonly (string | number)[];
  readonly isContained: boolean;
  /** Those that it stands in, from the root. */
  readonly within: readonly JsonObject[];
  readonly asked: readonly ProfileAsked[];
}

/** Gathers in the first walk what the second one is asked for: it can't begin before, since profiles ask about all that a resource refers to. */
export class AskedResources {
  readonly list: AskedResource[] = [];
  readonly #findings: Findings;
  readonly #definitions: Definitions;
  readonly #open: JsonObject[] = [];

  constructor(findings: Findings, definitions: Definitions) {
    this.#findings = findings;
    this.#definitions = definitions;
  }

  enterResource(resource: JsonObject, place: Place): void {
    const asked = profilesAsked(resource, place, this.#findings, this.#definitions);
    if (asked.length > 0)
      this.list.push({ resource, place: place.steps(), isContained: place.name() === "contained", within: [...this.#open], asked });
    this.#open.push(resource);
  }

  leaveResource(resource: JsonObject): void {
    if (this.#open.at(-1) === resource) this.#open.pop();
  }
}
