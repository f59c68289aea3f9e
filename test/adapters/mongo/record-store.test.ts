import { describeRecordStore } from "../../contracts/record-store.ts";
import { mongoPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

describeOnMongo("the record", (url) => describeRecordStore("MongoDB", () => mongoPlace(url)));
