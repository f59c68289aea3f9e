import { describeSealKeys } from "../../contracts/seal-keys.ts";
import { sqlitePlace } from "./place.ts";

describeSealKeys("SQLite", () => Promise.resolve(sqlitePlace()));
