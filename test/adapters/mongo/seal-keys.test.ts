import { describeSealKeys } from "../../contracts/seal-keys.ts";
import { mongoPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

describeOnMongo("seal keys", (url) => describeSealKeys("MongoDB", () => mongoPlace(url)));
