/** Documents of two hospitals about two people, each with words that stand in no other: whatever tells of a document that may not be known tells one of them. */
import { randomUUID } from "node:crypto";
import { documentJson } from "../journeys/documents.ts";

export const PERSONS = "urn:oid:2.16.756.5.32.99";
export const HOUSES = "urn:oid:2.16.756.5.99.1";

export interface Marked {
  readonly name: string;
  readonly json: string;
  /** Words of it alone. */
  readonly words: readonly string[];
}

export interface MarkedOptions {
  readonly name: string;
  readonly house: string;
  readonly person: string;
  /** `system|code` of the Bundle. */
  readonly labels?: readonly string[];
  /** Of an entry. */
  readonly entryLabel?: string;
  readonly replaces?: string;
  readonly identifier?: string;
}

/** A document with its marks. */
export function marked({ name, house, person, labels = [], entryLabel, replaces, identifier = `urn:uuid:${randomUUID()}` }: MarkedOptions): Marked {
  const word = `zq${name}word`;
  const title = `Title zq${name}title`;
  const tree = JSON.parse(documentJson({ identifier, title, words: word, ...(replaces !== undefined && { replaces }) })) as {
    meta?: object;
    entry: { fullUrl: string; resource: Record<string, unknown> }[];
  };
  const codings = labels.map(coding);
  if (codings.length > 0) tree.meta = { security: codings };
  const [composition, patient, practitioner, organization, observation] = tree.entry.map(({ resource }) => resource);
  Object.assign(patient ?? {}, { identifier: [{ system: PERSONS, value: person }], name: [{ family: `Zq${name}family` }] });
  Object.assign(organization ?? {}, { identifier: [{ system: HOUSES, value: house }], name: `Zq${name}house` });
  Object.assign(practitioner ?? {}, { name: [{ family: `Zq${name}author` }] });
  Object.assign(composition ?? {}, { confidentiality: "N" });
  if (entryLabel !== undefined) Object.assign(observation ?? {}, { meta: { security: [coding(entryLabel)] } });
  // Written anew, so that no digit matters here.
  return { name, json: JSON.stringify(tree), words: [word, `zq${name}title`, `Zq${name}family`, `Zq${name}house`, `Zq${name}author`, identifier] };
}

function coding(label: string): { readonly system: string; readonly code: string } {
  const [system = "", code = ""] = label.split("|");
  return { system, code };
}
