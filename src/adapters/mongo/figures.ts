import type { EngineFigures } from "../../pipeline/store/figures.ts";
import type { Connection } from "./connection.ts";
import { IndexStates } from "./index-state.ts";
import { COLLECTIONS } from "./schema.ts";

/** The service's role may count, and not ask for sizes; whoever may is told them. */
export async function figuresOf(connection: Connection): Promise<EngineFigures> {
  const { db } = connection;
  const sizes = await Promise.all(
    COLLECTIONS.map(async ({ name }) => {
      const told: unknown = await db.command({ collStats: name }).catch(() => undefined);
      const sizeOf = (field: string): number => {
        const value: unknown = typeof told === "object" && told !== null ? Reflect.get(told, field) : undefined;
        return typeof value === "number" ? value : 0;
      };
      return { what: name, bytes: sizeOf("storageSize") + sizeOf("totalIndexSize") };
    }),
  );
  const state = await IndexStates.stateIn(connection);
  // By the collections' own counters: rows of other generations are among them while an index is made anew.
  const count = (name: string): Promise<number> => connection.ask((session) => db.collection(name).estimatedDocumentCount({ session }));
  const index = state && {
    size: state.size,
    depth: state.depth,
    documents: await count("index_documents"),
    resources: await count("index_resources"),
  };
  return { bytes: sizes.some(({ bytes }) => bytes > 0) ? sizes : [], index };
}
