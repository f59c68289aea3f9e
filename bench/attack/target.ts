/** The real program as a child process, and what is measured of it from outside while it is attacked. */
import { spawn, type ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { get } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../../bin/chartulary.js", import.meta.url));

/** A service under attack. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly adminPort: number;
  readonly process: ChildProcess;
  /** Resident memory now, in MB (Linux). */
  memory(): Promise<number>;
  /** Stops it; gives milliseconds and exit code. */
  stop(): Promise<{ readonly milliseconds: number; readonly code: number | null }>;
}

/** Starts the program over a data folder; `adminPort` must be free. */
export async function startTarget(dataFolder: string, adminPort: number): Promise<Target> {
  const child = spawn(process.execPath, ["--max-semi-space-size=16", PROGRAM, "serve", "--no-samples"], {
    env: { ...process.env, PORT: "0", DATA_DIR: dataFolder, ADMIN_PORT: String(adminPort), LOG_LEVEL: "error" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const port = await new Promise<number>((resolve, reject) => {
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      const found = /127\.0\.0\.1:(\d+)/.exec(output)?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    void exited.then((code) => reject(new Error(`the program ended with ${code ?? "a signal"} before it listened`)));
  });
  return {
    host: "127.0.0.1",
    port,
    adminPort,
    process: child,
    memory: async () => {
      const status = await readFile(`/proc/${child.pid ?? 0}/status`, "utf8");
      return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) / 1000;
    },
    stop: async () => {
      const begun = performance.now();
      child.kill("SIGTERM");
      const code = await exited;
      return { milliseconds: performance.now() - begun, code };
    },
  };
}

/** What was seen from outside during an attack. */
export interface Seen {
  readonly peak: number;
  /** Milliseconds until /healthz answered over a new connection; failures count as `Infinity`. */
  readonly health: readonly number[];
  /** The same of ADMIN_PORT. */
  readonly admin: readonly number[];
}

const EVERY = 100;

/** Looks at memory and health every 100 ms until the attack is over. */
export async function watchWhile(target: Target, attack: () => Promise<void>): Promise<Seen> {
  const health: number[] = [];
  const admin: number[] = [];
  let peak = 0;
  let isOver = false;
  const keepAsking = async (port: number, times: number[]): Promise<void> => {
    while (!isOver) {
      times.push(await healthTime(target.host, port));
      await sleep(EVERY);
    }
  };
  const keepWeighing = async (): Promise<void> => {
    while (!isOver) {
      peak = Math.max(peak, await target.memory());
      await sleep(EVERY / 2);
    }
  };
  const watchers = [keepAsking(target.port, health), keepAsking(target.adminPort, admin), keepWeighing()];
  await attack().finally(() => (isOver = true));
  await Promise.all(watchers);
  return { peak, health, admin };
}

function healthTime(host: string, port: number): Promise<number> {
  const begun = performance.now();
  return new Promise((resolve) => {
    const request = get({ host, port, path: "/healthz", agent: false, timeout: 60_000 }, (answer) => {
      answer.resume().once("end", () => resolve(answer.statusCode === 200 ? performance.now() - begun : Infinity));
    });
    request.once("error", () => resolve(Infinity)).once("timeout", () => request.destroy());
  });
}
