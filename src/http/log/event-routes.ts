/** The log as Server-Sent Events (HTML standard, section 9.2), for systems that follow it: each entry once, from where they were. */
import { setTimeout as sleep } from "node:timers/promises";
import { Router, type Request, type Response } from "express";
import { AppError } from "../../core/errors.ts";
import { networkOf } from "../../core/networks.ts";
import type { LogFollowing, ToldEntry } from "../../interactions/log/follow-log.ts";
import { taken } from "../answers/taken.ts";
import { addressOf } from "../request-facts.ts";

export interface EventStreamLimits {
  /** Streams in all, and of one network. */
  readonly most: number;
  readonly ofOne: number;
  /** Milliseconds: between two looks, after which something is said though nothing came, in all, and until somebody takes what was said. */
  readonly look: number;
  readonly silence: number;
  readonly longest: number;
  readonly taking: number;
}

/** Shorter than what a request may take, and than what proxies leave open: clients come back by themselves, and go on where they were. */
export const EVENT_STREAM_LIMITS: EventStreamLimits = { most: 500, ofOne: 20, look: 500, silence: 10_000, longest: 55_000, taking: 10_000 };

/** @param isStopping whether the service is: streams end then, and clients go elsewhere */
export function eventRoutes(following: LogFollowing, isStopping: () => boolean, limits: EventStreamLimits = EVENT_STREAM_LIMITS): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const ofNetwork = new Map<string, number>();
  let open = 0;
  router.get("/log/events", async (request, response) => {
    const from = startOf(request) ?? (await following.size());
    const network = networkOf(addressOf(response));
    const own = ofNetwork.get(network) ?? 0;
    if (open >= limits.most || own >= limits.ofOne)
      throw new AppError("too-many-requests", "There are too many streams of events; try again in a moment.", { retryAfter: 10 });
    open++;
    ofNetwork.set(network, own + 1);
    try {
      await stream(response, { from, following, isStopping, limits });
    } finally {
      open--;
      const left = (ofNetwork.get(network) ?? 1) - 1;
      if (left > 0) ofNetwork.set(network, left);
      else ofNetwork.delete(network);
    }
  });
  return router;
}

/** The entry that comes next for whoever saw one (-1: none, of a log that had none); undefined: what comes from now on. */
function startOf(request: Request): number | undefined {
  const last = request.get("Last-Event-ID");
  if (last === undefined) return undefined;
  if (!/^(?:-1|0|[1-9]\d{0,14})$/.test(last)) throw new AppError("bad-query", "Last-Event-ID is the number of an entry of the log.");
  return Number(last) + 1;
}

interface Streaming {
  readonly from: number;
  readonly following: LogFollowing;
  readonly limits: EventStreamLimits;
  isStopping(): boolean;
}

async function stream(response: Response, { from, following, isStopping, limits }: Streaming): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  response.setHeader("Content-Type", "text/event-stream");
  response.setHeader("Cache-Control", "no-store");
  // Proxies that gather answers would tell nothing until the end.
  response.setHeader("X-Accel-Buffering", "no");
  if (response.req.method === "HEAD") return void response.end();
  // An id without data: whoever comes back before an entry came goes on here, and misses none in between.
  response.write(`: the log as it grows\nretry: 1000\nid:${from - 1}\n\n`);
  const until = performance.now() + limits.longest;
  let [next, said] = [from, performance.now()];
  while (!gone.signal.aborted && !isStopping() && performance.now() < until) {
    const entries = await following.entriesFrom(next);
    const text = entries.length > 0 ? entries.map(eventOf).join("") : performance.now() - said > limits.silence ? ": nothing new\n\n" : "";
    next = (entries.at(-1)?.index ?? next - 1) + 1;
    if (text !== "") {
      said = performance.now();
      // Whoever takes nothing has nothing more read for them, and is cut off.
      if (!response.write(text) && !(await taken(response, limits.taking, gone.signal))) return void response.destroy();
    }
    if (entries.length === 0) await sleep(limits.look, undefined, { signal: gone.signal }).catch(() => undefined);
  }
  response.end();
}

function eventOf(entry: ToldEntry): string {
  return `id: ${entry.index}\nevent: entry\ndata: ${JSON.stringify(entry)}\n\n`;
}
