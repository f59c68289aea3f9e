import { describeFollowerPositions } from "../../contracts/follower-positions.ts";
import { mongoPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

describeOnMongo("followers", (url) =>
  describeFollowerPositions("MongoDB", async () => {
    const place = await mongoPlace(url);
    const { store, positions } = await place.open();
    return {
      positions,
      close: async () => {
        await store.close();
        await place.remove();
      },
    };
  }),
);
