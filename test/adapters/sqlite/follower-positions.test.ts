import { describeFollowerPositions } from "../../contracts/follower-positions.ts";
import { sqlitePlace } from "./place.ts";

describeFollowerPositions("SQLite", async () => {
  const place = sqlitePlace();
  const { store, positions } = await place.open();
  return {
    positions,
    close: async () => {
      await store.close();
      await place.remove();
    },
  };
});
