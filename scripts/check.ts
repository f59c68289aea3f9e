import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

/**
 * `npm run check`: types and lint (one program finds both; that the compiler which builds the package finds the same is asked in `.ci/run`), format and architecture. They know nothing of each other, so as many run side by side as the machine has processors, the longest first; each one's output is told
 * when it ends. Ends with 1 when one of them found something.
 */
const CHECKS = ["format", "lint", "architecture"];

interface Result {
  readonly name: string;
  readonly passed: boolean;
  readonly output: string;
  readonly seconds: number;
}

function run(name: string): Promise<Result> {
  const began = performance.now();
  return new Promise((resolve) => {
    const npm = spawn("npm", ["run", "--silent", `check:${name}`], {
      cwd: fileURLToPath(new URL("..", import.meta.url)),
      shell: process.platform === "win32",
    });
    const pieces: Buffer[] = [];
    for (const stream of [npm.stdout, npm.stderr]) stream.on("data", (piece: Buffer) => pieces.push(piece));
    const end = (passed: boolean, reason = ""): void =>
      resolve({ name, passed, output: Buffer.concat(pieces).toString("utf8") + reason, seconds: (performance.now() - began) / 1_000 });
    npm.on("error", (error) => end(false, `${error.message}\n`));
    npm.on("close", (code) => end(code === 0));
  });
}

const waiting = [...CHECKS];

async function lane(): Promise<boolean> {
  let hasPassed = true;
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const { passed, output, seconds } = await run(name);
    if (!passed) process.stdout.write(output);
    console.log(`${name}: ${passed ? "passed" : "FAILED"} (${seconds.toFixed(1)} s)`);
    hasPassed &&= passed;
  }
  return hasPassed;
}

const lanes = await Promise.all(Array.from({ length: Math.min(CHECKS.length, Math.max(1, availableParallelism())) }, lane));
process.exitCode = lanes.every(Boolean) ? 0 : 1;
