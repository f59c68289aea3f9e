import { join } from "node:path";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

/** Names the folder of the MongoDB-compatible server that the tests of this run share; the first test that needs one starts it (test/adapters/mongo/server.ts). */
export default function begin() {
  // What V8 made of the sources, for the threads that tests start, and for Jest's own processes.
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("../node_modules/.cache/chartulary/compiled-for-tests", import.meta.url));
  process.env.MONGO_TEST_DIR ??= join(tmpdir(), `chartulary-mongo-${process.pid}`);
}
