/** Days of the audit trail end by the real command line: what was read then nobody can read any more, the log of it is proved as before, and whoever is killed in the midst has ended a day or has not. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { documentJson } from "./documents.ts";
import { get, idOf, submit } from "./support/requests.ts";
import { chartulary, PROJECT_ROOT, startService, temporaryFolder } from "./support/service.ts";

const JSON_TYPE = "application/fhir+json";
const CLOCK = `--import=${pathToFileURL(join(PROJECT_ROOT, "test/journeys/support/earlier-clock.mjs")).href}`;
const KILLS = 6;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
/** Days on which a service ran, by how long ago that was when it began: at midnight the tests go on with the same. */
const ran = new Map<number, string>();
const daysAgo = (days: number): string => ran.get(days) ?? "";
const settings = (): Record<string, string> => ({ DATA_DIR: join(folder.path, "data") });
const retention = async (...args: readonly string[]) => {
  const { code, output, errors } = await chartulary(["retention", "--trail", "--json", ...args], settings());
  return { code, errors, told: output === "" ? {} : (JSON.parse(output) as { due?: string[]; isEnded?: boolean }) };
};
const audited = async (): Promise<unknown> => {
  const { code, output } = await chartulary(["audit", "--trail", "--json"], settings());
  return [code, (JSON.parse(output) as { verdict: string }).verdict];
};
/** Events that can be read; those of reading them aside. */
const readable = async (url: string, id: string): Promise<string[]> => {
  const { text } = await get(`${url}/fhir/AuditEvent?entity=Bundle/${id}&_count=100`, JSON_TYPE);
  const { entry = [] } = JSON.parse(text) as { entry?: { resource: { recorded: string } }[] };
  return entry.map(({ resource }) => resource.recorded.slice(0, 10));
};

let id = "";
beforeAll(async () => {
  folder = await temporaryFolder();
  // A service five days ago, then two days ago: each day has a key of its own.
  for (const days of [5, 2]) {
    ran.set(days, new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10));
    const service = await startService({
      dataFolder: join(folder.path, "data"),
      environment: { NODE_OPTIONS: CLOCK, EARLIER_DAYS: String(days) },
    });
    if (id === "") id = idOf(await submit(service.url, documentJson(), JSON_TYPE));
    await get(`${service.url}/fhir/Bundle/${id}`, JSON_TYPE);
    await service.stop();
  }
});
afterAll(() => folder.remove());

test("names the days that are due, and ends none unless it is told to, by somebody", async () => {
  expect(await retention("--keep-days", "4")).toMatchObject({ code: 0, told: { due: [daysAgo(5)], isEnded: false } });
  expect(await retention("--keep-days", "1")).toMatchObject({ code: 0, told: { due: [daysAgo(5), daysAgo(2)], isEnded: false } });
  expect(await retention("--keep-days", "1", "--carry-out")).toMatchObject({ code: 2, errors: expect.stringContaining("--by") });
  for (const days of ["0", "-1", "x", "400000"]) expect((await retention("--keep-days", days)).code).toBe(2);
  expect((await chartulary(["retention", "--keep-days", "4"], settings())).errors).toContain("--trail");
});

test("killed at any moment, it has ended the day or has not, and goes on", async () => {
  for (let at = 0; at < KILLS; at++) {
    const child = spawn(
      process.execPath,
      [join(PROJECT_ROOT, "bin", "chartulary.js"), "retention", "--trail", "--keep-days", "4", "--carry-out", "--by", "A. Smith"],
      {
        env: { ...process.env, MONGODB_URL: "", ...settings() },
        stdio: "ignore",
      },
    );
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await sleep(150 + at * 60);
    child.kill("SIGKILL");
    await ended;
    expect(await audited()).toEqual([0, "intact"]);
  }
  const { code, told } = await retention("--keep-days", "4", "--carry-out", "--by", "A. Smith");
  expect(code).toBe(0);
  expect([[], [daysAgo(5)]]).toContainEqual(told.due);
  expect(await retention("--keep-days", "4")).toMatchObject({ told: { due: [] } });
});

test("of the day that ended nothing can be read, of the others all; the log of it is proved", async () => {
  const service = await startService({ dataFolder: join(folder.path, "data") });
  const days = await readable(service.url, id);
  await service.stop();
  expect(days).not.toContain(daysAgo(5));
  expect(days).toContain(daysAgo(2));
  expect(await audited()).toEqual([0, "intact"]);
});
