import { type RuleRows } from "../../../core/fhir/rule.ts";

/** The Bundle of a document and its entries (documents/). */
export const ENTRY_RULES = {
  "bdl-1": { severity: "error", code: "invariant", source: "Bundle, bdl-1", meaning: "`total`.", change: "Remove it." },
  "bdl-2": { severity: "error", code: "invariant", source: "Bundle, bdl-2", meaning: "`entry.search`.", change: "Remove it." },
  "bdl-3": { severity: "error", code: "invariant", source: "Bundle, bdl-3", meaning: "`entry.request`.", change: "Remove it." },
  "bdl-4": { severity: "error", code: "invariant", source: "Bundle, bdl-4", meaning: "`entry.response`.", change: "Remove it." },
  "bdl-5": {
    severity: "error",
    code: "invariant",
    source: "Bundle, bdl-5; bundle.html",
    meaning: "An entry holds nothing.",
    change: "Add its resource, or remove the entry.",
  },
  "document-entry-resource": {
    severity: "error",
    code: "required",
    source: "bundle.html, Document",
    meaning: "An entry holds a request or response, but no resource.",
    change: "The same.",
  },
  "bdl-7": {
    severity: "error",
    code: "invariant",
    source: "Bundle, bdl-7; bundle.html, Resource URL & uniqueness",
    meaning: "A fullUrl stands twice with the same version.",
    change: "Remove one.",
  },
  "bdl-8": {
    severity: "error",
    code: "invariant",
    source: "Bundle, bdl-8",
    meaning: "A fullUrl holds `/_history/`.",
    change: "Name the resource, not its version.",
  },
  "bdl-9": {
    severity: "error",
    code: "invariant",
    source: "Bundle, bdl-9; documents.html 3.3.1",
    meaning: "No `identifier` with system and value.",
    change: "Add the name that this document keeps for ever.",
  },
  "bdl-10": { severity: "error", code: "invariant", source: "Bundle, bdl-10", meaning: "No `timestamp`.", change: "Add when it was assembled." },
  "bdl-11": {
    severity: "error",
    code: "invariant",
    source: "Bundle, bdl-11",
    meaning: "The first entry is no Composition. The rules below that start from it are not asked then.",
    change: "Put it first.",
  },
  "label-against-keeping": {
    severity: "error",
    code: "business-rule",
    source: "ours; security-labels.html",
    meaning:
      "A security label (`meta.security` of the Bundle, an entry or a contained resource) forbids to keep it: `DELAU` (delete after use), `NOCOLLECT` (no collection or storage), `NOPERSISTP` (no storage beyond the purpose of use). What is deposited here is kept for ever.",
    change:
      "Deposit it without the label, if whoever set it agrees that it is kept for ever; else keep it elsewhere. Access is narrowed by confidentiality, sensitivity and consent.",
  },
  "entry-unreachable": {
    severity: "error",
    code: "informational",
    source: "documents.html 3.3.1",
    meaning: "No chain of links, in either direction, leads from the Composition to the entry. Stylesheets that `Bundle.link` names are exempt.",
    change: "Refer to it, or leave it out.",
  },
  "stylesheet-unresolved": {
    severity: "error",
    code: "not-found",
    source: "documents.html, Document Presentation",
    meaning: "`Bundle.link` names a stylesheet by an address that is not absolute, and nothing in the document has it.",
    change: "Add the Binary, or mend the link.",
  },
  "entry-reverse-link": {
    severity: "warning",
    code: "invalid",
    source: "documents.html 3.3.1",
    meaning: "It refers to something in the document, nothing refers to it. Provenance is exempt.",
    change: "Refer to it, or leave it out.",
  },
} as const satisfies RuleRows;

/** Its Composition. */
export const COMPOSITION_RULES = {
  "cmp-1": {
    severity: "error",
    code: "invariant",
    source: "Composition, cmp-1",
    meaning: "A section without text, entries and sections.",
    change: "Add one, or remove the section.",
  },
  "cmp-2": {
    severity: "error",
    code: "invariant",
    source: "Composition, cmp-2",
    meaning: "A section with entries and `emptyReason`.",
    change: "Remove either.",
  },
  "section-focus": {
    severity: "warning",
    code: "business-rule",
    source: "Composition.section.focus",
    meaning: "An entry of a section is about another subject than the section's focus.",
    change: "Mend the focus, or move the entry.",
  },
  "attester-nobody": {
    severity: "warning",
    code: "business-rule",
    source: "Composition.attester",
    meaning: "An attester without `party`.",
    change: "Say who attested.",
  },
  "relates-to-nothing": {
    severity: "warning",
    code: "business-rule",
    source: "Composition.relatesTo",
    meaning: "A `targetIdentifier` without a value.",
    change: "Name the document.",
  },
  "relates-to-itself": {
    severity: "warning",
    code: "business-rule",
    source: "Composition.relatesTo",
    meaning: "It names this document.",
    change: "Name the earlier one.",
  },
  "composition-reference-unresolved": {
    severity: "error",
    code: ["not-found", "invalid"],
    source: "documents.html 3.3.1",
    meaning:
      "What the Composition names as subject, encounter, author, attester.party, custodian, event.detail, section.author, section.focus or section.entry is not in the document.",
    change: "Include it, or refer to it by its fullUrl.",
  },
} as const satisfies RuleRows;

/** What its entries refer to. */
export const REFERENCE_RULES = {
  "narrative-link-target": {
    severity: "error",
    code: "invalid",
    source: "the extension narrativeLink",
    meaning: "It names an entry that is not in the document, or an id that no element of its narratives has, or several have.",
    change: "Mend it, or the ids.",
  },
  "reference-ambiguous": {
    severity: ["error", "warning"],
    code: "invalid",
    source: "bundle.html, Resolving references",
    meaning: "Several entries match; an error where the Composition needs it included.",
    change: "Name the version.",
  },
  "reference-full-url": {
    severity: "error",
    code: "invalid",
    source: "bundle.html, Resolving references",
    meaning: "A relative reference has the type and id of an entry, but does not lead to its fullUrl: what is meant is never guessed.",
    change: "Refer to it by its fullUrl.",
  },
  "reference-by-type-and-id": {
    severity: "warning",
    code: "incomplete",
    source: "ours; Policy",
    meaning:
      "A relative reference leads to no fullUrl, and under the policy in force it was taken for the one entry that has its type and id. Said once of each; the deposit record names every place.",
    change: "Refer to it by its fullUrl.",
  },
  "reference-unresolved": {
    severity: "warning",
    code: "not-found",
    source: "bundle.html, Resolving references",
    meaning: "It leads out of the document.",
    change: "Include it, if a reader needs it.",
  },
} as const satisfies RuleRows;

/** What may be deposited (admit.ts). */
export const GATE_RULES = {
  "document-only": {
    severity: "error",
    code: "not-supported",
    source: "ours",
    meaning: "Only Bundles of type `document` are deposited. (`validate` judges any resource.)",
    change: "Send a document.",
  },
  "policy-floor": {
    severity: "error",
    code: "business-rule",
    source: "ours; Policy, the safety floor",
    meaning:
      "A policy let pass what R4 does not, and what is left is not enough to be shown safely: no date, no status, nobody whom it is about by name or identifier, nothing to read, entries that cannot be told apart, or what could not be given back as it came.",
    change: "The issue says what is lacking.",
  },
} as const satisfies RuleRows;
