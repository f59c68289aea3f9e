/** The thread of ADMIN_PORT: it has a loop of its own, so that it answers while the main loop can't. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";

export interface AdminOptions {
  readonly host: string;
  readonly port: number;
  /** When the main loop turned last: nanoseconds of the monotonic clock, in shared memory. */
  readonly beat: BigInt64Array;
  /** The media type of figures; undefined: there are none. */
  readonly figuresType: string | undefined;
}

/** What the main loop says to this thread. `text`: undefined when figures could not be had. */
export type ToAdmin =
  { readonly kind: "state"; readonly state: AdminState } | { readonly kind: "figures"; readonly id: number; readonly text: string | undefined };

/** What this thread says: where it listens, why it doesn't, or that it wants figures. */
export interface FromAdmin {
  readonly url?: string;
  readonly fault?: string;
  readonly wants?: number;
}

/** What the main loop tells of itself. */
export interface AdminState {
  readonly isReady: boolean;
  /** Why it is not ready, as `/readyz` of the service has it. */
  readonly reason?: string | undefined;
  readonly isStopping: boolean;
  /** Log lines that were lost since the start. */
  readonly lostLogLines: number;
  /** Entries of the log that searches do not find whole yet; undefined when the index cannot be asked. */
  readonly searchLag: number | undefined;
  readonly connections: number;
  /** Bodies that are arriving, and bytes of documents that are worked on. */
  readonly uploads: number;
  readonly bytesInWork: number;
  /** PDFs since the start: made anew, given as they were kept, made without the time-stamp that they should have. */
  readonly pdfs: { readonly made: number; readonly kept: number; readonly unstamped: number };
}

/** A main loop that did not turn for so long counts as dead, and what it told is old; milliseconds. */
const DEAD = 15_000;
const OLD = 10_000;

const { host, port, beat, figuresType } = workerData as AdminOptions;
let state: AdminState | undefined;
let toldAt = 0;

parentPort?.on("message", (message: ToAdmin) => {
  if (message.kind === "figures") return waiting.get(message.id)?.(message.text);
  state = message.state;
  toldAt = performance.now();
});

/** Who waits for figures, by the number of the question. */
const waiting = new Map<number, (text: string | undefined) => void>();
/** How long the main loop is waited for, in milliseconds: scrapers give up after ten seconds. */
const PATIENCE = 5_000;
let questions = 0;

/** What this thread knows by itself: it stands there also when the main loop can tell nothing. */
function ownFigures(isUp: boolean): string {
  const seconds = lag() / 1_000;
  return [
    "# HELP chartulary_up Whether the main loop told its figures in time.",
    "# TYPE chartulary_up gauge",
    `chartulary_up ${isUp ? 1 : 0}`,
    "# HELP chartulary_main_loop_lag_seconds How long ago the main loop turned last.",
    "# TYPE chartulary_main_loop_lag_seconds gauge",
    `chartulary_main_loop_lag_seconds ${seconds}`,
    "",
  ].join("\n");
}

async function figures(): Promise<string> {
  const id = ++questions;
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const timer = setTimeout(() => resolve(undefined), PATIENCE);
  waiting.set(id, resolve);
  parentPort?.postMessage({ wants: id } satisfies FromAdmin);
  const text = await promise;
  clearTimeout(timer);
  waiting.delete(id);
  return ownFigures(text !== undefined) + (text ?? "");
}

const answer: RequestListener = (request, response) => {
  const path = request.url?.split("?")[0];
  if (path === "/metrics" && figuresType !== undefined && (request.method === "GET" || request.method === "HEAD")) {
    response.setHeader("Content-Type", figuresType);
    response.setHeader("Cache-Control", "no-store");
    return void figures().then((text) => response.end(text));
  }
  const known = path === "/healthz" ? health() : path === "/readyz" ? readiness() : undefined;
  const isAsked = request.method === "GET" || request.method === "HEAD";
  response.setHeader("Content-Type", "application/json");
  response.setHeader("Cache-Control", "no-store");
  if (!known || !isAsked) {
    response.statusCode = known ? 405 : 404;
    return void response.end('{"status":"not-found"}\n');
  }
  response.statusCode = known.isWell ? 200 : 503;
  response.end(`${JSON.stringify(known.body)}\n`);
};

/** Milliseconds since the main loop turned last. */
function lag(): number {
  return Number((process.hrtime.bigint() - Atomics.load(beat, 0)) / 1_000_000n);
}

function health(): { readonly isWell: boolean; readonly body: object } {
  const lagMilliseconds = lag();
  const isWell = lagMilliseconds < DEAD;
  return { isWell, body: { status: isWell ? "ok" : "stuck", lagMilliseconds } };
}

function readiness(): { readonly isWell: boolean; readonly body: object } {
  const reason = unreadiness(state);
  return {
    isWell: reason === undefined,
    body: { status: reason === undefined ? "ready" : "not-ready", lagMilliseconds: lag(), ...state, ...(reason !== undefined && { reason }) },
  };
}

/** Undefined of a service that is ready. */
function unreadiness(told: AdminState | undefined): string | undefined {
  if (told === undefined) return "the service has not told of itself yet";
  if (told.isStopping) return "the service is stopping";
  if (performance.now() - toldAt > OLD) return `the service has told nothing of itself for more than ${OLD / 1_000} seconds`;
  return told.isReady ? undefined : (told.reason ?? "it is not ready");
}

const server = createServer(
  { headersTimeout: 5_000, requestTimeout: 5_000, keepAliveTimeout: 5_000, connectionsCheckingInterval: 1_000, maxHeaderSize: 8_192 },
  answer,
);
server.maxConnections = 64;
server.once("error", (error: NodeJS.ErrnoException) => parentPort?.postMessage({ fault: error.code ?? error.name }));
server.listen(port, host, () => {
  const { address, port: chosen, family } = server.address() as AddressInfo;
  parentPort?.postMessage({ url: `http://${family === "IPv6" ? `[${address}]` : address}:${chosen}` });
});
