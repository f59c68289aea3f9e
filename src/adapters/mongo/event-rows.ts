import { MongoBulkWriteError, type Collection, type Filter, type OptionalUnlessRequiredId } from "mongodb";
import type { Delivery, EventCount, EventName, EventRows, Outgoing, SubscriptionEvent } from "../../events/event-rows.ts";
import { bySubscription, eventKindOf, fociOf } from "../../events/kept-events.ts";
import type { Connection } from "./connection.ts";
import { areDuplicates, isDuplicate } from "./failure.ts";
import { bytesOf, numberOf, textOf } from "./rows.ts";

const EVENTS = "events";
const DELIVERIES = "deliveries";
const OUTGOING = "outgoing";

/** What happened to one document, as far as it concerns one subscription: its events are there all or none. */
interface EventRow {
  /** `{subscription}:{number of the first}`, with so many digits that rows are ordered as numbers are. Two cannot both be the next. */
  readonly _id: string;
  readonly position: number;
  readonly kind: string;
  readonly at: string;
  /** What each of its events is about. */
  readonly foci: readonly (readonly string[])[];
}

type DeliveryRow = Omit<Delivery, "subscription"> & { readonly _id: string };
type OutgoingRow = Omit<Outgoing, "id"> & { readonly _id: string };

/** Events in one row: of some hundred bytes each, where a document of MongoDB has 16 MB. */
const MOST_OF_ROW = 20_000;

/**
 * The port EventRows in collections: each change is one insert, update or remove of a document by its `_id`, and what one entry gives a subscription beyond one row is one transaction. It is closed with its connection.
 */
export class MongoEventRows implements EventRows {
  readonly #connection: Connection;
  readonly #mostOfRow: number;
  readonly #events: Collection<EventRow>;
  readonly #deliveries: Collection<DeliveryRow>;
  readonly #outgoing: Collection<OutgoingRow>;

  /** @param mostOfRow events in one row */
  constructor(connection: Connection, mostOfRow = MOST_OF_ROW) {
    this.#connection = connection;
    this.#mostOfRow = mostOfRow;
    this.#events = connection.db.collection(EVENTS);
    this.#deliveries = connection.db.collection(DELIVERIES);
    this.#outgoing = connection.db.collection(OUTGOING);
  }

  async counts(subscriptions: readonly string[]): Promise<Map<string, EventCount>> {
    return new Map(await Promise.all(subscriptions.map(async (id) => [id, await this.#countOf(id)] as const)));
  }

  async append(events: readonly SubscriptionEvent[]): Promise<ReadonlySet<string>> {
    const groups = [...bySubscription(events)].map(([subscription, own]) => ({ subscription, entries: rowsOf(own, this.#mostOfRow) }));
    const late = new Set<string>();
    const counts = await this.counts(groups.map(({ subscription }) => subscription));
    for (const { subscription, entries } of groups)
      if ((counts.get(subscription)?.count ?? 0) + 1 !== numberIn(entries[0]?.[0]?._id ?? "")) late.add(subscription);
    // One entry of each subscription at a time: what follows a row that is another's must not be inserted.
    for (let at = 0; ; at++) {
      const round = groups.flatMap(({ subscription, entries }) => (late.has(subscription) ? [] : entries.slice(at, at + 1)));
      if (round.length === 0) return late;
      const single = round.flatMap((rows) => (rows.length === 1 ? rows : []));
      const refused = single.length === 0 ? [] : await this.#insert(single);
      for (const rows of round) if (rows.length > 1 && !(await this.#insertAll(rows))) refused.push(...rows.slice(0, 1).map(({ _id }) => _id));
      for (const id of refused) late.add(subscriptionIn(id));
    }
  }

  async events(subscription: string, { from, to }: { readonly from: number; readonly to: number }): Promise<SubscriptionEvent[]> {
    const first = await this.#newest(subscription, idOf(subscription, from));
    const within = { _id: { $gte: first?._id ?? idOf(subscription, from), $lte: idOf(subscription, to) } };
    const rows = await this.#connection.ask((session) => this.#events.find(within, { session, sort: { _id: 1 } }).toArray());
    return rows.flatMap(eventsOf).filter(({ number }) => number >= from && number <= to);
  }

  async page(after: EventName | undefined, count: number): Promise<SubscriptionEvent[]> {
    const rest = after ? await this.events(after.subscription, { from: after.number + 1, to: after.number + count }) : [];
    if (rest.length > 0) return rest;
    const beyond: Filter<EventRow> = after ? { _id: { $gt: idOf(after.subscription, Number.MAX_SAFE_INTEGER) } } : {};
    const rows = await this.#connection.ask((session) => this.#events.find(beyond, { session, sort: { _id: 1 }, limit: count }).toArray());
    return rows.flatMap(eventsOf);
  }

  async deliveries(): Promise<Delivery[]> {
    const rows = await this.#connection.ask((session) => this.#deliveries.find({}, { session, sort: { _id: 1 } }).toArray());
    return rows.map(deliveryOf);
  }

  async delivery(subscription: string): Promise<Delivery | undefined> {
    const row = await this.#connection.ask((session) => this.#deliveries.findOne({ _id: subscription }, { session }));
    return row ? deliveryOf(row) : undefined;
  }

  begin({ subscription, ...rest }: Omit<Delivery, "revision">): Promise<boolean> {
    return this.#insertOne(this.#deliveries, { ...rest, _id: subscription, revision: 1 });
  }

  async replace({ subscription, ...rest }: Omit<Delivery, "revision">, revision: number): Promise<boolean> {
    const { matchedCount } = await this.#connection.ask((session) =>
      this.#deliveries.replaceOne({ _id: subscription, revision }, { ...rest, revision: revision + 1 }, { session }),
    );
    return matchedCount > 0;
  }

  async replaceAll(deliveries: readonly Delivery[]): Promise<ReadonlySet<string>> {
    const areThere = await Promise.all(deliveries.map(({ revision, ...rest }) => this.replace(rest, revision)));
    return new Set(deliveries.flatMap(({ subscription }, at) => (areThere[at] === true ? [] : [subscription])));
  }

  post({ id, value, ...rest }: Omit<Outgoing, "revision">): Promise<boolean> {
    return this.#insertOne(this.#outgoing, { ...rest, _id: id, value: Buffer.from(value), revision: 1 });
  }

  async outgoing(which: { readonly dueBy: number } | "dead" | "all", count: number): Promise<Outgoing[]> {
    const condition: Filter<OutgoingRow> =
      which === "all" ? {} : which === "dead" ? { isDead: true } : { isDead: false, notBefore: { $lte: which.dueBy } };
    const sort = { notBefore: 1, _id: 1 } as const;
    const rows = await this.#connection.ask((session) => this.#outgoing.find(condition, { session, sort, limit: count }).toArray());
    return rows.map(outgoingOf);
  }

  async outgoingOf(prefix: string): Promise<number> {
    const within = { _id: { $gte: prefix, $lt: `${prefix}~` } };
    return (await this.#connection.ask((session) => this.#outgoing.find(within, { session, projection: { _id: 1 } }).toArray())).length;
  }

  async put({ id, value, ...rest }: Omit<Outgoing, "revision">, revision: number): Promise<boolean> {
    const row = { ...rest, value: Buffer.from(value), revision: revision + 1 };
    const { matchedCount } = await this.#connection.ask((session) => this.#outgoing.replaceOne({ _id: id, revision }, row, { session }));
    return matchedCount > 0;
  }

  async remove(id: string): Promise<boolean> {
    const { deletedCount } = await this.#connection.ask((session) => this.#outgoing.deleteOne({ _id: id }, { session }));
    return deletedCount > 0;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #countOf(subscription: string): Promise<EventCount> {
    const row = await this.#newest(subscription, idOf(subscription, Number.MAX_SAFE_INTEGER));
    return row ? { count: numberIn(row._id) + row.foci.length - 1, position: numberOf(row.position, EVENTS) } : { count: 0, position: -1 };
  }

  /** The row whose first event has the highest number, up to a place. */
  #newest(subscription: string, upTo: string): Promise<EventRow | null> {
    const within = { _id: { $gte: idOf(subscription, 0), $lte: upTo } };
    return this.#connection.ask((session) => this.#events.findOne(within, { session, sort: { _id: -1 } }));
  }

  /** Gives those whose place is taken. */
  async #insert(rows: readonly EventRow[]): Promise<string[]> {
    return this.#connection.ask(async (session) => {
      try {
        await this.#events.insertMany(rows, { session, ordered: false });
        return [];
      } catch (cause) {
        if (!(cause instanceof MongoBulkWriteError) || !areDuplicates(cause)) throw cause;
        return [cause.writeErrors].flat().flatMap(({ index }) => rows.slice(index, index + 1).map(({ _id }) => _id));
      }
    });
  }

  /** All or none; false when a place is taken. */
  #insertAll(rows: readonly EventRow[]): Promise<boolean> {
    return this.#connection.ask((session) =>
      session
        .withTransaction(() => this.#events.insertMany(rows, { session }))
        .then(
          () => true,
          (cause: unknown) => {
            if (!isDuplicate(cause) && !(cause instanceof MongoBulkWriteError && areDuplicates(cause))) throw cause;
            return false;
          },
        ),
    );
  }

  /** False when there is one of this `_id`. */
  #insertOne<Stored extends { readonly _id: string }>(rows: Collection<Stored>, row: OptionalUnlessRequiredId<Stored>): Promise<boolean> {
    return this.#connection.ask((session) =>
      rows.insertOne(row, { session }).then(
        () => true,
        (cause: unknown) => {
          if (!isDuplicate(cause)) throw cause;
          return false;
        },
      ),
    );
  }
}

/** Rows for what happened to each document: one, but of very many events. */
function rowsOf(events: readonly SubscriptionEvent[], most: number): EventRow[][] {
  const entries: { first: SubscriptionEvent; foci: (readonly string[])[] }[] = [];
  for (const event of events) {
    const last = entries.at(-1);
    if (last?.first.position === event.position && last.first.kind === event.kind && last.first.at === event.at) last.foci.push(event.focus);
    else entries.push({ first: event, foci: [event.focus] });
  }
  return entries.map(({ first: { subscription, number, position, kind, at }, foci }) =>
    Array.from({ length: Math.ceil(foci.length / most) }, (_, part) => {
      const own = foci.slice(part * most, (part + 1) * most);
      return { _id: idOf(subscription, number + part * most), position, kind, at, foci: own };
    }),
  );
}

function eventsOf({ _id, position, kind, at, foci }: EventRow): SubscriptionEvent[] {
  const [subscription, first] = [subscriptionIn(_id), numberIn(_id)];
  const same = { position: numberOf(position, EVENTS), kind: eventKindOf(kind), at: textOf(at, EVENTS) };
  return foci.map((focus, place) => ({ subscription, number: first + place, ...same, focus: fociOf(focus) }));
}

const DIGITS = 16;

function idOf(subscription: string, number: number): string {
  return `${subscription}:${String(number).padStart(DIGITS, "0")}`;
}

function subscriptionIn(id: string): string {
  return textOf(id, EVENTS).slice(0, -DIGITS - 1);
}

function numberIn(id: string): number {
  return Number(textOf(id, EVENTS).slice(-DIGITS));
}

function deliveryOf({ _id, revision, delivered, version, failures, failingSince, lastFailure, lastSuccess, notBefore }: DeliveryRow): Delivery {
  return {
    ...{ subscription: textOf(_id, DELIVERIES), revision: numberOf(revision, DELIVERIES) },
    ...{ delivered: numberOf(delivered, DELIVERIES), version: numberOf(version, DELIVERIES), failures: numberOf(failures, DELIVERIES) },
    ...(failingSince !== undefined && { failingSince: numberOf(failingSince, DELIVERIES) }),
    ...(lastFailure !== undefined && { lastFailure: textOf(lastFailure, DELIVERIES) }),
    ...(lastSuccess !== undefined && { lastSuccess: numberOf(lastSuccess, DELIVERIES) }),
    notBefore: numberOf(notBefore, DELIVERIES),
  };
}

function outgoingOf({ _id, revision, value, failures, lastFailure, notBefore, isDead }: OutgoingRow): Outgoing {
  return {
    ...{ id: textOf(_id, OUTGOING), revision: numberOf(revision, OUTGOING), value: bytesOf(value, OUTGOING) },
    failures: numberOf(failures, OUTGOING),
    ...(lastFailure !== undefined && { lastFailure: textOf(lastFailure, OUTGOING) }),
    ...{ notBefore: numberOf(notBefore, OUTGOING), isDead },
  };
}
