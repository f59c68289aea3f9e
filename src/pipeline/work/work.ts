import type { Tasks } from "./tasks.ts";

export type TaskName = keyof Tasks;
export type Input<Name extends TaskName> = Parameters<Tasks[Name]>[0];
export type Output<Name extends TaskName> = Awaited<ReturnType<Tasks[Name]>>;

/** What is to be known of a piece of work besides its input. */
export interface Job {
  /** How much is worked on: of this depend the place (inline or in a worker), the limits of time and memory, and who goes first. */
  readonly bytes: number;
  /** It is one of many that come together: it is done in a thread however small it is. `last`: nobody waits for it, and what somebody waits for goes before it. */
  readonly inThread?: "in-turn" | "last";
  /** Byte arrays of the input that the asker needs no more: they are moved, not copied, where they have a buffer of their own, and are then empty. */
  readonly handOver?: readonly Uint8Array[];
}

/**
 * Where work is done that takes longer than the event loop may wait. Every task is a function from data to data (`tasks.ts`) and gives the same wherever it runs.
 *
 * @throws AppError `unavailable`: too much waits, the service stops, or the worker crashed. `too-costly`: the work took more time or memory than its size allows; the message names the limit.
 *   Else what the task throws: AppErrors as they are.
 */
export interface Work {
  do<Name extends TaskName>(name: Name, input: Input<Name>, job: Job): Promise<Output<Name>>;
  /** Gives up what waits and runs, and ends the workers. */
  close(): Promise<void>;
}
