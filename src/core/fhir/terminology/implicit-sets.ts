/** Value sets that nobody writes down: their address says what they are (R4 snomedct.html, "SNOMED CT Implicit Value Sets"; loinc.html, "Implicit Value Sets"). */
export interface ImplicitSet {
  readonly system: string;
  /** Whether it is all codes of the system; else a part that only whoever has the system's own tools can tell. */
  readonly isAll: boolean;
}

const LOINC = "http://loinc.org";

export function implicitSet(canonical: string): ImplicitSet | undefined {
  if (canonical === `${LOINC}/vs`) return { system: LOINC, isAll: true };
  if (canonical.startsWith(`${LOINC}/vs/`)) return { system: LOINC, isAll: false };
  const [base = "", query] = canonical.split("?");
  if (query === undefined || !/^fhir_vs(?:$|[=&])/.test(query)) return undefined;
  // An edition or a version of SNOMED CT stands behind the system's own name.
  const system = /^http:\/\/snomed\.info\/sct(?:\/|$)/.test(base) ? "http://snomed.info/sct" : base;
  return { system, isAll: query === "fhir_vs" };
}
