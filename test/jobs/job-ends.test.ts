/** What is left of jobs when they end, and what ends them, though nobody took care of them. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../src/adapters/keys/key-folder.ts";
import { openJobRows } from "../../src/adapters/sqlite/job-rows.ts";
import type { Keys } from "../../src/core/crypto/keys.ts";
import { AppError } from "../../src/core/errors.ts";
import type { NewTrailEvent } from "../../src/core/formats/audit-trail.ts";
import type { Job, JobOrder, JobWorker, Prepare, RunningJob } from "../../src/jobs/job.ts";
import type { JobFile } from "../../src/jobs/job-files.ts";
import type { JobRows } from "../../src/jobs/job-rows.ts";
import { openJobs, type OpenJobs } from "../../src/main/jobs.ts";
import { until } from "../journeys/program.ts";
import { laterRows, NO_ENTRIES } from "./later-rows.ts";

const NOBODY = { kind: "anonymous" } as const;
const ORDER: JobOrder = { kind: "request", owner: NOBODY, url: "https://example.org/fhir/Patient?name=Brandt", order: `{"a":1}` };

describe("jobs that end", () => {
  let folder: string;
  let keys: Keys;
  let file: JobRows;
  let clock: number;
  let work: (running: RunningJob) => Promise<string>;
  let record: (events: readonly NewTrailEvent[]) => Promise<void>;
  const opened: OpenJobs[] = [];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "chartulary-jobs-"));
    keys = await openKeyFolder(join(folder, "keys"));
    file = await openJobRows(join(folder, "jobs.db"));
    [clock, record] = [0, () => Promise.resolve()];
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    await file.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const open = async (rest: Partial<JobWorker> = {}, rows: Partial<JobRows> = {}): Promise<OpenJobs> => {
    const jobs = await openJobs({
      keys,
      store: NO_ENTRIES,
      openJobs: () => Promise.resolve(laterRows(file, () => clock, rows)),
      onFault: () => undefined,
    });
    opened.push(jobs);
    const served = jobs.servedWith({
      workers: [{ kind: "request", atOnce: 20, time: 3_600_000, run: (running) => work(running), ...rest }],
      ownerNow: (owner) => Promise.resolve(owner),
      disclosing: { record: (events) => record(events), patientOf: () => Promise.resolve(undefined) },
    });
    served.start([]);
    return jobs;
  };
  const find = (jobs: OpenJobs, id: string): Promise<Job | undefined> => jobs.jobs.find({ caller: NOBODY }, id);
  const isIn = (jobs: OpenJobs, id: string, state: Job["state"]): Promise<void> => until(async () => (await find(jobs, id))?.state === state);
  const body: Prepare = async (files) => {
    const writer = files.write("request");
    await writer.append(Buffer.from("what was sent"));
    return JSON.stringify(await writer.finish());
  };
  const isThere = (jobs: OpenJobs, id: string, order: string): Promise<boolean> =>
    jobs.jobs.filesOf(id).read(JSON.parse(order) as JobFile)[Symbol.asyncIterator]().next().then(
      () => true,
      (error: unknown) => {
        if (error instanceof AppError && error.code === "gone") return false;
        throw error;
      },
    ); // prettier-ignore

  test("neither what was asked nor any file is left when an operator ends it, nor at a deadline that nobody kept", async () => {
    const idle = await open({ atOnce: 0 });
    const cancelled = await idle.jobs.begin(ORDER, body);
    expect(await isThere(idle, cancelled.id, cancelled.order)).toBe(true);
    const [named] = await idle.jobs.list(1);
    await idle.jobs.cancel(named?.name ?? "");
    expect(await find(idle, cancelled.id)).toMatchObject({ state: "cancelled", order: "" });
    expect(await isThere(idle, cancelled.id, cancelled.order)).toBe(false);
    const late = await (await open({ atOnce: 0, time: 1 })).jobs.begin(ORDER, body);
    await open();
    await until(async () => !(await isThere(idle, late.id, late.order)));
    expect(await find(idle, late.id)).toMatchObject({ state: "failed", failureCode: "too-costly", order: "" });
  });

  test("that it tells how far it came, and never comes further, keeps no job from being given up", async () => {
    const running = new Set<number>();
    work = async ({ job, save, signal }) => {
      await save(`"a part"`, { text: "half of the next one" });
      running.add(job.attempts);
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
    };
    const first = await open();
    const { id } = await first.jobs.begin(ORDER);
    // What the first attempt saved was something: five more come no further.
    for (let attempt = 1; attempt <= 6; attempt++) {
      await until(() => Promise.resolve(running.has(attempt)));
      clock += 31_000;
      await open();
    }
    await isIn(first, id, "failed");
    expect(await find(first, id)).toMatchObject({ failure: expect.stringContaining("5 times") as unknown, attempts: 6 });
  });

  test("what the audit trail could not be told is told when it can be", async () => {
    let [calls, events] = [0, 0];
    record = () => (++calls === 1 ? Promise.reject(new AppError("unavailable", "away")) : Promise.resolve(void events++));
    work = async (running) => {
      const { noted } = await running.asked();
      if (running.job.attempts === 1) noted?.decided("read", { id: "3f0c", patient: [], confidentiality: [], labels: [] });
      return "{}";
    };
    const jobs = await open();
    const { id } = await jobs.jobs.begin(ORDER);
    await isIn(jobs, id, "done");
    expect([calls, events]).toEqual([2, 1]);
  });

  test("one that goes on is listed, however many have ended since", async () => {
    work = ({ job, signal }) =>
      job.order === "slow" ? new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped")))) : Promise.resolve("{}");
    const jobs = await open();
    const slow = await jobs.jobs.begin({ ...ORDER, order: "slow" });
    for (let count = 0; count < 2; count++) await isIn(jobs, (await jobs.jobs.begin(ORDER)).id, "done");
    await isIn(jobs, slow.id, "running");
    expect((await jobs.jobs.list(2)).map(({ state }) => state)).toEqual(["running", "done"]);
  });

  test("what was decided with many askings is told once each, many at once, and what could not be told with what comes next", async () => {
    const told: string[] = [];
    let [underWay, most, fails] = [0, 0, 3];
    record = async (events) => {
      most = Math.max(most, ++underWay);
      await new Promise(setImmediate);
      underWay--;
      const names = events.flatMap(({ resources = [] }) => resources);
      if (names.includes("Patient/7") && fails-- > 0) throw new AppError("unavailable", "away");
      told.push(...names);
    };
    const names = Array.from({ length: 150 }, (_, at) => `Patient/${at}`);
    work = async ({ asked, save }) => {
      for (const name of names) (await asked()).noted?.resource(name);
      for (let attempt = 0; attempt < 3; attempt++) await expect(save("1", { text: "x" })).rejects.toThrow("away");
      await save("1", { text: "x" });
      return "{}";
    };
    const jobs = await open();
    const { id } = await jobs.jobs.begin(ORDER);
    await isIn(jobs, id, "done");
    expect([...told].sort()).toEqual([...names].sort());
    expect(most).toBeGreaterThan(1);
  });

  test("an answer of which nobody can read what it tells of is removed by any erasure, and holds up none", async () => {
    work = async ({ files }) => {
      const written = async (name: string): Promise<JobFile> => {
        const writer = files.write(name);
        await writer.append(Buffer.from(`{"shown":[],"stored":[]}`));
        return writer.finish();
      };
      return JSON.stringify({ file: await written("answer"), documents: await written("documents") });
    };
    const jobs = await open();
    const { id } = await jobs.jobs.begin(ORDER);
    await isIn(jobs, id, "done");
    const result = JSON.parse((await find(jobs, id))?.result ?? "") as { file: JobFile; documents: JobFile };
    const [named] = await jobs.jobs.list(1);
    await jobs.erased("3f0c");
    expect(await isThere(jobs, id, JSON.stringify(result.file))).toBe(true);
    await file.putChunk({ job: named?.name ?? "", file: result.documents.place, number: 0, bytes: new Uint8Array(100) });
    await jobs.erased("3f0c");
    expect(await isThere(jobs, id, JSON.stringify(result.file))).toBe(false);
  });

  test("while files of expired ones are swept away, others are taken", async () => {
    const swept = Promise.withResolvers<number>();
    work = () => Promise.resolve("{}");
    const jobs = await open({}, { sweep: () => swept.promise });
    for (let count = 0; count < 2; count++) await isIn(jobs, (await jobs.jobs.begin(ORDER)).id, "done");
    swept.resolve(0);
  });

  test("all who do not say who they are have two hundred under way at most", async () => {
    work = () => Promise.resolve("{}");
    let ofOwner = 199;
    const jobs = await open({ atOnce: 0 }, { underWay: () => Promise.resolve({ ofOwner, all: ofOwner }) });
    await jobs.jobs.begin(ORDER);
    ofOwner = 200;
    await expect(jobs.jobs.begin(ORDER)).rejects.toMatchObject({
      code: "too-many-requests",
      message:
        "200 jobs of people who did not say who they are are under way, and at most 200 may be: try again when one has ended, or end one of yours.",
    });
  });
});
