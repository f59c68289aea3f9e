import type { Writable } from "node:stream";

/** Where a command reads and writes. */
export interface Io {
  /** Writes text to standard output; resolves when there is room for more. */
  print(text: string | Uint8Array): Promise<void>;
  /** Writes a line for people to standard error. */
  tell(text: string): void;
  /** Shows how far a long work is: on a terminal in one line that is written over, elsewhere a line a second. An empty text wipes it away. */
  progress(text: string): void;
  readInput(): Promise<Uint8Array>;
  /** Standard input as it comes, for what may be larger than memory. */
  input(): AsyncIterable<Uint8Array>;
  /** Whether progress is seen by somebody at a terminal. */
  readonly isTerminal: boolean;
  /** Aborted at the first SIGINT or SIGTERM after it was asked for, so that long work ends between two steps; a second one ends the process. */
  interruption(): AbortSignal;
  /** True once nobody reads our output any more (`| head`): there is no use in going on. */
  isAbandoned(): boolean;
}

interface Streams {
  readonly stdin: AsyncIterable<unknown>;
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean };
  once?(signal: "SIGINT" | "SIGTERM", listener: () => void): unknown;
}

/** How often progress is told where it can't be written over, in milliseconds. */
const LINE_EVERY = 1000;

/** The process's own streams. A reader that goes away (EPIPE) ends the work quietly. */
export function processIo(streams: Streams): Io {
  const { stdin, stdout, stderr } = streams;
  let isAbandoned = false;
  let shown = 0;
  let lastLine = -Infinity;
  const onError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== "EPIPE") throw error;
    isAbandoned = true;
  };
  stdout.on("error", onError);
  stderr.on("error", () => undefined);
  const wipe = (): string => (shown > 0 ? `\r${" ".repeat(shown)}\r` : "");
  return {
    print: (text) =>
      new Promise((resolve) => {
        if (isAbandoned) return resolve();
        stdout.write(text, () => resolve());
      }),
    tell: (text) => {
      stderr.write(`${wipe()}${text}\n`);
      shown = 0;
    },
    progress: (text) => {
      if (!stderr.isTTY) {
        if (text === "" || performance.now() - lastLine < LINE_EVERY) return;
        lastLine = performance.now();
        stderr.write(`${text}\n`);
        return;
      }
      stderr.write(`${wipe()}${text}`);
      shown = text.length;
    },
    readInput: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array));
      return Buffer.concat(chunks);
    },
    input: async function* () {
      for await (const chunk of stdin) yield chunk as Uint8Array;
    },
    isTerminal: stderr.isTTY === true,
    interruption: () => {
      const told = new AbortController();
      streams.once?.("SIGINT", () => told.abort());
      streams.once?.("SIGTERM", () => told.abort());
      return told.signal;
    },
    isAbandoned: () => isAbandoned,
  };
}
