/** The tamper table on MongoDB, as far as its rows are what SQLite's are: what each is to notice is read from the same table. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Binary, type Collection, type Db } from "mongodb";
import { openKeyFolder } from "../../../src/adapters/keys/key-folder.ts";
import { audit, fill, type OpenedRepository, type Repository } from "../../pipeline/audit/repository.ts";
import { sampled } from "../../pipeline/audit/sampling.ts";
import { TAMPER_TABLE, type Deed, type Watcher } from "../../pipeline/audit/tamper-table.ts";
import { noticedBy } from "../../pipeline/audit/watchers.ts";
import { refuseUnaltered } from "./altered.ts";
import { mongoPlace, type MongoPlace } from "./place.ts";
import { asStranger, describeOnMongo } from "./server.ts";

interface Row {
  readonly _id: string | number;
  readonly [name: string]: unknown;
}
type Stranger = (of: (name: string) => Collection<Row>, id: string) => Promise<unknown>;

const noise = (length: number): Binary => new Binary(randomBytes(length));
/** Alters one element of a list in the commit of a document. */
const inCommit =
  (list: string, at: number, change: (one: Record<string, unknown>) => object): Stranger =>
  async (of) => {
    const commit = await of("commits").findOne({ _id: 1 });
    const altered = ((commit?.[list] ?? []) as Record<string, unknown>[]).map((one, place) => (place === at ? { ...one, ...change(one) } : one));
    return of("commits").updateOne({ _id: 1 }, { $set: { [list]: altered } });
  };
const inStaged =
  (change: object): Stranger =>
  (of, id) =>
    of("staged").updateOne({ _id: id }, change);
const changedLeaf = inCommit("entries", 0, ({ leaf }) => ({
  leaf: new Binary(
    Buffer.from(
      Buffer.from((leaf as Binary).buffer)
        .toString()
        .replace('receivedAt":"20', 'receivedAt":"19'),
    ),
  ),
}));

/** By what it is in the table. */
const DEEDS: readonly (readonly [what: string, how: Deed["how"], stranger: Stranger])[] = [
  ["leaf of an entry (its time of receipt)", "changed", changedLeaf],
  ["hash of a leaf", "changed", inCommit("nodes", 0, () => ({ hash: noise(32) }))],
  ["content of a document", "changed", inStaged({ $set: { content: noise(500) } })],
  ["content of a document", "removed", inStaged({ $unset: { content: "" } })],
  ["evidence of a document (its seal, its deposit record)", "changed", inStaged({ $set: { evidence: noise(500) } })],
  ["key of a document", "changed", (of, id) => of("keys").updateOne({ _id: id }, { $set: { key: noise(65) } })],
  ["key of a document, which no entry says was erased", "removed", (of, id) => of("keys").deleteOne({ _id: id })],
  ["the whole database", "rolled back", (of) => of("commits").deleteMany({ _id: { $gte: 2 } })],
  ["the whole database, and the mark with it", "rolled back", (of) => of("commits").deleteMany({ _id: { $gte: 2 } })],
];

describeOnMongo("the tamper table", (url) => {
  let place: MongoPlace;
  let filled: Pick<Repository, "ids" | "earlier">;
  let seen: string;
  let snapshot: readonly (readonly [string, readonly Row[]])[];
  const folder = mkdtempSync(join(tmpdir(), "chartulary-mongo-tamper-"));
  const rows =
    (db: Db) =>
    (name: string): Collection<Row> =>
      db.collection<Row>(name);

  async function open(): Promise<OpenedRepository> {
    const room = await place.open();
    return {
      ...{ keys: await openKeyFolder(join(folder, "keys")), store: room.store, wrappedKeys: room.wrappedKeys },
      openInventory: () => room.openInventory(),
      openIndexInventory: () => room.openIndexInventory(),
      openIndex: () => room.openIndex("test"),
    };
  }

  beforeAll(async () => {
    place = await mongoPlace(url);
    const opened = await open();
    filled = await fill(opened);
    seen = (await opened.store.checkpoint())?.note ?? "";
    await opened.store.close();
    snapshot = await asStranger(place.url, (client) =>
      Promise.all(["commits", "staged", "keys"].map(async (name) => [name, await rows(client.db())(name).find().toArray()] as const)),
    );
  });
  afterAll(async () => {
    await place.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function noticing(stranger: Stranger | undefined, mark: Deed["mark"]): Promise<readonly Watcher[]> {
    const id = filled.ids[1] ?? "";
    if (stranger)
      await asStranger(place.url, async (client) => {
        await stranger(rows(client.db()), id);
        await refuseUnaltered(client.db(), snapshot);
      });
    const opened = await open();
    try {
      return await noticedBy(opened, {
        ...(mark && { mark }),
        seen,
        id,
        looks: async () => (await sampled(opened)).told,
        audit: (against) => audit(opened, against),
      });
    } finally {
      await opened.store.close();
      await asStranger(place.url, async (client) => {
        for (const [name, kept] of snapshot) {
          await rows(client.db())(name).deleteMany({});
          await rows(client.db())(name).insertMany([...kept]);
        }
      });
    }
  }

  test("what nobody touched is noticed by nobody", async () => {
    expect(await noticing(undefined, undefined)).toEqual([]);
  });

  test.each(DEEDS)("%s %s", async (what, how, stranger) => {
    const deed = TAMPER_TABLE.find((one) => one.what === what && one.how === how);
    if (deed === undefined) throw new Error("it does not stand in the table");
    expect(await noticing(stranger, deed.mark)).toEqual(deed.noticedBy);
  });
});
