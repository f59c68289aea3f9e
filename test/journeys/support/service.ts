import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const PROJECT_ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const PROGRAM = join(PROJECT_ROOT, "bin", "chartulary.js");
/** Unpacked browsers are kept between runs. */
export const CACHE_FOLDER = process.env["CACHE_DIR"] ?? join(PROJECT_ROOT, "node_modules", ".cache", "chartulary");

/** The real program, running as a process of its own. */
export interface Service {
  readonly url: string;
  readonly process: ChildProcess;
  /** What it wrote to standard error so far: its log. */
  log(): string;
  /** Asks it to stop; gives its exit code. */
  stop(): Promise<number | null>;
  /** Ends it without warning, as a power failure would. */
  kill(): Promise<void>;
}

interface ServiceOptions {
  readonly dataFolder: string;
  readonly withSamples?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts the service on a free port and waits until it says that it is open. */
export async function startService({ dataFolder, withSamples = false, environment = {} }: ServiceOptions): Promise<Service> {
  const child = spawn(process.execPath, [PROGRAM, "serve", ...(withSamples ? [] : ["--no-samples"])], {
    cwd: tmpdir(),
    // Journeys count entries of the log: seals behind deposits have a journey of their own (xml-seals.test.ts).
    env: { ...leastEnvironment(), PORT: "0", DATA_DIR: dataFolder, LOG_LEVEL: "info", XML_SEALS: "0", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  let output = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      const address = /open at (http\S+)/.exec(output)?.[1];
      if (address !== undefined) resolve(address);
    });
    void exited.then((code) => reject(new Error(`the service ended with ${code ?? "a signal"} before it was open:\n${errors}`)));
  });
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return exited;
  };
  return { url, process: child, log: () => errors, stop: () => end("SIGTERM"), kill: () => end("SIGKILL").then(() => undefined) };
}

/** A data folder, removed after the journey. */
export async function temporaryFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "chartulary-journey-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

interface CommandResult {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs one command of the program to its end. */
export async function chartulary(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: PROJECT_ROOT,
    env: { ...leastEnvironment(), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, output, errors };
}

/** Nothing of the developer's own settings reaches the program. */
function leastEnvironment(): Record<string, string> {
  const kept = ["PATH", "HOME", "PUPPETEER_EXECUTABLE_PATH"].flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]] as const],
  );
  return { ...Object.fromEntries(kept), CACHE_DIR: CACHE_FOLDER };
}
