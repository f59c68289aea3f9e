import { describe, expect, test } from "@jest/globals";
import { LogDestination, type LogSink } from "../../../src/http/operators/log-destination.ts";

/** A sink whose writes the test ends one by one. */
function held(): LogSink & { readonly written: string[]; end(taken?: number): void } {
  const written: string[] = [];
  let waiting: { readonly bytes: Buffer; readonly done: (error: Error | null, taken: number) => void } | undefined;
  return {
    written,
    take: (bytes, done) => void (waiting = { bytes, done }),
    takeNow: (bytes) => void written.push(`now ${String(bytes)}`),
    end: (taken) => {
      const { bytes, done } = waiting ?? { bytes: Buffer.alloc(0), done: () => undefined };
      const count = taken ?? bytes.length;
      written.push(String(bytes.subarray(0, count)));
      done(null, count);
    },
  };
}

describe("the log", () => {
  test("writes lines in order, many with one write, and torn ones on from where they were torn", () => {
    const sink = held();
    const log = new LogDestination(sink);
    for (const line of ["one\n", "two\n", "three\n"]) log.write(line);
    sink.end(2);
    sink.end();
    sink.end();
    expect(sink.written).toEqual(["on", "e\n", "two\nthree\n"]);
  });

  test("never waits: what nobody takes is lost and counted, and told when it is taken again", async () => {
    const sink = held();
    const log = new LogDestination(sink, { most: 12 });
    for (let at = 0; at < 10; at++) log.write(`line${at}\n`);
    expect(log.lost).toBe(8);
    expect(await log.flush(10)).toBe(false);
    sink.end();
    sink.end();
    sink.end();
    const [first, second, told] = sink.written;
    expect([first, second]).toEqual(["line0\n", "line1\n"]);
    expect(JSON.parse(told ?? "")).toMatchObject({ level: 40, lost: 8 });
    expect(await log.flush(10)).toBe(true);
    log.write("more\n");
    sink.end();
    expect(sink.written.at(-1)).toBe("more\n");
    expect(log.lost).toBe(8);
  });

  test("tries again what failed", async () => {
    const written: string[] = [];
    let failures = 2;
    const log = new LogDestination({
      take: (bytes, done) => {
        if (failures-- > 0) return done(new Error("ENOSPC"), 0);
        written.push(String(bytes));
        done(null, bytes.length);
      },
      takeNow: () => undefined,
    });
    log.write("one\n");
    log.write("two\n");
    expect(written).toEqual([]);
    expect(await log.flush(5_000)).toBe(true);
    expect([written, log.lost]).toEqual([["one\n", "two\n"], 0]);
  });

  test("gives the last lines to a process that ends", () => {
    const sink = held();
    const log = new LogDestination(sink);
    log.write("one\n");
    log.write("two\n");
    log.flushNow();
    expect(sink.written).toEqual(["now one\ntwo\n"]);
  });
});
