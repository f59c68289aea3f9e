/** The contracts, of databases that are open in a thread of their own. */
import { openIndexThread } from "../../../../src/adapters/sqlite/thread/index-thread.ts";
import type { OpenedSqlite } from "../../../../src/adapters/sqlite/open.ts";
import { openSqliteThread } from "../../../../src/adapters/sqlite/thread/sqlite-thread.ts";
import { describeFollowerPositions } from "../../../contracts/follower-positions.ts";
import { describeIndexPort } from "../../../contracts/index-port.ts";
import { describeRecordStore } from "../../../contracts/record-store.ts";
import { sqliteIndexPlace } from "../index-place.ts";
import { sqlitePlace } from "../place.ts";

const inThread = (file: string): Promise<OpenedSqlite> => openSqliteThread(file, { patience: 2_000 });

describeRecordStore("SQLite in a thread", () => Promise.resolve(sqlitePlace(inThread)));
describeIndexPort("SQLite in a thread", () => Promise.resolve(sqliteIndexPlace("test", openIndexThread)));
describeFollowerPositions("SQLite in a thread", async () => {
  const place = sqlitePlace(inThread);
  const { store, positions } = await place.open();
  return {
    positions,
    close: async () => {
      await store.close();
      await place.remove();
    },
  };
});
