/** Who looks on while the program works: for figures and traces. What is told says nothing of a patient: names of steps, results from fixed lists, times and sizes. */

/** The parts of the program whose steps are told apart. */
export type StepKind = "deposit" | "stage" | "record" | "keys" | "index" | "work" | "pdf";

/** One step of work, such as `commit` of the record. The names of a kind are a fixed list. */
export interface Step {
  readonly kind: StepKind;
  readonly name: string;
}

export interface Watch {
  /**
   * Does a step; how long it took is told, and what came of it. What the step throws is thrown.
   *
   * @param resultOf what came of it, from a fixed list; else `done`. Of a failure it is the AppError's code, or `failed`.
   */
  step<Result>(step: Step, work: () => Promise<Result>, resultOf?: (result: Result) => string): Promise<Result>;
  /** Entries that became durable together. */
  committed(entries: number, logSize: number): void;
}

/** Nobody looks on. */
export const UNWATCHED: Watch = { step: (_step, work) => work(), committed: () => undefined };
