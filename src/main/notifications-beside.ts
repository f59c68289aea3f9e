/** Subscriptions for the command line, beside a service that may run. A part of the composition root. */
import type { OpenNotifications } from "../cli/open-notifications.ts";
import type { Config } from "../config.ts";
import type { Definitions } from "../core/fhir/r4/definitions.ts";
import { AppError } from "../core/errors.ts";
import { SubscriptionRecords } from "../events/subscription-records.ts";
import { statesOf, statusAnew, troubledFirst, type SubscriptionState } from "../events/subscription-states.ts";
import type { HeldSubscription } from "../events/subscription.ts";
import { testReceiver } from "../interactions/fhir/subscriptions/test-subscription.ts";
import { addressOf } from "./accounts.ts";
import { callbacksOf } from "./delivering.ts";
import type { BesideRecord } from "./kept-record.ts";
import { openSettings } from "./settings.ts";

/** @param software the program's name and version, as receivers are told */
export async function openNotificationsBeside(
  config: Config,
  record: BesideRecord,
  { definitions, software }: { readonly definitions: Definitions; readonly software: string },
): Promise<OpenNotifications> {
  const { keys, store, keptKeys: documentKeys, ledger, gate, engine } = record;
  const records = new SubscriptionRecords(await openSettings({ store, documentKeys, keys, ledger, gate }));
  const rows = await engine.openEvents();
  const heldOf = async (id: string): Promise<HeldSubscription> => {
    const held = await records.find(id);
    if (!held) throw new AppError("not-found", `there is no Subscription/${id}`);
    return held;
  };
  const stateOf = async (id: string): Promise<SubscriptionState> => {
    const [state] = await statesOf([await heldOf(id)], rows);
    if (!state) throw new AppError("not-found", `there is no Subscription/${id}`);
    return state;
  };
  return {
    list: async () => statesOf(await troubledFirst(await records.all(), rows), rows),
    resume: async (id) => {
      const held = await heldOf(id);
      if (held.status === "off") throw new AppError("conflict", `Subscription/${id} has ended: its owner may change that`);
      // A version: whoever serves it sees it, and counts from anew.
      if (!(await records.setStatus(held, statusAnew(held))))
        throw new AppError("conflict", "somebody else changed it in the meantime: look at it again");
      return stateOf(id);
    },
    test: async (id) => {
      const callbacks = callbacksOf(config, software);
      try {
        return await testReceiver(await heldOf(id), { eventRows: rows, callbacks, definitions, fhirBase: `${addressOf(config)}/fhir` });
      } finally {
        callbacks.close();
      }
    },
    close: async () => {
      await rows.close();
      await ledger.close();
      await store.close();
    },
  };
}
