/**
 * The server for tests: MONGODB_URL's, or one that `scripts/start-mongo` starts, the same for all files of a run (run-begins.js, run-ends.js). Where there can be none the
 * tests that need one are skipped and say why; with CI set they fail instead.
 */
import { afterAll, describe, expect, test } from "@jest/globals";
import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MongoClient } from "mongodb";

/** What was wrong with commands that were sent so far in this test file (`command-lint.ts`). */
export const commandFaults: string[] = [];

export const START = fileURLToPath(new URL("../../../scripts/start-mongo", import.meta.url));
export const STOP = fileURLToPath(new URL("../../../scripts/stop-mongo", import.meta.url));

/** The URL of the server, without a database; or why there is none. */
export function mongoServer(): { readonly url: string } | { readonly why: string } {
  const given = process.env["MONGODB_URL"]?.trim();
  if (given) return { url: given };
  if (spawnSync(START, ["--built"]).status === 1)
    writeSync(2, "The server that MongoDB's engine is tested on is built first, once: about ten minutes. Without cargo its tests are skipped.\n");
  const started = spawnSync(START, ["--dir", process.env["MONGO_TEST_DIR"] ?? join(tmpdir(), "chartulary-mongo")], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (started.error) return { why: started.error.message };
  const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? "";
  const url = lastLine(started.stdout);
  return started.status === 0 && url !== "" ? { url } : { why: lastLine(started.stderr) };
}

/** Tests that need a server. */
export function describeOnMongo(name: string, tests: (url: string) => void): void {
  const server = mongoServer();
  if ("url" in server)
    return describe(name, () => {
      tests(server.url);
      afterAll(async () => {
        await Promise.all(made.splice(0).map((url) => asStranger(url, removeAll).catch(() => undefined)));
        expect([...new Set(commandFaults)]).toEqual([]);
      });
    });
  if (process.env["CI"] === "true") return test(`${name}: there is a MongoDB-compatible server`, () => Promise.reject(new Error(server.why)));
  describe.skip(`${name}: skipped. ${server.why}`, () => test("needs a MongoDB-compatible server", () => undefined));
}

/** A server of the test's own, which it may stop and kill. */
export function ownServer(
  dir: string,
  ...startOptions: readonly string[]
): { readonly url: string; start(): string; stop(...options: readonly string[]): void } {
  const start = (): string =>
    execFileSync(START, ["--dir", dir, ...startOptions], { encoding: "utf8" })
      .trim()
      .split("\n")
      .at(-1) ?? "";
  const url = start();
  return { url, start, stop: (...options) => void execFileSync(STOP, ["--dir", dir, ...options]) };
}

const made: string[] = [];

/** The URL of a database of its own on the server. It is removed when the file's tests are done, if not before. */
export function newDatabase(url: string): string {
  const own = withDatabase(url, `test-${randomUUID()}`);
  made.push(own);
  return own;
}

export async function removeAll(client: MongoClient): Promise<void> {
  await client.db().command({ dropAllRolesFromDatabase: 1 });
  await client.db().dropDatabase();
}

export function withDatabase(url: string, name: string): string {
  return url.replace(/^(mongodb(?:\+srv)?:\/\/[^/?]*)\/?[^?]*/, `$1/${name}`);
}

/** Looks at a database as a stranger would. */
export async function asStranger<Result>(url: string, work: (client: MongoClient) => Promise<Result>): Promise<Result> {
  const client = new MongoClient(url, { promoteBuffers: true });
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}
