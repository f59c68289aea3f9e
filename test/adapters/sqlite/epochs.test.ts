import { describeEpochs } from "../../contracts/epochs.ts";
import { sqlitePlace } from "./place.ts";

describeEpochs("SQLite", () => Promise.resolve(sqlitePlace()));
