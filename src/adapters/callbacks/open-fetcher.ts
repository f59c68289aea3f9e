/** Fetches files from addresses that strangers named, of hosts that the operator allows alone: pinned address, nobody followed elsewhere, as much as there is, but nothing that stands still. */
import type { IncomingMessage } from "node:http";
import type { LookupFunction } from "node:net";
import { Readable } from "node:stream";
import { AppError } from "../../core/errors.ts";
import type { FileFetcher, FileToFetch } from "../../jobs/fetched-files.ts";
import { callOnce } from "./call.ts";
import { failureWords } from "./failure-words.ts";

export interface FetchLimits {
  /** Milliseconds until there is a connection, and until the head of the answer. */
  readonly connect: number;
  readonly head: number;
  /** Milliseconds without a byte; from then on, too, bytes a second that must come on the whole, of the time that was waited for them. */
  readonly stall: number;
  readonly rate: number;
}

export const FETCH_LIMITS: FetchLimits = { connect: 10_000, head: 60_000, stall: 30_000, rate: 8_192 };

export interface FetcherOptions {
  /** Hosts in lower case, each with its port unless that is the one of its protocol. */
  readonly hosts: ReadonlySet<string>;
  /** How the name of an address is resolved; throws for one that is not called (`callbackLookup`). */
  lookupOf(url: URL): LookupFunction;
  /** The program's name and version, as servers are told. */
  readonly software: string;
  readonly limits?: FetchLimits;
}

/** Statuses of what is away for a time. */
const AWAY: ReadonlySet<number> = new Set([408, 425, 429]);

export function openFetcher({ hosts, lookupOf, software, limits = FETCH_LIMITS }: FetcherOptions): FileFetcher {
  const looked = (address: string): { readonly url: URL; readonly lookup: LookupFunction } => {
    const url = URL.parse(address);
    if (!url) throw new AppError("not-found", "it is no address");
    if (!hosts.has(url.host.toLowerCase())) throw new AppError("not-found", "its host is none that files are fetched from here (IMPORT_HOSTS)");
    return { url, lookup: lookupOf(url) };
  };
  return {
    fault: (address) => {
      try {
        return void looked(address);
      } catch (error) {
        if (error instanceof AppError) return error.message;
        throw error;
      }
    },
    fetch: async (file) => {
      const { url, lookup } = looked(file.url);
      const answer = await begun(file, { url, lookup }, { software, limits });
      const status = answer.statusCode ?? 0;
      // What was asked for begins behind its end: there is no more of it, unless it ends before.
      if (status === 416 && file.from > 0) {
        answer.destroy();
        const [, length] = /^bytes \*\/(\d+)$/.exec(answer.headers["content-range"] ?? "") ?? [];
        if (length !== undefined && Number(length) !== file.from) throw new AppError("not-found", "it is another file by now, which ends before");
        return { from: file.from, etag: file.etag, bytes: Readable.from([]) };
      }
      if (status !== 200 && status !== 206) {
        answer.destroy();
        if (status >= 500 || AWAY.has(status)) throw new AppError("unavailable", `it answered ${status}`);
        throw new AppError(
          "not-found",
          status >= 300 && status < 400 ? `it answered ${status}, and nobody is followed elsewhere` : `it answered ${status}`,
        );
      }
      return { from: status === 206 ? beginOf(answer, file.from) : 0, etag: answer.headers.etag, bytes: moving(answer, limits) };
    },
  };
}

async function begun(
  { from, etag, authorization, signal }: FileToFetch,
  { url, lookup }: { readonly url: URL; readonly lookup: LookupFunction },
  { software, limits }: { readonly software: string; readonly limits: FetchLimits },
): Promise<IncomingMessage> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), limits.head);
  try {
    return await callOnce({
      ...{ url, lookup, method: "GET", body: new Uint8Array(), agent: false, connectTime: limits.connect },
      headers: {
        ...{ "User-Agent": software, Accept: "application/fhir+ndjson, application/ndjson;q=0.9, */*;q=0.1", "Accept-Encoding": "identity" },
        ...(authorization !== undefined && { Authorization: authorization }),
        ...(from > 0 && { Range: `bytes=${from}-` }),
        ...(from > 0 && etag !== undefined && !etag.startsWith("W/") && { "If-Range": etag }),
      },
      signal: AbortSignal.any([signal, late.signal]),
    });
  } catch (error) {
    signal.throwIfAborted();
    // What the lookup refuses is refused whenever it is asked for again.
    if (error instanceof AppError) throw new AppError("not-found", error.message);
    throw new AppError("unavailable", failureWords(error, limits.head), { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** Of a part the byte with which it begins. AppError `unavailable` for one that nobody asked for. */
function beginOf(answer: IncomingMessage, asked: number): number {
  const begin = Number(/^bytes (\d+)-/.exec(answer.headers["content-range"] ?? "")?.[1] ?? NaN);
  if (begin === asked) return begin;
  answer.destroy();
  throw new AppError("not-found", "it answered with another part than was asked for");
}

/** The bytes as they come. Time in which nobody asks for them is not the server's. */
async function* moving(answer: IncomingMessage, { stall, rate }: FetchLimits): AsyncGenerator<Uint8Array> {
  const pieces = answer.iterator({ destroyOnReturn: true })[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let [waited, size] = [0, 0];
  try {
    for (;;) {
      const begun = performance.now();
      const still = setTimeout(() => answer.destroy(new AppError("unavailable", `no byte of it came for ${stall / 1_000} s`)), stall);
      const next = await pieces.next().finally(() => clearTimeout(still));
      if (next.done === true) break;
      waited += performance.now() - begun;
      size += next.value.length;
      if (waited > stall && size < (waited / 1_000) * rate) throw new AppError("unavailable", `it came at less than ${rate} bytes a second`);
      yield next.value;
    }
  } catch (error) {
    throw error instanceof AppError ? error : new AppError("unavailable", "it broke off", { cause: error });
  } finally {
    answer.destroy();
  }
}
