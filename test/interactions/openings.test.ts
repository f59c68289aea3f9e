import { describe, expect, test } from "@jest/globals";
import { Openings } from "../../src/interactions/openings.ts";

const bytes = (length: number): Uint8Array => new Uint8Array(length);

describe("openings", () => {
  test("are made once for all who ask at the same time, and once more for whoever comes later", async () => {
    const openings = new Openings();
    let made = 0;
    const make = (): Promise<number> => Promise.resolve(++made);
    expect(await Promise.all([openings.share("a", make), openings.share("a", make), openings.share("b", make)])).toEqual([1, 1, 2]);
    expect(await openings.share("a", make)).toBe(3);
  });

  test("that fail do so for all who asked, and are tried again", async () => {
    const openings = new Openings();
    const fail = (): Promise<never> => Promise.reject(new Error("x"));
    const both = await Promise.allSettled([openings.share("a", fail), openings.share("a", fail)]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await openings.share("a", () => Promise.resolve(1))).toBe(1);
  });

  test("keep bytes for a moment, within a bound; of what is gone, nothing", async () => {
    const openings = new Openings({ bytes: 100, life: 60_000 });
    let made = 0;
    const ask = (id: string, length: number): Promise<Uint8Array> =>
      openings.bytesOf(id, "json", () => {
        made += 1;
        return Promise.resolve(bytes(length));
      });
    expect(await ask("a", 60)).toBe(await ask("a", 60));
    expect(made).toBe(1);
    await ask("b", 50);
    await ask("b", 50);
    expect(made).toBe(2);
    await ask("a", 60);
    expect(made).toBe(3);
    openings.forget("a");
    await ask("a", 60);
    expect(made).toBe(4);
    await ask("large", 101);
    await ask("large", 101);
    expect(made).toBe(6);
    openings.close();
  });

  test("are forgotten after their life", async () => {
    const openings = new Openings({ bytes: 100, life: 20 });
    const first = await openings.bytesOf("a", "json", () => Promise.resolve(bytes(1)));
    let second = first;
    while (second === first) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      second = await openings.bytesOf("a", "json", () => Promise.resolve(bytes(1)));
    }
    expect(second).not.toBe(first);
  });
});
