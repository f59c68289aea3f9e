/** How notifications leave this service: by calls to receivers, and by sockets. A part of the composition root. */
import { randomUUID } from "node:crypto";
import { openCallbacks } from "../adapters/callbacks/open-callbacks.ts";
import type { Config } from "../config.ts";
import { Delivering } from "../events/delivering.ts";
import type { Callbacks } from "../events/callbacks.ts";
import type { EventRows } from "../events/event-rows.ts";
import type { Preparing } from "../events/prepared.ts";
import type { OwnerNow } from "../events/subscription.ts";
import type { SubscriptionRecords } from "../events/subscription-records.ts";
import type { SocketNeeds } from "../events/socket-talk.ts";
import type { FollowerPositions } from "../followers/position-port.ts";
import type { Served } from "../http/served.ts";
import { Allowances } from "../http/bounds/allowances.ts";
import { HTTP_LIMITS } from "../http/bounds/limits.ts";
import { SocketServer } from "../http/sockets/socket-server.ts";
import { isOwner } from "../interactions/fhir/subscriptions/subscriptions.ts";
import { callbackLookup } from "../security/issuers/reach.ts";

export interface DeliveringParts {
  readonly records: Pick<SubscriptionRecords, "all" | "find" | "setStatus">;
  readonly rows: EventRows;
  readonly positions: FollowerPositions;
  readonly preparing: Preparing;
  readonly ownerNow: OwnerNow;
  readonly tokens: SocketNeeds["tokens"];
  readonly served: Pick<Served, "baseUrl" | "isOpen" | "door">;
  readonly software: string;
  onFault(error: unknown, what: string): void;
}

/** Calls whom others named, as this installation allows. */
export function callbacksOf({ proof: { callbackAllow } }: { readonly proof: Pick<Config["proof"], "callbackAllow"> }, software: string): Callbacks {
  return openCallbacks({ lookupOf: (url) => callbackLookup(url, callbackAllow), software });
}

export interface OpenDelivering {
  readonly delivering: Delivering;
  readonly callbacks: Callbacks;
  readonly sockets: SocketServer;
  /** Says that there are events. Returns at once. */
  wake(subscriptions?: ReadonlySet<string>): void;
  /** Ends what is under way, and saves where receivers stand. */
  close(): Promise<void>;
}

export function openDelivering(
  config: { readonly proof: Pick<Config["proof"], "callbackAllow">; readonly rateLimit: number },
  { onFault, software, tokens, served, ...parts }: DeliveringParts,
): OpenDelivering {
  const callbacks = callbacksOf(config, software);
  const delivering = new Delivering({
    ...{ ...parts, callbacks, holder: randomUUID() },
    onFault: (error) => onFault(error, "a notification could not be made ready"),
  });
  const sockets = new SocketServer({
    ...{ ...served, talking: { ...parts, tokens, isOwner } },
    allowances: new Allowances({ ...HTTP_LIMITS, perSecond: config.rateLimit }),
    onFault: (error) => onFault(error, "a websocket could not be served"),
  });
  return {
    ...{ delivering, callbacks, sockets },
    wake: (subscriptions) => {
      delivering.wake(subscriptions);
      sockets.hub.wake();
    },
    close: async () => {
      sockets.close();
      // What is being sent is given a moment, and then cut off: it is sent again at the next start.
      const timer = setTimeout(() => callbacks.close(), 2_000);
      await delivering.close();
      clearTimeout(timer);
      callbacks.close();
    },
  };
}
