import type { Io } from "../io.ts";

/** How many cells the bar has. */
const CELLS = 24;
/** Milliseconds between two pictures. */
const EVERY = 100;

export interface BulkCounts {
  readonly deposited: number;
  readonly before: number;
  readonly refused: number;
  readonly failed: number;
}

/** How far it is, how fast, and about how long it takes still; on a terminal with a bar. */
export class BulkProgress {
  readonly #io: Pick<Io, "progress" | "isTerminal">;
  readonly #begun = performance.now();
  #size: number | undefined;
  #read = 0;
  #count = 0;
  #shownAt = 0;

  constructor(io: Pick<Io, "progress" | "isTerminal">) {
    this.#io = io;
  }

  /** Says how many bytes each thing has that is read, where that is known. */
  expect(sizes: readonly (number | undefined)[]): void {
    this.#size = sizes.reduce<number | undefined>((sum, size) => (sum === undefined || size === undefined ? undefined : sum + size), 0);
  }

  read(bytes: number): void {
    this.#read += bytes;
  }

  done({ deposited, before, refused, failed }: BulkCounts): void {
    this.#count = deposited + before + refused + failed;
    const now = performance.now();
    if (now - this.#shownAt < EVERY) return;
    this.#shownAt = now;
    const share = this.#size === undefined || this.#size === 0 ? undefined : Math.min(1, this.#read / this.#size);
    const words = [`${this.#count} documents`, `${this.rate()}/s`, ...(refused + failed > 0 ? [`${refused + failed} not taken`] : [])];
    this.#io.progress([...this.#shareWords(share), ...words].join("  "));
  }

  /** Documents a second, since it began. */
  rate(): number {
    const seconds = (performance.now() - this.#begun) / 1_000;
    return Number((this.#count / Math.max(seconds, 0.001)).toPrecision(3));
  }

  #shareWords(share: number | undefined): string[] {
    if (share === undefined) return [];
    const left = share > 0.01 ? [`${timeWords(((performance.now() - this.#begun) / share) * (1 - share))} left`] : [];
    const percent = `${Math.floor(share * 100)} %`.padStart(5);
    if (!this.#io.isTerminal) return [percent, ...left];
    const full = Math.round(share * CELLS);
    return [`[${"=".repeat(full)}${" ".repeat(CELLS - full)}]${percent}`, ...left];
  }
}

function timeWords(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1_000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.ceil(seconds / 60)} min` : `${Math.ceil(seconds / 3_600)} h`;
}
