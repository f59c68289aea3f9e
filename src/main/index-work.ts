/** What the pool of threads does behind the deposits, for the index and for pages. A part of the composition root. */
import { AppError } from "../core/errors.ts";
import { appErrorOf } from "../core/threads/failure.ts";
import type { Original } from "../pipeline/fetch.ts";
import type { XmlDigest } from "../pipeline/later-seals.ts";
import type { ProjectRequest } from "../pipeline/projection.ts";
import type { Job, Work } from "../pipeline/work/work.ts";
import type { Sealed } from "../reader/resource-page.ts";
import type { FoundQuestion } from "../search/derived/found-question.ts";
import { isDocumentAlone, type PackedResources } from "../search/index-tools.ts";

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

/** What the XML seal of a document is over. */
export function xmlDigestBy(work: Work, { bytes, mediaType, leaf }: Original): Promise<XmlDigest> {
  return work.do("xmlDigest", { bytes, mediaType, leaf }, { bytes: bytes.length, inThread: "last" });
}

/** Documents whose resources are written in one message to a thread, at least where there are so many and at most where there are more, and bytes of them, about: a larger one goes alone. */
const [TOGETHER, MOST_TOGETHER] = [4, 16];
const BYTES_TOGETHER = 1_000_000;

/** A document as a whole of so many bytes or fewer is written here: its blanks are left out, and nothing is read (1 ms for 130 KB). To ask a thread costs as much, and what it answers would be copied. */
const WRITTEN_HERE = 200_000;

interface Asked {
  readonly request: ProjectRequest;
  readonly isAlone: boolean;
  readonly bytes: number;
  readonly resolve: (texts: readonly (string | undefined)[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Who writes resources of documents as texts, in threads but for a small document as a whole: what is asked in one turn of the event loop goes together. */
export function projector(work: () => Work): (closed: Sealed, question: FoundQuestion) => Promise<readonly (string | undefined)[]> {
  let waiting: Asked[] = [];
  const send = (): void => {
    const all = waiting;
    waiting = [];
    for (const group of grouped(all)) void sendGroup(group, work());
  };
  return ({ contentBytes, ...closed }, question) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(send);
      waiting.push({ request: { ...closed, question }, isAlone: isDocumentAlone(question), bytes: contentBytes, resolve, reject });
    });
}

function grouped(all: readonly Asked[]): Asked[][] {
  const groups: Asked[][] = [];
  // Half of them each: there are two threads at least.
  const together = Math.max(TOGETHER, Math.min(MOST_TOGETHER, Math.ceil(all.length / 2)));
  let bytes = 0;
  for (const one of all) {
    const last = groups.at(-1);
    if (last && last.length < together && bytes + one.bytes <= BYTES_TOGETHER) {
      last.push(one);
      bytes += one.bytes;
    } else {
      groups.push([one]);
      bytes = one.bytes;
    }
  }
  return groups;
}

async function sendGroup(group: readonly Asked[], work: Work): Promise<void> {
  try {
    const bytes = group.reduce((sum, one) => sum + one.bytes, 0);
    const isHere = group.length === 1 && bytes <= WRITTEN_HERE && group.every(({ isAlone }) => isAlone);
    const job: Job = isHere ? { bytes: 0 } : { bytes, inThread: "in-turn" };
    const { projected } = await work.do("project", { documents: group.map(({ request }) => request) }, job);
    group.forEach(({ resolve, reject }, at) => {
      const one = projected[at];
      if (one && "texts" in one) resolve(one.texts);
      else
        reject(one ? appErrorOf(one.failure, "resources of a document could not be written") : new AppError("internal", "a document was forgotten"));
    });
  } catch (error) {
    for (const { reject } of group) reject(error);
  }
}
