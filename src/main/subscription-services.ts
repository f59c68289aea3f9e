/** What subscriptions are kept and understood by. A part of the composition root. */
import type { Config } from "../config.ts";
import type { Knowledge } from "../core/fhir/r4/knowledge.ts";
import type { SearchParameters } from "../core/fhir/r4/search-parameters.ts";
import type { EventRows } from "../events/event-rows.ts";
import { SubscriptionRecords } from "../events/subscription-records.ts";
import { unmatchable } from "../events/unmatchable.ts";
import type { SubscriptionNeeds } from "../interactions/fhir/subscriptions/subscriptions.ts";
import type { Settings } from "../pipeline/settings.ts";
import type { RecordStore } from "../pipeline/store/record-store.ts";

/** What interactions ask about subscriptions with. */
export function subscriptionServices(
  { proof: { callbackAllow } }: { readonly proof: Pick<Config["proof"], "callbackAllow"> },
  {
    settings,
    store,
    knowledge,
    parameters,
    rows,
  }: {
    readonly settings: Settings;
    readonly store: Pick<RecordStore, "checkpoint">;
    readonly knowledge: Knowledge;
    readonly parameters: SearchParameters;
    readonly rows: Pick<EventRows, "counts" | "events">;
  },
): Pick<SubscriptionNeeds, "subscriptionReading" | "logSize" | "eventRows"> & { readonly subscriptionRecords: SubscriptionRecords } {
  const { definitions, terminology } = knowledge;
  return {
    subscriptionRecords: new SubscriptionRecords(settings),
    subscriptionReading: { definitions, terminology, parameters, callbackAllow, unmatchable },
    eventRows: rows,
    logSize: async () => (await store.checkpoint())?.size ?? 0,
  };
}
