import { digestOf } from "../../core/crypto/digest.ts";
import type { CosignedCheckpoint, CosignedStore } from "../../pipeline/witness/witness-port.ts";
import type { Connection } from "./connection.ts";
import { isDuplicate } from "./failure.ts";
import { numberOf, textOf } from "./rows.ts";

const COSIGNED = "cosigned";
const DIGEST_BEGINS = "sha256:".length;

interface CosignedRow {
  /** A hash of the origin, size and time, both with so many digits that they are ordered as numbers are. */
  readonly _id: string;
  readonly origin: string;
  readonly size: number;
  readonly at: number;
  readonly note: string;
}

/** The port CosignedStore in a collection that is only ever inserted into. It is closed with its connection. */
export function mongoCosigned(connection: Connection): CosignedStore {
  const rows = connection.db.collection<CosignedRow>(COSIGNED);
  return {
    put: ({ origin, size, at, note }) =>
      connection.ask(async (session) => {
        await rows
          .insertOne({ _id: `${named(origin)}${digits(size)}/${digits(at)}`, origin, size, at, note }, { session })
          .catch((cause: unknown) => {
            if (!isDuplicate(cause)) throw cause;
          });
      }),
    newest: async (origin) => {
      const row = await connection.ask((session) => rows.findOne(within(named(origin)), { session, sort: { _id: -1 } }));
      return row ? checkpointOf(row) : undefined;
    },
    from: async (origin, size, count, at = 0) => {
      const question = within(named(origin), `${digits(size)}/${digits(at)}`);
      const found = await connection.ask((session) => rows.find(question, { session, sort: { _id: 1 }, limit: count }).toArray());
      return found.map(checkpointOf);
    },
    close: () => Promise.resolve(),
  };
}

/** What rows of a log begin with. */
function named(origin: string): string {
  return `${digestOf(origin).slice(DIGEST_BEGINS, DIGEST_BEGINS + 16)}/`;
}

/** Rows that begin with a name, from a place on. */
function within(name: string, from = ""): { readonly _id: { readonly $gte: string; readonly $lt: string } } {
  return { _id: { $gte: name + from, $lt: `${name}~` } };
}

function digits(value: number): string {
  return String(value).padStart(16, "0");
}

function checkpointOf({ origin, size, at, note }: CosignedRow): CosignedCheckpoint {
  return { origin: textOf(origin, COSIGNED), size: numberOf(size, COSIGNED), at: numberOf(at, COSIGNED), note: textOf(note, COSIGNED) };
}
