/**
 * `chartulary/validate`: says whether R4 resources are valid, by the rules that the repository takes documents by. The same verdict as `chartulary validate`; nothing is stored and nobody is asked.
 *
 * What is exported here keeps to semantic versions (docs/design/library.md): its types stand in this file alone, and the compiler holds what the program finds against them.
 */
import type { Issue } from "../core/fhir/issue.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { openR4 } from "../core/fhir/r4/open-r4.ts";
import { fhirMediaTypeOf } from "../core/fhir/reading/fhir-media-type.ts";
import { DEFAULT_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import type { Source } from "../core/fhir/reading/source-text.ts";
import { answerHere } from "../core/signatures/document-signature.ts";
import { checkResource } from "../interactions/fhir/check-resource.ts";
import { openPackagesIn } from "../main/held-packages.ts";
import { openPolicyNamed } from "../interactions/policy-files.ts";
import { packagedProfiles } from "../pipeline/validate/profiles/packaged-profiles.ts";
import { createValidator } from "../pipeline/validate/validate.ts";

/** By what is validated. */
export interface ValidateOptions {
  /** `strict` (without this), `form`, `references`, or the path of a policy file (docs/rules.md, Policy). */
  readonly policy?: string;
  /** A folder of FHIR packages (`.tgz`), with `packages.json` where there are several sets, that resources are held against besides (docs/operating.md, Packages). Without it none, whatever the settings say. */
  readonly packages?: string;
}

/** What is wrong with a resource, and where. */
export interface ValidationIssue {
  /** `fatal` and `error` make it not valid. */
  readonly severity: "fatal" | "error" | "warning" | "information";
  /** Of http://hl7.org/fhir/issue-type. */
  readonly code: string;
  /** The rule that was broken, by the id that docs/rules.md lists it by. */
  readonly rule: string;
  /** What to change, for whoever wrote the sending system. */
  readonly text: string;
  /** FHIRPath with indexes; absent where the place is not in the resource. */
  readonly expression?: string;
  /** Where it begins in the text, both from 1; absent where it has no place there. */
  readonly line?: number;
  readonly column?: number;
}

/** What is to be thought of a resource. */
export interface Validation {
  /** No issue is an error. Also what can't be read at all is only not valid. */
  readonly valid: boolean;
  readonly issues: readonly ValidationIssue[];
  /** The same as a resource: an OperationOutcome of R4. */
  readonly outcome: Readonly<Record<string, unknown>>;
  /** What it was held against besides R4; absent without packages, and where there is nothing to be said. */
  readonly profiles?: HeldAgainst;
}

/** Under which set of packages a resource was judged, and what came of the profiles: as deposit records say it (docs/formats.md, Profiles). */
export interface HeldAgainst {
  /** Absent: none was in force on its day. `digest`: `sha256:` and hex. */
  readonly set?: { readonly name: string; readonly digest: string };
  readonly verdicts: readonly {
    /** As it was asked for. */
    readonly profile: string;
    readonly version?: string;
    readonly title?: string;
    /** Why: `declared`, `document-type`, `r4`, `imposed`; later versions may have more. */
    readonly by: string;
    /** `holds`, `open` (of some codes nobody could tell), `broken`, `unheld` (nothing is said about it). */
    readonly result: string;
    /** How many resources, and where the first of them stands. */
    readonly count: number;
    readonly place: string;
  }[];
  /** Verdicts that are left out; absent: none is. */
  readonly more?: number;
}

/** Validates one resource after another by the same rules. */
export interface Validator {
  /** @param resource JSON, XML, or a signed message (CMS) with a document in it; which it is, is found out */
  validate(resource: Uint8Array | string): Promise<Validation>;
}

/**
 * Opens what is validated by. It takes about a tenth of a second, which `validate` takes each time.
 *
 * @throws an Error whose `code` is `not-found` or `malformed`: there is no such policy, or it can't be used; `invalid`: so of the packages
 */
export async function openValidator({ policy = "strict", packages }: ValidateOptions = {}): Promise<Validator> {
  const knowledge = openR4();
  const sets = packages === undefined ? undefined : await openPackagesIn(packages);
  const validator = createValidator({ ...knowledge, policy: await openPolicyNamed(policy), ...packagedProfiles(knowledge, sets) });
  const answerSignatures = answerHere(knowledge.definitions);
  return {
    validate: async (resource) => {
      const bytes = typeof resource === "string" ? new TextEncoder().encode(resource) : resource;
      const using = { limits: DEFAULT_READ_LIMITS, validator, answerSignatures };
      const { isValid, issues, source, outcome, profiles } = await checkResource(bytes, fhirMediaTypeOf(bytes, ""), using);
      return {
        valid: isValid,
        issues: issues.map((issue) => told(issue, source)),
        outcome: JSON.parse(writeJson(outcome())) as Validation["outcome"],
        ...(sets && profiles && { profiles }),
      };
    },
  };
}

/**
 * Validates one resource.
 *
 * @param resource JSON, XML, or a signed message (CMS) with a document in it; which it is, is found out
 * @throws as openValidator; never for what the resource holds
 */
export async function validate(resource: Uint8Array | string, options: ValidateOptions = {}): Promise<Validation> {
  return (await openValidator(options)).validate(resource);
}

function told({ offset, expression, ...issue }: Issue, source: Source): ValidationIssue {
  const place = offset === undefined ? undefined : source.positionOf(offset);
  return { ...issue, ...(expression !== undefined && { expression }), ...(place && { line: place.line, column: place.column }) };
}
