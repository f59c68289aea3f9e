import type { Work } from "../../src/pipeline/work/work.ts";

/** Work that takes nothing that a thread could not be sent, wherever it is done: whether something is done in a thread depends on its size. */
export function sendableWork(work: Work): Work {
  return {
    do: (name, input, job) => {
      structuredClone(input);
      return work.do(name, input, job);
    },
    close: () => work.close(),
  };
}
