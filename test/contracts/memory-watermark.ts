import type { Watermark } from "../../src/pipeline/log/watermark.ts";

/** A mark in memory, which a test may let fail or change. */
export class MemoryWatermark implements Watermark {
  note: string | undefined;
  /** Runs before each write. */
  beforeWrite: () => void = () => undefined;

  read(): Promise<string | undefined> {
    return Promise.resolve(this.note);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- async, so that a failure is a rejection
  async write(note: string): Promise<string> {
    this.beforeWrite();
    return (this.note = note);
  }

  async begin(note: string): Promise<void> {
    await this.write(note);
  }
}
