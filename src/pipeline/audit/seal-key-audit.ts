import { AppError } from "../../core/errors.ts";
import { parseSealKeyLeaf } from "../../core/formats/seal-key.ts";
import { isItsOwn } from "../../core/signatures/seal-key-link.ts";
import { sealKeyClaim, sealKeyEndClaim } from "../seal-keys/seal-key-log.ts";
import type { LogEntry } from "../store/record-store.ts";
import type { Findings } from "./finding.ts";

/** Entries about seal keys, in their order: each bears the claim of its place among them, and a key that is begun has signed that. */
export class SealKeyAudit {
  #count = 0;

  /** The claims that it must bear. */
  async take({ id, index, kind, leaf }: LogEntry, findings: Findings): Promise<string[]> {
    const place = sealKeyClaim(this.#count++);
    try {
      const said = parseSealKeyLeaf(leaf);
      if (said.kind === "seal-key-ended") return [place, sealKeyEndClaim(said.number)];
      if (!(await isItsOwn(said)))
        findings.add({
          kind: "changed",
          what: "entry",
          id,
          index,
          text: `the ${kind} ${id} (entry ${index}) is not signed by the key that it begins`,
        });
    } catch (error) {
      // That its leaf cannot be read is told.
      if (!(error instanceof AppError)) throw error;
    }
    return [place];
  }
}
