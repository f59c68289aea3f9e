/**
 * The server for tests: MONGODB_URL's, or one that `scripts/start-mongo` starts. It is left running: the next test file finds it. Where there can be none the tests that
 * need one are skipped and say why; with CI set they fail instead.
 */
import { afterAll, describe, expect, test } from "@jest/globals";
import { execFileSync, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
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
  const started = spawnSync(START, [], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const url = started.stdout.trim().split("\n").at(-1) ?? "";
  return started.status === 0 && url !== ""
    ? { url }
    : { why: started.stderr.trim().split("\n").at(-1) ?? `start-mongo ended with ${started.status ?? "a signal"}` };
}

/** Tests that need a server. */
export function describeOnMongo(name: string, tests: (url: string) => void): void {
  const server = mongoServer();
  if ("url" in server)
    return describe(name, () => {
      tests(server.url);
      afterAll(() => expect([...new Set(commandFaults)]).toEqual([]));
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

/** The URL of a database of its own on the server. */
export function newDatabase(url: string): string {
  return withDatabase(url, `test-${randomUUID()}`);
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
