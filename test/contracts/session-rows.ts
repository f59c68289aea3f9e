/** What every SessionRows must do, whatever engine keeps them. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { SessionRow, SessionRows } from "../../src/pipeline/store/session-rows.ts";

/** @param open opens the same rows again, as another process would */
export function describeSessionRows(name: string, place: () => Promise<{ open(): Promise<SessionRows>; remove(): Promise<void> }>): void {
  describe(`${name} as SessionRows`, () => {
    let open: () => Promise<SessionRows>;
    let remove: () => Promise<void>;
    let rows: SessionRows;
    const opened: SessionRows[] = [];
    beforeEach(async () => {
      ({ open, remove } = await place());
      rows = await open();
      opened.push(rows);
    });
    afterEach(async () => {
      for (const one of opened.splice(0)) await one.close();
      await remove();
    });
    const row = (id: string, words: string, over: Partial<SessionRow> = {}): Omit<SessionRow, "revision"> => ({
      ...{ id, keys: [], value: new Uint8Array(Buffer.from(words)), expiresAt: 1_000 },
      ...over,
    });
    const wordsOf = (found: SessionRow | undefined): string | undefined => found && Buffer.from(found.value).toString();

    test("what is inserted is there until it ends, once", async () => {
      expect(await rows.read("a", 0)).toBeUndefined();
      expect(await rows.insert(row("a", "one", { keys: ["k", "l"] }), 0)).toBe(true);
      expect(await rows.insert(row("a", "two"), 999)).toBe(false);
      const found = await rows.read("a", 999);
      expect(found).toMatchObject({ id: "a", expiresAt: 1_000, revision: 1 });
      expect([...(found?.keys ?? [])].sort()).toEqual(["k", "l"]);
      expect(wordsOf(found)).toBe("one");
      expect(await rows.read("a", 1_000)).toBeUndefined();
      expect(await rows.insert(row("a", "three", { expiresAt: 2_000 }), 1_000)).toBe(true);
      expect(wordsOf(await rows.read("a", 1_500))).toBe("three");
    });

    test("a revision is replaced once, with what it is found by", async () => {
      await rows.insert(row("a", "one", { keys: ["k"] }), 0);
      expect(await rows.replace(row("a", "two", { keys: ["l"], expiresAt: 3_000 }), 1)).toBe(true);
      expect(await rows.replace(row("a", "three"), 1)).toBe(false);
      expect(await rows.replace(row("nobody", "three"), 1)).toBe(false);
      expect(await rows.read("a", 0)).toMatchObject({ revision: 2, expiresAt: 3_000, keys: ["l"] });
      expect(await rows.find("k", 0)).toEqual([]);
      expect((await rows.find("l", 0)).map(wordsOf)).toEqual(["two"]);
    });

    test("of many at once one inserts, one replaces, one removes, through two processes", async () => {
      const other = await open();
      opened.push(other);
      const both = [rows, other, rows, other, rows, other];
      const count = (answers: readonly boolean[]): number => answers.filter(Boolean).length;
      expect(count(await Promise.all(both.map((one, at) => one.insert(row("a", `${at}`), 0))))).toBe(1);
      expect(count(await Promise.all(both.map((one, at) => one.replace(row("a", `${at}`), 1))))).toBe(1);
      expect(await other.read("a", 0)).toMatchObject({ revision: 2 });
      expect(count(await Promise.all(both.map((one) => one.remove("a"))))).toBe(1);
      expect(await other.read("a", 0)).toBeUndefined();
    });

    test("those with a key are found and removed together, and nobody else", async () => {
      for (const id of ["a", "b", "c"]) await rows.insert(row(id, id, { keys: id === "c" ? ["other"] : ["k", id] }), 0);
      await rows.insert(row("d", "d", { keys: ["k"], expiresAt: 10 }), 0);
      expect((await rows.find("k", 500)).map(wordsOf).sort()).toEqual(["a", "b"]);
      expect(await rows.removeBy("k")).toBe(3);
      expect(await rows.find("k", 0)).toEqual([]);
      expect(await rows.removeBy("k")).toBe(0);
      expect((await rows.find("other", 0)).map(wordsOf)).toEqual(["c"]);
    });

    test("what has ended is swept, what has not stays", async () => {
      for (let at = 0; at < 30; at++) await rows.insert(row(`${at}`, `${at}`, { keys: ["k"], expiresAt: at < 20 ? 100 : 300 }), 0);
      expect(await rows.sweep(200)).toBe(20);
      expect(await rows.sweep(200)).toBe(0);
      expect(await rows.find("k", 0)).toHaveLength(10);
    });
  });
}
