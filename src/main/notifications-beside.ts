/** Subscriptions for the command line, beside a service that may run. A part of the composition root. */
import type { OpenNotifications } from "../cli/open-notifications.ts";
import { AppError } from "../core/errors.ts";
import { SubscriptionRecords } from "../events/subscription-records.ts";
import { statesOf, statusAnew, type SubscriptionState } from "../events/subscription-states.ts";
import type { BesideRecord } from "./kept-record.ts";
import { openSettings } from "./settings.ts";

export async function openNotificationsBeside(record: BesideRecord): Promise<OpenNotifications> {
  const { keys, store, keptKeys: documentKeys, ledger, gate, engine } = record;
  const records = new SubscriptionRecords(await openSettings({ store, documentKeys, keys, ledger, gate }));
  const rows = await engine.openEvents();
  const stateOf = async (id: string): Promise<SubscriptionState> => {
    const held = await records.find(id);
    const [state] = held ? await statesOf([held], rows) : [];
    if (!state) throw new AppError("not-found", `there is no Subscription/${id}`);
    return state;
  };
  return {
    list: async () => statesOf(await records.all(), rows),
    resume: async (id) => {
      const held = await records.find(id);
      if (!held) throw new AppError("not-found", `there is no Subscription/${id}`);
      if (held.status === "off") throw new AppError("conflict", `Subscription/${id} has ended: its owner may change that`);
      // A version: whoever serves it sees it, and counts from anew.
      if (!(await records.setStatus(held, statusAnew(held))))
        throw new AppError("conflict", "somebody else changed it in the meantime: look at it again");
      return stateOf(id);
    },
    close: async () => {
      await rows.close();
      await ledger.close();
      await store.close();
    },
  };
}
