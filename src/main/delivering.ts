/** How notifications leave this service: by calls to receivers, and by sockets. A part of the composition root. */
import { randomUUID } from "node:crypto";
import { openCallbacks } from "../adapters/callbacks/open-callbacks.ts";
import type { Config } from "../config.ts";
import { Delivering } from "../events/delivering.ts";
import type { Callbacks } from "../events/callbacks.ts";
import type { EventRows } from "../events/event-rows.ts";
import type { Preparing } from "../events/prepared.ts";
import type { SubscriptionRecords } from "../events/subscription-records.ts";
import type { FollowerPositions } from "../followers/position-port.ts";
import { callbackLookup } from "../security/issuers/reach.ts";

export interface DeliveringParts {
  readonly records: Pick<SubscriptionRecords, "all" | "find" | "setStatus">;
  readonly rows: EventRows;
  readonly positions: FollowerPositions;
  readonly preparing: Preparing;
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
  /** Ends what is under way, and saves where receivers stand. */
  close(): Promise<void>;
}

export function openDelivering(config: Pick<Config, "proof">, { onFault, software, ...parts }: DeliveringParts): OpenDelivering {
  const callbacks = callbacksOf(config, software);
  const delivering = new Delivering({
    ...{ ...parts, callbacks, holder: randomUUID() },
    onFault: (error) => onFault(error, "a notification could not be made ready"),
  });
  return {
    delivering,
    callbacks,
    close: async () => {
      // What is being sent is given a moment, and then cut off: it is sent again at the next start.
      const timer = setTimeout(() => callbacks.close(), 2_000);
      await delivering.close();
      clearTimeout(timer);
      callbacks.close();
    },
  };
}
