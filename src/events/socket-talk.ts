/**
 * What is said on one socket, whatever library carries it: R4's `bind ID`, answered by `bound ID` and then `ping ID`, and the Backport's `bind-with-token TOKEN`, answered by a handshake for each subscription and then notifications. A
 * socket holds nothing: it is told what there is in the rows of events, from where the subscription stands.
 */
import type { Caller } from "../core/asked.ts";
import type { BindingTokens } from "./binding-tokens.ts";
import type { EventRows } from "./event-rows.ts";
import type { Prepared, Preparing, ToTell } from "./prepared.ts";
import { recovered } from "./back-off.ts";
import type { HeldSubscription } from "./subscription.ts";
import type { SubscriptionRecords } from "./subscription-records.ts";

export interface SocketNeeds {
  readonly records: Pick<SubscriptionRecords, "find">;
  readonly rows: Pick<EventRows, "events" | "counts" | "delivery" | "begin" | "replace">;
  readonly preparing: Preparing;
  readonly tokens: Pick<BindingTokens, "take">;
  /** Whether somebody made a subscription. */
  isOwner(caller: Caller, owner: Caller): boolean;
}

/** The other end of the socket. */
export interface SocketLine {
  /** Resolves when it has left; rejects when the socket is gone, or takes nothing. */
  send(text: string): Promise<void>;
  /** Resolves when the other end has read everything before; rejects when it does not answer. */
  confirm(): Promise<void>;
  /** Ends it. @param reason in words, at most 120 bytes */
  end(reason: string): void;
}

/** A subscription that a socket is bound to. */
interface Bound {
  readonly id: string;
  /** Number of the last event that was told here. */
  told: number;
  lastSent: number;
}

/** Subscriptions of one socket, and events that are told together. */
const MOST_BOUND = 100;
const SPAN = 50;
/** Events after which it is noted how far the other end has read. */
const KEPT_AFTER = 500;

export class SocketTalk {
  readonly #needs: SocketNeeds;
  readonly #caller: Caller;
  readonly #line: SocketLine;
  readonly #bound = new Map<string, Bound>();
  /** One after the other: what is heard, and what is told. */
  #turn: Promise<void> = Promise.resolve();
  #isTelling = false;

  /** @param caller who opened the socket, as far as it was proved */
  constructor(needs: SocketNeeds, caller: Caller, line: SocketLine) {
    this.#needs = needs;
    this.#caller = caller;
    this.#line = line;
  }

  /** Subscriptions that it is bound to. */
  get bound(): Iterable<string> {
    return this.#bound.keys();
  }

  get isBound(): boolean {
    return this.#bound.size > 0;
  }

  /** Takes a message of the other end. */
  hear(text: string): Promise<void> {
    return this.#next(async () => {
      const [, verb, what = ""] = /^(bind|bind-with-token) (\S{1,200})\s*$/.exec(text) ?? [];
      if (verb === undefined) return this.#line.end('say "bind ID" or "bind-with-token TOKEN"');
      if (verb === "bind") return this.#bindPlainly(what);
      const ids = await this.#needs.tokens.take(what);
      if (!ids) return this.#line.end("the token is not good, or not any more: ask for another one");
      for (const id of ids) {
        const subscription = await this.#subscription(id);
        if (subscription?.channel.content === undefined) return this.#line.end(`Subscription/${id} is not there`);
        await this.#bind(subscription);
      }
    });
  }

  /** Tells what there is. @param counts events of each subscription, as far as they are known */
  tell(counts: ReadonlyMap<string, { readonly count: number }>): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    void this.#next(async () => {
      this.#isTelling = false;
      for (const bound of this.#bound.values()) {
        const subscription = await this.#subscription(bound.id);
        if (!subscription) return this.#line.end(`Subscription/${bound.id} has ended, or was changed`);
        await this.#tellOne(subscription, bound, counts.get(bound.id)?.count ?? 0);
      }
    });
  }

  /** R4: only for whom the subscription is, by what they proved when they opened the socket. */
  async #bindPlainly(id: string): Promise<void> {
    const subscription = await this.#subscription(id);
    const isTheirs =
      subscription?.channel.content === undefined && subscription !== undefined && this.#needs.isOwner(this.#caller, subscription.owner);
    if (!isTheirs) return this.#line.end(`Subscription/${id.slice(0, 36)} is not there`);
    await this.#line.send(`bound ${id}`);
    await this.#bind(subscription);
  }

  async #bind(subscription: HeldSubscription): Promise<void> {
    const { id, version, channel } = subscription;
    if (this.#bound.size >= MOST_BOUND) return this.#line.end(`a socket is bound to ${MOST_BOUND} subscriptions at most`);
    const { rows } = this.#needs;
    await rows.begin({ subscription: id, delivered: 0, version, failures: 0, notBefore: 0 });
    const told = (await rows.delivery(id))?.delivered ?? 0;
    const count = (await rows.counts([id])).get(id)?.count ?? 0;
    const bound: Bound = { id, told, lastSent: Date.now() };
    if (channel.content !== undefined) await this.#send(subscription, bound, { type: "handshake", events: [], count });
    this.#bound.set(id, bound);
    await this.#tellOne(subscription, bound, count);
  }

  async #tellOne(subscription: HeldSubscription, bound: Bound, count: number): Promise<void> {
    const { rows } = this.#needs;
    const { id, channel } = subscription;
    let kept = bound.told;
    while (bound.told < count) {
      // Between two of many, too, it may have been changed, or deleted.
      if (bound.told > kept && (await this.#subscription(id))?.version !== subscription.version) break;
      if (bound.told - kept >= KEPT_AFTER) {
        await this.#keep(bound);
        kept = bound.told;
      }
      const events = await rows.events(id, { from: bound.told + 1, to: bound.told + Math.min(SPAN, channel.maxCount ?? SPAN) });
      if (events.length === 0) break;
      await this.#send(subscription, bound, { type: "event-notification", events, count: Math.max(count, events.at(-1)?.number ?? 0) });
    }
    const { heartbeatPeriod } = channel;
    if (heartbeatPeriod !== undefined && Date.now() - bound.lastSent >= heartbeatPeriod * 1_000)
      await this.#send(subscription, bound, { type: "heartbeat", events: [], count });
    if (bound.told > kept) await this.#keep(bound);
  }

  async #send(subscription: HeldSubscription, bound: Bound, toTell: ToTell): Promise<void> {
    const prepared = await this.#needs.preparing.prepare(subscription, toTell);
    const texts = prepared.flatMap(textsOf);
    // R4 says that something happened, and not how often.
    const isPing = subscription.channel.content === undefined && prepared.some(({ calls }) => calls.length > 0);
    for (const text of isPing ? [`ping ${subscription.id}`] : texts) await this.#line.send(text);
    bound.told = prepared.findLast(({ upTo }) => upTo !== undefined)?.upTo ?? bound.told;
    bound.lastSent = Date.now();
  }

  /** Once the other end has read it: whoever comes back is told again what may have been lost with the socket. */
  async #keep({ id, told }: Bound): Promise<void> {
    await this.#line.confirm();
    const { rows } = this.#needs;
    const row = await rows.delivery(id);
    if (row && row.delivered < told) await rows.replace({ ...recovered(row), delivered: told, lastSuccess: Date.now() }, row.revision);
  }

  /** Of a websocket, as long as it is active. */
  async #subscription(id: string): Promise<HeldSubscription | undefined> {
    const subscription = await this.#needs.records.find(id);
    return subscription?.channel.type === "websocket" && subscription.status === "active" ? subscription : undefined;
  }

  /** What fails ends the socket: its client comes back, and is told from where it stood. */
  #next(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work).catch(() => this.#line.end("it could not be told now: come back"));
    return this.#turn;
  }
}

function textsOf({ calls }: Prepared): string[] {
  return calls.flatMap(({ body }) => (body === undefined ? [] : [Buffer.from(body).toString("utf8")]));
}
