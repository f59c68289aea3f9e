import { describeIndexPort } from "../../contracts/index-port.ts";
import { mongoIndexPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

describeOnMongo("the index", (url) => describeIndexPort("MongoDB", () => mongoIndexPlace(url)));
