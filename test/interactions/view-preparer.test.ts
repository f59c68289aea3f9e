import { expect, test } from "@jest/globals";
import { ViewPreparer } from "../../src/interactions/view-preparer.ts";

const until = async (isTrue: () => boolean): Promise<void> => {
  for (let turn = 0; turn < 1000 && !isTrue(); turn++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isTrue()).toBe(true);
};

test("each document is prepared once, one after the other, whatever happens to one of them", async () => {
  const seen: string[] = [];
  let atOnce = 0;
  const preparer = new ViewPreparer(async (id) => {
    expect(++atOnce).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    atOnce--;
    seen.push(id);
    if (id === "b") throw new Error("damaged");
  });
  for (const id of ["a", "b", "b", "c"]) preparer.prepare(id);
  expect(seen).toEqual([]);
  await until(() => seen.length === 3);
  expect(seen).toEqual(["a", "b", "c"]);
  preparer.prepare("d");
  await until(() => seen.length === 4);
  await preparer.close();
});

test("closing lets go of what waits and waits for what runs", async () => {
  const seen: string[] = [];
  let isBegun = false;
  const preparer = new ViewPreparer(async (id) => {
    isBegun = true;
    await new Promise((resolve) => setTimeout(resolve, 20));
    seen.push(id);
  });
  preparer.prepare("a");
  preparer.prepare("b");
  await until(() => isBegun);
  await preparer.close();
  expect(seen).toEqual(["a"]);
});

test("a flood leaves the oldest to their readers", async () => {
  const seen: string[] = [];
  const preparer = new ViewPreparer((id) => Promise.resolve(seen.push(id)));
  for (let n = 0; n < 700; n++) preparer.prepare(String(n));
  await until(() => seen.includes("699"));
  expect(seen).toHaveLength(500);
  expect(seen[0]).toBe("200");
  await preparer.close();
});
