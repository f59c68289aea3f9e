/** Judges its share of a run's inputs: every `step`th from `first` on. What it is at stands in shared memory, where the watchdog looks. */
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { readCorpus, type CorpusOptions } from "./corpus.ts";
import { InputMaker } from "./input.ts";
import { emptyTally, type Tally } from "./tally.ts";
import { tryInput, type FoundFault } from "./try-input.ts";

export interface Share {
  readonly seed: number;
  readonly first: number;
  readonly step: number;
  /** Inputs with this number and above are not of the run. */
  readonly end: number;
  /** Milliseconds since 1970 after which no input is begun. */
  readonly deadline: number;
  readonly corpus: CorpusOptions;
  /** Two Float64: the number of the input, and when it was begun; the latter 0 between inputs. */
  readonly progress: SharedArrayBuffer;
}

export type WorkerMessage =
  | { readonly kind: "fault"; readonly fault: FoundFault }
  /** Counted since the last one, so that little is lost with a worker that has to be ended. */
  | { readonly kind: "tally"; readonly tally: Tally; readonly heapBytes: number }
  | { readonly kind: "done" };

/** How many inputs lie between two measurements of the heap. */
const INPUTS_PER_TALLY = 5000;

function work({ seed, first, step, end, deadline, corpus, progress }: Share, send: (message: WorkerMessage) => void): void {
  const maker = new InputMaker(seed, readCorpus(corpus));
  const at = new Float64Array(progress);
  const collectGarbage = garbageCollector();
  let tally = emptyTally();
  let untold = 0;
  const tell = (): void => {
    collectGarbage();
    send({ kind: "tally", tally, heapBytes: getHeapStatistics().used_heap_size });
    tally = emptyTally();
    untold = 0;
  };
  for (let index = first; index < end && Date.now() < deadline; index += step) {
    at[0] = index;
    const input = maker.input(index);
    at[1] = Date.now();
    const fault = tryInput(input, index, tally);
    at[1] = 0;
    if (fault) send({ kind: "fault", fault });
    if (++untold === INPUTS_PER_TALLY) tell();
  }
  tell();
  send({ kind: "done" });
}

/** V8's own, which it gives away only when asked by a flag: garbage that was not collected yet is no growth. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

if (parentPort) {
  const port = parentPort;
  work(workerData as Share, (message) => port.postMessage(message));
}
