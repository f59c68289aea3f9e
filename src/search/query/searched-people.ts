import { ROWS } from "../derived/person.ts";
import { People, personTest } from "../people.ts";
import { some, type Criterion } from "./criterion.ts";
import { PERMIT_ALL } from "../predicate.ts";
import type { AskedIndex } from "../permitted-index.ts";
import type { Scope } from "../resource-index.ts";
import { isDerivedPatient, type ResourceNumber } from "../resource-number.ts";

/** R4's parameter of Patient, and how many messages with one identifier are looked at: there is one that counts, or a few that name it beside others. */
const IDENTIFIER = "identifier";
const MOST_SAID = 200;
const COUNTING: Scope = { permitted: PERMIT_ALL, isCurrent: true };

const EVERYTHING: Scope = { permitted: PERMIT_ALL, isCurrent: false };
/** How many of a person's copies are looked at together. */
const BATCH = 512;
/** And how many persons. */
const TOGETHER = 100;
/** More documents of one person are not looked through for the one that speaks for them. */
const MOST_OF_PERSON = 20_000;

/** Derived Patients in one search: which document speaks for whom is asked once. */
export class SearchedPeople {
  readonly #index: AskedIndex;
  readonly #people: People;
  readonly #end: ResourceNumber;
  readonly #widened = new Map<Criterion, Promise<Criterion>>();
  /** By scope and id. */
  readonly #leading = new Map<string, Map<string, ResourceNumber | undefined>>();

  /** @param end the first number that is newer than the search */
  constructor(index: AskedIndex, end: ResourceNumber) {
    this.#index = index;
    this.#people = new People(index);
    this.#end = end;
  }

  /** The numbers without the derived Patients of documents that do not speak for the person. */
  async speaking(numbers: readonly ResourceNumber[], scope: Scope): Promise<readonly ResourceNumber[]> {
    const derived = numbers.filter(isDerivedPatient);
    if (derived.length === 0) return numbers;
    const resources = await this.#index.resources(derived, EVERYTHING);
    const leading = await this.#leadingsOf([...new Set(resources.map(({ path }) => path))], scope);
    const speaking = new Set(resources.filter(({ number, path }) => leading.get(path) === number).map(({ number }) => number));
    return numbers.filter((number) => !isDerivedPatient(number) || speaking.has(number));
  }

  /** What each document says of derived Patients. */
  derived(ids: readonly string[]): Promise<ResourceNumber[]> {
    return this.#people.derived(ids, { below: this.#end, count: MOST_OF_PERSON });
  }

  /** The numbers, and what all other documents say of the derived Patients among them: what one says is true of the person, whichever speaks for them. */
  async whole(numbers: readonly ResourceNumber[]): Promise<ResourceNumber[]> {
    const derived = await this.#index.resources(numbers.filter(isDerivedPatient), EVERYTHING);
    const all = derived.length === 0 ? [] : await this.derived([...new Set(derived.map(({ path }) => path))]);
    return [...new Set([...numbers, ...all])];
  }

  /** Those derived Patients of which some copy is among those that `holding` gives, a batch at a time: what is true of a copy is true of the person, in whatever document. */
  async anyOf(
    derived: readonly ResourceNumber[],
    holding: (copies: readonly ResourceNumber[]) => Promise<readonly ResourceNumber[]>,
  ): Promise<ResourceNumber[]> {
    const resources = await this.#index.resources(derived, EVERYTHING);
    const ids = [...new Set(resources.map(({ path }) => path))];
    const found = new Set<string>();
    for (let at = 0; at < ids.length; at += TOGETHER) {
      let [open, below] = [ids.slice(at, at + TOGETHER), this.#end];
      for (let isMore = true; isMore && open.length > 0;) {
        const copies = await this.#people.numbers(open, EVERYTHING, { below, count: BATCH });
        const held = new Set(await holding(copies));
        const own = copies.filter((number) => !isDerivedPatient(number));
        const persons = held.size === 0 ? new Map<ResourceNumber, readonly string[]>() : await this.#people.personsOf(own, open);
        for (const number of held) for (const id of persons.get(number) ?? []) found.add(id);
        isMore = copies.length === BATCH;
        below = copies.at(-1) ?? 0;
        open = open.filter((id) => !found.has(id));
      }
    }
    return resources.filter(({ path }) => found.has(path)).map(({ number }) => number);
  }

  /** All ids of the persons, by what identity feeds say. */
  members(ids: readonly string[]): Promise<readonly string[]> {
    return this.#people.identities.members(ids);
  }

  /**
   * What a criterion upon Patients means where a feed says that several identifiers are one person's: whoever is asked for by one of them is found by all. Of any other criterion, itself.
   */
  widened(type: string, criterion: Criterion): Promise<Criterion> {
    if (type !== "Patient" || criterion.kind !== "row") return Promise.resolve(criterion);
    const known = this.#widened.get(criterion) ?? this.#widen(criterion);
    this.#widened.set(criterion, known);
    return known;
  }

  async #widen(criterion: Extract<Criterion, { kind: "row" }>): Promise<Criterion> {
    const isOfIdentifier = criterion.anyOf.every((test) => test.kind === "word" && test.name === IDENTIFIER && test.value !== undefined);
    if (!isOfIdentifier || !(await this.#people.identities.areThere())) return criterion;
    const anyOf = criterion.anyOf.map((test) => ({ ...test, name: ROWS.fedIdentifier }));
    const said = await this.#index.find("Patient", { kind: "row", anyOf }, { below: this.#end, count: MOST_SAID }, COUNTING);
    const named = (await this.#index.resources(said, COUNTING)).map(({ path }) => path);
    const members = await this.members(named);
    if (members.length < 2) return criterion;
    const literal = { ...criterion };
    this.#widened.set(literal, Promise.resolve(literal));
    return some([literal, { kind: "row", anyOf: members.map(personTest) }]);
  }

  /** Whether there are any. */
  async areThere(): Promise<boolean> {
    return (await this.#index.estimate("Patient", { kind: "present", name: ROWS.derived }, 1)) > 0;
  }

  async #leadingsOf(ids: readonly string[], scope: Scope): Promise<ReadonlyMap<string, ResourceNumber | undefined>> {
    const key = JSON.stringify(scope);
    const known = this.#leading.get(key) ?? new Map<string, ResourceNumber | undefined>();
    this.#leading.set(key, known);
    const open = ids.filter((id) => !known.has(id));
    const leading = open.length === 0 ? new Map<string, ResourceNumber>() : await this.#people.leadings(open, scope, this.#end);
    for (const id of open) known.set(id, leading.get(id));
    return known;
  }
}
