/**
 * Documents for measuring searches: patient summaries of 50 resources, each different from the others and the same in every run. A number stands for a document, and what a search asks for is
 * told by number too, so that nothing has to be remembered of what was deposited.
 */
import { patientSummary } from "./patient-summary.ts";

export const RESOURCES = 50;
/** So many documents are about one patient. */
const DOCUMENTS_EACH = 5;
const ENCOUNTER = "urn:uuid:5d1f0f7c-3b1c-4c2e-9d57-000000000004";
const DAY = 86_400_000;
const FIRST_DAY = Date.UTC(2016, 0, 1);
const DAYS = 3_600;

export const SYSTEMS = { patient: "urn:oid:2.16.756.5.32.99", encounter: "https://lakeside.example/visits", loinc: "http://loinc.org" } as const;

const FAMILIES = series(
  "Brandt Okafor Meier Rossi Dubois Novak Silva Haddad Tanaka Lindqvist Kowalski Moreau Jansen Fischer Greco Sato Weber Costa Ahmed Petrov",
);
const GIVEN = series("Ada Ngozi Jonas Lucia Chloe Milan Rita Omar Yuki Elsa Piotr Hugo Femke Paul Gina Kenji Lena Nuno Leila Ivan");
const PLACES = series("Lakeside Hillview Northgate Riverside Oakwood Seafront Westfield Highland");

/** A code that stands in about one of a hundred documents, beside those that stand in all. */
const RARE = 100;

interface Resource {
  resourceType: string;
  [name: string]: unknown;
}

const TEMPLATE = new TextDecoder().decode(patientSummary(RESOURCES));

/** What the document with this number says, by which it can be found. */
export function factsOf(number: number): {
  readonly patient: string;
  readonly family: string;
  readonly given: string;
  readonly organisation: string;
  readonly visit: string;
  /** The code of its first observation: one of a hundred. */
  readonly code: string;
  readonly date: string;
  readonly word: string;
} {
  const person = Math.floor(number / DOCUMENTS_EACH);
  const at = <Item>(list: readonly Item[], salt: number): Item => list[mixed(person, salt) % list.length] as Item;
  return {
    patient: `P-${person.toString().padStart(7, "0")}`,
    // Some hundred thousand different ones, of which each begins as others do.
    family: `${at(FAMILIES, 1)}${syllables(mixed(person, 2), 2)}`,
    given: at(GIVEN, 3),
    organisation: `${at(PLACES, 4)} ${syllables(mixed(person, 5) % 300, 2)} Hospital`,
    visit: `V-${number.toString().padStart(7, "0")}`,
    code: codeOf(mixed(number, 6) % RARE),
    date: dayOf(mixed(number, 7) % DAYS),
    word: `finding${syllables(mixed(number, 8) % 2_000, 3)}`,
  };
}

export function codeOf(number: number): string {
  return `9${number.toString().padStart(4, "0")}-1`;
}

/** JSON of the document with this number. `run`: documents of another run have other identities and say the same. */
export function searchDocument(number: number, run: string): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(bundleOf(number, run), undefined, 2));
}

/** The same resources as a transaction, for a server that has no documents: each is created. */
export function asTransaction(number: number, run: string): Uint8Array {
  const bundle = bundleOf(number, run);
  const entry = bundle.entry.map((one) => ({ ...one, request: { method: "POST", url: one.resource.resourceType } }));
  return new TextEncoder().encode(JSON.stringify({ resourceType: "Bundle", type: "transaction", entry }));
}

function bundleOf(number: number, run: string): { readonly entry: readonly { readonly fullUrl: string; readonly resource: Resource }[] } {
  const facts = factsOf(number);
  const bundle = JSON.parse(TEMPLATE) as { identifier: object; entry: { fullUrl: string; resource: Resource }[] };
  bundle.identifier = { system: `https://lakeside.example/documents/${run}`, value: `D-${number}` };
  let observations = 0;
  bundle.entry.forEach((entry, place) => {
    const { resource } = entry;
    switch (resource.resourceType) {
      case "Composition":
        Object.assign(resource, { date: `${facts.date}T09:00:00+01:00`, title: `Patient summary ${number}` });
        break;
      case "Patient":
        Object.assign(resource, {
          identifier: [{ use: "official", system: SYSTEMS.patient, value: facts.patient }],
          name: [{ use: "official", family: facts.family, given: [facts.given] }],
          birthDate: dayOf(mixed(Math.floor(number / DOCUMENTS_EACH), 9) % DAYS).replace(/^20/, "19"),
          text: narrative(`<p>${facts.given} ${facts.family}</p>`),
        });
        break;
      case "Organization":
        Object.assign(resource, { name: facts.organisation, text: narrative(`<p>${facts.organisation}</p>`) });
        break;
      case "Observation":
        Object.assign(resource, {
          encounter: { reference: ENCOUNTER },
          effectiveDateTime: `${facts.date}T07:45:00+01:00`,
          valueQuantity: quantity((300 + (mixed(number, 10 + observations) % 300)) / 100),
          ...(observations === 0 && {
            code: { coding: [{ system: SYSTEMS.loinc, code: facts.code }], text: "Rare analyte" },
            text: narrative(`<p>Rare analyte, ${facts.word}</p>`),
          }),
        });
        observations++;
        break;
      default:
        if (Array.isArray(resource["identifier"]))
          resource["identifier"] = [{ system: `https://lakeside.example/${run}`, value: `R-${number}-${place}` }];
    }
  });
  // In the place of the last resource, which no section may name then.
  const last = bundle.entry.at(-1);
  const [composition] = bundle.entry;
  if (!last || !composition) throw new Error("the template has entries");
  const sections = composition.resource["section"] as { entry: { reference: string }[] }[];
  for (const section of sections) section.entry = section.entry.filter(({ reference }) => reference !== last.fullUrl);
  composition.resource["encounter"] = { reference: ENCOUNTER };
  const [, patient, , organization] = bundle.entry;
  bundle.entry.splice(-1, 1, { fullUrl: ENCOUNTER, resource: encounterOf(facts, patient?.fullUrl ?? "", organization?.fullUrl ?? "") });
  return bundle;
}

function encounterOf({ visit, date }: ReturnType<typeof factsOf>, patient: string, organization: string): Resource {
  return {
    resourceType: "Encounter",
    text: narrative(`<p>Visit ${visit}</p>`),
    identifier: [{ system: SYSTEMS.encounter, value: visit }],
    status: "finished",
    class: { system: "http://terminology.hl7.org/CodeSystem/v3-ActCode", code: "AMB" },
    subject: { reference: patient },
    serviceProvider: { reference: organization },
    period: { start: `${date}T07:30:00+01:00`, end: `${date}T09:10:00+01:00` },
  };
}

/** A number that looks random and is the same each time (a round of MurmurHash3's finalizer). */
export function mixed(number: number, salt: number): number {
  let hash = Math.imul(number ^ Math.imul(salt, 0x9e3779b1), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function syllables(number: number, count: number): string {
  const consonants = "bdfglmnprt";
  const vowels = "aeiou";
  return Array.from({ length: count }, (_, at) => {
    const part = Math.floor(number / 50 ** at);
    return `${consonants[part % 10] ?? ""}${vowels[Math.floor(part / 10) % 5] ?? ""}`;
  }).join("");
}

function dayOf(number: number): string {
  return new Date(FIRST_DAY + number * DAY).toISOString().slice(0, 10);
}

function quantity(value: number): object {
  return { value, unit: "mmol/L", system: "http://unitsofmeasure.org", code: "mmol/L" };
}

function narrative(content: string): object {
  return { status: "generated", div: `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>` };
}

function series(words: string): readonly string[] {
  return words.split(" ");
}
