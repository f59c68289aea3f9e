/**
 * Answers criteria from the index, a page at a time, newest first, and never looks at more than it must: the criterion that the fewest resources satisfy drives, the others are asked about what it
 * gives. References lead within one document only, and documents are in order, so that chains can be followed page by page too.
 */
import { AllLinks } from "./all-links.ts";
import type { Effort } from "./effort.ts";
import type { SearchQuery } from "./search-query.ts";
import type { AskedIndex } from "../permitted-index.ts";
import type { PageScope, Probe, Scope, Window } from "../resource-index.ts";
import { isContained, isDerivedPatient, isDocument, isOfDocument, type ResourceNumber } from "../resource-number.ts";
import { SearchedPeople } from "./searched-people.ts";
import { PERMIT_ALL, permitsEverything } from "../predicate.ts";
import { ANYTHING, every, type Criterion } from "./criterion.ts";
import { isLinkOfPatient, toCopies } from "../patient-copies.ts";
import { kept, leastOf, listed, mapped, merged, MOST_ESTIMATED, unique, type Driver, type Stream } from "./drivers.ts";
import { IdLookups } from "./id-lookups.ts";
import { RememberedQuestions } from "./remembered.ts";
import { RememberedReferrers } from "./remembered-referrers.ts";
import { isWithin } from "./received.ts";
import { isProbe } from "./satisfies.ts";

/** How many candidates are looked at together, at first and at most. */
const FIRST_BATCH = 128;
const LARGEST_BATCH = 8_192;
/** Where nothing is weighed against it: whether there is any. */
const ANY = 1;

const EVERYTHING: Scope = { permitted: PERMIT_ALL, isCurrent: false };

export class Evaluator {
  readonly #index: AskedIndex;
  readonly #effort: Pick<Effort, "check">;
  readonly #people: SearchedPeople;
  readonly #remembered: RememberedQuestions;
  readonly #referrers: RememberedReferrers;
  readonly #ids: IdLookups;
  readonly #links: AllLinks;

  /**
   * @param index counts what it costs in `effort`, which says when a search is given up
   * @param end the first number that is newer than the search
   */
  constructor(index: AskedIndex, effort: Pick<Effort, "check">, end: ResourceNumber = Infinity) {
    this.#index = index;
    this.#effort = effort;
    this.#people = new SearchedPeople(index, end);
    this.#remembered = new RememberedQuestions(index);
    this.#referrers = new RememberedReferrers(index);
    this.#ids = new IdLookups(index, this.#people);
    this.#links = new AllLinks(index);
  }

  /**
   * The newest resources of the type that satisfy the criterion. What is contained in another resource is none of them unless that is asked for; a derived Patient is one, as the document says that speaks for the person.
   * @throws AppError `too-costly` when it takes longer than it may
   */
  page(
    type: string,
    criterion: Criterion,
    window: Window,
    scope: PageScope,
    contained: SearchQuery["contained"] = "false",
  ): Promise<ResourceNumber[]> {
    return this.#page(type, criterion, window, scope, (numbers) =>
      this.#people.speaking(contained === "both" ? numbers : numbers.filter((number) => isContained(number) === (contained === "true")), scope),
    );
  }

  async #page(
    type: string,
    criterion: Criterion,
    window: Window,
    scope: PageScope,
    narrow: (numbers: readonly ResourceNumber[]) => readonly ResourceNumber[] | Promise<readonly ResourceNumber[]>,
  ): Promise<ResourceNumber[]> {
    const { stream, rest } = (await this.#driver(type, criterion, ANY)) ?? this.#all(type, criterion);
    const found: ResourceNumber[] = [];
    let below = window.below;
    for (let count = FIRST_BATCH; found.length < window.count; count = Math.min(count * 2, LARGEST_BATCH)) {
      this.checkTime();
      const batch = await stream({ below, count });
      const inScope = await this.#inScope(batch, scope);
      found.push(...(await narrow(await this.filter(type, rest, inScope))));
      if (batch.length < count) break;
      below = batch.at(-1) ?? below;
    }
    return found.slice(0, window.count);
  }

  /** Those of `numbers`, resources of the type, that satisfy the criterion; in their order. */
  async filter(type: string, asked: Criterion, numbers: readonly ResourceNumber[]): Promise<readonly ResourceNumber[]> {
    if (numbers.length === 0) return numbers;
    this.checkTime();
    const criterion = await this.#people.widened(type, asked);
    if (isProbe(criterion)) return this.#index.among(type, criterion, numbers);
    switch (criterion.kind) {
      case "id":
        return kept(numbers, await this.#ids.numbersOf(type, criterion.ids));
      case "received": {
        const resources = await this.#index.resources(numbers, EVERYTHING);
        return resources.filter(({ receivedAt }) => isWithin(receivedAt, criterion.conditions)).map(({ number }) => number);
      }
      case "refers-to": {
        const copies = await toCopies(criterion, this.#people);
        if (copies) return this.filter(type, copies, numbers);
        if (isLinkOfPatient(type, criterion)) return kept(numbers, await this.#ids.linking(criterion));
        const wanted = await this.#ids.targetsOf(criterion);
        const links = await this.#index.targets(type, criterion.name, numbers);
        return kept(
          numbers,
          links.filter(({ to }) => wanted.includes(to)).map(({ from }) => from),
        );
      }
      case "refers": {
        const links = await this.#links.targets(type, criterion.name, numbers);
        const reached = await this.#satisfying(criterion.to, unique(links.map(({ to }) => to)));
        return kept(
          numbers,
          links.filter(({ to }) => reached.has(to)).map(({ from }) => from),
        );
      }
      case "referred": {
        const derived = numbers.filter(isDerivedPatient);
        if (derived.length > 0) return this.#referredPeople(type, criterion, numbers);
        const links = await this.#links.referrers(criterion.type, criterion.name, numbers);
        const reached = new Set(await this.filter(criterion.type, criterion.criterion, unique(links.map(({ from }) => from))));
        return kept(
          numbers,
          links.filter(({ from }) => reached.has(from)).map(({ to }) => to),
        );
      }
      case "permitted":
        return this.#inScope(numbers, { permitted: criterion.by, isCurrent: false });
      case "within":
        return this.#ids.within(criterion.documents, numbers);
      case "document":
        return numbers.filter(isDocument);
      case "superseded":
        return (await this.#index.resources(numbers, EVERYTHING)).filter(({ isSuperseded }) => isSuperseded).map(({ number }) => number);
      case "not": {
        const refused = new Set(await this.filter(type, criterion.of, numbers));
        return numbers.filter((number) => !refused.has(number));
      }
      case "every": {
        let rest = numbers;
        for (const one of criterion.of) rest = await this.filter(type, one, rest);
        return rest;
      }
      case "some": {
        const found = new Set<ResourceNumber>();
        for (const one of criterion.of)
          for (const number of await this.filter(
            type,
            one,
            numbers.filter((number) => !found.has(number)),
          ))
            found.add(number);
        return numbers.filter((number) => found.has(number));
      }
    }
  }

  async #referredPeople(
    type: string,
    criterion: Extract<Criterion, { kind: "referred" }>,
    numbers: readonly ResourceNumber[],
  ): Promise<readonly ResourceNumber[]> {
    const copies = numbers.filter((number) => !isDerivedPatient(number));
    const reached = new Set(await this.filter(type, criterion, copies));
    const refers = async (own: readonly ResourceNumber[]): Promise<readonly ResourceNumber[]> => {
      this.checkTime();
      const links = await this.#index.referrers(criterion.type, criterion.name, own);
      const from = new Set(await this.filter(criterion.type, criterion.criterion, unique(links.map((link) => link.from))));
      return unique(links.filter((link) => from.has(link.from)).map(({ to }) => to)).filter((number) => !isDerivedPatient(number));
    };
    for (const number of await this.#people.anyOf(numbers.filter(isDerivedPatient), refers)) reached.add(number);
    return numbers.filter((number) => reached.has(number));
  }

  async #satisfying(to: Extract<Criterion, { kind: "refers" }>["to"], numbers: readonly ResourceNumber[]): Promise<Set<ResourceNumber>> {
    const found = new Set<ResourceNumber>();
    for (const { type, criterion } of to) {
      const ofType = await this.#index.among(type, { kind: "any" }, numbers);
      for (const number of await this.filter(type, criterion, ofType)) found.add(number);
    }
    return found;
  }

  async #inScope(numbers: readonly ResourceNumber[], { within, ...scope }: PageScope): Promise<readonly ResourceNumber[]> {
    if (within) {
      const [own, others] = await Promise.all([
        this.#inScope(numbers.filter(isOfDocument), scope),
        this.#inScope(
          numbers.filter((number) => !isOfDocument(number)),
          within,
        ),
      ]);
      return kept(numbers, [...own, ...others]);
    }
    if (numbers.length === 0 || (permitsEverything(scope.permitted) && !scope.isCurrent)) return numbers;
    return (await this.#index.resources(numbers, scope)).map(({ number }) => number);
  }

  /**
   * What gives the resources that may satisfy the criterion, and few others; undefined when only a walk through all of the type does.
   * @param most its size is counted so far
   */
  async #driver(type: string, asked: Criterion, most: number): Promise<Driver | undefined> {
    const criterion = await this.#people.widened(type, asked);
    if (isProbe(criterion)) return this.#found(type, criterion, most);
    switch (criterion.kind) {
      case "within":
        return this.#ids.inDocuments(type, criterion.documents);
      case "id":
        return listed(await this.#ids.numbersOf(type, criterion.ids));
      case "refers-to": {
        const copies = await toCopies(criterion, this.#people);
        if (copies) return this.#driver(type, copies, most);
        if (isLinkOfPatient(type, criterion)) return listed(await this.#ids.linking(criterion));
        return listed((await this.#referrers.of(type, criterion.name, await this.#ids.targetsOf(criterion))).map(({ from }) => from));
      }
      case "refers": {
        const isCrossing = this.#links.mayCross(type, criterion.name);
        const all = await Promise.all(criterion.to.map((one) => this.#byDocument(one.type, one.criterion, isCrossing ? MOST_ESTIMATED : most)));
        // A reference may lead to any type, and most of them have nothing that is looked for.
        const inner = all.filter(({ size }) => size > 0);
        if (isCrossing)
          return this.#gathered(merged(inner), async (numbers) =>
            (await this.#links.referrers(type, criterion.name, numbers)).map(({ from }) => from),
          );
        const through = inner.map((driver) =>
          mapped(driver, async (numbers) => (await this.#referrers.of(type, criterion.name, numbers)).map(({ from }) => from)),
        );
        return merged(through);
      }
      case "referred": {
        // What refers to a copy of a person refers to the derived Patient, which is newer or older: there is no order to follow.
        if (type === "Patient" && (await this.#people.areThere())) return undefined;
        const isCrossing = this.#links.mayCross(criterion.type, criterion.name);
        const inner = await this.#byDocument(criterion.type, criterion.criterion, isCrossing ? MOST_ESTIMATED : most);
        const targets = async (numbers: readonly ResourceNumber[]): Promise<readonly ResourceNumber[]> => {
          const links = await this.#links.targets(criterion.type, criterion.name, numbers);
          return this.#index.among(type, { kind: "any" }, unique(links.map(({ to }) => to)));
        };
        return isCrossing ? this.#gathered(inner, targets) : mapped(inner, targets);
      }
      case "every": {
        const [driver, at] = await leastOf(criterion.of, (one, counted) => this.#driver(type, one, counted));
        return driver && { ...driver, rest: every([driver.rest, ...criterion.of.toSpliced(at, 1)]) };
      }
      case "some": {
        const drivers = await Promise.all(criterion.of.map((one) => this.#driver(type, one, most)));
        const all = drivers.filter((one) => one !== undefined);
        if (all.length < drivers.length) return undefined;
        // What one of them leaves open is not to be asked of what another gives.
        return { ...merged(all), rest: all.every(({ rest }) => rest === ANYTHING) ? ANYTHING : criterion };
      }
      default:
        return undefined;
    }
  }

  /** What refers from one document to another has no order that can be followed: all of it is gathered, if it is not too much. */
  async #gathered(inner: Driver, map: (numbers: readonly ResourceNumber[]) => Promise<readonly ResourceNumber[]>): Promise<Driver | undefined> {
    if (inner.size >= MOST_ESTIMATED) return undefined;
    const found: ResourceNumber[] = [];
    for (let below = Infinity, isMore = true; isMore;) {
      this.checkTime();
      const batch = await inner.stream({ below, count: LARGEST_BATCH });
      found.push(...(await map(batch)));
      isMore = batch.length === LARGEST_BATCH;
      below = batch.at(-1) ?? 0;
    }
    return listed(found);
  }

  /** The resources that satisfy an inner criterion. */
  async #byDocument(type: string, criterion: Criterion, most: number): Promise<Driver> {
    const driver = await this.#driver(type, criterion, most);
    const stream: Stream = (window) => this.#page(type, criterion, window, EVERYTHING, (numbers) => numbers);
    return { size: driver?.size ?? MOST_ESTIMATED, stream, rest: ANYTHING };
  }

  async #found(type: string, probe: Probe, most: number): Promise<Driver> {
    const size = await this.#remembered.estimate(type, probe, most);
    return { size, stream: (window) => this.#remembered.find(type, probe, window, EVERYTHING), rest: ANYTHING };
  }

  #all(type: string, criterion: Criterion): Driver {
    return { size: Infinity, stream: (window) => this.#index.find(type, { kind: "any" }, window, EVERYTHING), rest: criterion };
  }

  /** @throws AppError `too-costly` when the search has taken too long */
  checkTime(): void {
    this.#effort.check();
  }
}
