import { resourceStep, type ResourceSource } from "./resource-indexer.ts";
import { advance, describing, holdAgainst, type IndexerOptions } from "./indexer.ts";
import type { StepSource } from "./index-step.ts";
import type { IndexBeside, IndexPort } from "./index-port.ts";

/**
 * Makes the whole index anew from the record, beside the one that answers, and puts it in that one's place once it has come as far. Questions are answered and
 * deposits taken meanwhile, by this process and others. Gives the number of entries that it took in, and of the documents among them.
 *
 * @param onProgress told after each step how many entries of how many were taken in
 * @throws AppError `conflict` when somebody else began to rebuild meanwhile
 */
export async function rebuildIndex(
  index: IndexPort,
  options: IndexerOptions & { readonly resources?: Omit<ResourceSource, "size"> },
  onProgress: (done: number, all: number) => void = () => undefined,
): Promise<{ readonly entries: number; readonly documents: number }> {
  const { source, resources } = options;
  await holdAgainst(source, index);
  const beside = await index.beside();
  try {
    let documents = 0;
    const describer = describing(source, options);
    const step: StepSource = {
      ...describer,
      describe: async (entry) => {
        const described = await describer.describe(entry);
        if (described && described.isOfFeed !== true) documents++;
        return described;
      },
    };
    for (;;) {
      const size = await source.size();
      for (let done = (await beside.position()).size; done < size;) {
        const reached = await advance(beside, source, step);
        done = reached === "behind" ? (await beside.position()).size : reached;
        onProgress(Math.min(done, size), size);
      }
      if (resources) await deepen(beside, resources);
      const { size: entries } = await beside.position();
      if ((await beside.takeOver()) === "taken-over") return { entries, documents };
    }
  } finally {
    await beside.abandon();
  }
}

/** Takes in what stands in the documents that are in already. */
async function deepen(beside: IndexBeside, resources: Omit<ResourceSource, "size">): Promise<void> {
  const source = { ...resources, size: async () => (await beside.position()).size };
  for (;;) {
    const step = await resourceStep(await beside.depth(), source);
    if (!step) return;
    await beside.deepen(step);
  }
}
