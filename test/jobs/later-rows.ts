import type { JobRows } from "../../src/jobs/job-rows.ts";

/** Rows as they will be so many milliseconds from now: leases end without anybody waiting for it. They stay open when they are closed. */
export function laterRows(file: JobRows, clock: () => number, rest: Partial<JobRows> = {}): JobRows {
  const own: Partial<JobRows> = {
    due: (kind, now, count) => file.due(kind, now + clock(), count),
    read: (id, now) => file.read(id, now + clock()),
    close: () => Promise.resolve(),
    ...rest,
  };
  return new Proxy(file, {
    get: (rows, name) => {
      const value: unknown = Reflect.get(own, name) ?? Reflect.get(rows, name);
      return typeof value === "function" ? (value.bind(rows) as unknown) : value;
    },
  });
}

/** A record without an entry: of no document it is known where it was entered. */
export const NO_ENTRIES = { entry: () => Promise.resolve(undefined) };
