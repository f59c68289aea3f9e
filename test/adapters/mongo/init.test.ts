import { afterAll, expect, test } from "@jest/globals";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MongoServerError } from "mongodb";
import { initialise } from "../../../src/adapters/mongo/init.ts";
import { openMongo } from "../../../src/adapters/mongo/open.ts";
import { COLLECTIONS, ROLE, SCHEMA_VERSION } from "../../../src/adapters/mongo/schema.ts";
import { Ledger } from "../../../src/pipeline/log/ledger.ts";
import { PERMIT_ALL } from "../../../src/search/predicate.ts";
import { newDocument, stepOf } from "../../contracts/indexed.ts";
import { newSigner, sealed } from "../../contracts/sealed.ts";
import { asStranger, describeOnMongo, newDatabase, ownServer } from "./server.ts";

describeOnMongo("a database", (server) => {
  test("that nobody made ready is refused, with all that is missing; the service makes none of it", async () => {
    const url = newDatabase(server);
    await expect(openMongo(url)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/no collection commits, .*chartulary mongo init/),
    });
    expect(await asStranger(url, (client) => client.db().listCollections().toArray())).toEqual([]);
  });

  test("is made ready by several at once, and again", async () => {
    const url = newDatabase(server);
    const made = await Promise.all([initialise(url, undefined), initialise(server, url)]);
    expect(new Set(made.flatMap((one) => one.made))).toEqual(new Set(COLLECTIONS.map(({ name }) => name)));
    expect(await initialise(url, undefined)).toMatchObject({ role: ROLE, made: [] });
    await (await openMongo(url)).store.close();
  });

  test.each<[string, (url: string) => Promise<unknown>, RegExp]>([
    ["a lost index", (url) => asStranger(url, (client) => client.db().collection("commits").dropIndex("claims")), /no index claims on commits/],
    ["a lost collection", (url) => asStranger(url, (client) => client.db().collection("keys").drop()), /no collection keys/],
    [
      "another index of the same name",
      (url) =>
        asStranger(url, async (client) => {
          await client.db().collection("commits").dropIndex("nodes");
          await client.db().createIndex("commits", { note: 1 }, { name: "nodes" });
        }),
      /another index nodes on commits/,
    ],
    [
      "a unique index",
      (url) => asStranger(url, (client) => client.db().createIndex("commits", { note: 1 }, { unique: true })),
      /a unique index note_1 on commits/,
    ],
    [
      "a newer version's schema",
      (url) =>
        asStranger(url, (client) =>
          client
            .db()
            .collection<{ _id: string }>("repository")
            .updateOne({ _id: "schema" }, { $set: { version: SCHEMA_VERSION + 1 } }),
        ),
      /newer version of Chartulary/,
    ],
  ])("with %s is refused by its name", async (_, spoil, words) => {
    const url = newDatabase(server);
    await initialise(url, undefined);
    await spoil(url);
    await expect(openMongo(url)).rejects.toMatchObject({ code: "unsupported", message: expect.stringMatching(words) });
  });

  test("of a server that is not there is unavailable, and no password is told", async () => {
    const url = "mongodb://user:secret@127.0.0.1:1/x?replicaSet=rs0&serverSelectionTimeoutMS=100";
    await expect(openMongo(url)).rejects.toMatchObject({ code: "unavailable", message: expect.not.stringContaining("secret") });
  });
});

describeOnMongo("the role", () => {
  const dir = mkdtempSync(join(tmpdir(), "chartulary-mongo-auth-"));
  let stop: () => void = () => undefined;
  afterAll(() => stop());

  test("lets the service work, and no more: nothing is updated or removed in the record but keys", async () => {
    const server = ownServer(dir, "--auth");
    stop = () => server.stop("--wipe");
    const url = newDatabase(server.url);
    const service = url.replace("root:root@", "service:secret@").replace("authSource=admin", `authSource=${new URL(url).pathname.slice(1)}`);
    await initialise(server.url, service);
    await asStranger(url, (client) => client.db().command({ createUser: "service", pwd: "secret", roles: [ROLE] }));

    const room = await openMongo(service);
    const ledger = await Ledger.open(room.store, newSigner());
    const document = sealed({ size: 1_500_000 });
    await room.wrappedKeys.keep(document.id, new Uint8Array(65));
    expect(await ledger.append([document])).toMatchObject({ kind: "stored" });
    await room.store.check();
    await room.wrappedKeys.destroy(document.id);
    await room.laidDown("keys").lay("text");
    await room.positions.begin("views", 0);
    expect(await room.positions.lease("views", "a", { now: 0, until: 1 })).toBe(true);
    const { index, verdicts } = await room.openIndex("test");
    expect(await index.advance(stepOf([newDocument({ from: 0, terms: ["ada"] })]))).toBe("advanced");
    expect(await index.search(["ada"], 1, PERMIT_ALL)).toHaveLength(1);
    await index.clear();
    verdicts.put("sha256:00", "plain");
    await room.store.close();

    await asStranger(service, async (client) => {
      const db = client.db();
      const id = { _id: 0 as never };
      for (const name of ["commits", "staged", "chunks", "repository"]) {
        await expectRefused(db.collection(name).updateOne(id, { $set: { a: 1 } }));
        await expectRefused(db.collection(name).replaceOne(id, { a: 1 }));
        await expectRefused(db.collection(name).deleteOne(id));
        await expectRefused(db.collection(name).drop());
        await expectRefused(db.createIndex(name, { a: 1 }));
      }
      await expectRefused(db.collection("keys").updateOne(id, { $set: { a: 1 } }));
      await expectRefused(db.collection("others").insertOne({ a: 1 }));
      await expectRefused(db.createCollection("others"));
      await expectRefused(db.dropDatabase());
    });
    expect(await asStranger(url, (client) => client.db().collection("commits").countDocuments())).toBe(1);
  });
});

async function expectRefused(deed: Promise<unknown>): Promise<void> {
  await expect(deed).rejects.toMatchObject({ code: 13 });
  await expect(deed).rejects.toBeInstanceOf(MongoServerError);
}
