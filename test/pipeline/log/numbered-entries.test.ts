import { expect, test } from "@jest/globals";
import { AppError } from "../../../src/core/errors.ts";
import { followEntries, numberedEntries } from "../../../src/pipeline/log/numbered-entries.ts";
import type { Claimed, LogEntry } from "../../../src/pipeline/store/record-store.ts";

const KIND = { claimOf: (place: number): string => `n:${place}`, parse: (leaf: Uint8Array): number => leaf[0] ?? 0 };
/** A record with so many such entries, at each third place of the log, of which the claim of one leads nowhere. */
const recordOf = (count: number, lost?: number): { claimed(keys: readonly string[]): Promise<Map<string, Claimed>> } => ({
  claimed: (keys) => {
    if (lost !== undefined && keys.includes(`n:${lost}`)) return Promise.reject(new AppError("damaged", `n:${lost} is of none`));
    const places = keys.map((key) => Number(key.slice(2))).filter((place) => place < count);
    return Promise.resolve(new Map(places.map((place) => [`n:${place}`, { entry: entryAt(place), value: new Uint8Array() }])));
  },
});
const entryAt = (place: number): LogEntry => ({
  ...{ index: place * 3, treeSize: place * 3 + 1, id: `${place}`, kind: "n", receivedAt: "", contentBytes: 0 },
  leaf: Uint8Array.of(place),
});

test.each([0, 1, 7, 8, 9, 20])("of 20 entries all before the one whose claim leads nowhere (%i) are found", async (lost) => {
  const found = await numberedEntries(KIND, recordOf(20, lost), 0);
  expect([found.entries.map(({ said }) => said), found.fault]).toEqual([Array.from({ length: lost }, (_, at) => at), `n:${lost} is of none`]);
});

test("what cannot be asked is not called uncommitted", async () => {
  const claimed = (): Promise<Map<string, Claimed>> => Promise.reject(new AppError("unavailable", "away"));
  await expect(numberedEntries(KIND, { claimed }, 0)).rejects.toMatchObject({ code: "unavailable" });
});

test("following ends at the first that does not stand in the tree, or does not come after the one before", async () => {
  const found = await numberedEntries(KIND, recordOf(5), 0);
  const faultOf = ({ index }: LogEntry): Promise<string | undefined> => Promise.resolve(index === 9 ? "not in the tree" : undefined);
  const followed: number[] = [];
  const follow = (entries: readonly unknown[]): void => void followed.push(entries.length);
  const result = await followEntries(found, [], { about: "keys", faultOf, follow });
  expect([result.entries.length, result.fault, followed]).toEqual([
    3,
    "what the database says of keys was not committed: not in the tree",
    [1, 2, 3],
  ]);
  const again = await followEntries(found, result.entries, { about: "keys", faultOf });
  expect([again.entries.length, again.fault]).toEqual([3, "what the database says of keys was not committed: entry 0 is none in its claim's place"]);
});
