import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Stops what run-begins.js named, if a test started it. */
export default function end() {
  if (!existsSync(process.env.MONGO_TEST_DIR)) return;
  execFileSync(fileURLToPath(new URL("../scripts/stop-mongo", import.meta.url)), ["--dir", process.env.MONGO_TEST_DIR, "--wipe"]);
}
