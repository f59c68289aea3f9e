/** What people call a resource, in plain text: for references, which name what they lead to. */
import { conceptText } from "../../../core/fhir/datatypes.ts";
import type { DocumentEntry } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { containedIn, givenName } from "../../../core/fhir/party.ts";
import { systemName } from "./code-systems.ts";
import type { Place } from "./place.ts";

/** Longer names are cut where they are only a name: what they name is shown in full elsewhere. */
const LONGEST = 200;
/** A name may be made of the names of others (a role of its holder), those of others again. */
const DEEPEST = 3;

/** Concepts that name a resource, in this order. */
const CONCEPTS = [
  "code",
  "vaccineCode",
  "medicationCodeableConcept",
  "codeCodeableConcept",
  "itemCodeableConcept",
  "productOrService",
  "type",
  "category",
  "class",
];
/** What stands for a name where there is none. */
const STRINGS = ["description", "display"];
const REFERENCES = ["practitioner", "organization", "medicationReference", "device", "participatingOrganization", "healthcareService"];

/** The name of an entry, else what type it is. */
export function entryName(entry: DocumentEntry, place: Place): string {
  return nameOf(entry.resource, entry, place, 0) ?? typeName(entry.type, place);
}

/** The name of a resource that is contained in the entry of the place, else what type it is. */
export function containedName(resource: JsonObject, place: Place): string {
  return nameOf(resource, place.entry, place, 0) ?? typeName(resource.string("resourceType") ?? "", place);
}

export function typeName(type: string, { locale }: Place): string {
  return locale.has(`one-${type}`) ? locale.word(`one-${type}`) : type;
}

function nameOf(resource: JsonObject, from: DocumentEntry, place: Place, depth: number): string | undefined {
  const known = place.mentions.room.names.get(resource);
  if (known !== undefined) return known;
  const name = ownName(resource, place) ?? (depth < DEEPEST ? namesOfOthers(resource, from, place, depth) : undefined);
  if (name === undefined) return undefined;
  const cut = name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name;
  place.mentions.room.names.set(resource, cut);
  return cut;
}

function ownName(resource: JsonObject, place: Place): string | undefined {
  const own = givenName(resource) ?? STRINGS.map((element) => resource.string(element)).find((text) => text);
  if (own) return own;
  for (const element of CONCEPTS) {
    const concept = resource.object(element) ?? resource.objects(element)[0];
    const words = concept && conceptWords(concept, place);
    if (words !== undefined) return words;
  }
  const ingredients = resource.objects("ingredient").flatMap((ingredient) => {
    const item = ingredient.object("itemCodeableConcept");
    return (item && conceptWords(item, place)) ?? ingredient.object("itemReference")?.string("display") ?? [];
  });
  return ingredients.length > 0 ? ingredients.join(" + ") : undefined;
}

/** A concept or coding in plain text; a code alone as a code of its system. */
export function conceptWords(concept: JsonObject, { locale }: Place): string | undefined {
  const codings = concept.has("coding") ? concept.objects("coding") : [concept];
  const isWorded = concept.string("text") !== undefined || codings.some((coding) => coding.string("display") !== undefined);
  if (isWorded) return concept.has("coding") || concept.has("text") ? conceptText(concept) : concept.string("display");
  const coded = codings.find((coding) => coding.string("code") !== undefined);
  const code = coded?.string("code");
  const name = systemName(coded?.string("system"));
  return code === undefined ? undefined : `${locale.word("bare-code")} ${code}${name === undefined ? "" : ` (${name})`}`;
}

function namesOfOthers(resource: JsonObject, from: DocumentEntry, place: Place, depth: number): string | undefined {
  const names = REFERENCES.flatMap((element): string[] => {
    const reference = resource.object(element);
    const url = reference?.string("reference");
    if (reference === undefined) return [];
    const entry = url === undefined ? undefined : place.document.resolve(url, from);
    const contained = entry === undefined ? containedIn(from.resource, url) : undefined;
    const name = entry ? nameOf(entry.resource, entry, place, depth + 1) : contained && nameOf(contained, from, place, depth + 1);
    const words = name ?? reference.string("display");
    return words === undefined ? [] : [words];
  });
  return names.length > 0 ? names.join(", ") : undefined;
}
