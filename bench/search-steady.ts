/** How many deposits a second the service takes while everything in them is found within a second. */
import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { get } from "./load.ts";
import { processorTime } from "./processor-time.ts";
import type { Client } from "./search-side.ts";

/** Rates that are tried, each by a quarter larger. */
const FIRST_RATE = 10;
const LARGEST_RATE = 2_000;
const STEP = 1.25;
const LOOK = 100;
/** Milliseconds of processors in a second: less is nothing. */
const IDLE = 50;
const MOST_LOOKS = 600;

/** Entries of the log that are not found in whole yet. */
async function lag(port: number, agent: Agent): Promise<number> {
  const answer = JSON.parse((await get(port, agent, "/readyz")).toString("utf8")) as { readonly searchLag?: number };
  return answer.searchLag ?? 0;
}

/** Waits until everything is found; gives how long that took, in milliseconds. */
export async function caughtUp(port: number): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  const begun = performance.now();
  while ((await lag(port, agent)) > 0) await sleep(LOOK);
  agent.destroy();
  return performance.now() - begun;
}

/** Waits until the service has done what it does behind the scenes (narratives of new documents are looked at), so that it does nothing but answer; as far as the system tells. */
export async function quiet(processes: readonly number[]): Promise<void> {
  for (let before = processorTime(processes), looks = 0; before !== undefined && looks < MOST_LOOKS; looks++) {
    await sleep(1_000);
    const now = processorTime(processes);
    if (now === undefined || now - before < IDLE) return;
    before = now;
  }
}

/**
 * The highest rate of those tried at which the entries that wait are at all times fewer than what comes in a second, and every deposit is answered before a second's worth of others wait. Deposits
 * come at their times, whether or not the service has answered those before.
 *
 * @returns 0 when it keeps up with none
 */
export async function steadyRate(
  client: Client,
  port: number,
  { first, seconds }: { readonly first: number; readonly seconds: number },
): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  let best = 0;
  let next = first;
  try {
    for (let rate = FIRST_RATE; rate < LARGEST_RATE; rate = Math.ceil(rate * STEP)) {
      const count = Math.round(rate * seconds);
      const isKept = await keepsUp(client, { first: next, count, rate, lag: () => lag(port, agent) });
      next += count;
      await caughtUp(port);
      if (!isKept) break;
      best = rate;
    }
  } finally {
    agent.destroy();
  }
  return best;
}

async function keepsUp(
  client: Client,
  { first, count, rate, lag }: { readonly first: number; readonly count: number; readonly rate: number; lag(): Promise<number> },
): Promise<boolean> {
  const state = { isKept: true, waiting: 0 };
  const begun = performance.now();
  const sent: Promise<void>[] = [];
  const looks = (async () => {
    while (state.isKept && sent.length < count) {
      if ((await lag()) >= rate || state.waiting >= rate) state.isKept = false;
      await sleep(LOOK);
    }
  })();
  while (state.isKept && sent.length < count) {
    const due = begun + (sent.length / rate) * 1_000;
    if (performance.now() < due) await sleep(due - performance.now());
    state.waiting++;
    sent.push(client.deposit(first + sent.length).finally(() => state.waiting--));
  }
  await Promise.all(sent);
  await looks;
  return state.isKept;
}
