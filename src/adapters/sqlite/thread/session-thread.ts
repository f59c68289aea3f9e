import type { SessionRows } from "../../../pipeline/store/session-rows.ts";
import { openRowsThread } from "./rows-thread.ts";

const METHODS = ["read", "find", "insert", "replace", "remove", "removeBy", "sweep", "close"] as const;

/** As `openSessionRows`, in a thread of its own. */
export function openSessionThread(file: string, options: { readonly patience?: number } = {}): Promise<SessionRows> {
  return openRowsThread<SessionRows>(file, options, { what: "sessions", on: "session-rows", methods: METHODS, called: "the sessions", verb: "are" });
}
