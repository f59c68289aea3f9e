/**
 * Answers to messages that go to a `response-url` (R4 messaging.html, "Asynchronous"): each is kept until its receiver took it, and tried later and later; after three days it waits for an operator. At least once: a receiver knows an
 * answer again by its ids.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Keys } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import { closeValue, openValue } from "../pipeline/store/closed-value.ts";
import { pauseAfter } from "./back-off.ts";
import type { CallbackOutcome, Callbacks } from "./callbacks.ts";
import type { EventRows, Outgoing } from "./event-rows.ts";

/** An answer and where it goes. */
export interface OutgoingAnswer {
  /** Who sent the message: of one sender so many wait, and no more. */
  readonly sender: string;
  readonly url: string;
  /** The entry of the message that keeps it; or the answer itself, of a message that was refused and is not kept. */
  readonly content: { readonly entry: string } | { readonly answer: string };
}

export interface OutboxNeeds {
  readonly rows: Pick<EventRows, "post" | "outgoing" | "outgoingOf" | "put" | "remove">;
  readonly keys: Pick<Keys, "wrap" | "unwrap" | "identityKeyOf">;
  readonly callbacks: Pick<Callbacks, "call">;
  /** The stored answer of a message; undefined when a document of it was erased since. */
  answerOf(entry: string): Promise<string | undefined>;
  /** Told what fails here, not what receivers do. */
  onFault(error: unknown): void;
  readonly poll?: number;
  /** Answers of one sender that wait or were given up. */
  readonly mostOfOne?: number;
}

const POLL = 1_000;
const AT_ONCE = 32;
/** Answers at once to one host: whoever answers slowly, or never, keeps nobody else's waiting. */
const TO_ONE = 8;
/** Milliseconds that an answer may take to be taken. */
const TIME = 20_000;
/** Between these many milliseconds an answer is put off whose host is busy. */
const PUT_OFF = { least: 250, most: 60_000 } as const;
/** Attempts until one is given up: with pauses of at most an hour it is three days. */
const MOST_ATTEMPTS = 84;
const MOST_OF_ONE = 1_000;
/** For so long is one kept that was given up, in milliseconds, and so often is it looked for those. */
const KEPT = 30 * 86_400_000;
const SWEEP = 3_600_000;
/** Those that are looked at each time, the oldest first. */
const SWEPT = 1_000;

/** What goes to one host at this moment. */
interface HostTurns {
  sending: number;
  /** How many were put off since one was sent, and milliseconds that the last one took. */
  putOff: number;
  took: number;
}

export class Outbox {
  readonly #needs: OutboxNeeds;
  readonly #stopped = new AbortController();
  #awake = new AbortController();
  #running: Promise<void> | undefined;
  readonly #sending = new Set<Promise<void>>();
  readonly #hosts = new Map<string, HostTurns>();

  constructor(needs: OutboxNeeds) {
    this.#needs = needs;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Whether one more of a sender is kept. */
  async hasRoom(sender: string): Promise<boolean> {
    const { rows, keys, mostOfOne = MOST_OF_ONE } = this.#needs;
    return (await rows.outgoingOf(await prefixOf(sender, keys))) < mostOfOne;
  }

  /** Keeps an answer until it was taken. Durable when it resolves. */
  async post({ sender, url, content }: OutgoingAnswer): Promise<void> {
    const { rows, keys } = this.#needs;
    const id = `${await prefixOf(sender, keys)}${randomUUID().slice(PREFIX)}`;
    const value = await closeValue(JSON.stringify({ url, ...content }), { purpose: "outgoing", id }, keys);
    await rows.post({ id, value, failures: 0, notBefore: Date.now(), isDead: false });
    this.#awake.abort();
  }

  /** Lets end what is being sent. */
  async close(): Promise<void> {
    this.#stopped.abort();
    this.#awake.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { rows, onFault, poll = POLL } = this.#needs;
    let swept = -Infinity;
    while (!this.#stopped.signal.aborted) {
      this.#awake = new AbortController();
      try {
        if (Date.now() - swept > SWEEP) {
          swept = Date.now();
          await this.#sweep();
        }
        const room = AT_ONCE - this.#sending.size;
        const due = room > 0 ? await rows.outgoing({ dueBy: Date.now() }, room) : [];
        const begun = await Promise.all(due.map((one) => this.#begin(one)));
        // What stays due because something is away waits for the next turn.
        if (due.length > 0 && due.length === room && begun.every(Boolean)) continue;
      } catch (error) {
        onFault(error);
      }
      await sleep(poll, undefined, { ref: false, signal: AbortSignal.any([this.#awake.signal, this.#stopped.signal]) }).catch(() => undefined);
    }
    await Promise.all(this.#sending);
  }

  /** Forgets what nobody asked for since it was given up. */
  async #sweep(): Promise<void> {
    const { rows } = this.#needs;
    for (const { id, notBefore } of await rows.outgoing("dead", SWEPT)) if (notBefore < Date.now() - KEPT) await rows.remove(id);
  }

  /** Takes one that is due, and has it sent; it is put off while its host has enough. What is wrong with one is no other's matter: false when it is due still. */
  async #begin({ revision, ...one }: Outgoing): Promise<boolean> {
    const { rows, onFault } = this.#needs;
    try {
      const answer = await this.#opened(one);
      const host = "url" in answer ? (URL.parse(answer.url)?.host ?? "") : "";
      const turns = this.#hosts.get(host) ?? { sending: 0, putOff: 0, took: 0 };
      if (turns.sending >= TO_ONE) {
        const pause = Math.min(Math.max(Math.ceil(++turns.putOff / TO_ONE) * turns.took, PUT_OFF.least), PUT_OFF.most);
        await rows.put({ ...one, notBefore: Date.now() + pause }, revision);
        return true;
      }
      this.#hosts.set(host, Object.assign(turns, { sending: turns.sending + 1, putOff: 0 }));
      const began = Date.now();
      const sending = this.#send({ ...one, revision }, answer).finally(() => {
        turns.sending--;
        turns.took = Date.now() - began;
        this.#sending.delete(sending);
        if (turns.sending === 0) this.#hosts.delete(host);
        // Others may have waited for this one's place.
        if (turns.putOff > 0 || this.#sending.size === AT_ONCE - 1) this.#awake.abort();
      });
      this.#sending.add(sending);
      return true;
    } catch (error) {
      onFault(error);
      return false;
    }
  }

  async #opened({ id, value }: Pick<Outgoing, "id" | "value">): Promise<Opened> {
    try {
      return readAnswer(await openValue(value, { purpose: "outgoing", id }, this.#needs.keys));
    } catch (error) {
      return { error };
    }
  }

  /** Never fails. */
  async #send({ revision: before, ...one }: Outgoing, answer: Opened): Promise<void> {
    const { rows, onFault } = this.#needs;
    const revision = before + 1;
    try {
      // Whoever takes it first sends it; if that one dies, it is due again a little later.
      if (!(await rows.put({ ...one, notBefore: Date.now() + 2 * TIME }, before))) return;
      const outcome = await this.#called(answer);
      if (outcome.isTaken) return void (await rows.remove(one.id));
      // What was cut off because we stop is no failure of theirs.
      if (this.#stopped.signal.aborted) return void (await rows.put({ ...one, notBefore: Date.now() }, revision));
      await rows.put(failed(one, outcome), revision);
    } catch (error) {
      onFault(error);
      // While the store or the keys are away it is due again, a little later; whatever else fails is counted, so that it ends.
      if (!isPassing(error)) await rows.put(failed(one, whyNot(error)), revision).catch(onFault);
    }
  }

  async #called(answer: Opened): Promise<CallbackOutcome & { readonly isLost?: true }> {
    const { callbacks, answerOf } = this.#needs;
    if ("error" in answer) throw answer.error;
    const { url, content } = answer;
    const text = "answer" in content ? content.answer : await answerOf(content.entry);
    if (text === undefined) return { isTaken: false, reason: "a document of the message was erased, and its answer with it", isLost: true };
    return callbacks.call({
      ...{ url, method: "POST", time: TIME },
      headers: { "Content-Type": "application/fhir+json" },
      body: new TextEncoder().encode(text),
    });
  }
}

/** So much of an id says whose it is: a keyed hash, as the beginning of a UUID of version 8 (RFC 9562). */
const PREFIX = 18;

async function prefixOf(sender: string, keys: Pick<Keys, "identityKeyOf">): Promise<string> {
  const hash = await keys.identityKeyOf("outgoing", sender);
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(12, 15)}`;
}

/** What was kept of an answer, or why it could not be opened. */
type Opened = Omit<OutgoingAnswer, "sender"> | { readonly error: unknown };

function whyNot(error: unknown): { readonly reason: string; readonly isLost?: true } {
  return error instanceof AppError && error.code === "damaged"
    ? { reason: "what was kept of it cannot be read", isLost: true }
    : { reason: "it could not be sent from here" };
}

/** What goes away by itself. */
function isPassing(error: unknown): boolean {
  return error instanceof AppError && error.code === "unavailable";
}

/** After another failure. */
function failed(
  one: Omit<Outgoing, "revision">,
  { reason, retryAfter, isLost = false }: { readonly reason: string; readonly retryAfter?: number; readonly isLost?: boolean },
): Omit<Outgoing, "revision"> {
  const failures = one.failures + 1;
  return {
    ...one,
    failures,
    lastFailure: reason,
    notBefore: Date.now() + pauseAfter(failures, retryAfter),
    isDead: isLost || failures >= MOST_ATTEMPTS,
  };
}

function readAnswer(text: string): Omit<OutgoingAnswer, "sender"> {
  const value = JSON.parse(text) as { readonly url: string; readonly entry?: string; readonly answer?: string };
  return { url: value.url, content: value.entry === undefined ? { answer: value.answer ?? "" } : { entry: value.entry } };
}

/** What an operator sees of one that was not taken. */
export interface OutgoingTold extends Pick<Outgoing, "id" | "failures" | "lastFailure" | "notBefore" | "isDead"> {
  /** Where it goes, without what may be a secret in it. */
  readonly url: string;
}

/** Answers that wait, for an operator. The address without what may be a secret in it: its query, and who it names. */
export async function outgoingTold(rows: Pick<EventRows, "outgoing">, keys: Pick<Keys, "unwrap">, count: number): Promise<OutgoingTold[]> {
  const all = await rows.outgoing("all", count);
  return Promise.all(
    all.map(async ({ id, value, failures, lastFailure, notBefore, isDead }) => {
      const url = await openValue(value, { purpose: "outgoing", id }, keys).then(
        (text) => shownAddress(readAnswer(text).url),
        () => "an address that cannot be read any more",
      );
      return { id, url, failures, ...(lastFailure !== undefined && { lastFailure }), notBefore, isDead };
    }),
  );
}

function shownAddress(text: string): string {
  const url = URL.parse(text);
  return url ? `${url.origin}${url.pathname}` : "no address";
}

/** Tries anew what was given up, or waits: all, or one. Gives how many. */
export async function resendOutgoing(rows: Pick<EventRows, "outgoing" | "put">, id: string | undefined, count: number): Promise<number> {
  let resent = 0;
  for (const { revision, ...one } of await rows.outgoing("all", count))
    if ((id === undefined ? one.isDead : one.id === id) && (await rows.put({ ...one, failures: 0, notBefore: Date.now(), isDead: false }, revision)))
      resent++;
  return resent;
}
