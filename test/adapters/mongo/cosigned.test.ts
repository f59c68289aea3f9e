import { describeCosignedStore } from "../../contracts/cosigned-store.ts";
import { mongoPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

describeOnMongo("cosigned checkpoints", (url) =>
  describeCosignedStore("MongoDB", async () => {
    const place = await mongoPlace(url);
    const closing: (() => Promise<void>)[] = [];
    return {
      open: async () => {
        const { cosigned, store } = await place.open();
        closing.push(() => store.close());
        return cosigned;
      },
      remove: async () => {
        for (const close of closing) await close();
        await place.remove();
      },
    };
  }),
);
