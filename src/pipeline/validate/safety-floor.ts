/**
 * What a document must have that a policy let pass though R4 does not: enough to be shown to a clinician without a doubt about whom it is about and what it is. It is asked of such documents alone, so that no document
 * which keeps R4 is refused by it, and no policy changes it. Custodian, author and title may be missing: pages say so.
 */
import type { BundleEntry, DocumentBundle, Resolution } from "../../core/fhir/document-bundle.ts";
import { containedIn, givenName } from "../../core/fhir/party.ts";
import type { Definitions } from "../../core/fhir/r4/definitions.ts";
import { isLegible } from "../../core/fhir/reading/unseen.ts";
import { addressTail, isAbsoluteUrl } from "../../core/fhir/references.ts";
import type { JsonObject } from "../../core/fhir/tree/tree.ts";
import { hasContent as hasWords } from "../../core/fhir/xml/xhtml-allow-list.ts";
import { readXhtml } from "../../core/fhir/xml/xhtml.ts";
import { eachSection } from "./documents/sections.ts";
import type { Findings, Relaxed } from "./findings.ts";
import { isGivenBack, mayNotBeGivenBack } from "./given-back.ts";
import { shown } from "./shown.ts";
import { formatOf, lacksSecondsAlone } from "./structure/primitive-formats.ts";

const STATUSES: ReadonlySet<string> = new Set(["preliminary", "final", "amended", "entered-in-error"]);

/** @param relaxed what the policy let pass, at least one rule @param policy its name */
export function checkFloor(
  document: DocumentBundle,
  relaxed: readonly Relaxed[],
  policy: string,
  findings: Findings,
  definitions: Definitions,
): void {
  const { composition } = document;
  const { resource } = composition;
  const at = `Bundle.entry[${composition.index}].resource`;
  const lacking = (what: string, expression: string, offset: number): void => {
    findings.add({
      rule: "policy-floor",
      text: `The policy ${shown(policy)} lets pass what R4 does not, but no document ${what}`,
      expression,
      offset,
    });
  };
  const date = resource.string("date");
  if (date === undefined || !isDate(date, definitions))
    lacking("without the date on which it was written: send it as Composition.date, such as 2026-11-30.", at, resource.offset);
  if (!STATUSES.has(resource.string("status") ?? ""))
    lacking(
      `of which nobody knows whether it is final or entered in error: send Composition.status, one of ${[...STATUSES].join(", ")}.`,
      at,
      resource.offset,
    );
  const subject = subjectFault(document);
  if (subject !== undefined) lacking(subject, `${at}.subject`, resource.object("subject")?.offset ?? resource.offset);
  if (!hasContent(document))
    lacking(
      "in which nothing is to be read: no narrative has words or an image, and no section refers to an entry but the Composition and its subject. Write a narrative, or name the entries in Composition.section.entry.",
      at,
      resource.offset,
    );
  for (const { entry, why } of notToldApart(document))
    lacking(`with an entry that cannot be told apart from others: ${why}`, `Bundle.entry[${entry.index}]`, entry.identityOffset);
  if (mayNotBeGivenBack(relaxed) && !isGivenBack(document.bundle, definitions))
    lacking("that could not be given back whole in JSON and XML: mend what else is said of its structure here.", "Bundle", document.bundle.offset);
}

/** A date as R4 has it, or a moment to the minute, which a policy may have let pass. */
function isDate(text: string, definitions: Definitions): boolean {
  const format = formatOf("dateTime", definitions.definitionOf("dateTime")?.pattern);
  return format(text) === undefined || lacksSecondsAlone(text, format);
}

/** Whom it is about must be known by name or identifier: a reference alone tells a reader nothing. */
function subjectFault({ composition, lookUp }: DocumentBundle): string | undefined {
  const reference = composition.resource.object("subject");
  if (reference === undefined) return "that names nobody as its subject: add Composition.subject, and the Patient as an entry.";
  const text = reference.string("reference");
  if (text === undefined)
    return isIdentified(reference.object("identifier")) || isLegible(reference.string("display"))
      ? undefined
      : "whose subject has neither name nor identifier: add one.";
  const resolution = lookUp(text, composition);
  const subject = resolution.kind === "found" ? resolution.entry.resource : containedIn(composition.resource, text);
  if (subject === undefined) return `of which nobody can tell whom it is about: ${leadsNowhere(text, resolution)}`;
  if (subject === composition.resource) return "that is about itself, so that nobody can tell whom it is about: mend Composition.subject.";
  return isLegible(givenName(subject)) || subject.objects("identifier").some(isIdentified)
    ? undefined
    : "whose subject has neither name nor identifier: add one.";
}

/** Why Composition.subject leads to nobody, and what to do. */
function leadsNowhere(text: string, resolution: Resolution): string {
  const subject = `Composition.subject (${shown(text)})`;
  if (resolution.kind === "ambiguous")
    return `${subject} leads to several entries (${listed(resolution.entries)}). Give each a fullUrl of its own, and refer to one by that.`;
  const lookalikes = resolution.kind === "missing" ? resolution.lookalikes : [];
  if (lookalikes.length > 0)
    return `${subject} leads to no entry by its fullUrl; of that type and id there is ${listed(lookalikes)}. Refer to it by its fullUrl.`;
  const why = resolution.kind === "malformed" ? "is no reference" : `leads to no ${resolution.kind === "contained" ? "contained resource" : "entry"}`;
  return `${subject} ${why}. Send the Patient as an entry, and refer to it by its fullUrl.`;
}

/** `entry 1, entry 3` */
function listed(entries: readonly BundleEntry[]): string {
  const most = 5;
  const named = entries.slice(0, most).map(({ index }) => `entry ${index}`);
  return [...named, ...(entries.length > most ? ["…"] : [])].join(", ");
}

function isIdentified(identifier: JsonObject | undefined): boolean {
  return isLegible(identifier?.string("value"));
}

/** Words or an image in a narrative, or an entry that is neither the Composition nor whom it is about. */
function hasContent(document: DocumentBundle): boolean {
  const { composition } = document;
  const { resource } = composition;
  const entryOf = (reference: JsonObject | undefined): BundleEntry | undefined => document.resolve(reference?.string("reference") ?? "", composition);
  const others = new Set([undefined, composition, entryOf(resource.object("subject"))]);
  let found = isToBeRead(resource.object("text"));
  eachSection(resource, "", (section) => {
    found ||= isToBeRead(section.object("text")) || section.objects("entry").some((entry) => !others.has(entryOf(entry)));
  });
  return found;
}

function isToBeRead(narrative: JsonObject | undefined): boolean {
  const div = narrative?.string("div");
  if (div === undefined) return false;
  const { root } = readXhtml(div);
  // What is not well-formed is shown as text, without its tags.
  return root ? hasWords(root, isLegible) : isLegible(div.replace(/<[^<>]*>/g, ""));
}

/** Entries whose fullUrl is no absolute address, or missing: what they are called by must be theirs alone. */
function* notToldApart({ entries }: DocumentBundle): Generator<{ readonly entry: BundleEntry; readonly why: string }> {
  const named = entries.map((entry) => ({ entry, names: namesOf(entry) }));
  const counts = new Map<string, number>();
  for (const { names } of named) for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const { entry, names } of named) {
    if (entry.fullUrl !== undefined && isAbsoluteUrl(entry.fullUrl)) continue;
    const shared = [...names].find((name) => (counts.get(name) ?? 0) > 1);
    if (names.size === 0) yield { entry, why: "it has neither fullUrl nor id. Give it a fullUrl, such as urn:uuid: and a UUID." };
    else if (shared !== undefined)
      yield { entry, why: `another is called ${shown(shared)} too, by its fullUrl or by its type and id. Give each a fullUrl of its own.` };
  }
}

/** What an entry is called by: its type and id, those at the end of its fullUrl, and a fullUrl that is no address. */
function namesOf({ type, id, fullUrl }: BundleEntry): ReadonlySet<string> {
  const names = new Set<string>();
  if (id !== undefined) names.add(`${type}/${id}`);
  const tail = fullUrl === undefined ? undefined : addressTail(fullUrl);
  if (tail !== undefined) names.add(`${tail.type}/${tail.id}`);
  if (fullUrl !== undefined && !isAbsoluteUrl(fullUrl)) names.add(fullUrl);
  return names;
}
