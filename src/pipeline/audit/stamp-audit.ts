/** What audits of time-stamps of the log have in common, of whichever kind. */
import { checkTimeStamp } from "../../core/cms/check-time-stamp.ts";
import { utf8 } from "../../core/crypto/bytes.ts";
import { AppError } from "../../core/errors.ts";
import type { LogEntry } from "../store/record-store.ts";
import type { Findings } from "./finding.ts";

/** Told what is wrong with an entry, in words behind its name. */
export type Tell = (words: string) => void;

/** Looks at an entry; what cannot be read is told as that. */
export async function lookingAt({ id, index, kind }: LogEntry, findings: Findings, work: (tell: Tell) => Promise<void>): Promise<void> {
  const tell: Tell = (words) => findings.add({ kind: "changed", what: "entry", id, index, text: `the ${kind} ${id} (entry ${index}) ${words}` });
  try {
    await work(tell);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    tell(`can't be read: ${error.message}`);
  }
}

/** Whether a token is over a text, and of the time that its leaf says. */
export async function holdToken(
  { token, stamped }: { readonly token: Uint8Array; readonly stamped: string },
  stampedAt: string,
  tell: Tell,
): Promise<void> {
  const checked = await checkTimeStamp(token, utf8(stamped));
  if (checked.kind !== "valid") tell(`has a token that ${checked.kind === "invalid" ? "is false" : "cannot be checked here"}: ${checked.reason}`);
  else if (checked.stamp.at.toISOString() !== stampedAt) tell(`says ${stampedAt}, and its token ${checked.stamp.at.toISOString()}`);
}
