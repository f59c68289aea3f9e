/**
 * Derived Patients: the one Patient that stands for all documents of a person. There is one for each identifier of a system that the operator has listed as unique to a
 * person (same-person.ts). Its id is a keyed hash of that identifier; what it says of the person is what the newest document says; it is made by us and not attested.
 *
 * In the index it stands once for each document that has the Patient, found by what that document says: whoever searches takes the newest of them (people.ts). Nothing is
 * written twice or anew when a document comes or goes, so that it ends with the last of its documents. What an identity feed says stands in the index in the same way (search/feed), and which of them are
 * one person is looked up (identities.ts).
 */
import type { LinkRow, WordRow } from "../values/index-row.ts";

/** Names of rows of ours; no parameter of R4 has one. */
export const ROWS = {
  /** Of a Patient in a document, and of the derived ones: which person it is. */
  person: ":person",
  /** Of derived ones alone. */
  derived: ":derived",
  /** Of those that an identity feed tells of: the place of the identifier's system among the listed ones. */
  rank: ":rank",
  /** Of those of them that another stands for: which. */
  into: ":into",
  /** Their identifiers, as `identifier` has them. */
  fedIdentifier: ":fed-identifier",
} as const;

/** Of what an identity feed says. */
export const FEED_ROLE = "feed";

/** Whether the document is about the person, or only has the Patient in it, or is no document but a message of an identity feed: the system of a row called `derived`. */
export type Role = "subject" | "mentioned" | typeof FEED_ROLE;

/** A row that names a person by a key of same-person.ts, before the key is hashed: whoever extracts has no key of ours. */
export interface PersonRow {
  readonly kind: "person";
  readonly name: string;
  readonly key: string;
  /** What stands before the id in the value. */
  readonly before: "" | "Patient/";
  readonly system?: Role;
  readonly part: number;
}

/** The id of the derived Patient of a key of same-person.ts. */
export type PersonIdOf = (key: string) => Promise<string>;

const ID = /^p-[0-9a-f]{40}$/;

export function isPersonId(id: string): boolean {
  return ID.test(id);
}

/** A derived Patient is found by what its copy in the document is found by, but for its words (full-text.ts): its narrative is attested and stays where it is. It leads to the copy. */
export function derivedRows<Row extends { readonly name: string }>(copy: readonly Row[], place: number): (Row | LinkRow)[] {
  return [...copy, { kind: "link", name: "link", target: place, part: 0 }];
}

/** The row as it is written. */
export function hashed({ name, before, system, part }: PersonRow, id: string): WordRow {
  return { kind: "word", name, value: `${before}${id}`, part, ...(system !== undefined && { system }) };
}
