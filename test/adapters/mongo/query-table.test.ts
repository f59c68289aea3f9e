import { describeQueryTable } from "../../contracts/query-table.ts";
import { mongoIndexPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

describeOnMongo("each parameter with each prefix and modifier", (url) => describeQueryTable("MongoDB", () => mongoIndexPlace(url)));
