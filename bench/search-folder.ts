/** A folder that a benchmark keeps its documents in, so that the next run finds them there. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What was put into a folder. */
export interface Kept {
  /** Makes the identities of its documents its own. */
  readonly run: string;
  /** Documents from number 0 on that are there, all of them. */
  readonly documents: number;
}

const NAME = "bench-search.json";

/** Undefined of a folder that holds nothing yet. */
export async function keptIn(folder: string): Promise<Kept | undefined> {
  const text = await readFile(join(folder, NAME), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Kept);
}

export async function keep(folder: string, kept: Kept): Promise<void> {
  await writeFile(join(folder, NAME), JSON.stringify(kept));
}

/** Says how far something is, on standard error, every few seconds. */
export function progress(what: string, every = 5_000): (done: number) => void {
  const begun = performance.now();
  let told = begun;
  return (done) => {
    const now = performance.now();
    if (now - told < every) return;
    told = now;
    const seconds = (now - begun) / 1_000;
    process.stderr.write(`${what}: ${done}, ${(done / seconds).toFixed(1)} a second\n`);
  };
}
