import type { MongoClient } from "mongodb";
import { openMongoTrail } from "../../../src/adapters/mongo/open.ts";
import type { TrailStore } from "../../../src/pipeline/trail/trail-store.ts";
import { describeTrailStore } from "../../contracts/trail-store.ts";
import { watchCommands } from "./command-lint.ts";
import { mongoPlace } from "./place.ts";
import { commandFaults, describeOnMongo } from "./server.ts";

describeOnMongo("the audit trail", (url) =>
  describeTrailStore("MongoDB", async () => {
    const place = await mongoPlace(url);
    const onClient = (client: MongoClient): void => watchCommands(client, commandFaults);
    const open = (): Promise<TrailStore> => openMongoTrail(place.url, { onClient });
    const store = await open();
    return {
      store,
      again: open,
      close: async () => {
        await store.close();
        await place.remove();
      },
    };
  }),
);
