/** What every JobRows must do, whatever engine keeps them. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { JobRow, JobRows } from "../../src/jobs/job-rows.ts";

/** 64 hex digits for a short name. */
export function nameOf(name: string): string {
  return Buffer.from(name).toString("hex").padStart(64, "0");
}

/** A job that nobody has taken. */
export function rowOf(id: string, rest: Partial<JobRow> = {}): Omit<JobRow, "revision"> {
  const { revision: _, ...row } = {
    ...{ id: nameOf(id), owner: nameOf("anna"), kind: "request", isOver: false, createdAt: 1_000, dueAt: 1_000, expiresAt: 9_000 },
    ...{ value: Uint8Array.of(1, 2, 3), revision: 1 },
    ...rest,
  };
  return row;
}

/** @param place opens the same rows again, as another process would */
export function describeJobRows(name: string, place: () => Promise<{ open(): Promise<JobRows>; remove(): Promise<void> }>): void {
  describe(`${name} as JobRows`, () => {
    let open: () => Promise<JobRows>;
    let remove: () => Promise<void>;
    let rows: JobRows;
    let other: JobRows;
    beforeEach(async () => {
      ({ open, remove } = await place());
      [rows, other] = [await open(), await open()];
    });
    afterEach(async () => {
      for (const one of [rows, other]) await one.close();
      await remove();
    });
    const job = nameOf("a");
    const chunk = (number: number, bytes: readonly number[], file = "f") => ({ job, file: nameOf(file), number, bytes: Uint8Array.from(bytes) });
    const read = async (number: number, file = "f"): Promise<number[] | undefined> => {
      const found = await other.readChunk({ job, file: nameOf(file), number });
      return found && [...found];
    };

    test("what was inserted is there as it was, until it expires, and once", async () => {
      expect(await rows.insert(rowOf("a"))).toBe(true);
      expect(await other.insert(rowOf("a", { kind: "export" }))).toBe(false);
      expect(await other.read(job, 8_999)).toEqual({ ...rowOf("a"), revision: 1 });
      expect(await other.read(job, 9_000)).toBeUndefined();
      expect(await other.read(nameOf("b"), 0)).toBeUndefined();
    });

    test("of several that replace one revision, one does", async () => {
      await rows.insert(rowOf("a"));
      const done = await Promise.all(
        [rows, other, rows, other].map((one, at) => one.replace(rowOf("a", { dueAt: 2_000 + at, isOver: true, value: Uint8Array.of(at) }), 1)),
      );
      expect(done.filter(Boolean)).toHaveLength(1);
      const winner = done.indexOf(true);
      expect(await rows.read(job, 0)).toEqual({
        ...rowOf("a", { dueAt: 2_000 + winner, isOver: true, value: Uint8Array.of(winner) }),
        revision: 2,
      });
      expect(await rows.replace(rowOf("b"), 1)).toBe(false);
    });

    test("those that are due are given by kind, the longest waiting first; what is over, leased or expired is not", async () => {
      await rows.insert(rowOf("late", { dueAt: 3_000 }));
      await rows.insert(rowOf("early", { dueAt: 2_000 }));
      await rows.insert(rowOf("over", { isOver: true }));
      await rows.insert(rowOf("leased", { dueAt: 5_000 }));
      await rows.insert(rowOf("export", { kind: "export" }));
      await rows.insert(rowOf("expired", { expiresAt: 4_000 }));
      expect((await other.due("request", 4_000, 9)).map(({ id }) => id)).toEqual([nameOf("early"), nameOf("late")]);
      expect((await other.due("request", 5_000, 1)).map(({ id }) => id)).toEqual([nameOf("early")]);
      expect(await other.due("import", 9_000, 9)).toEqual([]);
    });

    test("they are listed of their owner or of all, the newest first, and counted while they are under way", async () => {
      const ben = nameOf("ben");
      await rows.insert(rowOf("1", { createdAt: 1_000 }));
      await rows.insert(rowOf("2", { createdAt: 3_000, owner: ben }));
      await rows.insert(rowOf("3", { createdAt: 2_000, isOver: true }));
      await rows.insert(rowOf("4", { createdAt: 4_000, expiresAt: 4_500 }));
      expect((await other.list(undefined, 5_000, 9)).map(({ id }) => id)).toEqual(["2", "3", "1"].map(nameOf));
      expect((await other.list(nameOf("anna"), 5_000, 9)).map(({ id }) => id)).toEqual(["3", "1"].map(nameOf));
      expect((await other.list(undefined, 5_000, 9, false)).map(({ id }) => id)).toEqual(["2", "1"].map(nameOf));
      expect((await other.list(nameOf("anna"), 5_000, 9, true)).map(({ id }) => id)).toEqual([nameOf("3")]);
      expect((await other.list(undefined, 5_000, 1)).map(({ id }) => id)).toEqual([nameOf("2")]);
      expect(await other.underWay(nameOf("anna"), 5_000)).toEqual({ ofOwner: 1, all: 2 });
      expect(await other.underWay(nameOf("nobody"), 4_000)).toEqual({ ofOwner: 0, all: 3 });
      expect(await other.underWay(nameOf("nobody"), 10_000)).toEqual({ ofOwner: 0, all: 0 });
    });

    test("chunks are put, put again, and cut off behind a place", async () => {
      await rows.insert(rowOf("a"));
      for (const number of [0, 1, 2, 10, 11]) await rows.putChunk(chunk(number, [number]));
      await rows.putChunk(chunk(1, [7, 7]));
      await rows.putChunk(chunk(0, [9], "g"));
      expect(await read(1)).toEqual([7, 7]);
      await rows.removeChunks(job, nameOf("f"), 2);
      expect(await Promise.all([0, 1, 2, 10, 11].map((number) => read(number)))).toEqual([[0], [7, 7], undefined, undefined, undefined]);
      expect(await read(0, "g")).toEqual([9]);
      await rows.removeChunks(job, nameOf("f"), 0);
      expect(await read(0)).toBeUndefined();
    });

    test("all files of a job are removed, and it stays, as do those of others", async () => {
      await rows.insert(rowOf("a"));
      for (let number = 0; number < 40; number++) await rows.putChunk(chunk(number, [1], number % 2 === 0 ? "f" : "g"));
      await rows.putChunk({ ...chunk(0, [2]), job: nameOf("b") });
      await other.removeFiles(job);
      expect([await read(0), await read(39, "g"), (await rows.read(job, 0))?.id]).toEqual([undefined, undefined, job]);
      expect(await rows.readChunk({ job: nameOf("b"), file: nameOf("f"), number: 0 })).toEqual(Uint8Array.of(2));
    });

    test("a part of some megabytes comes back whole", async () => {
      const bytes = Uint8Array.from({ length: 3_000_000 }, (_, at) => (at * 31) % 251);
      await rows.putChunk({ job, file: nameOf("f"), number: 0, bytes: bytes.slice() });
      expect(Buffer.from((await other.readChunk({ job, file: nameOf("f"), number: 0 })) ?? []).equals(Buffer.from(bytes))).toBe(true);
    });

    test("what is removed, or expired and swept, is gone with its files; what somebody writes for it later goes with the next sweep", async () => {
      await rows.insert(rowOf("a"));
      for (let number = 0; number < 40; number++) await rows.putChunk(chunk(number, [1]));
      expect(await other.remove(job)).toBe(true);
      expect(await other.remove(job)).toBe(false);
      expect([await rows.read(job, 0), await read(0), await read(39)]).toEqual([undefined, undefined, undefined]);
      await rows.putChunk(chunk(3, [1]));
      await rows.insert(rowOf("b", { expiresAt: 5_000 }));
      await rows.putChunk({ ...chunk(0, [2]), job: nameOf("b") });
      await rows.insert(rowOf("c"));
      await rows.putChunk({ ...chunk(0, [3]), job: nameOf("c") });
      expect(await other.sweep(5_000)).toBe(1);
      expect(await read(3)).toBeUndefined();
      expect(await rows.readChunk({ job: nameOf("b"), file: nameOf("f"), number: 0 })).toBeUndefined();
      expect(await rows.readChunk({ job: nameOf("c"), file: nameOf("f"), number: 0 })).toEqual(Uint8Array.of(3));
      expect(await other.sweep(5_000)).toBe(0);
    });
  });
}
