/** Derived Patients as the index has them (derived/person.ts): which of their documents speaks for a person, and where their copies stand. */
import { PERMIT_ALL, type Predicate } from "./predicate.ts";
import type { RowTest } from "./query/criterion.ts";
import { ROWS, type Role } from "./derived/person.ts";
import type { FoundResource, ResourceIndex, Scope } from "./resource-index.ts";
import { isDerivedPatient, type ResourceNumber } from "./resource-number.ts";

/** More copies of one person are not named: the newest are. */
export const MOST_COPIES = 200;

/** What a derived Patient is written from. */
export interface Person {
  readonly id: string;
  /** The document that speaks for the person: its derived Patient, and the path of the copy in it. */
  readonly leading: FoundResource;
  readonly copy: string;
  /** Copies in all documents that may be known, the newest first. */
  readonly copies: readonly FoundResource[];
}

type Questions = Pick<ResourceIndex, "find" | "targets" | "resources" | "numberOf">;

export interface PersonChoice {
  /** Below this number. */
  readonly end: ResourceNumber;
  /** As this document says of the person; by default the one that speaks for them. */
  readonly documentId?: string | undefined;
}

export class People {
  readonly #index: Questions;

  constructor(index: Questions) {
    this.#index = index;
  }

  /**
   * The derived Patient of the newest document below `end` that is about the person and is neither superseded nor entered in error; if there is none, of one that has them in it; then of any that the
   * scope has.
   */
  async leading(id: string, scope: Scope, end: ResourceNumber): Promise<ResourceNumber | undefined> {
    const current: Scope = { permitted: notRetracted(scope.permitted), isCurrent: true };
    for (const where of scope.isCurrent ? [scope] : [current, scope])
      for (const role of ["subject", "mentioned"] as const) {
        const [newest] = await this.#index.find("Patient", probe(ROWS.derived, id, role), { below: end, count: 1 }, where);
        if (newest !== undefined) return newest;
      }
    return undefined;
  }

  /** Numbers of all that is the person: copies, and what documents say of the derived one; the newest first. */
  numbers(id: string, scope: Scope, { below, count }: { readonly below: ResourceNumber; readonly count: number }): Promise<ResourceNumber[]> {
    return this.#index.find("Patient", probe(ROWS.person, id), { below, count }, scope);
  }

  /** What each document says of the derived Patient, the newest first. */
  derived(id: string, { below, count }: { readonly below: ResourceNumber; readonly count: number }): Promise<ResourceNumber[]> {
    return this.#index.find("Patient", probe(ROWS.derived, id), { below, count }, { permitted: PERMIT_ALL, isCurrent: false });
  }

  /** The numbers with those of documents that do not speak for a person exchanged for the one that does; without those of whom nothing is in the scope. */
  async speaking(numbers: readonly ResourceNumber[], scope: Scope, end: ResourceNumber): Promise<ResourceNumber[]> {
    const found = await this.#index.resources(numbers.filter(isDerivedPatient), { ...scope, permitted: PERMIT_ALL });
    const leading = new Map(await Promise.all(found.map(async ({ number, path }) => [number, await this.leading(path, scope, end)] as const)));
    return [...new Set(numbers.map((number) => (isDerivedPatient(number) ? leading.get(number) : number)).filter((number) => number !== undefined))];
  }

  /** The numbers, and for each derived Patient all that is the same person, the newest first and as many as are named. */
  async together(resources: readonly FoundResource[], scope: Scope, end: ResourceNumber): Promise<ResourceNumber[]> {
    const window = { below: end, count: 2 * MOST_COPIES };
    const all = await Promise.all(
      resources.map(async ({ number, path }) => (isDerivedPatient(number) ? [number, ...(await this.numbers(path, scope, window))] : [number])),
    );
    return [...new Set(all.flat())];
  }

  /** Undefined when nothing in the scope tells of the person. */
  async person(id: string, permitted: Predicate, { end, documentId }: PersonChoice): Promise<Person | undefined> {
    const scope: Scope = { permitted, isCurrent: false };
    const number = await (documentId === undefined ? this.leading(id, scope, end) : this.#index.numberOf(documentId, id, "Patient"));
    const [leading] = number === undefined ? [] : await this.#index.resources([number], scope);
    if (!leading) return undefined;
    const copy = (await this.#index.targets("Patient", "link", [leading.number]))[0]?.to;
    const all = await this.numbers(id, scope, { below: end, count: 2 * MOST_COPIES });
    const copies = await this.#index.resources(all.filter((one) => !isDerivedPatient(one)).slice(0, MOST_COPIES), scope);
    const [own] = copy === undefined ? [] : await this.#index.resources([copy], scope);
    return own && { id, leading, copy: own.path, copies };
  }
}

/** By which rows a Patient is found that is the person: in documents, and the derived ones. */
export function personTest(id: string): RowTest {
  return { kind: "word", name: ROWS.person, match: "whole", value: id };
}

export function notRetracted(permitted: Predicate): Predicate {
  return { kind: "every", of: [permitted, { kind: "not", of: { kind: "any", column: "status", values: ["entered-in-error"] } }] };
}

function probe(name: string, id: string, system?: Role): { readonly kind: "row"; readonly anyOf: readonly RowTest[] } {
  return { kind: "row", anyOf: [{ kind: "word", name, match: "whole", value: id, ...(system !== undefined && { system }) }] };
}
