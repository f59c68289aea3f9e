/** A database of its own on the server for tests. */
import type { MongoClient } from "mongodb";
import { initialise } from "../../../src/adapters/mongo/init.ts";
import { openMongo, type OpenedMongo } from "../../../src/adapters/mongo/open.ts";
import type { IndexPlace } from "../../contracts/index-port.ts";
import type { OpenedRecord, RecordPlace } from "../../contracts/record-store.ts";
import { watchCommands } from "./command-lint.ts";
import { asStranger, commandFaults, newDatabase, removeAll } from "./server.ts";

export interface MongoPlace extends RecordPlace {
  readonly url: string;
  open(): Promise<OpenedRecord & OpenedMongo>;
}

export async function mongoPlace(server: string): Promise<MongoPlace> {
  const onClient = (client: MongoClient): void => watchCommands(client, commandFaults);
  const url = newDatabase(server);
  await initialise(url, undefined);
  return {
    url,
    open: async () => {
      const room = await openMongo(url, { onClient });
      return { ...room, keys: room.wrappedKeys };
    },
    orphans: () => asStranger(url, orphansIn),
    keysOf: (id) =>
      asStranger(url, async (client) => {
        const rows = await client.db().collection<{ _id: string; key: { length(): number } | Uint8Array }>("keys").find().toArray();
        return rows.filter(({ _id, key }) => _id.startsWith(id) && (typeof key.length === "number" ? key.length : key.length()) > 0).length;
      }),
    remove: () => asStranger(url, removeAll),
  };
}

/** What is staged and not committed may lie there until it is swept. What was committed must be all there, each upon the one before. */
async function orphansIn(client: MongoClient): Promise<string[]> {
  const db = client.db();
  const found: string[] = [];
  let size = 0;
  for await (const commit of db.collection("commits").find().sort({ _id: 1 })) {
    if (Number(commit._id) !== size) found.push(`a commit upon ${String(commit._id)} after ${size} entries`);
    for (const entry of commit["entries"] as { readonly id: string; readonly index: number }[]) {
      if (entry.index !== size++) found.push(`an entry ${entry.index} in place ${size - 1}`);
      const staged = await db.collection<{ _id: string }>("staged").findOne({ _id: entry.id });
      if (!staged) found.push(`no parts of ${entry.id}`);
      for (const part of ["content", "evidence"]) {
        const { chunks = 0 } = (staged?.[part as keyof typeof staged] ?? {}) as { readonly chunks?: number };
        for (let number = 0; number < chunks; number++)
          if (
            !(await db
              .collection<{ _id: string }>("chunks")
              .findOne({ _id: `${entry.id}/${String(Reflect.get(staged ?? {}, "attempt"))}/${part}/${number}` }))
          )
            found.push(`no chunk ${number} of ${entry.id}`);
      }
    }
    if (commit["size"] !== size) found.push(`a commit of ${String(commit["size"])} with ${size} entries`);
  }
  return found;
}

export async function mongoIndexPlace(server: string, tag = "test"): Promise<IndexPlace> {
  const place = await mongoPlace(server);
  const rooms: OpenedMongo[] = [];
  return {
    open: async () => {
      const room = await place.open();
      rooms.push(room);
      return (await room.openIndex(tag)).index;
    },
    orphans: () =>
      asStranger(place.url, async (client) => {
        const state = await client.db().collection<{ _id: string }>("state").findOne({ _id: "index" });
        const [generation, size] = [Reflect.get(state ?? {}, "generation") as number, Reflect.get(state ?? {}, "size") as number];
        const others = await client
          .db()
          .collection("index_documents")
          .countDocuments({ generation: { $ne: generation } });
        const beyond = await client
          .db()
          .collection("index_documents")
          .countDocuments({ generation, from: { $gte: size } });
        const positions = (
          await client
            .db()
            .collection("index_documents")
            .find({ generation, id: { $exists: true } })
            .toArray()
        ).map((row) => Number(row["from"]));
        const loose = await client
          .db()
          .collection("index_resources")
          .countDocuments({ $or: [{ generation: { $ne: generation } }, { position: { $nin: positions } }] });
        return [
          ...(loose > 0 ? [`${loose} resources of no document`] : []),
          ...(others > 0 ? [`${others} rows of other generations`] : []),
          ...(beyond > 0 ? [`${beyond} rows beyond the position`] : []),
        ];
      }),
    remove: async () => {
      await Promise.all(rooms.map(({ store }) => store.close()));
      await place.remove();
    },
  };
}
