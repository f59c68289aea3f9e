/** Calls of a terminology server's FHIR interface: within bounds of time and size, over kept connections, and nobody followed elsewhere. */
import { readFile } from "node:fs/promises";
import { Agent as PlainAgent } from "node:http";
import { Agent } from "node:https";
import type { LookupFunction } from "node:net";
import { boundedBytes } from "../../core/bounded-bytes.ts";
import { AppError } from "../../core/errors.ts";
import { callOnce } from "./call.ts";
import { failureWords } from "./failure-words.ts";

export interface TerminologyAddress {
  /** Absolute address of its FHIR interface, without a slash at the end. */
  readonly base: string;
  /** Files, read anew for each request: a bearer token; our client certificate with its key; certificates that its own must lead to. */
  readonly tokenFile?: string | undefined;
  readonly certificate?: { readonly file: string; readonly keyFile: string } | undefined;
  readonly caFile?: string | undefined;
  /** How its name is resolved, or refused. */
  readonly lookup: LookupFunction;
  /** The program's name and version, as it is told. */
  readonly software: string;
}

/** An answer about what was asked: its status is neither one of the server's own troubles nor one that sends us elsewhere. */
export interface ServerAnswer {
  readonly status: number;
  /** Undefined where it is no JSON. */
  readonly said: unknown;
}

/** Of what an outage is: of one question, which the server answers with trouble of its own; of a call, which came to nothing; or of all that is asked. */
export type OutageOf = "question" | "call" | "all";

/** Why there is no answer. */
export class Outage extends AppError {
  readonly of: OutageOf;
  /** Milliseconds for which it wants to be left alone, where it says so. */
  readonly wait: number | undefined;

  constructor(text: string, of: OutageOf, { wait, cause }: { readonly wait?: number | undefined; readonly cause?: unknown } = {}) {
    super("unavailable", text, { cause });
    this.of = of;
    this.wait = wait;
  }
}

/** Bytes of an answer about a code, and of what a server says of itself: large ones list thousands of code systems. */
const LARGEST_ANSWER = 200_000;
const LARGEST_STATEMENT = 8_000_000;
const LONGEST_WAIT = 300_000;
const TOO_LONG = "its answer is longer than any that it is asked for";

export class TerminologyCalls {
  readonly #address: TerminologyAddress;
  readonly #time: number;
  readonly #agent: PlainAgent;
  readonly #closed = new AbortController();

  /** @param time milliseconds of one call @param connections that are open at most */
  constructor(address: TerminologyAddress, { time, connections }: { readonly time: number; readonly connections: number }) {
    this.#address = address;
    this.#time = time;
    this.#agent = new (address.base.startsWith("https:") ? Agent : PlainAgent)({ keepAlive: true, maxSockets: connections, timeout: 60_000 });
  }

  /** What it says of itself. @throws Outage */
  statement(mode: "?mode=terminology" | ""): Promise<ServerAnswer> {
    return this.#call(`/metadata${mode}`, undefined, LARGEST_STATEMENT);
  }

  /** An operation with its parameters. @throws Outage */
  operation(path: string, parameter: readonly object[]): Promise<ServerAnswer> {
    return this.#call(path, JSON.stringify({ resourceType: "Parameters", parameter }), LARGEST_ANSWER);
  }

  close(): void {
    this.#closed.abort();
    this.#agent.destroy();
  }

  async #call(path: string, body: string | undefined, largest: number): Promise<ServerAnswer> {
    const { base, tokenFile, certificate, caFile, lookup, software } = this.#address;
    const [token, cert, key, ca] = await Promise.all([tokenFile, certificate?.file, certificate?.keyFile, caFile].map(read));
    try {
      const answer = await callOnce({
        ...{
          url: new URL(`${base}${path}`),
          method: body === undefined ? "GET" : "POST",
          body: Buffer.from(body ?? ""),
          lookup,
          agent: this.#agent,
          tls: { cert, key, ca },
        },
        signal: AbortSignal.any([this.#closed.signal, AbortSignal.timeout(this.#time)]),
        headers: {
          ...{ Accept: "application/fhir+json", "Accept-Encoding": "identity", "User-Agent": software },
          ...(body !== undefined && { "Content-Type": "application/fhir+json" }),
          ...(token && { Authorization: `Bearer ${token.toString("utf8").trim()}` }),
        },
      });
      const status = answer.statusCode ?? 0;
      const trouble = troubleOf(status, answer.headers["retry-after"]);
      if (trouble) {
        answer.destroy();
        throw trouble;
      }
      const bytes = await boundedBytes(answer, largest, TOO_LONG);
      return { status, said: jsonIn(bytes) };
    } catch (cause) {
      if (cause instanceof Outage) throw cause;
      // Of a name that is refused, and of an answer that is too long, the words are our own.
      const isTooLong = cause instanceof AppError && cause.message === TOO_LONG;
      throw new Outage(cause instanceof AppError ? cause.message : failureWords(cause, this.#time), isTooLong ? "question" : "call", { cause });
    }
  }
}

function troubleOf(status: number, retryAfter: string | undefined): Outage | undefined {
  if (status >= 300 && status < 400) return new Outage("it sends us elsewhere, and nobody is followed", "all");
  if (status === 401 || status === 403 || status === 407) return new Outage(`it does not let us in (${status})`, "all");
  if (status !== 408 && status !== 429 && (status < 500 || status === 501)) return undefined;
  const seconds = /^\d{1,6}$/.test(retryAfter ?? "") ? Number(retryAfter) : undefined;
  const wait = seconds === undefined ? undefined : Math.min(seconds * 1_000, LONGEST_WAIT);
  return new Outage(`it answered ${status}`, status === 429 || status === 503 ? "all" : "question", { wait });
}

async function read(file: string | undefined): Promise<Buffer | undefined> {
  if (file === undefined) return undefined;
  return readFile(file).catch((cause: unknown) => {
    throw new Outage("a file that it is to know us by, or we it, cannot be read", "all", { cause });
  });
}

function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}
