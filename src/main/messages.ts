/** What `chartulary messages` works with. A part of the composition root. */
import type { OpenMessageTools } from "../cli/log-tools.ts";
import { outgoingTold, resendOutgoing } from "../events/outbox.ts";
import type { KeptRecord } from "./kept-record.ts";

/** More are not told at once. */
const MOST = 10_000;

/** Beside a service that may run. */
export async function openMessageTools({ keys, store, engine }: Pick<KeptRecord, "keys" | "store" | "engine">): Promise<OpenMessageTools> {
  const rows = await engine.openEvents();
  return {
    list: () => outgoingTold(rows, keys, MOST),
    remove: (id) => rows.remove(id),
    resend: (id) => resendOutgoing(rows, id, MOST),
    close: async () => {
      await rows.close();
      await store.close();
    },
  };
}
