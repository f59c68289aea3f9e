import { describeEpochs } from "../../contracts/epochs.ts";
import { mongoPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

describeOnMongo("epochs", (url) => describeEpochs("MongoDB", () => mongoPlace(url)));
