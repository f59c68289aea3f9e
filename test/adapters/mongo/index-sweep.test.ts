/** Sweeping the index's rows while somebody begins a generation: what that one writes is alive. */
import { expect, test } from "@jest/globals";
import { Connection } from "../../../src/adapters/mongo/connection.ts";
import { rowsOf } from "../../../src/adapters/mongo/index-rows.ts";
import { IndexStates } from "../../../src/adapters/mongo/index-state.ts";
import { resourceRowOf } from "../../../src/adapters/mongo/resource-rows.ts";
import { newDocument } from "../../contracts/indexed.ts";
import { mongoPlace } from "./place.ts";
import { describeOnMongo } from "./server.ts";

describeOnMongo("the sweep of the index", (url) => {
  test("removes the rows of dead generations, and none of one that is begun after it looked which are alive", async () => {
    const place = await mongoPlace(url);
    const connection = await Connection.open(place.url);
    const states = new IndexStates(connection, "test");
    await states.prepare();
    const put = async (generation: number): Promise<void> => {
      await states.rows.insertMany(rowsOf(newDocument({ from: 0 }), generation, 1));
      await states.resources.insertOne(resourceRowOf({ place: 0, type: "Patient", path: "0", rows: [] }, 0, generation));
    };
    const generationsLeft = async (): Promise<number[][]> => [
      await states.rows.distinct("generation"),
      await states.resources.distinct("generation"),
    ];
    await put(1);
    await put(await states.begin());
    const another = new IndexStates(connection, "test");
    const read = states.read.bind(states);
    states.read = async () => {
      const state = await read();
      await put(await another.begin());
      return state;
    };
    await states.sweep();
    expect(await generationsLeft()).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ]);
    states.read = read;
    await states.sweep();
    expect(await generationsLeft()).toEqual([
      [1, 3],
      [1, 3],
    ]);
    await connection.close();
    await place.remove();
  });
});
