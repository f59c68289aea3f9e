import { describeJobRows } from "../../contracts/job-rows.ts";
import { mongoPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

describeOnMongo("jobs", (url) =>
  describeJobRows("MongoDB", async () => {
    const place = await mongoPlace(url);
    const closing: (() => Promise<void>)[] = [];
    return {
      open: async () => {
        const { jobs, store } = await place.open();
        closing.push(() => store.close());
        return jobs;
      },
      remove: async () => {
        for (const close of closing) await close();
        await place.remove();
      },
    };
  }),
);
