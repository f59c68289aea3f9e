import { describeQueryTable } from "../../contracts/query-table.ts";
import { sqliteIndexPlace } from "./index-place.ts";

describeQueryTable("SQLite", () => Promise.resolve(sqliteIndexPlace()));
