/** Which subscriptions want to be told of what happened. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { QueryContext } from "../search/query/query-context.ts";
import { isHeaderType } from "../search/header-types.ts";
import type { Criterion } from "../search/query/criterion.ts";
import type { ArrivedDocument } from "./arrived-document.ts";
import { CriteriaIndex, type FiledCriterion } from "./criteria-index.ts";
import type { Happening } from "./happened.ts";
import { EVENT_KINDS, type EventKind, type HeldSubscription } from "./subscription.ts";
import { criterionOfWanted, FILTERED, type TypedCriterion } from "./wanted-criteria.ts";

/** A subscription that wants to be told, and of which resources: one event for each. */
export interface Told {
  readonly subscription: HeldSubscription;
  /** `Type/id` */
  readonly foci: readonly string[];
}

export interface MatchingOptions {
  readonly context: Omit<QueryContext, "now">;
  /** Told of a subscription that is not understood any more: nothing is told to it. */
  onFault(error: unknown): void;
}

/** By kind of event what topics ask of the document, and beside it what searches ask of resources of a deposit. */
interface Filed {
  readonly topics: Readonly<Record<EventKind, CriteriaIndex<HeldSubscription>>>;
  readonly searches: CriteriaIndex<HeldSubscription>;
  readonly erasures: readonly HeldSubscription[];
  readonly wanted: ReadonlySet<EventKind>;
  /** Whether more is asked for than headers. */
  readonly isWhole: boolean;
}

/** Milliseconds after which everybody else has a turn. */
const LONGEST_TURN = 10;

export class Matching {
  readonly #options: MatchingOptions;
  #known: ReadonlyMap<string, { readonly version: number; readonly criterion: TypedCriterion | undefined }> = new Map();
  #filed: Filed;
  #open: readonly HeldSubscription[] = [];

  constructor(options: MatchingOptions) {
    this.#options = options;
    this.#filed = filedOf([]);
  }

  /** Takes the subscriptions as they stand now in the place of those that it had. */
  take(subscriptions: readonly HeldSubscription[]): void {
    const open = subscriptions.filter(({ status }) => status !== "off");
    // As a rule some other setting was changed.
    if (open.length === this.#open.length && open.every((one, at) => one === this.#open[at])) return;
    this.#open = open;
    const known = new Map(
      open.map((one) => {
        const before = this.#known.get(one.id);
        return [one.id, before?.version === one.version ? before : { version: one.version, criterion: this.#understood(one) }] as const;
      }),
    );
    this.#known = known;
    this.#filed = filedOf(
      open.flatMap((owner) => {
        const criterion = known.get(owner.id)?.criterion;
        return criterion ? [{ ...criterion, owner }] : [];
      }),
    );
  }

  /** What anybody wants to know. */
  get wanted(): ReadonlySet<EventKind> {
    return this.#filed.wanted;
  }

  /** Who wants to be told of it, as of when it happened. */
  async told(happening: Happening): Promise<Told[]> {
    const { topics, searches, erasures, isWhole } = this.#filed;
    const { kind, documentId } = happening;
    const focus = `${FILTERED}/${documentId}`;
    if (kind === "erased") return erasures.filter(isOpenTo(happening)).map((subscription) => ({ subscription, foci: [focus] }));
    const document = await happening.document(isWhole && kind === "deposited");
    if (!document) return [];
    const found = new Map<HeldSubscription, string[]>();
    let until = performance.now() + LONGEST_TURN;
    for (const one of document.resources) {
      // What many ask of large documents takes long, and whoever else asks something meanwhile is answered.
      if (performance.now() > until) {
        await nextTurn();
        until = performance.now() + LONGEST_TURN;
      }
      if (one.type === FILTERED) for (const { owner } of topics[kind].satisfied(document, one)) found.set(owner, [focus]);
      if (kind !== "deposited") continue;
      const own = `${one.type}/${one.id}`;
      for (const { owner } of searches.satisfied(document, one)) {
        const foci = found.get(owner);
        if (foci) foci.push(own);
        else found.set(owner, [own]);
      }
    }
    return [...found].map(([subscription, foci]) => ({ subscription, foci })).filter(({ subscription }) => isOpenTo(happening)(subscription));
  }

  /** How many subscriptions are asked as a whole about a document: what it costs to match it. */
  asked(document: ArrivedDocument): number {
    const { topics, searches } = this.#filed;
    return document.resources.reduce(
      (sum, one) => sum + searches.asked(document, one) + (one.type === FILTERED ? topics.deposited.asked(document, one) : 0),
      0,
    );
  }

  #understood(subscription: HeldSubscription): TypedCriterion | undefined {
    try {
      return criterionOfWanted(subscription, this.#options.context);
    } catch (error) {
      this.#options.onFault(error);
      return undefined;
    }
  }
}

/** Matched is what is entered from the time on at which it was created, until it ends. */
function isOpenTo({ position, at }: Pick<Happening, "position" | "at">): (subscription: HeldSubscription) => boolean {
  return ({ from, end }) => from <= position && (end === undefined || at <= end);
}

function filedOf(all: readonly FiledCriterion<HeldSubscription>[]): Filed {
  const of = (kind: EventKind): FiledCriterion<HeldSubscription>[] =>
    all.filter(({ owner: { wanted } }) => wanted.kind === "topic" && wanted.topic === kind);
  const searches = all.filter(({ owner: { wanted } }) => wanted.kind === "search");
  const index = (kind: EventKind): CriteriaIndex<HeldSubscription> => new CriteriaIndex(of(kind));
  return {
    topics: { deposited: index("deposited"), superseded: index("superseded"), retracted: index("retracted"), erased: index("erased") },
    searches: new CriteriaIndex(searches),
    // Nothing is left of it by which a filter could be answered: who filters is not told (read-subscription.ts refuses it).
    erasures: of("erased").flatMap(({ owner }) => (owner.wanted.kind === "topic" && owner.wanted.filters.length === 0 ? [owner] : [])),
    wanted: new Set(EVENT_KINDS.filter((kind) => of(kind).length > 0 || (kind === "deposited" && searches.length > 0))),
    isWhole: searches.some(({ type, criterion }) => !isHeaderType(type) || asksForWords(criterion)),
  };
}

function asksForWords(criterion: Criterion): boolean {
  if (criterion.kind === "text") return true;
  return criterion.kind === "not" ? asksForWords(criterion.of) : "of" in criterion && criterion.of.some(asksForWords);
}
