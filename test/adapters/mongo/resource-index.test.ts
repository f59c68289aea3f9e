import { describeResourceIndex } from "../../contracts/resource-index.ts";
import { mongoIndexPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

describeOnMongo("the index of resources", (url) => describeResourceIndex("MongoDB", () => mongoIndexPlace(url)));
