/** The smallest EventRows: in memory. */
import type { Delivery, EventCount, EventName, EventRows, Outgoing, SubscriptionEvent } from "../../src/events/event-rows.ts";
import { bySubscription } from "../../src/events/kept-events.ts";

export class MemoryEvents implements EventRows {
  readonly #events = new Map<string, SubscriptionEvent[]>();
  readonly #deliveries = new Map<string, Delivery>();
  readonly #outgoing = new Map<string, Outgoing>();

  counts(subscriptions: readonly string[]): Promise<Map<string, EventCount>> {
    return Promise.resolve(
      new Map(
        subscriptions.map((id) => {
          const last = this.#events.get(id)?.at(-1);
          return [id, { count: last?.number ?? 0, position: last?.position ?? -1 }];
        }),
      ),
    );
  }

  append(events: readonly SubscriptionEvent[]): Promise<ReadonlySet<string>> {
    const late = new Set<string>();
    for (const [subscription, own] of bySubscription(events)) {
      const there = this.#events.get(subscription) ?? [];
      if (own[0]?.number !== there.length + 1) late.add(subscription);
      else this.#events.set(subscription, [...there, ...own]);
    }
    return Promise.resolve(late);
  }

  events(subscription: string, { from, to }: { readonly from: number; readonly to: number }): Promise<SubscriptionEvent[]> {
    return Promise.resolve((this.#events.get(subscription) ?? []).slice(Math.max(0, from - 1), to));
  }

  page(after: EventName | undefined, count: number): Promise<SubscriptionEvent[]> {
    const all = [...this.#events.keys()].sort().flatMap((id) => this.#events.get(id) ?? []);
    const isAfter = ({ subscription, number }: SubscriptionEvent): boolean =>
      after === undefined || subscription > after.subscription || (subscription === after.subscription && number > after.number);
    return Promise.resolve(all.filter(isAfter).slice(0, count));
  }

  deliveries(): Promise<Delivery[]> {
    return Promise.resolve([...this.#deliveries.values()].sort((a, b) => (a.subscription < b.subscription ? -1 : 1)));
  }

  delivery(subscription: string): Promise<Delivery | undefined> {
    return Promise.resolve(this.#deliveries.get(subscription));
  }

  begin(delivery: Omit<Delivery, "revision">): Promise<boolean> {
    return Promise.resolve(
      !this.#deliveries.has(delivery.subscription) && keep(this.#deliveries, delivery.subscription, { ...delivery, revision: 1 }),
    );
  }

  replace(delivery: Omit<Delivery, "revision">, revision: number): Promise<boolean> {
    const { subscription } = delivery;
    const isThere = this.#deliveries.get(subscription)?.revision === revision;
    return Promise.resolve(isThere && keep(this.#deliveries, subscription, { ...delivery, revision: revision + 1 }));
  }

  async replaceAll(deliveries: readonly Delivery[]): Promise<ReadonlySet<string>> {
    const late = new Set<string>();
    for (const { revision, ...rest } of deliveries) if (!(await this.replace(rest, revision))) late.add(rest.subscription);
    return late;
  }

  post(outgoing: Omit<Outgoing, "revision">): Promise<boolean> {
    return Promise.resolve(!this.#outgoing.has(outgoing.id) && keep(this.#outgoing, outgoing.id, { ...outgoing, revision: 1 }));
  }

  outgoing(which: { readonly dueBy: number } | "dead" | "all", count: number): Promise<Outgoing[]> {
    const isMeant = ({ isDead, notBefore }: Outgoing): boolean =>
      which === "all" || (which === "dead" ? isDead : !isDead && notBefore <= which.dueBy);
    const found = [...this.#outgoing.values()].filter(isMeant).sort((a, b) => a.notBefore - b.notBefore || (a.id < b.id ? -1 : 1));
    return Promise.resolve(found.slice(0, count));
  }

  outgoingOf(prefix: string): Promise<number> {
    return Promise.resolve([...this.#outgoing.keys()].filter((id) => id.startsWith(prefix)).length);
  }

  put(outgoing: Omit<Outgoing, "revision">, revision: number): Promise<boolean> {
    const isThere = this.#outgoing.get(outgoing.id)?.revision === revision;
    return Promise.resolve(isThere && keep(this.#outgoing, outgoing.id, { ...outgoing, revision: revision + 1 }));
  }

  remove(id: string): Promise<boolean> {
    return Promise.resolve(this.#outgoing.delete(id));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function keep<Value>(into: Map<string, Value>, id: string, value: Value): true {
  into.set(id, value);
  return true;
}
