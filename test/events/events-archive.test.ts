/** Events in a backup: each once, with its number, whenever backups are made; and what is not whole is refused. */
import { expect, test } from "@jest/globals";
import type { Delivery, EventRows, SubscriptionEvent } from "../../src/events/event-rows.ts";
import { copyEvents, readEvents, writeEvents } from "../../src/events/events-archive.ts";
import { eventOf } from "../contracts/event-rows.ts";
import { MemoryEvents } from "../contracts/memory-events.ts";

/** A tar that is only added to. */
class Members {
  readonly #bytes: Uint8Array[] = [];
  get members(): { readonly name: string; readonly at: number; readonly bytes: number }[] {
    return this.#bytes.map(({ length }, at) => ({ name: String(at), at, bytes: length }));
  }
  read({ at }: { readonly at: number }): Promise<Uint8Array> {
    return Promise.resolve(this.#bytes[at] ?? new Uint8Array());
  }
  add(members: readonly { readonly bytes: Uint8Array }[]): Promise<void> {
    this.#bytes.push(...members.map(({ bytes }) => bytes));
    return Promise.resolve();
  }
  /** Changes one letter of a member. */
  spoil(at: number): void {
    const bytes = this.#bytes[at];
    if (bytes) this.#bytes[at] = new Uint8Array(Buffer.from(Buffer.from(bytes).toString().replace("deposited", "superseded")));
  }
}

const all = (rows: EventRows, subscription: string): Promise<SubscriptionEvent[]> => rows.events(subscription, { from: 1, to: 100_000 });
const delivery = (subscription: string, delivered: number): Omit<Delivery, "revision"> => ({
  ...{ subscription, delivered, version: 2, failures: 1, failingSince: 5, lastFailure: "500", lastSuccess: 4, notBefore: 9 },
});

async function filled(): Promise<MemoryEvents> {
  const rows = new MemoryEvents();
  for (const [subscription, count] of [
    ["a", 2_500],
    ["b", 3],
    ["c", 1_200],
  ] as const)
    await rows.append(Array.from({ length: count }, (_, at) => eventOf(subscription, at + 1, Math.floor(at / 2))));
  await rows.begin(delivery("a", 2_400));
  await rows.begin(delivery("b", 3));
  return rows;
}

test("three backups one after the other have each event once, none of an entry beyond the record, and what receivers took by the last", async () => {
  const [rows, archive] = [await filled(), new Members()];
  expect(await writeEvents(rows, archive, { upTo: 1_000, matched: 1_000 })).toBe(2_000 + 3 + 1_200);
  expect(await writeEvents(rows, archive, { upTo: 1_000, matched: 1_000 })).toBe(0);
  await rows.append([eventOf("b", 4, 1_240)]);
  await rows.replace(delivery("b", 4), 1);
  expect(await writeEvents(rows, archive, { upTo: 1_245, matched: 1_300 })).toBe(490 + 1);
  const restored = new MemoryEvents();
  expect(await readEvents(archive, restored)).toEqual({ count: 3_694, matched: 1_245 });
  for (const [name, count] of [
    ["a", 2_490],
    ["b", 4],
    ["c", 1_200],
  ] as const) {
    expect(await all(restored, name)).toEqual((await all(rows, name)).slice(0, count));
    expect(await all(restored, name)).toHaveLength(count);
  }
  expect((await restored.deliveries()).map(({ delivered, lastFailure }) => [delivered, lastFailure])).toEqual([
    [2_400, "500"],
    [4, "500"],
  ]);
  // Interrupted, it is run again.
  expect((await readEvents(archive, restored)).count).toBe(3_694);
  expect(await all(restored, "a")).toHaveLength(2_490);
});

test("nobody took what the record does not have, and a copy has the same", async () => {
  const [rows, copy] = [await filled(), new MemoryEvents()];
  expect(await copyEvents(rows, copy, 100)).toBe(200 + 3 + 200);
  expect((await copy.delivery("a"))?.delivered).toBe(200);
  expect(await all(copy, "c")).toEqual((await all(rows, "c")).slice(0, 200));
});

test("a backup that was altered, or lacks one in the middle, is refused", async () => {
  const [rows, archive] = [await filled(), new Members()];
  await writeEvents(rows, archive, { upTo: 10_000, matched: undefined });
  const part = { members: archive.members.slice(1), read: (member: { readonly at: number }) => archive.read(member) };
  await expect(readEvents(part, new MemoryEvents())).rejects.toMatchObject({
    code: "damaged",
    message: expect.stringContaining("events.tar") as unknown,
  });
  archive.spoil(0);
  await expect(readEvents(archive, new MemoryEvents())).rejects.toMatchObject({ code: "damaged" });
});
