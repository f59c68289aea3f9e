/** What documents are validated with: R4, the packages that an operator gave, and a terminology server, where one is named. A part of the composition root. */
import type { Config } from "../config.ts";
import type { Knowledge } from "../core/fhir/r4/knowledge.ts";
import { sharedValueSets, type SharedValueSets } from "../core/fhir/terminology/shared-value-sets.ts";
import type { Validator } from "../pipeline/validate/validate.ts";
import { heldValueSets, openHeldPackages, type HeldPackages } from "./held-packages.ts";
import { openPolicy } from "./setting-files.ts";
import { openTerminology, type OpenedTerminology } from "./terminology-server.ts";

export interface Validating {
  readonly validator: Validator;
  /** Undefined: R4 alone. */
  readonly packages: HeldPackages | undefined;
  readonly terminology: OpenedTerminology | undefined;
  /** What was made of code systems and value sets to judge by, for whoever else asks about codes. */
  readonly valueSets: SharedValueSets;
}

interface ValidatingNeeds {
  readonly knowledge: Knowledge;
  readonly software: string;
  /** Told what takes a moment, and why a server is not asked; without an error. */
  onFault(error: unknown, what: string): void;
}

/** AppError `invalid` for packages and policies that can't be used. @param takes what such a service has of it */
export async function openValidating(
  config: Config,
  { knowledge, software, onFault }: ValidatingNeeds,
  takes = { packages: true, terminology: true },
): Promise<Validating> {
  const packages = takes.packages ? await openHeldPackages(config, (text) => onFault(undefined, text)) : undefined;
  const held = { valueSet: heldValueSets(packages?.sets), isKnownSystem: knowledge.terminology.isKnownSystem };
  const terminology = takes.terminology ? await openTerminology(config, { software, onFault, ...held }) : undefined;
  const valueSets = sharedValueSets();
  const { createValidator } = await import("../pipeline/validate/validate.ts");
  const { packagedProfiles } = await import("../pipeline/validate/profiles/packaged-profiles.ts");
  const profiles = packagedProfiles(knowledge, packages?.sets, { heard: terminology?.hearing.heard, valueSets });
  return { validator: createValidator({ ...knowledge, policy: await openPolicy(config), ...profiles }), packages, terminology, valueSets };
}
