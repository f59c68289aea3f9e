/** Cases of which a published verdict is another than ours, and the specification's text is on our side: each with its reason. */
import type { Issue } from "../../src/core/fhir/issue.ts";
import type { Case } from "./case.ts";

interface Judgement {
  readonly why: string;
  /** Of which cases, by family and name; absent: of any. */
  readonly of?: RegExp;
  /** All that we refuse it for must be one of these; absent: we take what they refuse. */
  readonly rules?: readonly string[];
}

const GERMAN = /^(?:kbv|erp|eau)\b/;

const JUDGEMENTS: readonly Judgement[] = [
  {
    why: "what it refers to is in another file, which HL7's suite fetches by type and id: whoever has the one file can't tell",
    of: /patient-circle[12]-bad-(?:linked1?|source1)$/,
  },
  {
    why: "the error is a display of LOINC that a terminology server knew: no content of LOINC is here",
    of: /sdoh-type-slice$/,
  },
  {
    why: "what HL7's validator refuses is that two profiles of its datatypes are in none of the files: nobody who lacks them can tell, and R4 has no rule that they must be here",
    of: /de-address-example$/,
  },
  {
    why: "narrative-source-control says at which level it is told, here warning; the published outcome makes errors of it",
    of: /xhtml-ctrl-source1$/,
  },
  {
    why: "a target profile that is in none of the files: nobody who lacks it can tell whether what is referred to holds to it",
    of: /res-inv-example-good$/,
  },
  {
    why: "which profile is asked for is an option of HL7's run (a rule for entries, a guide whose `global` counts for all): nothing in the file or its definitions says so of it",
    of: /(?:bundle-bad-by-param|patient-ig-bad)$/,
  },
  {
    why: "an extension that nobody here defines is taken (R4 extensibility.html), and no content of SNOMED CT is here",
    of: /uuid-extension$/,
  },
  {
    why: "HTML 4.0 has idref, by the list of txt-1 as R4 publishes it",
    of: /ips-htmlrefs-forwards$/,
  },
  {
    why: "textLink is an extension of later releases, which R4's text does not know; the others are displays of LOINC, whose content is not here",
    of: /ips-link(?:-xml)?$/,
  },
  {
    why: "the profile names slices of a slice without a slash (profiling.html, Re-slicing: name/name), so that they stand beside it and say nothing at the discriminator",
    of: /auditEvent-ex-SecondSliceProfile$/,
    rules: ["profile-slice-several", "profile-slice-count", "profile-pattern"],
  },
  {
    why: "the narratives lack their closing div: they are no XHTML (R4 narrative.html), and could not be served in XML; both others read them all the same",
    of: /HK_IPS_Sample1\.json$/,
    rules: ["xhtml-syntax"],
  },
  {
    why: "%resource is the resource that has the element, here an Invoice (R4 fhirpath.html, Variables); HL7's validator takes the Bundle in which it stands, two levels deep",
    of: /^de\.gkvsv\.erezeptabrechnungsdaten\.1\.5\.1 .*FT_V1_TA7_Rechnung_Bundle/,
  },
  {
    why: "Boolean without a namespace is FHIRPath's own, since R4 has no type of that name (FHIRPath, Types; so in R4's que-7): HL7's validator looks for FHIR.Boolean and refuses. And a country is bound to ISO 3166 as preferred, which nobody must follow (R4 terminologies.html, Binding Strengths): HAPI's refuses D",
    of: /^kbv\.ita\.erp\.1\.0\.2 .*FT_V1_VerordnungArzt/,
  },
  {
    why: "a country is bound to ISO 3166 as preferred, which nobody must follow (R4 terminologies.html, Binding Strengths), and the list that is required has D and WD: HAPI's validator refuses them, and then finds no slice",
    of: /^de\.abda\.erezeptabgabedaten(?:pkv)?\./,
  },
  {
    why: "R4 demands Encounter.class, which it lacks: the published outcome is that of R5",
    of: /aggregation-apart-good4$/,
    rules: ["element-missing"],
  },
  {
    why: "a fullUrl may not disagree with the id of its resource (R4 bundle.html, Bundle.entry.fullUrl); HL7's validator and HAPI's refuse it, too",
    of: GERMAN,
    rules: ["full-url-id"],
  },
  {
    why: "a relative reference leads to an entry by its fullUrl (R4 bundle.html, Resolving references in Bundles), and not by type and id alone",
    of: GERMAN,
    rules: ["composition-reference-unresolved", "entry-unreachable", "reference-full-url", "reference-target-type"],
  },
  {
    why: "an element has a value or something within, not an id alone (ele-1)",
    of: GERMAN,
    rules: ["ele-1"],
  },
];

/** Why our verdict stands against the published one; undefined when nothing is written about it. @param errors ours */
export function judgedByText({ family, name }: Case, errors: readonly Issue[]): string | undefined {
  return JUDGEMENTS.find(
    ({ of, rules = [] }) =>
      (of === undefined || of.test(`${family} ${name}`)) &&
      errors.length > 0 === rules.length > 0 &&
      errors.every(({ rule }) => rules.includes(rule)),
  )?.why;
}
