import { describeResourceIndex } from "../../contracts/resource-index.ts";
import { sqliteIndexPlace } from "./index-place.ts";

describeResourceIndex("SQLite", () => Promise.resolve(sqliteIndexPlace()));
