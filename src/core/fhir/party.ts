/** Who and what references lead to, in words. */
import { conceptText, identifierText, nameText, preferredName, telecomText } from "./datatypes.ts";
import type { DocumentBundle, BundleEntry } from "./document-bundle.ts";
import type { JsonObject } from "./tree/tree.ts";

/** The entry that a Reference leads to; undefined when it is not in the document. */
export function resolved(document: DocumentBundle, reference: JsonObject | undefined, from: BundleEntry): BundleEntry | undefined {
  const url = reference?.string("reference");
  return url === undefined ? undefined : document.resolve(url, from);
}

/** A name for what a Reference leads to: the resource's own, else the reference's display, identifier, or text. */
export function referenceText(document: DocumentBundle, reference: JsonObject | undefined, from: BundleEntry): string | undefined {
  return partyText(document, reference, from) ?? reference?.string("reference");
}

/** The same of somebody, where an address would be taken for a name: undefined when there is nothing else. */
export function partyText(document: DocumentBundle, reference: JsonObject | undefined, from: BundleEntry): string | undefined {
  if (reference === undefined) return undefined;
  const entry = resolved(document, reference, from);
  const contained = entry === undefined ? containedIn(from.resource, reference.string("reference")) : undefined;
  const named = entry ? entryName(document, entry) : contained && resourceName(contained);
  const identifier = reference.object("identifier");
  return named ?? reference.string("display") ?? (identifier && identifierText(identifier)?.value) ?? entry?.type;
}

/** What a person calls a resource: its name, or what its code says. */
export function entryName(document: DocumentBundle, entry: BundleEntry): string | undefined {
  const { resource } = entry;
  if (entry.type !== "PractitionerRole") return resourceName(resource);
  // The role itself has no name: who holds it, and where. One that leads to a role, perhaps to itself, is not followed.
  const [person, place] = ["practitioner", "organization"].map((name) => {
    const reference = resource.object(name);
    const isRole = resolved(document, reference, entry)?.type === "PractitionerRole";
    return isRole ? reference?.string("display") : referenceText(document, reference, entry);
  });
  return [person, place].filter((part) => part !== undefined).join(", ") || undefined;
}

/** How to reach somebody: telephone and mail, in order. */
export function telecomsText(resource: JsonObject): string | undefined {
  const numbers = resource.objects("telecom").map((contact) => telecomText(contact));
  return numbers.filter((number) => number !== undefined).join(" · ") || undefined;
}

/** The contained resource that `#id` names (R4 references.html, Contained Resources). */
export function containedIn(resource: JsonObject, reference: string | undefined): JsonObject | undefined {
  if (reference === undefined || !/^#./.test(reference)) return undefined;
  return resource.objects("contained").find((contained) => contained.string("id") === reference.slice(1));
}

/** The name that a resource says to have, of a person, an organisation, a device, or anything with a title. */
export function givenName(resource: JsonObject): string | undefined {
  const person = preferredName(resource.objects("name"));
  if (person) return nameText(person) || undefined;
  return (resource.string("title") ?? resource.string("name") ?? resource.objects("deviceName")[0]?.string("name")) || undefined;
}

function resourceName(resource: JsonObject): string | undefined {
  const text = givenName(resource);
  const code = resource.object("code") ?? resource.object("vaccineCode") ?? resource.object("medicationCodeableConcept") ?? resource.object("type");
  return text || conceptText(code);
}
