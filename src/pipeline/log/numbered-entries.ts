/** Entries of one kind that are numbered by claims, so that of two that are made at once one is first, and all are found without looking through the log. */
import { AppError } from "../../core/errors.ts";
import type { Claimed, LogEntry, RecordStore } from "../store/record-store.ts";

/** Entries that are asked for at once. */
const RUN = 8;

/** How entries of a kind are numbered and read. */
export interface NumberedKind<Said> {
  /** The claim of the entry that so many came before. */
  claimOf(place: number): string;
  /** What its leaf says. AppError `malformed` */
  parse(leaf: Uint8Array): Said;
}

/** An entry, and what it says. */
export interface NumberedEntry<Said> {
  readonly entry: LogEntry;
  readonly said: Said;
}

/** Entries in their order, and why the one after them is none, in words; undefined when none is there. */
export interface NumberedEntries<Said> {
  readonly entries: readonly NumberedEntry<Said>[];
  readonly fault: string | undefined;
}

/**
 * The entries of a kind as the database has them, up to the first that is none: it was altered there, its claim leads to another one, or to none at all. Nothing is entered upon that, since its claim stands, and the
 * audit tells of it.
 *
 * @param from how many are known already
 */
export async function numberedEntries<Said>(
  { claimOf, parse }: NumberedKind<Said>,
  store: Pick<RecordStore, "claimed">,
  from: number,
): Promise<NumberedEntries<Said>> {
  const entries: NumberedEntry<Said>[] = [];
  for (let next = from; ; next += RUN) {
    const claims = Array.from({ length: RUN }, (_, at) => claimOf(next + at));
    const found = await claimedInTurn(claims, store);
    for (const claim of claims) {
      const one = found.get(claim);
      if (one === undefined || "fault" in one) return { entries, fault: one?.fault };
      const said = ifReadable(() => parse(one.entry.leaf));
      if (said === undefined) return { entries, fault: `entry ${one.entry.index} is none in its claim's place` };
      entries.push({ entry: one.entry, said });
    }
  }
}

/**
 * Follows entries that were found, behind those that are followed already: each comes after the one before, and stands in the tree. What the database says that the log did not sign is not followed, nor anything after it.
 *
 * @param using `about`: what they are about, in words; `faultOf`: why one does not stand in the tree; `follow`: told of all after each
 */
export async function followEntries<Said>(
  found: NumberedEntries<Said>,
  known: readonly NumberedEntry<Said>[],
  using: {
    readonly about: string;
    faultOf(entry: LogEntry): Promise<string | undefined>;
    follow?(entries: readonly NumberedEntry<Said>[]): void;
  },
): Promise<NumberedEntries<Said>> {
  let entries = known;
  const uncommitted = (fault: string): NumberedEntries<Said> => ({
    entries,
    fault: `what the database says of ${using.about} was not committed: ${fault}`,
  });
  for (const one of found.entries) {
    const { index } = one.entry;
    if (index <= (entries.at(-1)?.entry.index ?? -1)) return uncommitted(`entry ${index} is none in its claim's place`);
    const fault = await using.faultOf(one.entry);
    if (fault !== undefined) return uncommitted(fault);
    entries = [...entries, one];
    using.follow?.(entries);
  }
  return found.fault === undefined ? { entries, fault: undefined } : uncommitted(found.fault);
}

type Found = ReadonlyMap<string, Claimed | { readonly fault: string }>;

/** Who bears claims, up to the first that leads nowhere. */
async function claimedInTurn(claims: readonly string[], store: Pick<RecordStore, "claimed">): Promise<Found> {
  try {
    return await store.claimed(claims);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "damaged") throw error;
    const [one = "", ...others] = claims;
    if (others.length === 0) return new Map([[one, { fault: error.message }]]);
    const half = Math.ceil(claims.length / 2);
    const first = await claimedInTurn(claims.slice(0, half), store);
    return [...first.values()].some((each) => "fault" in each) ? first : new Map([...first, ...(await claimedInTurn(claims.slice(half), store))]);
  }
}

function ifReadable<Said>(read: () => Said): Said | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof AppError && error.code === "malformed") return undefined;
    throw error;
  }
}
