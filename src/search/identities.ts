/**
 * Which identifiers are one person's, and which of them stands for the person: what identity feeds say (search/feed). Two are one person's when a message that counts (the last about its person) names both, or says
 * that one replaces the other. It is looked up when somebody asks: nothing of documents is rewritten when a feed joins persons, or takes them apart again.
 */
import { FEED_ROLE, ROWS } from "./derived/person.ts";
import { PERMIT_ALL } from "./predicate.ts";
import type { Probe, ResourceSearch, Scope } from "./resource-index.ts";
import { MADE_PLACES, MOST_OF_MESSAGE, positionOf, resourceNumber, type ResourceNumber } from "./resource-number.ts";

/** One person, by the ids of derived Patients. */
export interface Identity {
  /** By which the person is called. */
  readonly survivor: string;
  /** All of them, the survivor first. */
  readonly members: readonly string[];
  /** Those that were replaced by others. */
  readonly replaced: readonly string[];
}

/** A person, and the messages of identity feeds that say who they are. */
export interface FedIdentity {
  readonly identity: Identity;
  readonly messages: readonly string[];
}

type Questions = Pick<ResourceSearch, "find" | "resources" | "bounds" | "estimate">;

/** Messages that count: those that no later one took the place of. */
const COUNTING: Scope = { permitted: PERMIT_ALL, isCurrent: true };
const PAGE = 1_000;
/** More identifiers are not looked through for one person: a feed that says so joins what does not belong together. */
const MOST_MEMBERS = 1_000;

/** What one message says of one identifier. */
interface Saying {
  readonly id: string;
  readonly message: number;
  /** Whether the message is about this very identifier. */
  readonly isAddressed: boolean;
  readonly into: string | undefined;
  readonly rank: string;
}

export class Identities {
  readonly #index: Questions;
  readonly #known = new Map<string, Identity>();
  #areThere: Promise<boolean> | undefined;

  constructor(index: Questions) {
    this.#index = index;
  }

  /** Whether a feed ever said anything. */
  areThere(): Promise<boolean> {
    return (this.#areThere ??= this.#index.estimate("Patient", { kind: "present", name: ROWS.rank }, 1).then((count) => count > 0));
  }

  /** Of each id the person; of one that no feed named, itself alone. */
  async of(ids: readonly string[]): Promise<ReadonlyMap<string, Identity>> {
    const open = [...new Set(ids)].filter((id) => !this.#known.has(id));
    if (open.length > 0) {
      const sayings = (await this.areThere()) ? await this.#sayingsAbout(open) : [];
      for (const identity of identitiesIn(open, sayings)) for (const id of identity.members) this.#known.set(id, identity);
    }
    return new Map(ids.map((id) => [id, this.#known.get(id) ?? { survivor: id, members: [id], replaced: [] }]));
  }

  /** The persons of the ids, each once, with all of their ids. */
  async members(ids: readonly string[]): Promise<string[]> {
    return [...new Set([...(await this.of(ids)).values()].flatMap(({ members }) => members))];
  }

  /** Of each person whom a feed names, by their survivor: the ids of the messages that count. */
  async messagesOf(persons: readonly Identity[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const found = new Map<string, readonly string[]>();
    for (const { survivor, members } of new Set(persons)) {
      const numbers = (await this.areThere()) ? await this.#all(probe(ROWS.derived, members, FEED_ROLE)) : [];
      if (numbers.length === 0) continue;
      const resources = await this.#index.resources(numbers, COUNTING);
      found.set(survivor, [...new Set(resources.map(({ documentId }) => documentId))]);
    }
    return found;
  }

  /** All that is said of the ids, of those that are the same person by it, and so on. */
  async #sayingsAbout(ids: readonly string[]): Promise<Saying[]> {
    const found = new Map<ResourceNumber, Saying>();
    const asked = new Set<string>();
    for (let open = ids; open.length > 0 && asked.size < ids.length + MOST_MEMBERS;) {
      for (const id of open) asked.add(id);
      const rows = [...(await this.#all(probe(ROWS.derived, open, FEED_ROLE))), ...(await this.#all(probe(ROWS.into, open)))];
      const messages = [...new Set(rows.map(positionOf))].filter((message) => !found.has(resourceNumber(message, MADE_PLACES.Patient)));
      for (const [number, saying] of await this.#sayingsOf(messages)) found.set(number, saying);
      const named = [...found.values()].flatMap(({ id, into }) => (into === undefined ? [id] : [id, into]));
      open = [...new Set(named)].filter((id) => !asked.has(id));
    }
    return [...found.values()];
  }

  async #sayingsOf(messages: readonly number[]): Promise<[ResourceNumber, Saying][]> {
    if (messages.length === 0) return [];
    const places = messages.flatMap((message) =>
      Array.from({ length: MOST_OF_MESSAGE }, (_, at) => resourceNumber(message, MADE_PLACES.Patient + at)),
    );
    const resources = await this.#index.resources(places, COUNTING);
    const numbers = resources.map(({ number }) => number);
    const [into, ranks] = await Promise.all([this.#valuesOf(ROWS.into, numbers), this.#valuesOf(ROWS.rank, numbers)]);
    return resources.map(({ number, path: id }) => {
      const message = positionOf(number);
      const isAddressed = number === resourceNumber(message, MADE_PLACES.Patient);
      return [number, { id, message, isAddressed, into: into.get(number), rank: ranks.get(number) ?? "" }];
    });
  }

  async #valuesOf(name: string, numbers: readonly ResourceNumber[]): Promise<Map<ResourceNumber, string>> {
    return new Map((await this.#index.bounds("Patient", name, numbers)).map(({ number, low }) => [number, String(low)]));
  }

  async #all(wanted: Probe): Promise<ResourceNumber[]> {
    const found: ResourceNumber[] = [];
    for (let below: ResourceNumber = Infinity; ;) {
      const numbers = await this.#index.find("Patient", wanted, { below, count: PAGE }, COUNTING);
      found.push(...numbers);
      if (numbers.length < PAGE || found.length > PAGE * MOST_OF_MESSAGE) return found;
      below = numbers.at(-1) ?? 0;
    }
  }
}

/** The persons that the ids are, by what is said: those join that one message names, and who was replaced joins who replaced them. */
function identitiesIn(ids: readonly string[], sayings: readonly Saying[]): Identity[] {
  const joined = new Map<string, Set<string>>();
  const setOf = (id: string): Set<string> => {
    const known = joined.get(id) ?? new Set([id]);
    joined.set(id, known);
    return known;
  };
  const join = (one: string, other: string): void => {
    const [all, more] = [setOf(one), setOf(other)];
    if (all === more) return;
    for (const id of more) {
      all.add(id);
      joined.set(id, all);
    }
  };
  const first = new Map<number, string>();
  for (const { id, message, into } of sayings) {
    join(first.get(message) ?? id, id);
    first.set(message, id);
    if (into !== undefined) join(id, into);
  }
  const byId = Map.groupBy(sayings, ({ id }) => id);
  const isReplaced = (id: string): boolean => {
    const all = byId.get(id) ?? [];
    // What is said of an identifier itself counts before what is said beside another.
    const addressed = all.filter((one) => one.isAddressed);
    const counted = addressed.length > 0 ? addressed : all;
    return counted.length > 0 && counted.every(({ into }) => into !== undefined);
  };
  const rankOf = (id: string): string => byId.get(id)?.[0]?.rank ?? "";
  return [...new Set(ids.map(setOf))].map((all) => {
    const replaced = [...all].filter(isReplaced).sort();
    const order = (id: string): string => `${replaced.includes(id) ? 1 : 0} ${rankOf(id)} ${id}`;
    const members = [...all].sort((one, other) => (order(one) < order(other) ? -1 : 1));
    return { survivor: members[0] ?? "", members, replaced };
  });
}

function probe(name: string, ids: readonly string[], system?: string): Probe {
  return { kind: "row", anyOf: ids.map((value) => ({ kind: "word", name, match: "whole", value, ...(system !== undefined && { system }) })) };
}
