import { describeRecordStore } from "../../contracts/record-store.ts";
import { sqlitePlace } from "./place.ts";

describeRecordStore("SQLite", () => Promise.resolve(sqlitePlace()));
