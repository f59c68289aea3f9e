/** Entries of one kind that are numbered by claims, so that of two that are made at once one is first, and all are found without looking through the log. */
import { AppError } from "../../core/errors.ts";
import type { LogEntry, RecordStore } from "../store/record-store.ts";

/** Entries that are asked for at once. */
const RUN = 8;

/** How entries of a kind are numbered and read. */
export interface NumberedKind<Said> {
  /** The claim of the entry that so many came before. */
  claimOf(place: number): string;
  /** What its leaf says. AppError `malformed` */
  parse(leaf: Uint8Array): Said;
}

/** An entry, and what it says; undefined of one that was altered in the database, or stands in a place that is not its own. */
export interface FoundEntry<Said> {
  readonly entry: LogEntry;
  readonly said: Said | undefined;
}

/** The entries of a kind in their order, as the database has them, up to the first that says nothing. @param from how many are known already */
export async function numberedEntries<Said>(
  { claimOf, parse }: NumberedKind<Said>,
  store: Pick<RecordStore, "claimed">,
  from: number,
): Promise<FoundEntry<Said>[]> {
  const entries: FoundEntry<Said>[] = [];
  for (let next = from; ; next += RUN) {
    const claims = Array.from({ length: RUN }, (_, at) => claimOf(next + at));
    const found = await store.claimed(claims);
    for (const claim of claims) {
      const entry = found.get(claim)?.entry;
      if (entry === undefined) return entries;
      const said = read(entry.leaf, parse);
      entries.push({ entry, said });
      if (said === undefined) return entries;
    }
  }
}

/** One that was altered in the database is none: nothing is entered upon it, since its claim stands, and the audit tells of it. */
function read<Said>(leaf: Uint8Array, parse: NumberedKind<Said>["parse"]): Said | undefined {
  try {
    return parse(leaf);
  } catch (error) {
    if (error instanceof AppError && error.code === "malformed") return undefined;
    throw error;
  }
}
