import { describeLogKeys } from "../../contracts/log-keys.ts";
import { sqlitePlace } from "./place.ts";

describeLogKeys("SQLite", () => Promise.resolve(sqlitePlace()));
