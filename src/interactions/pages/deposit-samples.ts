import { askedByProgram } from "../../core/asked.ts";
import { AppError } from "../../core/errors.ts";
import { SETTING_KIND } from "../../core/formats/setting.ts";
import type { DepositGate } from "../../pipeline/gate.ts";
import type { RecordStore } from "../../pipeline/store/record-store.ts";
import type { Content } from "../../pipeline/document-forms.ts";
import type { CreateInteraction } from "../interaction.ts";

/** A document that comes with the program. */
export interface Sample extends Content {
  readonly name: string;
}

const LOOKED_AT = 16;

/**
 * Deposits samples in an empty store, so that a newcomer has something to read; gives how many. A store that has documents, or had them, is left alone; so is one that takes
 * none now.
 */
export async function depositSamples(
  samples: readonly Sample[],
  using: { readonly store: Pick<RecordStore, "entries">; readonly gate: Pick<DepositGate, "halt">; readonly deposit: CreateInteraction },
): Promise<number> {
  // What is set before the first document, such as the keys that sign tokens, is none.
  const first = await using.store.entries(0, LOOKED_AT);
  if (first.length === LOOKED_AT || first.some(({ kind }) => kind !== SETTING_KIND) || using.gate.halt()) return 0;
  for (const { name, bytes, mediaType } of samples) {
    const result = await using.deposit.handle(askedByProgram("sample", "samples"), { bytes, mediaType, receivedAt: new Date() });
    if (result.kind !== "created" && result.kind !== "repeated")
      throw new AppError("damaged", `The sample ${name} that comes with the program was not accepted.`);
  }
  return samples.length;
}
