import { join } from "node:path";
import { tmpdir } from "node:os";

/** Names the folder of the MongoDB-compatible server that the tests of this run share; the first test that needs one starts it (test/adapters/mongo/server.ts). */
export default function begin() {
  process.env.MONGO_TEST_DIR ??= join(tmpdir(), `chartulary-mongo-${process.pid}`);
}
