import { afterEach, describe, expect, test } from "@jest/globals";
import { Follower, type FollowerOptions } from "../../src/followers/follower.ts";
import type { LogEntry } from "../../src/pipeline/store/record-store.ts";
import { MemoryPositions } from "../contracts/memory-positions.ts";
import { until as soon } from "../journeys/program.ts";

/** A log that a test lets grow. */
class Log {
  readonly all: LogEntry[] = [];

  add(count: number): void {
    for (let left = count; left > 0; left--) {
      const index = this.all.length;
      this.all.push({
        index,
        treeSize: index + 1,
        id: `document ${index}`,
        kind: "deposit",
        receivedAt: "",
        leaf: new Uint8Array(),
        contentBytes: 0,
      });
    }
  }

  size = (): Promise<number> => Promise.resolve(this.all.length);
  entries = (from: number, count: number): Promise<LogEntry[]> => Promise.resolve(this.all.slice(from, from + count));
}

const started: Follower<string>[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.close()));
});

function follow(log: Log, options: Partial<FollowerOptions<string>> & Pick<FollowerOptions<string>, "act">): Follower<string> {
  const follower = new Follower<string>({
    name: "follower",
    holder: "one",
    log,
    positions: new MemoryPositions(),
    open: (id) => Promise.resolve(id),
    beginsAt: "beginning",
    onFailure: "retry",
    poll: 5,
    onFault: () => undefined,
    ...options,
  });
  started.push(follower);
  follower.start();
  return follower;
}

const until = (isTrue: () => boolean): Promise<void> => soon(isTrue, 2);

describe("a follower", () => {
  test("does its deed about every entry in order, and about what comes when it is woken", async () => {
    const log = new Log();
    log.add(100);
    const seen: string[] = [];
    const follower = follow(log, {
      poll: 600_000,
      act: async ({ key, open }) => {
        seen.push(`${key} ${await open()}`);
      },
    });
    await until(() => seen.length === 100);
    log.add(2);
    follower.wake();
    await until(() => seen.length === 102);
    expect(seen).toEqual(log.all.map(({ index, id }) => `follower/${index} ${id}`));
  });

  test("looks by itself for what another process entered", async () => {
    const log = new Log();
    let count = 0;
    follow(log, {
      act: () => {
        count++;
        return Promise.resolve();
      },
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    log.add(3);
    await until(() => count === 3);
  });

  test("goes on where it stood, and begins at the end when it is told to", async () => {
    const [log, positions, seen] = [new Log(), new MemoryPositions(), [] as number[]];
    log.add(5);
    const act: FollowerOptions<string>["act"] = ({ entry }) => Promise.resolve(void seen.push(entry.index));
    const first = follow(log, { positions, act, beginsAt: "end" });
    await soon(async () => (await positions.read("follower"))?.position === 5);
    log.add(2);
    await until(() => seen.length === 2);
    await first.close();
    log.add(2);
    follow(log, { positions, act, holder: "two" });
    await until(() => seen.length === 4);
    expect(seen).toEqual([5, 6, 7, 8]);
  });

  test("does a deed again that failed, and nothing after it before", async () => {
    const log = new Log();
    log.add(3);
    const seen: number[] = [];
    const faults: unknown[] = [];
    let failures = 2;
    follow(log, {
      onFault: (error) => faults.push(error),
      act: ({ entry }) => {
        seen.push(entry.index);
        return entry.index === 1 && failures-- > 0 ? Promise.reject(new Error("down")) : Promise.resolve();
      },
    });
    await until(() => seen.length === 5);
    expect([seen, faults.length]).toEqual([[0, 1, 1, 1, 2], 2]);
  });

  test("or passes over it", async () => {
    const log = new Log();
    log.add(3);
    const [seen, faults] = [[] as number[], [] as (number | undefined)[]];
    follow(log, {
      onFailure: "pass",
      onFault: (_, entry) => faults.push(entry?.index),
      act: ({ entry }) => {
        seen.push(entry.index);
        return entry.index === 1 ? Promise.reject(new Error("damaged")) : Promise.resolve();
      },
    });
    await until(() => seen.length === 3);
    expect([seen, faults]).toEqual([[0, 1, 2], [1]]);
  });

  test("passes over the oldest when it is too far behind", async () => {
    const log = new Log();
    log.add(50);
    const seen: number[] = [];
    follow(log, { mostBehind: 2, act: ({ entry }) => Promise.resolve(void seen.push(entry.index)) });
    await until(() => seen.length === 2);
    expect(seen).toEqual([48, 49]);
  });

  test("leaves the log alone while it is woken again and again", async () => {
    const log = new Log();
    log.add(1);
    let count = 0;
    const follower = follow(log, {
      quiet: 40,
      act: () => {
        count++;
        return Promise.resolve();
      },
    });
    for (let turn = 0; turn < 20; turn++) {
      follower.wake();
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (turn === 0) expect(count).toBe(0);
    }
    await until(() => count === 1);
  });

  test("works on although it is woken all the time, once it was put off for long enough, until it has caught up", async () => {
    const log = new Log();
    log.add(5);
    const seen: number[] = [];
    const began = performance.now();
    const follower = follow(log, { quiet: 10_000, putOffFor: 100, act: ({ entry }) => Promise.resolve(void seen.push(entry.index)) });
    follower.wake();
    const waking = setInterval(() => follower.wake(), 1);
    try {
      await until(() => seen.length === 5);
      expect(performance.now() - began).toBeGreaterThanOrEqual(99);
    } finally {
      clearInterval(waking);
    }
  });
});

describe("of several instances", () => {
  test("one works, and when it is gone the next goes on, leaving nothing out and doing nothing twice", async () => {
    const [log, positions] = [new Log(), new MemoryPositions()];
    log.add(20);
    const seen: string[] = [];
    const instance = (holder: string): Follower<string> =>
      follow(log, {
        positions,
        holder,
        act: async ({ entry }) => {
          seen.push(`${holder} ${entry.index}`);
          await new Promise((resolve) => setTimeout(resolve, 1));
        },
      });
    const one = instance("one");
    await until(() => seen.length > 3);
    instance("two");
    await until(() => seen.length > 8);
    await one.close();
    await until(() => seen.length === 20);
    expect(seen.map((text) => Number(text.split(" ")[1]))).toEqual(log.all.map(({ index }) => index));
    expect(seen[0]).toBe("one 0");
    expect(seen[19]).toBe("two 19");
  });

  test("one whose lease ran out does not move the position any more", async () => {
    const [log, positions] = [new Log(), new MemoryPositions()];
    log.add(2);
    const seen: number[] = [];
    follow(log, {
      positions,
      act: async ({ entry }) => {
        seen.push(entry.index);
        // Another instance takes over in the middle of the deed, as after a long pause of this one.
        if (seen.length === 1) {
          await positions.release("follower", "one");
          await positions.lease("follower", "two", { now: Date.now(), until: Date.now() + 600_000 });
        }
      },
    });
    await until(() => seen.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect([seen, (await positions.read("follower"))?.position]).toEqual([[0], 0]);
  });
});
