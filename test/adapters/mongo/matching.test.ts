import { describeMatching } from "../../contracts/matching.ts";
import { mongoPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

describeOnMongo("matching", (url) =>
  describeMatching("MongoDB", async () => {
    const place = await mongoPlace(url);
    const closing: (() => Promise<void>)[] = [];
    return {
      open: async () => {
        const { events, positions, store } = await place.open();
        closing.push(() => store.close());
        return { rows: events, positions };
      },
      close: async () => {
        for (const close of closing) await close();
        await place.remove();
      },
    };
  }),
);
