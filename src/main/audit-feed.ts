/** The feed of the audit trail to a repository elsewhere, as this installation has it. A part of the composition root. */
import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { openAuditRepository } from "../adapters/callbacks/audit-repository.ts";
import type { Config } from "../config.ts";
import { AppError } from "../core/errors.ts";
import { Follower } from "../followers/follower.ts";
import type { FollowerPositions } from "../followers/position-port.ts";
import { auditEvent } from "../interactions/trail/audit-event.ts";
import { Feed, FEED, type FeedTally } from "../pipeline/trail/feed.ts";
import { FeedLog, type FedBatches } from "../pipeline/trail/feed-log.ts";
import type { TrailKeys } from "../pipeline/trail/trail-keys.ts";
import type { TrailStore } from "../pipeline/trail/trail-store.ts";
import type { Recording } from "../pipeline/trail/trail.ts";
import { guardedLookup } from "../security/issuers/reach.ts";
import type { Look } from "../telemetry/figures.ts";

/** Milliseconds between two looks for what came, and for logs of other instances. */
const LOOK = 2_000;
const LOOK_FOR_LOGS = 30_000;

export interface AuditFeedNeeds {
  readonly store: Pick<TrailStore, "logs" | "batches" | "checkpoint">;
  readonly dayKeys: Pick<TrailKeys, "toRead">;
  readonly positions: FollowerPositions;
  readonly trail: Recording;
  readonly fhirBase: string;
  /** Milliseconds between two looks for what came. */
  readonly look?: number;
  /** Told what goes wrong, once for each reason, without patient data. */
  onFault(error: unknown, what: string): void;
}

export interface AuditFeed {
  /** What is asked of it at each look. */
  readonly looks: readonly Look[];
  close(): Promise<void>;
}

/**
 * Begins to feed; undefined where no repository is named. Every log is fed, whichever instance wrote it: an instance that is gone for ever leaves nothing behind that nobody feeds. Of several instances the one that holds a log's lease works. A
 * position is kept for a repository's address: another one is given everything from the first event on.
 */
export function openAuditFeed(
  { auditFeed, proof }: Pick<Config, "auditFeed" | "proof">,
  { store, dayKeys, positions, trail, fhirBase, look = LOOK, onFault }: AuditFeedNeeds,
): AuditFeed | undefined {
  if (!auditFeed) return undefined;
  const url = new URL(auditFeed.base);
  const receiver = openAuditRepository({ ...auditFeed, lookup: guardedLookup(url, url.hostname, proof.callbackAllow) });
  const address = createHash("sha256").update(auditFeed.base).digest("hex").slice(0, 16);
  const tally: FeedTally = { sent: 0, refused: 0, destroyed: 0, damaged: 0 };
  const followers = new Map<string, Follower<undefined, FedBatches>>();
  const stopped = new AbortController();
  const nameOf = (log: string): string => `audit-feed/${address}/${log}`;
  const silence = faultsOnce(onFault);
  const follow = async (log: string): Promise<void> => {
    const feedLog = new FeedLog(log, store);
    const holder = randomUUID();
    await goBack(nameOf(log), holder, { positions, size: await feedLog.size() });
    const feed = new Feed({
      ...{ receiver, dayKeys, trail, tally, render: (event) => auditEvent(event, fhirBase) },
      onPassedOver: (text) => onFault(new AppError("unavailable", text), "an event of the audit trail was not fed to AUDIT_FEED_URL"),
    });
    const follower = new Follower<undefined, FedBatches>({
      ...{ name: nameOf(log), holder, log: feedLog, positions, poll: look },
      open: () => Promise.resolve(undefined),
      act: async ({ entry }) => {
        await feed.feed(entry);
        silence.over(log);
      },
      ...{ beginsAt: "beginning" as const, onFailure: "retry" as const },
      onFault: (error) => !stopped.signal.aborted && silence.fault(log, error),
    });
    followers.set(log, follower);
    follower.start();
  };
  const looking = (async () => {
    while (!stopped.signal.aborted) {
      try {
        for (const log of await store.logs()) if (!followers.has(log)) await follow(log);
        silence.over("");
      } catch (error) {
        silence.fault("", error);
      }
      // At the first start there is no log yet.
      await sleep(followers.size === 0 ? look : LOOK_FOR_LOGS, undefined, { ref: false, signal: stopped.signal }).catch(() => undefined);
    }
  })();
  const waiting = async (): Promise<number> => {
    let sum = 0;
    for (const log of followers.keys()) sum += (await new FeedLog(log, store).size()) - ((await positions.read(nameOf(log)))?.position ?? 0);
    return Math.max(0, sum);
  };
  return {
    looks: [
      {
        ...{ name: "chartulary_audit_feed_total", label: "result", isCount: true },
        help: "Events of the audit trail that were fed to AUDIT_FEED_URL, or that it refuses; batches of the trail that can't be opened any more.",
        values: () => Promise.resolve({ ...tally }),
      },
      {
        name: "chartulary_audit_feed_waiting",
        help: "Batches of the audit trail that AUDIT_FEED_URL was not sent yet.",
        values: async () => ({ value: await waiting() }),
      },
      {
        name: "chartulary_audit_feed_failing",
        help: "1 while what is fed to AUDIT_FEED_URL is not taken.",
        values: () => Promise.resolve({ value: silence.isFailing ? 1 : 0 }),
      },
    ],
    close: async () => {
      stopped.abort();
      receiver.close();
      await looking;
      await Promise.all([...followers.values()].map((one) => one.close()));
    },
  };
}

/** A trail that is shorter than what was fed of it is an older copy that was put in its place: what it says from its end on was not fed. */
async function goBack(
  name: string,
  holder: string,
  { positions, size }: { readonly positions: FollowerPositions; readonly size: number },
): Promise<void> {
  const position = (await positions.read(name))?.position ?? 0;
  if (position > size) await positions.move(name, holder, { from: position, to: size, now: Date.now() });
}

/** Tells each reason once, until what failed goes on; it is tried again for as long as it takes. */
function faultsOnce(onFault: AuditFeedNeeds["onFault"]): {
  fault(log: string, error: unknown): void;
  over(log: string): void;
  readonly isFailing: boolean;
} {
  const known = new Map<string, string>();
  return {
    fault: (log, error) => {
      const reason = error instanceof AppError ? `${error.code} ${error.message}` : String(error);
      if (known.get(log) === reason) return;
      known.set(log, reason);
      onFault(error, `the ${FEED} to AUDIT_FEED_URL waits, and goes on where it stands as soon as it can`);
    },
    over: (log) => void known.delete(log),
    get isFailing() {
      return known.size > 0;
    },
  };
}
