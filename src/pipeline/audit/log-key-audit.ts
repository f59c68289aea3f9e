import { AppError } from "../../core/errors.ts";
import { parseLogKeyLeaf } from "../../core/formats/log-key.ts";
import { logKeyClaim } from "../log/log-keys.ts";
import type { LogEntry } from "../store/record-store.ts";
import type { Findings } from "./finding.ts";

/** Entries about the log's keys, in their order: each bears the claim of its place among them, and a key that is begun follows the newest one of its log. */
export class LogKeyAudit {
  #count = 0;
  readonly #newest = new Map<string, string>();

  /** The claims that it must bear. */
  take({ id, index, kind, leaf }: LogEntry, findings: Findings): string[] {
    const place = logKeyClaim(this.#count++);
    try {
      const said = parseLogKeyLeaf(leaf);
      if (said.kind === "log-key-begun") {
        const newest = this.#newest.get(said.origin);
        if (newest !== undefined && newest !== said.previous)
          findings.add({
            ...{ kind: "changed", what: "entry", id, index },
            text: `the ${kind} ${id} (entry ${index}) begins a key that does not follow the newest one of its log`,
          });
        this.#newest.set(said.origin, said.vkey);
      }
    } catch (error) {
      // That its leaf cannot be read is told.
      if (!(error instanceof AppError)) throw error;
    }
    return [place];
  }
}
