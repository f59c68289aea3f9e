/** Why a document stands in a list of found ones: which field of the question matched, and what of the document it matched. */
import type { DocumentSummary } from "../../pipeline/document-forms.ts";
import { FINDER_FIELDS, type FinderFields, type FoundBy } from "../../pipeline/render/pages/finder-form.ts";
import { searchTerms } from "../../search/search-terms.ts";

/**
 * Every field that was filled in matched, for all must. The value is what the list shows of the document; absent where the match is in what it does not show (an earlier name, a code).
 */
export function foundBy(summary: DocumentSummary, { query, fields }: { readonly query: string; readonly fields: FinderFields }): FoundBy[] {
  const named = FINDER_FIELDS.filter((field) => fields[field] !== undefined && field !== "from" && field !== "to" && field !== "status");
  return [...ofBox(summary, query), ...named.map((field) => ofField(summary, field, fields[field] ?? ""))];
}

function ofBox(summary: DocumentSummary, query: string): FoundBy[] {
  const terms = searchTerms([query]);
  if (terms.length === 0) return [];
  const name = matching([summary.patientName ?? ""], terms);
  const identifier = matching(identifiersOf(summary), terms);
  const reasons: FoundBy[] = [
    ...(name === undefined ? [] : [{ field: "patient", value: name } as const]),
    ...(identifier === undefined ? [] : [{ field: "identifier", value: identifier } as const]),
  ];
  // Found all the same: by another of the patient's names.
  return reasons.length > 0 ? reasons : [{ field: "patient" }];
}

function ofField(summary: DocumentSummary, field: (typeof FINDER_FIELDS)[number], asked: string): FoundBy {
  const terms = searchTerms([asked]);
  const identifier = field === "identifier" ? identifiersOf(summary).find((value) => value.toLowerCase() === asked.trim().toLowerCase()) : undefined;
  if (field === "identifier") return identifier === undefined ? { field: "document-identifier" } : { field, value: identifier };
  const shown: Readonly<Partial<Record<typeof field, readonly string[]>>> = {
    patient: [summary.patientName ?? ""],
    type: [summary.type],
    author: summary.authors,
    organisation: [summary.custodian ?? ""],
  };
  const value = matching(shown[field] ?? [], terms);
  return { field, ...(value !== undefined && { value }) };
}

/** The first of the texts in which a term begins a word. */
function matching(texts: readonly string[], terms: readonly string[]): string | undefined {
  return texts.find((text) => {
    const words = searchTerms([text]);
    return terms.some((term) => words.some((word) => word.startsWith(term)));
  });
}

function identifiersOf({ patientIdentifiers }: DocumentSummary): string[] {
  return patientIdentifiers.map(({ value }) => value);
}
