import type { CosignedCheckpoint, CosignedStore } from "../../pipeline/witness/witness-port.ts";
import type { Connection } from "./connection.ts";
import { isDuplicate } from "./failure.ts";
import { numberOf, textOf } from "./rows.ts";

const COSIGNED = "cosigned";

interface CosignedRow {
  /** Size and time, both with so many digits that they are ordered as numbers are. */
  readonly _id: string;
  readonly size: number;
  readonly at: number;
  readonly note: string;
}

/** The port CosignedStore in a collection that is only ever inserted into. It is closed with its connection. */
export function mongoCosigned(connection: Connection): CosignedStore {
  const rows = connection.db.collection<CosignedRow>(COSIGNED);
  return {
    put: ({ size, at, note }) =>
      connection.ask(async (session) => {
        await rows.insertOne({ _id: `${digits(size)}/${digits(at)}`, size, at, note }, { session }).catch((cause: unknown) => {
          if (!isDuplicate(cause)) throw cause;
        });
      }),
    newest: async () => {
      const row = await connection.ask((session) => rows.findOne({}, { session, sort: { _id: -1 } }));
      return row ? checkpointOf(row) : undefined;
    },
    from: async (size, count) => {
      const question = { _id: { $gte: digits(size) } };
      const found = await connection.ask((session) => rows.find(question, { session, sort: { _id: 1 }, limit: count }).toArray());
      return found.map(checkpointOf);
    },
    close: () => Promise.resolve(),
  };
}

function digits(value: number): string {
  return String(value).padStart(16, "0");
}

function checkpointOf({ size, at, note }: CosignedRow): CosignedCheckpoint {
  return { size: numberOf(size, COSIGNED), at: numberOf(at, COSIGNED), note: textOf(note, COSIGNED) };
}
