import { describeLogKeys } from "../../contracts/log-keys.ts";
import { mongoPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

describeOnMongo("keys of the log", (url) => describeLogKeys("MongoDB", () => mongoPlace(url)));
