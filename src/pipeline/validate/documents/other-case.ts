import type { BundleEntry, DocumentBundle } from "../../../core/fhir/document-bundle.ts";

/** The entry whose fullUrl is a text but for capital letters: two texts that a person takes for the same. */
export type EntryOfOtherCase = (reference: string) => BundleEntry | undefined;

/** Finds it. What it looks up in is made when it is first asked for. */
export function entriesOfOtherCase({ entries }: DocumentBundle): EntryOfOtherCase {
  let byLowerCase: Map<string, BundleEntry> | undefined;
  return (reference) => {
    byLowerCase ??= new Map(entries.flatMap((entry) => (entry.fullUrl === undefined ? [] : [[entry.fullUrl.toLowerCase(), entry]])));
    return byLowerCase.get(reference.toLowerCase());
  };
}
