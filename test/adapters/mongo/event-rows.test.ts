import { Connection } from "../../../src/adapters/mongo/connection.ts";
import { MongoEventRows } from "../../../src/adapters/mongo/event-rows.ts";
import { describeEventRows } from "../../contracts/event-rows.ts";
import { mongoPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

describeOnMongo("events", (url) => {
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
  });

  // What one entry gives a subscription is several rows then, which are there all or none.
  describeEventRows("MongoDB with two events in a row", async () => {
    const place = await mongoPlace(url);
    const connections: Connection[] = [];
    return {
      open: async () => {
        const connection = await Connection.open(place.url);
        connections.push(connection);
        return new MongoEventRows(connection, 2);
      },
      remove: async () => {
        for (const connection of connections) await connection.close();
        await place.remove();
      },
    };
  });
});
