import { expect, test } from "@jest/globals";
import { statSync } from "node:fs";
import { PERMIT_ALL } from "../../../src/search/predicate.ts";
import { endOf, resourceNumber } from "../../../src/search/resource-number.ts";
import type { NewDocument } from "../../../src/search/index-port.ts";
import { newDocument } from "../../contracts/indexed.ts";
import { describeResourceIndex } from "../../contracts/resource-index.ts";
import { sqliteIndexPlace } from "./index-place.ts";

const MEBIBYTE = 2 ** 20;

describeResourceIndex("SQLite", () => Promise.resolve(sqliteIndexPlace()));

test("lets others in while it writes what follows a document, and keeps nothing of one that goes meanwhile", async () => {
  const place = sqliteIndexPlace();
  const index = await place.open();
  try {
    const [kept, gone] = [newDocument({ from: 0 }), newDocument({ from: 1 })];
    await index.advance({ from: 0, to: 2, mark: "m", documents: [kept, gone], closed: [], removed: [] });
    const rows = Array.from({ length: 3_000 }, (_, at) => ({ kind: "word", name: "a", value: `w${at}`, part: 0 }) as const);
    const resources = [{ place: 0, type: "Patient", path: "0", rows }];
    const order: string[] = [];
    const deepened = index.deepen({ from: 0, to: 2, documents: [0, 1].map((position) => ({ position, resources })) });
    const removed = index.advance({ from: 2, to: 3, mark: "n", documents: [], closed: [], removed: [gone.summary.id] });
    await Promise.all([deepened.then((result) => order.push(result)), removed.then(() => order.push("removed"))]);
    expect(order).toEqual(["removed", "advanced"]);
    expect(await place.orphans()).toEqual([]);
    const last = { kind: "row", anyOf: [{ kind: "word", name: "a", match: "whole", value: "w2999" }] } as const;
    expect(await index.find("Patient", last, { below: endOf(3), count: 9 }, { permitted: PERMIT_ALL, isCurrent: false })).toEqual([
      resourceNumber(0, 0),
    ]);
  } finally {
    await index.close();
    await place.remove();
  }
});

test("gives a name another number when the step in which it was first met was undone", async () => {
  const place = sqliteIndexPlace();
  const index = await place.open();
  try {
    const header = (name: string) => [{ place: 0, type: "Patient", path: "0", rows: [{ kind: "word", name, value: "x", part: 0 } as const] }];
    const step = (from: number, documents: readonly NewDocument[]) => ({ from, to: from + 1, mark: "m", documents, closed: [], removed: [] });
    const document = newDocument({ from: 0, header: header("a") });
    await index.advance(step(0, [document]));
    // A document that is there already: the step is undone.
    await expect(index.advance(step(1, [newDocument({ from: 1, header: header("b") }), document]))).rejects.toThrow();
    await index.advance(step(1, [newDocument({ from: 1, header: header("c") })]));
    await index.advance(step(2, [newDocument({ from: 2, header: header("b") })]));
    const found = (name: string) =>
      index.find(
        "Patient",
        { kind: "row", anyOf: [{ kind: "word", name, match: "whole", value: "x" }] },
        { below: endOf(3), count: 9 },
        {
          permitted: PERMIT_ALL,
          isCurrent: false,
        },
      );
    expect([await found("a"), await found("b"), await found("c")]).toEqual([[resourceNumber(0, 0)], [resourceNumber(2, 0)], [resourceNumber(1, 0)]]);
  } finally {
    await index.close();
    await place.remove();
  }
});

test("writes what it holds back to its file while it is open, so that its write-ahead log does not grow with it", async () => {
  const place = sqliteIndexPlace();
  const index = await place.open();
  try {
    const many = 40;
    const documents = Array.from({ length: many }, (_, from) => newDocument({ from }));
    await index.advance({ from: 0, to: many, mark: "m", documents, closed: [], removed: [] });
    for (let position = 0; position < many; position++) {
      const rows = Array.from(
        { length: 3_000 },
        (_, at) => ({ kind: "word", name: "a", value: `${(at * 7919) % 3_001} ${position}`, part: 0 }) as const,
      );
      await index.deepen({
        from: position,
        to: position + 1,
        documents: [{ position, resources: [{ place: 0, type: "Patient", path: "0", rows }] }],
      });
    }
    const [file, log] = [statSync(place.file).size, statSync(`${place.file}-wal`).size];
    expect(file).toBeGreaterThan(2 * MEBIBYTE);
    expect(log).toBeLessThan(32 * MEBIBYTE);
  } finally {
    await index.close();
    await place.remove();
  }
});

test("gives up a question that takes longer than its lane allows, and answers the next one", async () => {
  const place = sqliteIndexPlace();
  const index = await place.open();
  try {
    await index.advance({ from: 0, to: 1, mark: "m", documents: [newDocument({ from: 0 })], closed: [], removed: [] });
    const rows = Array.from({ length: 20_000 }, (_, at) => ({ kind: "word", name: "a", value: `w${at}`, part: 0 }) as const);
    // Of one number in 251 the clock is looked at.
    const resources = Array.from({ length: 500 }, (_, at) => ({
      place: at,
      type: "Patient",
      path: String(at),
      rows: rows.slice(at * 40, at * 40 + 40),
    }));
    await index.deepen({ from: 0, to: 1, documents: [{ position: 0, resources }] });
    const scope = { permitted: PERMIT_ALL, isCurrent: false };
    const anywhere = { kind: "row", anyOf: [{ kind: "word", name: "a", match: "anywhere", value: "9999" }] } as const;
    const window = { below: endOf(1), count: 9 };
    await expect(index.lane(0).index.find("Patient", anywhere, window, scope)).rejects.toMatchObject({ code: "too-costly" });
    for (const question of [index.lane(10_000).index, index.lane(Infinity).index, index])
      expect(await question.find("Patient", anywhere, window, scope)).toEqual([resourceNumber(0, 499), resourceNumber(0, 249)].slice(0, 2));
  } finally {
    await index.close();
    await place.remove();
  }
});
