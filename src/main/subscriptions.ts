/** What is told of documents to those who asked for it (docs/design/events.md). A part of the composition root. */
import type { Config } from "../config.ts";
import type { EventRows } from "../events/event-rows.ts";
import { MatchingFollower, type MatchingFollowerOptions } from "../events/matching-follower.ts";
import type { Preparing } from "../events/prepared.ts";
import type { FollowerPositions } from "../followers/position-port.ts";
import type { SocketServer } from "../http/sockets/socket-server.ts";
import type { Served } from "../http/served.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";
import type { Deciding } from "../reader/deciding.ts";
import type { Searcher } from "../search/searcher.ts";
import type { Access } from "../security/access.ts";
import type { Look } from "../telemetry/figures.ts";
import { scopeCriteria } from "./access.ts";
import { openDelivering, type OpenDelivering } from "./delivering.ts";
import type { Derived } from "./derived.ts";
import { deliveryLooks } from "./delivery-looks.ts";
import { ownerKnows } from "./owner-knows.ts";
import { openSubscriptionServices, type ServicesOptions, type SubscriptionServices } from "./subscription-services.ts";

export interface SubscriptionsOptions extends Omit<ServicesOptions, "rows"> {
  openEvents(): Promise<EventRows>;
  readonly store: Pick<RecordStore, "checkpoint" | "entries" | "entry" | "evidence">;
  readonly positions: FollowerPositions;
}

/** What is there once the service has its address. */
export interface StartingOptions {
  readonly access: Access;
  readonly deciding: Pick<Deciding, "mayKnow">;
  readonly derived: Pick<Derived, "arriving"> & { readonly searcher: Pick<Searcher, "satisfying"> };
  readonly context: MatchingFollowerOptions["context"];
  readonly preparing: Preparing;
  readonly served: Pick<Served, "baseUrl" | "isOpen" | "door">;
}

/** Everything that works for subscriptions in a service. */
export interface OpenSubscriptions extends Pick<SubscriptionServices, "needsAt"> {
  /** Their events, and how far receivers have come. */
  readonly rows: EventRows;
  /** Begins to match, and to deliver; gives who serves websockets. */
  start(options: StartingOptions): SocketServer;
  /** Figures about them. */
  readonly looks: readonly Look[];
  /** Finishes what is under way: before the record is closed. */
  close(): Promise<void>;
}

/** Opens what is kept of events. */
export async function openSubscriptions(
  config: Pick<Config, "access" | "proof" | "rateLimit">,
  { openEvents, ...options }: SubscriptionsOptions,
): Promise<OpenSubscriptions> {
  const { store, positions, software, onFault } = options;
  const rows = await openEvents();
  const { records, tokens, needsAt, close } = await openSubscriptionServices(config, { ...options, rows });
  let [matching, delivering]: [MatchingFollower?, OpenDelivering?] = [];
  return {
    ...{ rows, needsAt },
    looks: deliveryLooks(records, rows, () => delivering?.delivering.figures),
    start: ({ access, deciding, derived, context, preparing, served }) => {
      const { arriving, searcher } = derived;
      const { ownerNow } = needsAt(served.baseUrl);
      const opened = openDelivering(config, { records, ownerNow, rows, positions, preparing, tokens, software, served, onFault });
      const follower = new MatchingFollower({
        ...{ rows, positions, subscriptions: records, context, source: arriving },
        log: { size: async () => (await store.checkpoint())?.size ?? 0, entries: (from, count) => store.entries(from, count) },
        mayKnow: ownerKnows({ ...deciding, access, ownerNow, searcher, scopeCriterion: scopeCriteria(context) }),
        onEvents: (more) => opened.wake(more),
        onFault: (error) => onFault(error, "what happened could not be matched with subscriptions"),
      });
      [matching, delivering] = [follower, opened];
      arriving.follow(() => follower.wake());
      follower.start();
      opened.delivering.start();
      return opened.sockets;
    },
    close: async () => {
      await matching?.close();
      await delivering?.close();
      await close();
      await rows.close();
    },
  };
}
