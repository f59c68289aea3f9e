import { AppError } from "../core/errors.ts";
import { deposit } from "../pipeline/deposit.ts";
import type { FhirMediaType } from "../pipeline/record.ts";
import type { InteractionContext } from "./context.ts";

/** A document that comes with the program. */
export interface Sample {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly mediaType: FhirMediaType;
}

/** Deposits samples in an empty store, so that a newcomer has something to read; gives how many. A store that has documents, or had them, is left alone. */
export async function depositSamples(samples: readonly Sample[], context: InteractionContext): Promise<number> {
  if (await context.store.checkpoint()) return 0;
  for (const { name, bytes, mediaType } of samples) {
    const result = await deposit({ bytes, mediaType, receivedAt: new Date(), submitter: "sample", requestId: "samples" }, context);
    if (result.kind !== "created" && result.kind !== "repeated")
      throw new AppError("damaged", `The sample ${name} that comes with the program was not accepted.`);
  }
  return samples.length;
}
