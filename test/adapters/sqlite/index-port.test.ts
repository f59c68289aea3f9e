import { describeIndexPort } from "../../contracts/index-port.ts";
import { sqliteIndexPlace } from "./index-place.ts";

describeIndexPort("SQLite", () => Promise.resolve(sqliteIndexPlace()));
