/** Figures about subscriptions and what is sent to them. A part of the composition root. */
import type { DeliveringFigures } from "../events/telling.ts";
import type { EventRows } from "../events/event-rows.ts";
import type { SubscriptionRecords } from "../events/subscription-records.ts";
import { statesOf, type SubscriptionState } from "../events/subscription-states.ts";
import type { Look } from "../telemetry/figures.ts";

/** How long states are good for several figures, in milliseconds. */
const FRESH = 5_000;

export function deliveryLooks(
  records: Pick<SubscriptionRecords, "all">,
  rows: Pick<EventRows, "counts" | "deliveries">,
  figures: () => DeliveringFigures | undefined,
): readonly Look[] {
  let [looked, until]: [Promise<SubscriptionState[]>?, number?] = [];
  const states = (): Promise<SubscriptionState[]> => {
    if (looked === undefined || performance.now() > (until ?? 0)) {
      until = performance.now() + FRESH;
      looked = records.all().then((all) => statesOf(all, rows));
      looked.catch(() => (looked = undefined));
    }
    return looked;
  };
  return [
    {
      ...{ name: "chartulary_notifications_total", label: "result", isCount: true },
      help: "Notifications that receivers took, and that they did not.",
      values: () => {
        const { sent = 0, failed = 0 } = figures() ?? {};
        return Promise.resolve({ sent, failed });
      },
    },
    {
      ...{ name: "chartulary_subscriptions", label: "status" },
      help: "Subscriptions by their status; failing: active, and the last attempt was not taken.",
      values: async () => {
        const counts: Record<string, number> = { requested: 0, active: 0, error: 0, off: 0, failing: 0 };
        for (const { status, failures } of await states()) {
          counts[status] = (counts[status] ?? 0) + 1;
          if (status === "active" && failures > 0) counts["failing"] = (counts["failing"] ?? 0) + 1;
        }
        return counts;
      },
    },
    {
      name: "chartulary_notifications_waiting",
      help: "Events of active subscriptions that their receivers were not told yet.",
      values: async () => ({
        value: (await states()).reduce((sum, { status, events, delivered }) => sum + (status === "active" ? events - delivered : 0), 0),
      }),
    },
  ];
}
