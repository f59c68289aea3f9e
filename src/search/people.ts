/** Derived Patients as the index has them (derived/person.ts): which of their documents speaks for a person, and where their copies stand. */
import { PERMIT_ALL, type Predicate } from "./predicate.ts";
import type { AskedIndex } from "./permitted-index.ts";
import type { RowTest } from "./query/criterion.ts";
import { FEED_ROLE, ROWS, type Role } from "./derived/person.ts";
import { Identities, type Identity } from "./identities.ts";
import type { FoundResource, Scope } from "./resource-index.ts";
import { isDerivedPatient, positionOf, type ResourceNumber } from "./resource-number.ts";

/** More copies of one person are not named: the newest are. */
export const MOST_COPIES = 200;

/** What a derived Patient is written from. */
export interface Person {
  readonly id: string;
  /** Who else is the same person, and by which id the person is called. */
  readonly identity: Identity;
  /** What speaks for the person: the derived Patient of a document, with the path of the copy in it, or, without one, of an identity feed's message. */
  readonly leading: FoundResource;
  readonly copy: string | undefined;
  /** Copies in all documents that may be known, the newest first. */
  readonly copies: readonly FoundResource[];
}

/** A derived Patient that is wanted. */
export interface WantedPerson {
  readonly id: string;
  /** As this document says of the person; by default the one that speaks for them. */
  readonly documentId?: string | undefined;
}

export class People {
  readonly #index: AskedIndex;
  readonly #identities: Identities;

  constructor(index: AskedIndex) {
    this.#index = index;
    this.#identities = new Identities(index.whole ?? index);
  }

  /** Who of all that feeds and documents name is whom. */
  get identities(): Identities {
    return this.#identities;
  }

  /** As `leadings`, of one person. */
  async leading(id: string, scope: Scope, end: ResourceNumber): Promise<ResourceNumber | undefined> {
    return (await this.leadings([id], scope, end)).get(id);
  }

  /**
   * Of each person what an identity feed says; if none does, the derived Patient of the newest document below `end` that is about them and is neither superseded nor entered in error; if there is none, of one that
   * has them in it; then of any that the scope has; at last what a feed says of somebody whom they replaced.
   */
  async leadings(ids: readonly string[], scope: Scope, end: ResourceNumber): Promise<Map<string, ResourceNumber>> {
    const current: Scope = { permitted: notRetracted(scope.permitted), isCurrent: true };
    const isFed = await this.#identities.areThere();
    const identities = await this.#identities.of(ids);
    const survivorOf = new Map([...identities.values()].flatMap(({ survivor, members }) => members.map((id) => [id, survivor] as const)));
    const found = new Map<string, ResourceNumber>();
    const look = async (role: Role, where: Scope, isOfAll: boolean): Promise<void> => {
      const open = [...new Set([...identities.values()])].filter(({ survivor }) => !found.has(survivor));
      const own = new Set(open.flatMap(({ survivor, members }) => (isOfAll ? members : [survivor])));
      const survivors = new Map<string, ResourceNumber>();
      for (const [id, number] of await this.#newest([...own], role, where, end)) {
        const survivor = survivorOf.get(id) ?? id;
        survivors.set(survivor, Math.max(number, survivors.get(survivor) ?? 0));
      }
      for (const [survivor, number] of survivors) found.set(survivor, number);
    };
    if (isFed) await look(FEED_ROLE, current, false);
    for (const where of scope.isCurrent ? [scope] : [current, scope])
      for (const role of ["subject", "mentioned"] as const) await look(role, where, true);
    if (isFed) await look(FEED_ROLE, current, true);
    return new Map(
      ids.flatMap((id) => {
        const number = found.get(survivorOf.get(id) ?? id);
        return number === undefined ? [] : [[id, number]];
      }),
    );
  }

  /** Of those of the ids of whom a document or a feed tells below `end`: by which the person is called. */
  async survivors(ids: readonly string[], end: ResourceNumber): Promise<Map<string, string>> {
    const known = new Set((await this.#newest(ids, undefined, EVERYTHING, end)).keys());
    const identities = await this.#identities.of([...known]);
    return new Map([...identities].map(([id, { survivor }]) => [id, survivor]));
  }

  /** Numbers of all that is one of the persons: copies, and what documents and feeds say of the derived ones; the newest first. */
  async numbers(
    ids: readonly string[],
    scope: Scope,
    { below, count }: { readonly below: ResourceNumber; readonly count: number },
  ): Promise<ResourceNumber[]> {
    const members = await this.#identities.members(ids);
    return this.#index.find("Patient", probe(ROWS.person, members), { below, count }, scope);
  }

  /** What each document, and each message of a feed, says of the derived Patient, the newest first. */
  async derived(ids: readonly string[], { below, count }: { readonly below: ResourceNumber; readonly count: number }): Promise<ResourceNumber[]> {
    const members = await this.#identities.members(ids);
    return this.#index.find("Patient", probe(ROWS.derived, members), { below, count }, EVERYTHING);
  }

  /** Which of the persons each copy is. @param copies all that the persons have in their documents */
  async personsOf(copies: readonly ResourceNumber[], ids: readonly string[]): Promise<Map<ResourceNumber, readonly string[]>> {
    const identities = await this.#identities.of(ids);
    if (new Set(identities.values()).size === 1 || copies.length === 0) return new Map(copies.map((number) => [number, ids]));
    const members = [...new Set([...identities.values()].flatMap((one) => one.members))];
    const found = await this.#idsOf(copies, members);
    const isOne = (id: string, own: ReadonlySet<string>): boolean => identities.get(id)?.members.some((member) => own.has(member)) === true;
    return new Map([...found].map(([number, own]) => [number, ids.filter((id) => isOne(id, own))]));
  }

  /** By which of the ids each copy is known. */
  async #idsOf(copies: readonly ResourceNumber[], ids: readonly string[]): Promise<Map<ResourceNumber, Set<string>>> {
    const bounds = await this.#index.bounds("Patient", ROWS.person, copies);
    const found = new Map(bounds.map(({ number, low, high }) => [number, new Set([String(low), String(high)])]));
    const several = bounds.filter(({ low, high }) => low !== high).map(({ number }) => number);
    // Of one with more than two identifiers, the derived Patients of its document lead to it.
    const links = several.length === 0 ? [] : (await this.#index.referrers("Patient", "link", several)).filter(({ from }) => isDerivedPatient(from));
    const paths = new Map(
      (links.length === 0 ? [] : await this.#index.resources(unique(links.map(({ from }) => from)), EVERYTHING)).map((one) => [one.number, one.path]),
    );
    for (const { from, to } of links) found.get(to)?.add(paths.get(from) ?? "");
    // But to one copy of each alone, and none may be passed over.
    const inDocument = Map.groupBy(copies, positionOf);
    const open = several.filter((number) => (inDocument.get(positionOf(number)) ?? []).length > 1);
    if (open.length > 0)
      for (const id of ids) for (const number of await this.#index.among("Patient", probe(ROWS.person, [id]), open)) found.get(number)?.add(id);
    return found;
  }

  /** The numbers with those of documents that do not speak for a person exchanged for the one that does; without those of whom nothing is in the scope. */
  async speaking(numbers: readonly ResourceNumber[], scope: Scope, end: ResourceNumber): Promise<ResourceNumber[]> {
    const derived = numbers.filter(isDerivedPatient);
    if (derived.length === 0) return [...new Set(numbers)];
    const paths = new Map((await this.#index.resources(derived, { ...scope, permitted: PERMIT_ALL })).map(({ number, path }) => [number, path]));
    const leading = await this.leadings([...new Set(paths.values())], scope, end);
    const speaker = (number: ResourceNumber): ResourceNumber | undefined => leading.get(paths.get(number) ?? "");
    return [...new Set(numbers.map((number) => (isDerivedPatient(number) ? speaker(number) : number)).filter((number) => number !== undefined))];
  }

  /** The numbers, and for derived Patients all that is the same persons, the newest first and as many as are named. */
  async together(resources: readonly FoundResource[], scope: Scope, end: ResourceNumber): Promise<ResourceNumber[]> {
    const ids = [...new Set(resources.filter(({ number }) => isDerivedPatient(number)).map(({ path }) => path))];
    const own = await Promise.all(inGroups(ids).map((some) => this.numbers(some, scope, { below: end, count: 2 * MOST_COPIES * some.length })));
    return [...new Set([...resources.map(({ number }) => number), ...own.flat()])];
  }

  /** In the order of `wanted`, all asked for at once; undefined where nothing in the scope tells of the person. */
  async persons(wanted: readonly WantedPerson[], permitted: Predicate, end: ResourceNumber): Promise<(Person | undefined)[]> {
    const scope: Scope = { permitted, isCurrent: false };
    const numbers = await this.#numbersOf(wanted, scope, end);
    const leading = new Map((await this.#index.resources(unique(numbers), scope)).map((one) => [one.number, one]));
    const links = new Map((await this.#index.targets("Patient", "link", [...leading.keys()])).reverse().map(({ from, to }) => [from, to]));
    const copies = await this.#copiesOf([...new Set(wanted.map(({ id }) => id))], scope, end);
    const named = [...links.values(), ...[...copies.values()].flat()];
    const resources = new Map((await this.#index.resources([...new Set(named)], scope)).map((one) => [one.number, one]));
    const identities = await this.#identities.of(wanted.map(({ id }) => id));
    return wanted.map(({ id }, at) => {
      const own = leading.get(numbers[at] ?? -1);
      const identity = identities.get(id);
      const target = own && links.get(own.number);
      const copy = target === undefined ? undefined : resources.get(target);
      // What a document says of somebody it says by a copy.
      if (!own || !identity || (target !== undefined && !copy)) return undefined;
      return { id, identity, leading: own, copy: copy?.path, copies: (copies.get(id) ?? []).flatMap((number) => resources.get(number) ?? []) };
    });
  }

  /** The same resources, with those of derived Patients called by what the person is called by. */
  async calledAsOne<Resource extends { readonly number: ResourceNumber; readonly path: string }>(
    resources: readonly Resource[],
  ): Promise<Resource[]> {
    const ids = resources.filter(({ number }) => isDerivedPatient(number)).map(({ path }) => path);
    if (ids.length === 0) return [...resources];
    const identities = await this.#identities.of(ids);
    return resources.map((one) => (isDerivedPatient(one.number) ? { ...one, path: identities.get(one.path)?.survivor ?? one.path } : one));
  }

  async #numbersOf(wanted: readonly WantedPerson[], scope: Scope, end: ResourceNumber): Promise<(ResourceNumber | undefined)[]> {
    const identities = await this.#identities.of(wanted.map(({ id }) => id));
    // A document or message may know the person by another of their ids.
    const placed = wanted.flatMap(({ id, documentId }) =>
      documentId === undefined ? [] : (identities.get(id)?.members ?? [id]).map((path) => ({ id, documentId, path })),
    );
    const places = placed.length === 0 ? [] : await this.#index.numbersOf(placed, "Patient");
    const byPlace = new Map<string, ResourceNumber>();
    placed.forEach(({ id, documentId }, at) => {
      const [key, number] = [`${documentId} ${id}`, places[at]];
      if (number !== undefined) byPlace.set(key, Math.max(number, byPlace.get(key) ?? 0));
    });
    const open = wanted.filter(({ documentId }) => documentId === undefined).map(({ id }) => id);
    // Of one who was replaced a feed says so itself.
    const replaced = open.filter((id) => identities.get(id)?.replaced.includes(id));
    const said = await this.#newest(replaced, FEED_ROLE, { permitted: scope.permitted, isCurrent: true }, end);
    const others = open.filter((id) => !said.has(id));
    const leading = others.length === 0 ? new Map<string, ResourceNumber>() : await this.leadings(others, scope, end);
    return wanted.map(({ id, documentId }) => (documentId === undefined ? (said.get(id) ?? leading.get(id)) : byPlace.get(`${documentId} ${id}`)));
  }

  /** Of each person the newest copies, as many as are named. */
  async #copiesOf(ids: readonly string[], scope: Scope, end: ResourceNumber): Promise<Map<string, ResourceNumber[]>> {
    const found = new Map<string, ResourceNumber[]>(ids.map((id) => [id, []]));
    for (const group of inGroups(ids)) {
      let [open, below] = [group, end];
      for (let isMore = true; isMore && open.length > 0;) {
        const count = 2 * MOST_COPIES * open.length;
        const numbers = await this.numbers(open, scope, { below, count });
        const copies = numbers.filter((number) => !isDerivedPatient(number));
        for (const [number, persons] of inOrderOf(copies, await this.personsOf(copies, open))) for (const id of persons) found.get(id)?.push(number);
        isMore = numbers.length === count;
        below = numbers.at(-1) ?? 0;
        // Whoever has enough keeps no others from theirs.
        open = open.filter((id) => (found.get(id)?.length ?? 0) < MOST_COPIES);
      }
    }
    return new Map([...found].map(([id, numbers]) => [id, numbers.slice(0, MOST_COPIES)]));
  }

  /** Of each person what the newest document says of the derived Patient. */
  async #newest(ids: readonly string[], role: Role | undefined, scope: Scope, end: ResourceNumber): Promise<Map<string, ResourceNumber>> {
    const found = new Map<string, ResourceNumber>();
    for (const group of inGroups(ids)) {
      let [open, below] = [group, end];
      while (open.length > 0) {
        const count = open.length === 1 ? 1 : 2 * open.length;
        const numbers = await this.#index.find("Patient", probe(ROWS.derived, open, role), { below, count }, scope);
        const [only] = group;
        if (group.length === 1 && only !== undefined) {
          if (numbers[0] !== undefined) found.set(only, numbers[0]);
          break;
        }
        for (const { number, path } of await this.#index.resources(numbers, EVERYTHING)) if (!found.has(path)) found.set(path, number);
        if (numbers.length < count) break;
        below = numbers.at(-1) ?? 0;
        open = open.filter((id) => !found.has(id));
      }
    }
    return found;
  }
}

const EVERYTHING: Scope = { permitted: PERMIT_ALL, isCurrent: false };
/** An engine is asked about so many persons together. */
const TOGETHER = 100;

function inGroups(ids: readonly string[]): (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / TOGETHER) }, (_, at) => ids.slice(at * TOGETHER, (at + 1) * TOGETHER));
}

function unique(numbers: readonly (ResourceNumber | undefined)[]): ResourceNumber[] {
  return [...new Set(numbers.filter((number) => number !== undefined))];
}

function inOrderOf<Value>(numbers: readonly ResourceNumber[], values: ReadonlyMap<ResourceNumber, Value>): [ResourceNumber, Value][] {
  return numbers.flatMap((number) => {
    const value = values.get(number);
    return value === undefined ? [] : [[number, value]];
  });
}

/** By which rows a Patient is found that is the person: in documents, and the derived ones. */
export function personTest(id: string): RowTest {
  return { kind: "word", name: ROWS.person, match: "whole", value: id };
}

export function notRetracted(permitted: Predicate): Predicate {
  return { kind: "every", of: [permitted, { kind: "not", of: { kind: "any", column: "status", values: ["entered-in-error"] } }] };
}

function probe(name: string, ids: readonly string[], system?: Role): { readonly kind: "row"; readonly anyOf: readonly RowTest[] } {
  return { kind: "row", anyOf: ids.map((value) => ({ kind: "word", name, match: "whole", value, ...(system !== undefined && { system }) })) };
}
