import { AppError } from "../core/errors.ts";
import type { Watch, Step } from "../core/watch.ts";
import type { Figures } from "./figures.ts";
import type { BegunRequest, Traces } from "./traces.ts";

/** Whoever looks on: for figures, for traces, or both. */
export class Telemetry implements Watch {
  readonly #figures: Figures | undefined;
  readonly #traces: Traces | undefined;

  constructor({ figures, traces }: { readonly figures: Figures | undefined; readonly traces: Traces | undefined }) {
    this.#figures = figures;
    this.#traces = traces;
  }

  step<Result>(step: Step, work: () => Promise<Result>, resultOf?: (result: Result) => string): Promise<Result> {
    const timed = (): Promise<Result> => this.#timed(step, work, resultOf);
    return this.#traces ? this.#traces.step(step, timed) : timed();
  }

  committed(entries: number, logSize: number): void {
    this.#figures?.committed(entries, logSize);
  }

  /** A request arrives; `ended` is told of it when it was answered. */
  request(method: string, headers: Readonly<Record<string, string | undefined>>): WatchedRequest {
    const begun = performance.now();
    const traced: BegunRequest | undefined = this.#traces?.request(method, headers);
    return {
      within: (work) => (traced ? traced.within(work) : work()),
      ended: ({ route, status }) => {
        this.#figures?.request({ method, route, status, seconds: (performance.now() - begun) / 1_000 });
        traced?.end({ route, status });
      },
    };
  }

  async #timed<Result>(step: Step, work: () => Promise<Result>, resultOf?: (result: Result) => string): Promise<Result> {
    if (!this.#figures) return work();
    const begun = performance.now();
    const tell = (result: string): void => this.#figures?.step(step, result, (performance.now() - begun) / 1_000);
    try {
      const result = await work();
      tell(resultOf?.(result) ?? "done");
      return result;
    } catch (error) {
      tell(error instanceof AppError ? error.code : "failed");
      throw error;
    }
  }
}

/** A request that is looked on. */
export interface WatchedRequest {
  within(work: () => void): void;
  ended(told: { readonly route: string; readonly status: number }): void;
}
