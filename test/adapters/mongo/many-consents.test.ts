import { describeManyConsents } from "../../contracts/many-consents.ts";
import { mongoIndexPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

describeOnMongo("the index", (url) => describeManyConsents("MongoDB", () => mongoIndexPlace(url)));
