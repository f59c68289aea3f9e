import { AppError } from "../../core/errors.ts";
import type { Claimed, LogEntry, RecordStore } from "../store/record-store.ts";
import type { Waiting, WaitingUnit } from "./queue.ts";

/**
 * `stored`: in the log, durable; one entry for each of the unit. `taken`: one of its claims was another's before. `refused`: its condition does not hold (any more). But for the first, nothing
 * was stored.
 */
export type Entered =
  | { readonly kind: "stored"; readonly entries: readonly [LogEntry, ...LogEntry[]] }
  | { readonly kind: "taken"; readonly key: string; readonly by: Claimed }
  | { readonly kind: "refused" };

/** The answer for a unit, of the entries that are in the log by its ids. */
export function storedAs(unit: WaitingUnit, entered: ReadonlyMap<string, LogEntry>): Entered {
  const at = ({ id }: { readonly id: string }): LogEntry => {
    const entry = entered.get(id);
    if (!entry) throw new AppError("internal", `the entry ${id} is missing in its own commit`);
    return entry;
  };
  const [first, ...others] = unit;
  return { kind: "stored", entries: [at(first), ...others.map(at)] };
}

/** Tells those whose entries were committed; all of them of the fault when their checkpoint could not be marked. */
export function answerEntered(waiting: readonly Waiting<Entered>[], entries: readonly LogEntry[], fault: AppError | undefined): void {
  const entered = new Map(entries.map((entry) => [entry.id, entry]));
  for (const { unit, resolve, reject } of waiting)
    if (fault === undefined) resolve(storedAs(unit, entered));
    else reject(fault);
}

/** What whoever waits for an entry is told when it fails. */
export function failureOf(cause: unknown): AppError {
  return cause instanceof AppError ? cause : new AppError("internal", "the document could not be entered in the log", { cause });
}

/** A unit that was committed after all: its entries by id, and the note of the checkpoint that it was committed with; undefined when it was not. */
export async function findUnit(
  unit: WaitingUnit,
  store: Pick<RecordStore, "entry" | "checkpoint">,
): Promise<{ readonly entered: ReadonlyMap<string, LogEntry>; readonly note: string } | undefined> {
  const entered = new Map<string, LogEntry>();
  for (const { id } of unit) {
    const entry = await store.entry(id);
    if (!entry) return undefined;
    entered.set(id, entry);
  }
  const checkpoint = await store.checkpoint(entered.get(unit[0].id)?.treeSize);
  return checkpoint && { entered, note: checkpoint.note };
}
