import type { Asked } from "../../../core/asked.ts";
import { AppError } from "../../../core/errors.ts";
import type { Content } from "../../../pipeline/document-forms.ts";
import type { UnpackedEntry } from "../../../pipeline/unpack-batch.ts";
import type { WrittenForm } from "../../../pipeline/serve.ts";
import type { CreateOutcome, FhirInteraction, ReadInteraction } from "../../interaction.ts";
import { createdAnswer, type EntryAnswer } from "./entry-answer.ts";

/** The document that an entry brings, as it was sent. AppErrors `method-not-allowed`, `malformed`, `unsupported`. */
export function documentOf(type: string, { resource, ifMatch }: UnpackedEntry, fhirBase: string): Content {
  if (type !== "Bundle")
    throw new AppError("method-not-allowed", `A ${type} is not created by itself: what is deposited here are documents (POST ${fhirBase}/Bundle).`);
  if (ifMatch !== undefined) throw new AppError("precondition-failed", "ifMatch is about a version that is to be changed; nothing is changed here.");
  if (!resource) throw new AppError("malformed", "The entry has no resource to deposit.");
  if (resource.type !== "Bundle") throw new AppError("malformed", `The entry is posted to Bundle and holds a ${resource.type}.`);
  return { bytes: resource.bytes, mediaType: resource.mediaType };
}

interface DepositWriting {
  readonly interactions: readonly FhirInteraction[];
  readonly returns: "minimal" | "representation" | "OperationOutcome" | undefined;
  readonly form: WrittenForm;
  readonly fhirBase: string;
}

/** What became of a document, with it where the client prefers that. */
export async function depositAnswer(
  asked: Asked,
  outcome: CreateOutcome,
  { interactions, returns, form, fhirBase }: DepositWriting,
): Promise<EntryAnswer> {
  const answer = createdAnswer(outcome, { fhirBase, isTold: returns === "OperationOutcome" });
  const reading = interactions.find((one): one is ReadInteraction => one.code === "read" && one.type === "Bundle");
  if (outcome.id === undefined || returns !== "representation" || !reading) return answer;
  const read = await reading.handle(asked, outcome.id);
  return { ...answer, fullUrl: `${fhirBase}/Bundle/${outcome.id}`, text: new TextDecoder().decode(await read.write(form)) };
}
