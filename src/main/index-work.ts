/** What the pool of threads does behind the deposits, for the index and for pages. A part of the composition root. */
import { AppError } from "../core/errors.ts";
import type { Original } from "../pipeline/fetch.ts";
import type { Work } from "../pipeline/work/work.ts";
import type { FoundQuestion } from "../search/derived/found-question.ts";
import type { PackedResources } from "../search/index-tools.ts";

/** By what the resources of a document are found. `work` is there once the service has its address. */
export async function describedBy(work: Work | undefined, { bytes, mediaType, leaf, evidence }: Original): Promise<PackedResources> {
  if (!work) throw new AppError("unavailable", "The service is starting.");
  const { extracted } = await work.do("extract", { bytes, mediaType, leaf, deposit: evidence.deposit }, { bytes: bytes.length, inThread: "last" });
  // It is what `indexTools` of the same composition root gave, in whichever thread.
  return extracted as PackedResources;
}

/** Has the narratives of a document judged: the slow part of its page, which nobody has asked for yet. */
export async function judgedBy(work: Work, { bytes, mediaType, leaf, evidence }: Original): Promise<void> {
  await work.do("judge", { bytes, mediaType, leaf, deposit: evidence.deposit }, { bytes: bytes.length, inThread: "last" });
}

/** Resources of a document as texts. */
export async function projectedBy(
  work: Work,
  { bytes, mediaType, leaf, evidence, deposit: { submitted } }: Original,
  question: FoundQuestion,
): Promise<readonly (string | undefined)[]> {
  const { deposit, seal } = evidence;
  const { texts } = await work.do(
    "project",
    { bytes, mediaType, leaf, deposit, seal, question: { ...question, submitted } },
    { bytes: bytes.length, inThread: "in-turn" },
  );
  return texts;
}
