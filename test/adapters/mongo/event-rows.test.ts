import { describeEventRows } from "../../contracts/event-rows.ts";
import { mongoPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

describeOnMongo("events", (url) =>
  describeEventRows("MongoDB", async () => {
    const place = await mongoPlace(url);
    const closing: (() => Promise<void>)[] = [];
    return {
      open: async () => {
        const { events, store } = await place.open();
        closing.push(() => store.close());
        return events;
      },
      remove: async () => {
        for (const close of closing) await close();
        await place.remove();
      },
    };
  }),
);
