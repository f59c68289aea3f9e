/** The real program as a child process, for journeys: started on a free port over a data folder, spoken to over HTTP, stopped or killed. */
import { spawn, spawnSync, type ChildProcessByStdio } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ENTRY = join(ROOT, "bin", "chartulary.js");

/** A running service. */
export interface Program {
  readonly url: string;
  readonly dataFolder: string;
  /** Everything it wrote so far. */
  output(): string;
  /** Sends a signal and waits for its end; gives its exit code, null when the signal ended it. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<number | null>;
}

export interface StartOptions {
  readonly dataFolder?: string;
  readonly samples?: boolean;
  /** Further arguments of `serve`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A new empty folder, removed by `removeFolder`. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "chartulary-journey-"));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** Starts the service and waits until it has printed its address and is ready; fails with its output when it ends first. */
export async function startProgram({ dataFolder = temporaryFolder(), samples = false, args = [], env = {} }: StartOptions = {}): Promise<Program> {
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn(
    process.execPath,
    [ENTRY, "serve", ...(samples ? [] : ["--no-samples"]), ...args],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        ...{ MONGODB_URL: "", HOST: "127.0.0.1", PORT: "0", DATA_DIR: dataFolder, LOG_LEVEL: "warn", NODE_OPTIONS: "" },
        // Journeys count entries of the log: seals behind deposits have a journey of their own (xml-seals.test.ts).
        ...{ XML_SEALS: "0", ...env },
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
      const address = /http:\/\/(?:127\.0\.0\.1|localhost):\d+/.exec(output)?.[0];
      if (address !== undefined) resolve(address);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    void ended.then((code) => reject(new Error(`the program ended with ${code} before it listened:\n${output}`)));
  });
  await until(async () => (await fetch(`${url}/readyz`)).ok);
  return {
    url,
    dataFolder,
    output: () => output,
    end: async (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs the command line to its end; one that has none is killed, and then its code is null. */
export function runCommand(
  args: readonly string[],
  input?: string | Uint8Array,
  env: Readonly<Record<string, string>> = {},
): { code: number | null; stdout: string; stderr: string } {
  const result = spawnSync(process.execPath, [ENTRY, ...args], {
    cwd: ROOT,
    encoding: "utf8",
    input: input ?? "",
    env: { ...process.env, NODE_OPTIONS: "", ...env },
    timeout: 300_000,
    maxBuffer: 1 << 28,
  });
  return { code: result.status, stdout: result.stdout, stderr: result.stderr };
}

/** For how long the answer may be no, in milliseconds: a killed process holds its leases for 30 s more, and a machine that has much else to do takes several times as long for everything. Below the limit of a test. */
const PATIENCE = 150_000;

/** Asks again every 50 ms, or so often, until the answer is yes; gives up after `PATIENCE`. A question that fails is answered with no. */
export async function until(question: () => boolean | Promise<boolean>, every = 50): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  const isSo = async (): Promise<boolean> => question();
  while (!(await isSo().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`waited ${PATIENCE / 1_000} s in vain`);
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

/** Submits a document; gives the answer. */
export function submit(
  url: string,
  body: string | Uint8Array,
  mediaType: "application/fhir+json" | "application/fhir+xml",
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${url}/fhir/Bundle`, {
    method: "POST",
    body: body as BodyInit,
    headers: { "content-type": mediaType, accept: "application/fhir+json", ...headers },
  });
}

/** The id in a Location header of a deposit. */
export function idOf(answer: Response): string {
  const id = /\/Bundle\/([^/]+)\/_history\/1$/.exec(answer.headers.get("location") ?? "")?.[1];
  if (id === undefined) throw new Error(`answered ${answer.status} without a Location of a deposit`);
  return id;
}
