import { describe, expect, test } from "@jest/globals";
import { setImmediate as nextTurn } from "node:timers/promises";
import { AppError } from "../../../src/core/errors.ts";
import { PERMIT_ALL } from "../../../src/search/predicate.ts";
import { Effort, MOST_EFFORT } from "../../../src/search/query/effort.ts";
import { SearchLanes } from "../../../src/search/query/lanes.ts";
import type { ResourceSearch } from "../../../src/search/resource-index.ts";
import { MemoryIndex } from "../../contracts/memory-index.ts";

const SCOPE = { permitted: PERMIT_ALL, isCurrent: false };
const WINDOW = { below: 1, count: 1 };
const CROWD = 200;

/** An engine in which questions upon `Long` never fit into a lane but the last, where they go on until the test ends them, and all others are answered at once. */
class Engine {
  /** What it was asked, in order: the longest that a question of the lane may take, and its type. */
  readonly asked: string[] = [];
  #end: () => void = () => undefined;
  readonly #ended = new Promise<void>((resolve) => (this.#end = resolve));

  lane(longest: number): { readonly index: ResourceSearch; readonly width: number } {
    const memory = new MemoryIndex();
    const index: ResourceSearch = Object.assign(memory, {
      find: async (type: string) => {
        this.asked.push(`${longest} ${type}`);
        await nextTurn();
        if (type !== "Long") return [];
        if (longest < MOST_EFFORT) throw new AppError("too-costly", "given up");
        await this.#ended;
        return [7];
      },
    });
    return { index, width: 1 };
  }

  end(): void {
    this.#end();
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20 * CROWD; turn++) await nextTurn();
}

describe("lanes of searches", () => {
  test("a short question is answered while a crowd of long ones is not, and waits for none of them", async () => {
    const engine = new Engine();
    const lanes = new SearchLanes((longest) => engine.lane(longest));
    const crowd = Array.from({ length: CROWD }, () => lanes.of(new Effort()).find("Long", { kind: "any" }, WINDOW, SCOPE));
    await settled();
    const before = engine.asked.length;
    const effort = new Effort();
    const own = lanes.of(effort);
    for (let question = 0; question < 10; question++) await own.find("Short", { kind: "any" }, WINDOW, SCOPE);
    // Between its questions none of the crowd was asked for where it asks.
    expect(engine.asked.slice(before)).toEqual(Array(10).fill("25 Short"));
    engine.end();
    expect(await Promise.all(crowd)).toEqual(Array(CROWD).fill([7]));
    expect(engine.asked.filter((one) => one === `${MOST_EFFORT} Long`)).toHaveLength(CROWD);
  });

  test("a search that has cost much asks among its like from then on", async () => {
    const engine = new Engine();
    const lanes = new SearchLanes((longest) => engine.lane(longest));
    const effort = new Effort();
    effort.spent = 1_000;
    await lanes.of(effort).find("Short", { kind: "any" }, WINDOW, SCOPE);
    effort.spent = 5_000;
    await lanes.of(effort).find("Short", { kind: "any" }, WINDOW, SCOPE);
    expect(engine.asked).toEqual(["500 Short", `${MOST_EFFORT} Short`]);
  });

  test("one that has cost all that it may is refused", async () => {
    const engine = new Engine();
    const lanes = new SearchLanes((longest) => engine.lane(longest));
    const effort = new Effort();
    effort.spent = MOST_EFFORT + 1;
    await expect(lanes.of(effort).find("Short", { kind: "any" }, WINDOW, SCOPE)).rejects.toMatchObject({ code: "too-costly" });
    expect(engine.asked).toEqual([]);
  });

  test("what fails in another way is not asked again", async () => {
    let asked = 0;
    const index: ResourceSearch = Object.assign(new MemoryIndex(), {
      find: () => {
        asked++;
        return Promise.reject(new AppError("damaged", "the file is damaged"));
      },
    });
    const lanes = new SearchLanes(() => ({ index, width: 1 }));
    await expect(lanes.of(new Effort()).find("Patient", { kind: "any" }, WINDOW, SCOPE)).rejects.toMatchObject({ code: "damaged" });
    expect(asked).toBe(1);
  });
});
