/** Settings of the log's evidence (docs/design/evidence.md). */
import { parseSpan, type Fault } from "./values.ts";

export const EVIDENCE_SETTINGS = {
  EVIDENCE_INTERVAL_SECONDS: {
    default: "86400",
    meaning:
      "Seconds between two time-stamps over the log, where `TSA_URL` names an authority: each proves that everything before it was there, and is an entry of the log; `0` asks for none but by `chartulary evidence renew`",
  },
} as const;

type Read = <T>(name: keyof typeof EVIDENCE_SETTINGS, parse: (text: string) => T | Fault) => T;

/** Milliseconds; undefined: never by itself. */
export function readEvidenceInterval(read: Read): number | undefined {
  return read("EVIDENCE_INTERVAL_SECONDS", (text) => (text === "0" ? undefined : parseSpan(text)));
}
