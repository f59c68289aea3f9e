import type { WrittenForm } from "../../../pipeline/serve.ts";
import type { Work } from "../../../pipeline/work/work.ts";
import type { Handling } from "../../../search/query/parse-query.ts";
import type { CreateInteraction } from "../../interaction.ts";
import type { Turns } from "../../turns.ts";
import type { Statements } from "../statements.ts";
import type { DepositNeeds } from "../deposit-document.ts";
import type { CallNeeds } from "./perform-call.ts";

/** An answer that has so many characters, or was made for so many milliseconds, does no more: it is held in memory, and written at one go. */
export const MOST_CHARACTERS = 16_000_000;
export const MOST_TIME = 60_000;

export interface BatchNeeds extends CallNeeds, DepositNeeds {
  readonly work: Work;
  readonly deposit: CreateInteraction;
}

/** How a batch is answered. */
export interface BatchRequest {
  readonly form: WrittenForm;
  readonly handling: Handling;
  /** `Prefer: return`: what entries tell of documents that were taken. */
  readonly returns: "minimal" | "representation" | "OperationOutcome" | undefined;
  readonly receivedAt: Date;
  /** For an entry that reads `metadata`. */
  readonly statements: Statements;
  readonly turns: Pick<Turns, "take">;
  /** Whether somebody still waits for the answer. */
  isWanted(): boolean;
}
