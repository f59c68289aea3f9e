import type { Conformance, Listed } from "../../core/fhir/conformance/conformance.ts";
import { treeOf, type JsonObject } from "../../core/fhir/tree/tree.ts";
import type { CapabilityFacts } from "./capabilities.ts";

export interface TerminologyFacts extends Pick<CapabilityFacts, "version" | "fhirBase" | "startedAt"> {
  /** What is in force today; undefined where nothing may be asked about codes. */
  readonly conformance?: Conformance | undefined;
}

/** What an expansion may be asked with. */
const EXPANSION_PARAMETERS =
  "activeOnly check-system-version count displayLanguage excludeNested filter force-system-version includeDesignations offset system-version tx-resource url valueSet valueSetVersion";

/** `GET /fhir/metadata?mode=terminology` (R4 terminologycapabilities.html): what of terminology a client may ask here, and of which code systems codes are held. */
export function terminologyCapabilities({ conformance, ...facts }: TerminologyFacts): JsonObject {
  return conformance ? serving(facts, conformance) : statement(facts, NOTHING_ASKED, {});
}

/** The same as it is today; made anew when the packages in force are others. */
export function currentTerminology(facts: Omit<TerminologyFacts, "conformance">, conformance: (() => Conformance) | undefined): () => JsonObject {
  let made: { readonly of: Conformance | undefined; readonly statement: JsonObject } | undefined;
  return () => {
    const of = conformance?.();
    if (!made || made.of !== of) made = { of, statement: terminologyCapabilities({ ...facts, conformance: of }) };
    return made.statement;
  };
}

function serving(facts: TerminologyFacts, { listCodeSystems }: Conformance): JsonObject {
  const listed = listCodeSystems?.() ?? [];
  const notices = [...new Set(listed.flatMap(({ copyright }) => copyright ?? []))].sort();
  return statement(facts, ASKED, {
    ...(notices.length > 0 && { copyright: notices.join("\n\n") }),
    codeSystem: [...Map.groupBy(listed, ({ url }) => url)].map(([uri, versions]) => ({ uri, ...withVersions(versions) })),
    expansion: { hierarchical: false, paging: true, incomplete: false, parameter: EXPANSION_PARAMETERS.split(" ").map((name) => ({ name })) },
    validateCode: { translations: true },
  });
}

function withVersions(versions: readonly Listed[]): { readonly version?: readonly object[] } {
  const said = versions.flatMap(({ version }) => (version === undefined ? [] : [{ code: version }]));
  return said.length > 0 ? { version: said } : {};
}

const NOTHING_ASKED =
  "This is no terminology service: it expands, translates and validates nothing by itself. R4's own code systems and value sets are held when documents are validated ($validate).";
const ASKED =
  "ValueSet/$expand, ValueSet/$validate-code, CodeSystem/$validate-code, CodeSystem/$lookup and CodeSystem/$subsumes, of what is held here or comes along (tx-resource). There are three answers: what is not held is unknown, and said to be. Nothing is translated.";

interface Serving {
  readonly copyright?: string;
  readonly codeSystem?: readonly object[];
  readonly expansion?: object;
  readonly validateCode?: object;
}

function statement({ version, fhirBase, startedAt }: TerminologyFacts, description: string, told: Serving): JsonObject {
  const { copyright, codeSystem = [], expansion, validateCode } = told;
  return treeOf({
    resourceType: "TerminologyCapabilities",
    url: `${fhirBase}/metadata?mode=terminology`,
    version,
    name: "ChartularyTerminology",
    title: "Terminology of Chartulary",
    status: "active",
    date: startedAt.toISOString(),
    description,
    copyright,
    kind: "instance",
    software: { name: "Chartulary", version },
    implementation: { description: "A repository of FHIR documents", url: fhirBase },
    lockedDate: false,
    ...(codeSystem.length > 0 && { codeSystem }),
    expansion,
    codeSearch: "explicit",
    validateCode,
  }) as JsonObject;
}
