import type { WrittenForm } from "../../../pipeline/serve.ts";
import type { Work } from "../../../pipeline/work/work.ts";
import type { Handling } from "../../../search/query/parse-query.ts";
import type { CreateInteraction } from "../../interaction.ts";
import type { Turns } from "../../turns.ts";
import type { DepositNeeds } from "../deposit-document.ts";
import type { CallNeeds } from "./perform-call.ts";

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
  readonly turns: Pick<Turns, "take">;
  /** Whether somebody still waits for the answer. */
  isWanted(): boolean;
}
