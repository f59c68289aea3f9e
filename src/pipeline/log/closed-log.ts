import type { RecordStore } from "../store/record-store.ts";

/** That a log was closed where it is kept, in words for whoever operates it; undefined while it takes entries. */
export async function closedReason(store: Pick<RecordStore, "closure">): Promise<string | undefined> {
  const closure = await store.closure();
  if (closure === undefined) return undefined;
  const { at, size, to } = closure;
  return `the log was closed here for ever on ${at}, with ${size} entries, and goes on in ${to} (chartulary copy)`;
}
