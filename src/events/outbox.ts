/**
 * Answers to messages that go to a `response-url` (R4 messaging.html, "Asynchronous"): each is kept until its receiver took it, and tried later and later; after three days it waits for an operator. At least once: a receiver knows an
 * answer again by its ids.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Keys } from "../core/crypto/keys.ts";
import { AppError } from "../core/errors.ts";
import { closeValue, openValue } from "../pipeline/store/closed-value.ts";
import type { Callbacks } from "./callbacks.ts";
import type { EventRows, Outgoing } from "./event-rows.ts";

/** An answer and where it goes. */
export interface OutgoingAnswer {
  readonly url: string;
  /** The entry of the message that keeps it; or the answer itself, of a message that was refused and is not kept. */
  readonly content: { readonly entry: string } | { readonly answer: string };
}

export interface OutboxNeeds {
  readonly rows: Pick<EventRows, "post" | "outgoing" | "put" | "remove">;
  readonly keys: Pick<Keys, "wrap" | "unwrap">;
  readonly callbacks: Pick<Callbacks, "call">;
  /** The stored answer of a message; undefined when a document of it was erased since. */
  answerOf(entry: string): Promise<string | undefined>;
  newId(): string;
  /** Told what fails here, not what receivers do. */
  onFault(error: unknown): void;
  readonly poll?: number;
}

const POLL = 1_000;
const AT_ONCE = 32;
/** Milliseconds that an answer may take to be taken. */
const TIME = 20_000;
const FIRST = 1_000;
const LONGEST = 3_600_000;
/** Attempts until one is given up: with pauses of at most an hour it is three days. */
const MOST_ATTEMPTS = 84;

export class Outbox {
  readonly #needs: OutboxNeeds;
  readonly #stopped = new AbortController();
  #awake = new AbortController();
  #running: Promise<void> | undefined;

  constructor(needs: OutboxNeeds) {
    this.#needs = needs;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Keeps an answer until it was taken. Durable when it resolves. */
  async post({ url, content }: OutgoingAnswer): Promise<void> {
    const { rows, keys, newId } = this.#needs;
    const id = newId();
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
    while (!this.#stopped.signal.aborted) {
      this.#awake = new AbortController();
      try {
        const due = await rows.outgoing({ dueBy: Date.now() }, AT_ONCE);
        await Promise.all(due.map((one) => this.#send(one)));
        if (due.length === AT_ONCE) continue;
      } catch (error) {
        onFault(error);
      }
      await sleep(poll, undefined, { ref: false, signal: AbortSignal.any([this.#awake.signal, this.#stopped.signal]) }).catch(() => undefined);
    }
  }

  async #send({ revision, ...one }: Outgoing): Promise<void> {
    const { rows, keys, callbacks, answerOf, onFault } = this.#needs;
    // Whoever takes it first sends it; if that one dies, it is due again a little later.
    const taken = { ...one, notBefore: Date.now() + 2 * TIME };
    if (!(await rows.put(taken, revision))) return;
    try {
      const { url, content } = readAnswer(await openValue(one.value, { purpose: "outgoing", id: one.id }, keys));
      const answer = "answer" in content ? content.answer : await answerOf(content.entry);
      const outcome =
        answer === undefined
          ? ({ isTaken: false, reason: "a document of the message was erased, and its answer with it", isLost: true } as const)
          : await callbacks.call({
              url,
              method: "POST",
              headers: { "Content-Type": "application/fhir+json" },
              body: new TextEncoder().encode(answer),
              time: TIME,
            });
      if (outcome.isTaken) return void (await rows.remove(one.id));
      // What was cut off because we stop is no failure of theirs.
      if (this.#stopped.signal.aborted) return void (await rows.put({ ...one, notBefore: Date.now() }, revision + 1));
      await rows.put(failed(one, outcome.reason, "isLost" in outcome), revision + 1);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "damaged") throw error;
      onFault(error);
      await rows.put(failed(one, "what was kept of it cannot be read", true), revision + 1);
    }
  }
}

/** After another failure: twice as late each time, at most an hour, up to half of that earlier by chance. */
function failed(one: Omit<Outgoing, "revision">, lastFailure: string, isHopeless: boolean): Omit<Outgoing, "revision"> {
  const failures = one.failures + 1;
  const pause = Math.min(FIRST * 2 ** Math.min(failures - 1, 20), LONGEST) * (1 - Math.random() / 2);
  return { ...one, failures, lastFailure, notBefore: Date.now() + Math.round(pause), isDead: isHopeless || failures >= MOST_ATTEMPTS };
}

function readAnswer(text: string): OutgoingAnswer {
  const value = JSON.parse(text) as { readonly url: string; readonly entry?: string; readonly answer?: string };
  return { url: value.url, content: value.entry === undefined ? { answer: value.answer ?? "" } : { entry: value.entry } };
}

/** What an operator sees of one that was not taken. */
export interface OutgoingTold {
  readonly id: string;
  readonly url: string;
  readonly failures: number;
  readonly lastFailure?: string;
  readonly notBefore: number;
  readonly isDead: boolean;
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
