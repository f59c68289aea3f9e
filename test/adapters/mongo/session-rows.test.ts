import { describeSessionRows } from "../../contracts/session-rows.ts";
import { mongoPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

describeOnMongo("sessions", (url) =>
  describeSessionRows("MongoDB", async () => {
    const place = await mongoPlace(url);
    const closing: (() => Promise<void>)[] = [];
    return {
      open: async () => {
        const { sessions, store } = await place.open();
        closing.push(() => store.close());
        return sessions;
      },
      remove: async () => {
        for (const close of closing) await close();
        await place.remove();
      },
    };
  }),
);
