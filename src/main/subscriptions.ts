/** What is told of documents to those who asked for it (docs/design/events.md). A part of the composition root. */
import type { Config } from "../config.ts";
import type { EventRows } from "../events/event-rows.ts";
import { MatchingFollower, type MatchingFollowerOptions } from "../events/matching-follower.ts";
import type { Preparing } from "../events/prepared.ts";
import { SubscriptionRecords, type SubscriptionSettings } from "../events/subscription-records.ts";
import type { FollowerPositions } from "../followers/position-port.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import type { Deciding } from "../reader/deciding.ts";
import type { Searcher } from "../search/searcher.ts";
import type { Access } from "../security/access.ts";
import { scopeCriteria } from "./access.ts";
import type { Derived } from "./derived.ts";
import { openDelivering, type OpenDelivering } from "./delivering.ts";
import { ownerKnows } from "./owner-knows.ts";

export interface SubscriptionsOptions {
  openEvents(): Promise<EventRows>;
  readonly store: Pick<RecordStore, "checkpoint" | "entries">;
  readonly positions: FollowerPositions;
  readonly settings: SubscriptionSettings;
  readonly config: Pick<Config, "proof">;
  /** Told of what fails behind the scenes. */
  onFault(error: unknown, what: string): void;
}

/** What is there once the service has its address. */
export interface StartingOptions {
  readonly access: Access;
  readonly deciding: Pick<Deciding, "mayKnow">;
  readonly derived: Pick<Derived, "arriving"> & { readonly searcher: Pick<Searcher, "satisfying"> };
  readonly context: MatchingFollowerOptions["context"];
  readonly preparing: Preparing;
  /** The program's name and version, as receivers are told. */
  readonly software: string;
}

/** Everything that works for subscriptions in a service. */
export interface OpenSubscriptions {
  /** Their events, and how far receivers have come. */
  readonly rows: EventRows;
  /** Begins to match, and to deliver. */
  start(options: StartingOptions): void;
  /** Finishes what is under way: before the record is closed. */
  close(): Promise<void>;
}

/** Opens what is kept of events. */
export async function openSubscriptions({
  openEvents,
  store,
  positions,
  settings,
  config,
  onFault,
}: SubscriptionsOptions): Promise<OpenSubscriptions> {
  const rows = await openEvents();
  const subscriptions = new SubscriptionRecords(settings);
  let matching: MatchingFollower | undefined;
  let delivery: OpenDelivering | undefined;
  return {
    rows,
    start: ({ access, deciding, derived, context, preparing, software }) => {
      const { arriving, searcher } = derived;
      const { delivering } = (delivery = openDelivering(config, { records: subscriptions, rows, positions, preparing, software, onFault }));
      const follower = new MatchingFollower({
        ...{ rows, positions, subscriptions, context, source: arriving },
        log: { size: async () => (await store.checkpoint())?.size ?? 0, entries: (from, count) => store.entries(from, count) },
        mayKnow: ownerKnows({ ...deciding, access, searcher, scopeCriterion: scopeCriteria(context) }),
        onEvents: () => delivering.wake(),
        onFault: (error) => onFault(error, "what happened could not be matched with subscriptions"),
      });
      matching = follower;
      arriving.follow(() => follower.wake());
      follower.start();
      delivering.start();
    },
    close: async () => {
      await matching?.close();
      await delivery?.close();
      await rows.close();
    },
  };
}
