/**
 * Types by which a document is found as soon as its deposit is answered: whom and what it is about, who wrote and keeps it, and what we make of it. All resources of these types, in whatever entry, are
 * written in the step that takes in the document; all others, and every resource's words, follow (resource-indexer.ts).
 */
export const HEADER_TYPES: readonly string[] = [
  ...["Bundle", "Composition", "DocumentReference", "List", "Provenance"],
  ...["Patient", "Practitioner", "PractitionerRole", "Organization", "Device", "RelatedPerson", "Group"],
  ...["Encounter", "EpisodeOfCare", "Location"],
];

const TYPES: ReadonlySet<string> = new Set(HEADER_TYPES);

export function isHeaderType(type: string): boolean {
  return TYPES.has(type);
}
