import type { Asked } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import type { DepositContext } from "../../pipeline/deposit.ts";

/** What it is found with. */
export interface MayDepositNeeds {
  readonly depositing: Pick<DepositContext, "permit">;
}

/** Whether somebody may deposit anything at all: only then is the form for it shown. Of each document it is decided when it comes. */
export async function mayDeposit(asked: Asked, { depositing }: MayDepositNeeds): Promise<boolean> {
  try {
    await depositing.permit?.enter(asked);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === "forbidden") return false;
    throw error;
  }
}
