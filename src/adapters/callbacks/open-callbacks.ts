/** Calls receivers that strangers named: guarded lookup, kept connections, a small part of the answer. */
import { Agent, type IncomingMessage } from "node:http";
import { Agent as TlsAgent } from "node:https";
import type { LookupFunction } from "node:net";
import type { Callback, CallbackOutcome, Callbacks } from "../../events/callbacks.ts";
import { callOnce } from "./call.ts";
import { failureWords } from "./failure-words.ts";

export interface CallbackOptions {
  /** How the name of an address is resolved; throws for one that is not called (`callbackLookup`). */
  lookupOf(url: URL): LookupFunction;
  /** Milliseconds until there is a connection. */
  readonly connectTime?: number;
  /** The program's name and version, as receivers are told. */
  readonly software: string;
}

const CONNECT_TIME = 10_000;
/** Of an answer's body so much is read, in bytes and milliseconds, so that the connection can be used again; with more it is closed. */
const LARGEST = 8_192;
const READING = 1_000;
/** Connections to one host, to all, and those that are kept without a call. */
const MOST_TO_ONE = 8;
const MOST = 256;
const MOST_KEPT = 64;
/** Milliseconds for which one is kept: receivers close theirs after 5 s, as servers do. */
const KEPT = 4_000;
const LONGEST_WAIT = 3_600;

/**
 * A connection that is kept leads to an address that was looked at when it was made, and is used for calls to that very host and port alone; a name that says something else by then is resolved again with the next connection.
 */
export function openCallbacks({ lookupOf, connectTime = CONNECT_TIME, software }: CallbackOptions): Callbacks {
  const closed = new AbortController();
  /** Calls that are under way. */
  const open = new Set<AbortController>();
  const kept = {
    keepAlive: true,
    maxSockets: MOST_TO_ONE,
    maxTotalSockets: MOST,
    maxFreeSockets: MOST_KEPT,
    timeout: KEPT,
    scheduling: "lifo",
  } as const;
  const [plain, tls] = [new Agent(kept), new TlsAgent(kept)];
  const call = async ({ url: address, method, headers, body = new Uint8Array(), time }: Callback): Promise<CallbackOutcome> => {
    const url = URL.parse(address);
    if (!url) return { isTaken: false, reason: "it is no address" };
    const ended = new AbortController();
    if (closed.signal.aborted) ended.abort();
    const timer = setTimeout(() => ended.abort(new DOMException("too late", "TimeoutError")), time).unref();
    open.add(ended);
    try {
      const answer = await callOnce({
        ...{ url, method, body, connectTime, lookup: lookupOf(url), agent: url.protocol === "https:" ? tls : plain },
        headers: { "User-Agent": software, ...headers },
        signal: ended.signal,
      });
      await passOver(answer);
      return outcomeOf(answer);
    } catch (error) {
      if (closed.signal.aborted) return STOPPED;
      return { isTaken: false, reason: failureWords(error, time) };
    } finally {
      clearTimeout(timer);
      open.delete(ended);
    }
  };
  return {
    call,
    close: () => {
      closed.abort();
      for (const one of open) one.abort();
      plain.destroy();
      tls.destroy();
    },
  };
}

const STOPPED: CallbackOutcome = { isTaken: false, reason: "this service was stopped meanwhile" };

function outcomeOf({ statusCode: status = 0, headers }: IncomingMessage): CallbackOutcome {
  if (status >= 200 && status < 300) return { isTaken: true, status };
  const seconds = Number(headers["retry-after"]);
  return {
    ...{ isTaken: false, status },
    reason: status >= 300 && status < 400 ? `it answered ${status}, and nobody is followed elsewhere` : `it answered ${status}`,
    ...(Number.isInteger(seconds) && seconds > 0 && { retryAfter: Math.min(seconds, LONGEST_WAIT) }),
  };
}

/** What the answer says beyond its status is nobody's: a little of it is passed over, so that the next call finds the connection free. */
function passOver(answer: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let size = 0;
    const timer = setTimeout(() => answer.destroy(), READING);
    answer.on("data", (piece: Buffer) => {
      size += piece.length;
      if (size > LARGEST) answer.destroy();
    });
    answer
      .on("error", () => undefined)
      .once("close", () => {
        clearTimeout(timer);
        resolve();
      });
  });
}
