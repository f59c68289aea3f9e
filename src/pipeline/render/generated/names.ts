/** What people call a resource, in plain text: for references, which name what they lead to. */
import { conceptText } from "../../../core/fhir/datatypes.ts";
import type { BundleEntry } from "../../../core/fhir/document-bundle.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { containedIn, givenName } from "../../../core/fhir/party.ts";
import { systemName } from "./code-systems.ts";
import type { RenderContext } from "./render-context.ts";

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
export function entryName(entry: BundleEntry, context: RenderContext): string {
  return nameOf(entry.resource, entry, context, 0) ?? typeName(entry.type, context);
}

/** The name of a resource that is contained in the entry of the place, else what type it is. */
export function containedName(resource: JsonObject, context: RenderContext): string {
  return nameOf(resource, context.entry, context, 0) ?? typeName(resource.string("resourceType") ?? "", context);
}

export function typeName(type: string, { locale }: RenderContext): string {
  return locale.has(`one-${type}`) ? locale.word(`one-${type}`) : type;
}

function nameOf(resource: JsonObject, from: BundleEntry, context: RenderContext, depth: number): string | undefined {
  const known = context.mentions.budget.names.get(resource);
  if (known !== undefined) return known;
  const name = ownName(resource, context) ?? (depth < DEEPEST ? namesOfOthers(resource, from, context, depth) : undefined);
  if (name === undefined) return undefined;
  const cut = name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name;
  context.mentions.budget.names.set(resource, cut);
  return cut;
}

function ownName(resource: JsonObject, context: RenderContext): string | undefined {
  const own = givenName(resource) ?? STRINGS.map((element) => resource.string(element)).find((text) => text);
  if (own) return own;
  for (const element of CONCEPTS) {
    const concept = resource.object(element) ?? resource.objects(element)[0];
    const words = concept && conceptWords(concept, context);
    if (words !== undefined) return words;
  }
  const ingredients = resource.objects("ingredient").flatMap((ingredient) => {
    const item = ingredient.object("itemCodeableConcept");
    return (item && conceptWords(item, context)) ?? ingredient.object("itemReference")?.string("display") ?? [];
  });
  return ingredients.length > 0 ? ingredients.join(" + ") : undefined;
}

/** A concept or coding in plain text; a code alone as a code of its system. */
export function conceptWords(concept: JsonObject, { locale }: RenderContext): string | undefined {
  const codings = concept.has("coding") ? concept.objects("coding") : [concept];
  const isWorded = concept.string("text") !== undefined || codings.some((coding) => coding.string("display") !== undefined);
  if (isWorded) return concept.has("coding") || concept.has("text") ? conceptText(concept) : concept.string("display");
  const coded = codings.find((coding) => coding.string("code") !== undefined);
  const code = coded?.string("code");
  const name = systemName(coded?.string("system"));
  return code === undefined ? undefined : `${locale.word("bare-code")} ${code}${name === undefined ? "" : ` (${name})`}`;
}

function namesOfOthers(resource: JsonObject, from: BundleEntry, context: RenderContext, depth: number): string | undefined {
  const names = REFERENCES.flatMap((element): string[] => {
    const reference = resource.object(element);
    const url = reference?.string("reference");
    if (reference === undefined) return [];
    const entry = url === undefined ? undefined : context.document.resolve(url, from);
    const contained = entry === undefined ? containedIn(from.resource, url) : undefined;
    const name = entry ? nameOf(entry.resource, entry, context, depth + 1) : contained && nameOf(contained, from, context, depth + 1);
    const words = name ?? reference.string("display");
    return words === undefined ? [] : [words];
  });
  return names.length > 0 ? names.join(", ") : undefined;
}
