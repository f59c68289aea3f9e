import type { SearchParameters } from "../../core/fhir/r4/search-parameters.ts";
import { People } from "../people.ts";
import type { AskedIndex } from "../permitted-index.ts";
import type { FoundLink, FoundResource, Scope } from "../resource-index.ts";
import { isContained, isDerivedPatient, type ResourceNumber } from "../resource-number.ts";
import { nameOf } from "../values/index-row.ts";
import { AllLinks } from "./all-links.ts";
import { isSaidBySources, withoutBeside } from "./routine.ts";
import type { Include } from "./search-query.ts";

/** More are not added to one page; the answer says so then. */
export const MOST_INCLUDED = 1_000;
const MOST_ROUNDS = 5;

export interface Included {
  readonly resources: readonly FoundResource[];
  /** True when there would have been more. */
  readonly isCut: boolean;
}

export interface IncludeRequest {
  readonly includes: readonly Include[];
  readonly revIncludes: readonly Include[];
  /** Whether what we make of a document is included where its source said its own. */
  readonly withDerived: boolean;
}

/**
 * What belongs to the matches of a page (R4 search.html, "_include and _revinclude"): each resource once, none that is a match.
 */
export async function included(
  matches: readonly FoundResource[],
  { includes, revIncludes, withDerived }: IncludeRequest,
  using: {
    readonly index: AskedIndex;
    readonly parameters: SearchParameters;
    readonly scope: Scope;
    /** The first number that is newer than the search. */
    readonly end: ResourceNumber;
    /** @throws AppError `too-costly` when it has taken too long */
    readonly checkTime: () => void;
  },
): Promise<Included> {
  const known = new Set(matches.map(({ number }) => number));
  const found: FoundResource[] = [];
  let newest = matches;
  for (let round = 0; round < MOST_ROUNDS && newest.length > 0; round++) {
    // What was matched is followed once; what was included, by those that say so alone.
    const isTaken = ({ isIterated }: Include): boolean => round === 0 || isIterated;
    const numbers = new Set<ResourceNumber>();
    for (const [all, follow] of [
      [includes, forward],
      [revIncludes, withDerived ? backward : routineBackward],
    ] as const)
      for (const include of all.filter(isTaken)) {
        using.checkTime();
        for (const number of await follow(newest, include, using)) numbers.add(number);
      }
    // What is contained in another comes with it.
    const fresh = [...numbers].filter((number) => !known.has(number) && !isContained(number));
    const room = MOST_INCLUDED - found.length;
    newest = await using.index.resources(fresh.slice(0, room), using.scope);
    for (const { number } of newest) known.add(number);
    found.push(...newest);
    if (fresh.length > room) return { resources: found, isCut: true };
  }
  return { resources: found, isCut: false };
}

type Using = Parameters<typeof included>[2];

async function forward(
  resources: readonly FoundResource[],
  { source, code, target }: Include,
  { index, parameters, scope, end }: Using,
): Promise<ResourceNumber[]> {
  const numbers = resources.filter(({ type }) => source === ANY || type === source).map(({ number }) => number);
  if (numbers.length === 0) return [];
  const links = await Promise.all(namesOf(source, code, parameters).map((name) => new AllLinks(index).targets(typeOf(source), name, numbers)));
  const all = links.flatMap(derivedRather).map(({ to }) => to);
  const speaking = await new People(index).speaking(all, scope, end);
  return ofTarget(speaking, target, { index, scope });
}

async function backward(
  resources: readonly FoundResource[],
  { source, code, target }: Include,
  { index, parameters, scope, end }: Using,
): Promise<ResourceNumber[]> {
  const wanted = resources.filter(({ type }) => target === undefined || type === target);
  const to = await new People(index).together(wanted, scope, end);
  const links = await Promise.all(namesOf(source, code, parameters).map((name) => new AllLinks(index).referrers(typeOf(source), name, to)));
  return links.flat().map(({ from }) => from);
}

async function routineBackward(resources: readonly FoundResource[], include: Include, using: Using): Promise<ResourceNumber[]> {
  const numbers = await backward(resources, include, using);
  return include.source === ANY || isSaidBySources(include.source) ? withoutBeside(numbers, using.index) : numbers;
}

/** What refers to a derived Patient is found by its copy in the document too, which it does not name. */
function derivedRather(links: readonly FoundLink[]): readonly FoundLink[] {
  const derived = new Set(links.filter(({ to }) => isDerivedPatient(to)).map(({ from }) => from));
  return links.filter(({ from, to }) => !derived.has(from) || isDerivedPatient(to));
}

/** Stands for every type, and for every reference parameter. */
const ANY = "*";

function typeOf(source: string): string | undefined {
  return source === ANY ? undefined : source;
}

/** Undefined: any, in one question. */
function namesOf(type: string, code: string, parameters: SearchParameters): (string | undefined)[] {
  if (code === ANY) return [undefined];
  const own = [...parameters.of(type).values()].filter((parameter) => parameter.type === "reference");
  return own.filter((parameter) => parameter.code === code).map((parameter) => nameOf(parameter.code));
}

async function ofTarget(
  numbers: readonly ResourceNumber[],
  target: string | undefined,
  { index, scope }: Pick<Using, "index" | "scope">,
): Promise<ResourceNumber[]> {
  if (target === undefined) return [...numbers];
  return (await index.resources(numbers, scope)).filter(({ type }) => type === target).map(({ number }) => number);
}
