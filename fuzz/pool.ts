/** Runs the workers and watches them: an input that takes too long ends its worker, and another goes on behind it. */
import { Worker } from "node:worker_threads";
import type { CorpusOptions } from "./corpus.ts";
import { addTally, emptyTally, type Tally } from "./tally.ts";
import type { FoundFault } from "./try-input.ts";
import type { Share, WorkerMessage } from "./worker.ts";

export interface RunOptions {
  readonly seed: number;
  readonly inputs: number;
  readonly seconds: number;
  readonly workers: number;
  readonly corpus: CorpusOptions;
}

export interface RunResult {
  readonly tally: Tally;
  readonly faults: readonly FoundFault[];
  /** By how much the heap of the worst worker grew over the second half of its run, garbage collected. */
  readonly heapGrowthBytes: number;
}

/** No input of a few kilobytes, or a few hundred, may take longer: of the processor, which others may have meanwhile. */
const HANG_MS = 2000;
const LOOK_MS = 100;
const HEAP_LIMIT_MB = 1024;

export async function runPool(options: RunOptions): Promise<RunResult> {
  const tally = emptyTally();
  const faults: FoundFault[] = [];
  const deadline = Date.now() + options.seconds * 1000;
  const growths = await Promise.all(
    Array.from({ length: options.workers }, async (_, number) => {
      let first: number | undefined = number;
      let growth = 0;
      while (first !== undefined && first < options.inputs && Date.now() < deadline) {
        const share: Share = { ...options, first, step: options.workers, end: options.inputs, deadline, progress: new SharedArrayBuffer(16) };
        const end = await runWorker(share, tally, faults);
        growth = Math.max(growth, end.heapGrowthBytes);
        first = end.continueAt;
      }
      return growth;
    }),
  );
  return { tally, faults, heapGrowthBytes: Math.max(0, ...growths) };
}

interface WorkerEnd {
  /** The next input, where the worker did not come to its end. */
  readonly continueAt: number | undefined;
  readonly heapGrowthBytes: number;
}

function runWorker(share: Share, tally: Tally, faults: FoundFault[]): Promise<WorkerEnd> {
  return new Promise((resolve) => {
    const at = new Float64Array(share.progress);
    const heaps: number[] = [];
    let failure: string | undefined;
    let isDone = false;
    let watched = 0;
    let spentBefore = 0;
    const worker = new Worker(new URL("./worker.ts", import.meta.url), {
      workerData: share,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_MB },
    });
    const watchdog = setInterval(() => {
      const begun = at[1] ?? 0;
      if (begun !== watched) {
        watched = begun;
        spentBefore = spentByAll();
      }
      // What all workers have had together is no less than what this one has had.
      if (begun === 0 || failure !== undefined || Date.now() - begun < HANG_MS || spentByAll() - spentBefore < HANG_MS) return;
      failure = `took longer than ${HANG_MS} ms`;
      void worker.terminate();
    }, LOOK_MS);
    worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "fault") faults.push(message.fault);
      else if (message.kind === "done") isDone = true;
      else {
        addTally(tally, message.tally);
        heaps.push(message.heapBytes);
      }
    });
    worker.on("error", (error: unknown) => (failure ??= `ended its worker: ${String(error)}`));
    worker.on("exit", () => {
      clearInterval(watchdog);
      const index = at[0] ?? share.first;
      if (!isDone) faults.push({ index, sample: "", signature: failure ?? "ended its worker", detail: failure ?? "" });
      resolve({ continueAt: isDone ? undefined : index + share.step, heapGrowthBytes: growthOf(heaps) });
    });
  });
}

/** Milliseconds that the process has had of processors. */
function spentByAll(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Over the second half: in the first, definitions and samples are still being read in. Too few measurements say nothing. */
export function growthOf(heaps: readonly number[]): number {
  return heaps.length < 4 ? 0 : Math.max(0, (heaps.at(-1) ?? 0) - (heaps[Math.floor(heaps.length / 2)] ?? 0));
}
