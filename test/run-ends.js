import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Stops what run-begins.js named, if a test started it. */
export default function end() {
  execFileSync(fileURLToPath(new URL("../scripts/stop-mongo", import.meta.url)), ["--dir", process.env.MONGO_TEST_DIR, "--wipe"]);
}
