/**
 * schemathesis (PyPI, 4.32), which holds the running service against its OpenAPI document: `npm run schemathesis` starts the service over an empty folder with the samples, asks it what the document says and what it does
 * not, and ends it; `npm run schemathesis -- URL` asks one that runs. Further arguments go to schemathesis. It is looked for on the PATH, or where SCHEMATHESIS says.
 */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROGRAM = process.env["SCHEMATHESIS"] ?? "schemathesis";
const CONFIG = fileURLToPath(new URL("schemathesis.toml", import.meta.url));

/** What it is not asked about: a stream that ends by itself after a minute. */
const LEFT_OUT = ["--exclude-path", "/log/events"];

/** Why schemathesis cannot be asked here, in words; undefined when it can. */
export function whyNoSchemathesis(): string | undefined {
  try {
    execFileSync(PROGRAM, ["--version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "there is no schemathesis (pip install schemathesis==4.32.5; SCHEMATHESIS names where it is)";
  }
}

/** What it found of the service at an address. `isGood`: document and service agree in everything that it asked. */
export function askSchemathesis(url: string, args: readonly string[]): { readonly isGood: boolean; readonly text: string } {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-schemathesis-"));
  try {
    const given = ["--config-file", CONFIG, "run", `${url}/openapi.json`, ...LEFT_OUT, "--no-color", ...args];
    const { status, stdout, stderr } = spawnSync(PROGRAM, given, { encoding: "utf8", cwd: folder, maxBuffer: 1 << 28 });
    return { isGood: status === 0, text: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [url, ...args] = process.argv.slice(2);
  const fault = whyNoSchemathesis();
  if (fault === undefined) process.exitCode = await run(url, args);
  else console.error(`Not asked: ${fault}.`);
}

async function run(url: string | undefined, args: readonly string[]): Promise<number> {
  const isRunning = url !== undefined && /^https?:/.test(url);
  const service = isRunning ? { url, end: () => undefined } : await startService();
  try {
    const { isGood, text } = askSchemathesis(service.url, isRunning || url === undefined ? args : [url, ...args]);
    process.stdout.write(text);
    return isGood ? 0 : 1;
  } finally {
    service.end();
  }
}

async function startService(): Promise<{ readonly url: string; end(): void }> {
  const folder = mkdtempSync(join(tmpdir(), "chartulary-schemathesis-"));
  const child = spawn(process.execPath, [fileURLToPath(new URL("../bin/chartulary.js", import.meta.url)), "serve"], {
    env: { ...process.env, HOST: "127.0.0.1", PORT: "0", DATA_DIR: folder, LOG_LEVEL: "error" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(chunk.toString("utf8"))?.[0];
      if (address !== undefined) resolve(address);
    });
    child.once("exit", () => reject(new Error("the service did not start")));
  });
  return {
    url,
    end: () => {
      child.removeAllListeners("exit").once("exit", () => rmSync(folder, { recursive: true, force: true }));
      child.kill();
    },
  };
}
