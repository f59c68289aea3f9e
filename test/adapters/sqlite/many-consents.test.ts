import { openIndexThread } from "../../../src/adapters/sqlite/thread/index-thread.ts";
import { describeManyConsents } from "../../contracts/many-consents.ts";
import { sqliteIndexPlace } from "./index-place.ts";

describeManyConsents("SQLite", () => Promise.resolve(sqliteIndexPlace()));
describeManyConsents("SQLite in a thread", () => Promise.resolve(sqliteIndexPlace("test", openIndexThread)));
