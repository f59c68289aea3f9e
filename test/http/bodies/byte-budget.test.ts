import { describe, expect, test } from "@jest/globals";
import { ByteBudget } from "../../../src/http/bodies/byte-budget.ts";

describe("a budget of bytes", () => {
  test("gives so many and no more, and takes them back once", () => {
    const budget = new ByteBudget(100);
    const first = budget.reserve(60);
    expect(budget.reserve(41)).toBeUndefined();
    const second = budget.reserve(40);
    expect([first?.resize(61), first?.resize(50), second?.resize(50), budget.held]).toEqual([false, true, true, 100]);
    first?.release();
    first?.release();
    expect(budget.held).toBe(50);
    second?.release();
    expect(budget.held).toBe(0);
  });

  test("counts what several hold once, until the last lets go", () => {
    const budget = new ByteBudget(100);
    const bytes = new Uint8Array(80);
    const holds = [budget.share(bytes, 80), budget.share(bytes, 80)];
    expect([budget.held, budget.share(new Uint8Array(30), 30)]).toEqual([80, undefined]);
    holds[0]?.release();
    holds[0]?.release();
    expect(budget.held).toBe(80);
    holds[1]?.release();
    expect(budget.held).toBe(0);
  });
});
