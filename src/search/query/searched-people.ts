import { ROWS } from "../derived/person.ts";
import { People } from "../people.ts";
import { PERMIT_ALL } from "../predicate.ts";
import type { ResourceIndex, Scope } from "../resource-index.ts";
import { isDerivedPatient, type ResourceNumber } from "../resource-number.ts";

const EVERYTHING: Scope = { permitted: PERMIT_ALL, isCurrent: false };
/** How many of a person's copies are looked at together. */
const BATCH = 256;
/** More documents of one person are not looked through for the one that speaks for them. */
const MOST_OF_PERSON = 20_000;

/** Derived Patients in one search: which document speaks for whom is asked once. */
export class SearchedPeople {
  readonly #index: ResourceIndex;
  readonly #people: People;
  readonly #end: ResourceNumber;
  readonly #leading = new Map<string, Promise<ResourceNumber | undefined>>();

  /** @param end the first number that is newer than the search */
  constructor(index: ResourceIndex, end: ResourceNumber) {
    this.#index = index;
    this.#people = new People(index);
    this.#end = end;
  }

  /** The numbers without the derived Patients of documents that do not speak for the person. */
  async speaking(numbers: readonly ResourceNumber[], scope: Scope): Promise<readonly ResourceNumber[]> {
    const derived = numbers.filter(isDerivedPatient);
    if (derived.length === 0) return numbers;
    const resources = await this.#index.resources(derived, EVERYTHING);
    const leading = await Promise.all(resources.map(({ path }) => this.#leadingOf(path, scope)));
    const speaking = new Set(resources.filter(({ number }, at) => leading[at] === number).map(({ number }) => number));
    return numbers.filter((number) => !isDerivedPatient(number) || speaking.has(number));
  }

  /** What each document says of a derived Patient. */
  derived(id: string): Promise<ResourceNumber[]> {
    return this.#people.derived(id, { below: this.#end, count: MOST_OF_PERSON });
  }

  /** Those derived Patients of which `holds` is true for some of the copies, a batch at a time: what is true of a copy is true of the person, in whatever document. */
  async anyOf(derived: readonly ResourceNumber[], holds: (copies: readonly ResourceNumber[]) => Promise<boolean>): Promise<ResourceNumber[]> {
    const found: ResourceNumber[] = [];
    for (const { number, path } of await this.#index.resources(derived, EVERYTHING)) {
      let below = this.#end;
      for (let isMore = true; isMore;) {
        const copies = await this.#people.numbers(path, EVERYTHING, { below, count: BATCH });
        const isFound = await holds(copies);
        if (isFound) found.push(number);
        isMore = !isFound && copies.length === BATCH;
        below = copies.at(-1) ?? 0;
      }
    }
    return found;
  }

  /** Whether there are any. */
  async areThere(): Promise<boolean> {
    return (await this.#index.estimate("Patient", { kind: "present", name: ROWS.derived }, 1)) > 0;
  }

  #leadingOf(id: string, scope: Scope): Promise<ResourceNumber | undefined> {
    const key = `${id} ${JSON.stringify(scope)}`;
    const known = this.#leading.get(key) ?? this.#people.leading(id, scope, this.#end);
    this.#leading.set(key, known);
    return known;
  }
}
