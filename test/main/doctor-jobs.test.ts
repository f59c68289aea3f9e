/** What the doctor and `chartulary jobs list` say of work that goes on behind requests. */
import { afterAll, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openJobRows } from "../../src/adapters/sqlite/job-rows.ts";
import type { Caller } from "../../src/core/asked.ts";
import type { Keys } from "../../src/core/crypto/keys.ts";
import { newDocumentKey } from "../../src/core/envelope.ts";
import { JobStore } from "../../src/jobs/job-store.ts";
import type { Job, ToldJob } from "../../src/jobs/job.ts";
import { lookAtJobs, tellJobs } from "../../src/main/doctor/jobs.ts";
import { deskBeside } from "../../src/main/jobs.ts";
import { run } from "../cli/command-line.ts";
import { temporaryKeys } from "../pipeline/sign/deposited.ts";

const NOW = Date.parse("2026-11-30T12:00:00Z");
const MINUTE = 60_000;
const ANONYMOUS: Caller = { kind: "anonymous" };
const folder = mkdtempSync(join(tmpdir(), "chartulary-doctor-jobs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Told = Pick<ToldJob, "name" | "kind" | "state" | "owner" | "dueSince" | "fruitless">;
const job = (state: Job["state"], minutesDue?: number, more: Partial<Told> = {}): Told => ({
  ...{ name: "a".repeat(64), kind: "request", state, owner: ANONYMOUS, fruitless: 0 },
  ...(minutesDue !== undefined && { dueSince: new Date(NOW - minutesDue * MINUTE).toISOString() }),
  ...more,
});
const toldOf = (...all: readonly Told[]): string[] => {
  const found: string[] = [];
  tellJobs(all, ({ level, text }) => void found.push(`${level} ${text}`), NOW);
  return found;
};

test("jobs that nobody does are wrong, and tell since when; what waits behind others is so only after an hour", () => {
  expect(toldOf(job("running"), job("waiting", 1), job("waiting", 1), job("done"), job("failed"))).toEqual([]);
  expect(toldOf(job("waiting", 3), job("running", 5), job("running", 0, { kind: "import" }))).toEqual([
    "wrong 2 jobs (request) wait, the first since 2026-11-30T11:55:00.000Z, and nobody works upon any",
  ]);
  expect(toldOf(job("running"), job("waiting", 59))).toEqual([]);
  expect(toldOf(job("running"), job("running"), job("waiting", 61))).toEqual([
    "notice 1 jobs (request) wait, the first since 2026-11-30T10:59:00.000Z, behind 2 that somebody works upon",
  ]);
});

test("what is begun again and again is named, of many the first twenty; and that no more are taken", () => {
  const stuck = job("running", undefined, { kind: "export", fruitless: 3 });
  expect(toldOf(job("running", undefined, { fruitless: 1 }), stuck)).toEqual([
    "notice job aaaaaaaaaaaa (export) was begun 3 times without coming further: its process ended, or was killed",
  ]);
  const many = toldOf(...Array.from({ length: 23 }, () => stuck));
  expect([many.length, many.at(-1)]).toEqual([21, "notice and so it is with 3 others"]);
  expect(toldOf(...Array.from({ length: 200 }, () => job("running")))).toEqual([
    "notice 200 jobs are under way: no more are taken of whoever does not say who they are (429)",
  ]);
  const person: Caller = { kind: "person", issuer: "here", subject: "a", name: "A", roles: [], organizations: [] } as unknown as Caller;
  expect(toldOf(...Array.from({ length: 999 }, () => job("running", undefined, { owner: person })))).toEqual([]);
  expect(toldOf(...Array.from({ length: 1_000 }, () => job("running", undefined, { owner: person })))).toEqual([
    "notice 1000 jobs are under way: no more are taken of all (429)",
  ]);
});

test("as they are kept: nothing is made where there are none, and one whose lease ended is found by the doctor and by the command", async () => {
  const keys: Keys = await temporaryKeys();
  const file = join(folder, "jobs.db");
  const found: string[] = [];
  const look = (): Promise<void> =>
    lookAtJobs({ openJobs: () => openJobRows(file) }, keys, { mongodbUrl: undefined, dataFolder: folder }, ({ level, text }) => {
      found.push(`${level} ${text}`);
    });
  await look();
  expect([found, statSync(file, { throwIfNoEntry: false })]).toEqual([[], undefined]);

  const rows = await openJobRows(file);
  const store = await JobStore.open(rows, keys);
  const [began, due] = [Date.now() - 60 * MINUTE, Date.now() - 10 * MINUTE];
  const at = (milliseconds: number): string => new Date(milliseconds).toISOString();
  const kept: Job = {
    ...{ id: "x".repeat(43), kind: "import", owner: ANONYMOUS, url: "http://localhost/fhir/$import?a=secret", order: "{}", state: "running" },
    ...{ progress: { text: "3 of 9 lines", share: 1 / 3 }, attempts: 1, createdAt: at(began) },
    ...{ deadline: at(Date.now() + 60 * MINUTE), expires: at(Date.now() + 120 * MINUTE) },
  };
  await store.insert(kept, Buffer.from(newDocumentKey()).toString("base64"), due);
  await rows.close();
  await look();
  expect(found).toEqual([`wrong 1 jobs (import) wait, the first since ${at(due)}, and nobody works upon any`]);

  const openJobs = async (): Promise<Awaited<ReturnType<typeof deskBeside>> & { close(): Promise<void> }> => {
    const opened = await openJobRows(file);
    return Object.assign(await deskBeside(opened, keys), { close: () => opened.close() });
  };
  const listed = await run(["jobs", "list"], { tools: { openJobs } });
  expect([listed.code, listed.stdout]).toEqual([
    0,
    expect.stringMatching(
      `^[0-9a-f]{12}  import  running 33 %  3 of 9 lines  anonymous  ${at(began)}  nobody has taken it up since ${at(due)}\n$`.replaceAll(".", "\\."),
    ),
  ]);
  const shown = await run(["jobs", "show", listed.stdout.slice(0, 12)], { tools: { openJobs } });
  expect(JSON.parse(shown.stdout)).toMatchObject({ dueSince: at(due), fruitless: 0, address: "http://localhost/fhir/$import" });
});
