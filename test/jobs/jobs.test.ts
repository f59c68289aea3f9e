import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openKeyFolder } from "../../src/adapters/keys/key-folder.ts";
import { openJobRows } from "../../src/adapters/sqlite/job-rows.ts";
import type { Caller, KnownCaller } from "../../src/core/asked.ts";
import type { Keys } from "../../src/core/crypto/keys.ts";
import { AppError } from "../../src/core/errors.ts";
import type { Job, JobOrder, JobWorker, RunningJob } from "../../src/jobs/job.ts";
import type { JobFile } from "../../src/jobs/job-files.ts";
import type { JobRow, JobRows } from "../../src/jobs/job-rows.ts";
import { openJobs, type OpenJobs } from "../../src/main/jobs.ts";
import { until } from "../journeys/program.ts";
import { laterRows, NO_ENTRIES } from "./later-rows.ts";

const ANNA: KnownCaller = {
  ...{ kind: "system", issuer: "https://issuer.example.org", subject: "anna", name: "Anna", client: "app", roles: [], organisations: [] },
  clearance: [],
};
const BEN: KnownCaller = { ...ANNA, subject: "ben" };
const ORDER: JobOrder = { kind: "request", owner: ANNA, url: "https://example.org/fhir/Patient?name=Brandt", order: "{}" };

describe("jobs", () => {
  let folder: string;
  let keys: Keys;
  let file: JobRows;
  let clock: number;
  let work: (running: RunningJob) => Promise<string>;
  let ownerNow: (owner: Caller) => Promise<Caller | undefined>;
  let told: unknown[];
  let faults: string[];
  const opened: OpenJobs[] = [];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "chartulary-jobs-"));
    keys = await openKeyFolder(join(folder, "keys"));
    file = await openJobRows(join(folder, "jobs.db"));
    [clock, told, faults] = [0, [], []];
    ownerNow = (owner) => Promise.resolve(owner);
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    await file.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const later = (): JobRows => laterRows(file, () => clock);
  /** A process of its own. */
  const open = async (rest: Partial<JobWorker> = {}, rows: JobRows = later()): Promise<OpenJobs> => {
    const jobs = await openJobs({
      keys,
      store: NO_ENTRIES,
      openJobs: () => Promise.resolve(rows),
      onFault: (_error, what) => void faults.push(what),
    });
    opened.push(jobs);
    const served = jobs.servedWith({
      workers: [{ kind: "request", atOnce: 20, time: 3_600_000, run: (running) => work(running), ...rest }],
      ownerNow: (owner) => ownerNow(owner),
      disclosing: { record: (events) => Promise.resolve(void told.push(...events)), patientOf: () => Promise.resolve(undefined) },
    });
    served.start([]);
    return jobs;
  };
  const find = async (jobs: OpenJobs, id: string, caller: Caller = ANNA): Promise<Job | undefined> => jobs.jobs.find({ caller }, id);
  const end = async (jobs: OpenJobs, id: string): Promise<Job> => {
    let job: Job | undefined;
    await until(async () => {
      job = await find(jobs, id);
      return job !== undefined && !["waiting", "running"].includes(job.state);
    });
    if (!job) throw new Error("there is no such job");
    return job;
  };

  test("what is asked for is done, and its result and its files are its owner's alone", async () => {
    work = async ({ job, files, save }) => {
      const writer = files.write("out.ndjson");
      await writer.append(Buffer.from("one\n"));
      const written = await writer.finish();
      await save("1", { text: "x" });
      return JSON.stringify({ order: job.order, written });
    };
    const jobs = await open();
    const { id, state, deadline, expires } = await jobs.jobs.begin({ ...ORDER, order: `{"a":1}` });
    expect(id).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect([state, Date.parse(expires) - Date.parse(deadline)]).toEqual(["waiting", 86_400_000]);
    const done = await end(jobs, id);
    expect(done).toMatchObject({ state: "done", attempts: 1, progress: { share: 1 } });
    const { order, written } = JSON.parse(done.result ?? "") as { order: string; written: Parameters<ReturnType<OpenJobs["jobs"]["filesOf"]>["read"]>[0] }; // prettier-ignore
    expect(order).toBe(`{"a":1}`);
    const pieces: Uint8Array[] = [];
    for await (const piece of jobs.jobs.filesOf(id).read(written)) pieces.push(piece);
    expect(Buffer.concat(pieces).toString()).toBe("one\n");
    for (const caller of [BEN, { ...ANNA, client: "other" }, { ...ANNA, scopes: [] }, { ...ANNA, patient: "1" }, { kind: "anonymous" }] as const)
      expect([await find(jobs, id, caller), await jobs.jobs.remove({ caller }, id)]).toEqual([undefined, false]);
    expect(await find(jobs, `${id.slice(1)}A`)).toBeUndefined();
  });

  test.each(["done", "failed"])("what its client sent is gone once it has %s", async (state) => {
    const given: string[] = [];
    const bodyIn = (order: string): JobFile => JSON.parse(order) as JobFile;
    work = async ({ job, files }) => {
      for await (const piece of files.read(bodyIn(job.order))) given.push(Buffer.from(piece).toString());
      if (state === "failed") throw new AppError("not-found", "It is not there.");
      return "{}";
    };
    const jobs = await open({ sent: bodyIn });
    const { id, order } = await jobs.jobs.begin(ORDER, async (files) => {
      const writer = files.write("request");
      await writer.append(Buffer.from("what was sent"));
      return JSON.stringify(await writer.finish());
    });
    expect((await end(jobs, id)).state).toBe(state);
    expect(given).toEqual(["what was sent"]);
    const left = async (): Promise<string> => {
      try {
        for await (const piece of jobs.jobs.filesOf(id).read(bodyIn(order))) return Buffer.from(piece).toString();
      } catch (error) {
        if (error instanceof AppError) return error.code;
        throw error;
      }
      return "";
    };
    await until(async () => (await left()) === "gone");
    expect(faults).toEqual([]);
  });

  test("neither ids nor owners nor what was asked stand in what is kept", async () => {
    work = () => Promise.resolve("{}");
    const jobs = await open();
    const { id } = await jobs.jobs.begin(ORDER);
    await end(jobs, id);
    const [row] = await file.list(undefined, 0, 9);
    const text = JSON.stringify({ ...row, value: Buffer.from(row?.value ?? []).toString("latin1") });
    for (const secret of [id, "anna", "Brandt", "issuer"]) expect(text).not.toContain(secret);
    expect(JSON.stringify(await jobs.jobs.list(9))).not.toContain(id);
    expect(await jobs.jobs.list(9)).toEqual([expect.objectContaining({ name: row?.id, address: "https://example.org/fhir/Patient" })]);
  });

  test("what a process left that died, another one does from where it was saved", async () => {
    const never = Promise.withResolvers<string>();
    work = async (running) => {
      await running.save(`"half"`, { text: "half of it", share: 0.5 });
      return never.promise;
    };
    const first = await open();
    const { id } = await first.jobs.begin(ORDER);
    await until(async () => (await find(first, id))?.saved !== undefined);
    expect(await find(first, id)).toMatchObject({ state: "running", progress: { text: "half of it", share: 0.5 } });
    work = ({ job }) => Promise.resolve(JSON.stringify({ from: job.saved, attempts: job.attempts }));
    clock = 31_000;
    const second = await open();
    expect(JSON.parse((await end(second, id)).result ?? "")).toEqual({ from: `"half"`, attempts: 2 });
    // The first one is told that it is no more its own.
    never.resolve("late");
    await first.close();
    expect(JSON.parse((await find(second, id))?.result ?? "")).toEqual({ from: `"half"`, attempts: 2 });
  });

  test("a process that ends gives back what it has under way", async () => {
    work = ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
    const first = await open();
    const { id } = await first.jobs.begin(ORDER);
    await until(async () => (await find(first, id))?.state === "running");
    await first.close();
    work = () => Promise.resolve("{}");
    expect(await end(await open(), id)).toMatchObject({ state: "done", attempts: 2 });
  });

  test("one that is ended by its owner is gone, one that an operator ends says so; who works upon it stops", async () => {
    const stopped: string[] = [];
    work = ({ job, signal }) =>
      new Promise((_, reject) =>
        signal.addEventListener("abort", () => {
          stopped.push(job.id);
          reject(new Error("stopped"));
        }),
      );
    const [here, elsewhere] = [await open(), await open({ atOnce: 0 })];
    const [one, other, third] = [await here.jobs.begin(ORDER), await here.jobs.begin(ORDER), await here.jobs.begin(ORDER)];
    for (const { id } of [one, other, third]) await until(async () => (await find(here, id))?.state === "running");
    expect(await here.jobs.remove({ caller: ANNA }, one.id)).toBe(true);
    expect(await find(here, one.id)).toBeUndefined();
    await until(() => Promise.resolve(stopped.includes(one.id)));
    // From another process: whoever works upon it looks.
    expect(await elsewhere.jobs.remove({ caller: ANNA }, other.id)).toBe(true);
    await until(() => Promise.resolve(stopped.includes(other.id)));
    const [named] = await elsewhere.jobs.list(9);
    expect(await elsewhere.jobs.cancel(named?.name ?? "")).toBe(true);
    expect(await elsewhere.jobs.cancel(named?.name ?? "")).toBe(false);
    await until(() => Promise.resolve(stopped.includes(third.id)));
    expect(await find(here, third.id)).toMatchObject({ state: "cancelled", failure: expect.stringContaining("operator") as unknown });
  });

  test("one that is not done in its time fails, also where nobody works", async () => {
    work = ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
    const jobs = await open({ time: 300 });
    const { id } = await jobs.jobs.begin(ORDER);
    expect(await end(jobs, id)).toMatchObject({ state: "failed", failureCode: "too-costly" });
    const idle = await open({ atOnce: 0, time: 1 });
    const left = await idle.jobs.begin(ORDER);
    expect(await end(idle, left.id)).toMatchObject({ state: "failed", failureCode: "too-costly" });
  });

  test("one that ends its process again and again is given up", async () => {
    work = () => new Promise(() => undefined);
    const [first] = [await open()];
    const { id } = await first.jobs.begin(ORDER);
    for (let attempt = 1; attempt < 5; attempt++) {
      await until(async () => (await find(first, id))?.attempts === attempt);
      // As if the process had been killed: its lease ends without a word from it.
      clock += 31_000;
      await open();
    }
    await until(async () => (await find(first, id))?.attempts === 5);
    clock += 31_000;
    const last = await open();
    expect(await end(last, id)).toMatchObject({ state: "failed", failure: expect.stringContaining("5 times") as unknown });
  });

  test("what is away is tried again; what is refused is told; of a fault of ours its owner learns nothing but that", async () => {
    let tries = 0;
    work = () => (++tries < 2 ? Promise.reject(new AppError("unavailable", "away")) : Promise.resolve("{}"));
    const jobs = await open();
    expect(await end(jobs, (await jobs.jobs.begin(ORDER)).id)).toMatchObject({ state: "done", attempts: 2 });
    work = () => Promise.reject(new AppError("bad-query", "nobody can read that"));
    expect(await end(jobs, (await jobs.jobs.begin(ORDER)).id)).toMatchObject({ failure: "nobody can read that", failureCode: "bad-query" });
    work = () => Promise.reject(new Error("patient Brandt at line 5"));
    const fault = await end(jobs, (await jobs.jobs.begin(ORDER)).id);
    expect(fault).toMatchObject({ state: "failed", failureCode: "internal" });
    expect(fault.failure).not.toContain("Brandt");
    expect(faults).toEqual(["a job (request) failed"]);
  });

  test("it asks as its owner is by now, and the audit trail is told of what was decided before it is saved", async () => {
    const document = { id: "3f0c", patient: [], confidentiality: [], labels: [] };
    work = async (running) => {
      const { caller, noted } = await running.asked();
      noted?.decided("read", document);
      await running.save("1", { text: "saved" });
      return JSON.stringify({ caller, told: told.length });
    };
    ownerNow = (owner) => Promise.resolve({ ...(owner as KnownCaller), roles: ["nurse"] });
    const jobs = await open();
    const done = await end(jobs, (await jobs.jobs.begin({ ...ORDER, purpose: "TREAT" })).id);
    expect(JSON.parse(done.result ?? "")).toMatchObject({ caller: { subject: "anna", roles: ["nurse"] }, told: 1 });
    expect(told).toEqual([expect.objectContaining({ kind: "operation", purpose: "TREAT", documents: [{ id: "3f0c" }] })]);
    ownerNow = () => Promise.resolve(undefined);
    expect(await end(jobs, (await jobs.jobs.begin(ORDER)).id)).toMatchObject({ state: "failed", failureCode: "forbidden" });
  });

  test("one owner has ten under way at most, and room again when one has ended", async () => {
    const held = Promise.withResolvers<string>();
    work = () => held.promise;
    const jobs = await open();
    const all = await Promise.allSettled(Array.from({ length: 12 }, () => jobs.jobs.begin(ORDER)));
    expect(all.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
    expect(all.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "too-many-requests", retryAfter: 10 } });
    await jobs.jobs.begin({ ...ORDER, owner: BEN });
    held.resolve("{}");
    await until(async () => (await jobs.jobs.list(20)).every(({ state }) => state === "done"));
    expect(await jobs.jobs.begin(ORDER)).toMatchObject({ state: "waiting" });
  });

  test("all have a thousand under way at most", async () => {
    work = () => Promise.resolve("{}");
    const jobs = await open();
    file.underWay = () => Promise.resolve({ ofOwner: 0, all: 1_000 });
    await expect(jobs.jobs.begin(ORDER)).rejects.toMatchObject({ code: "too-many-requests" });
  });

  test("what cannot be opened any more is not there, and holds up nobody", async () => {
    work = () => Promise.resolve("{}");
    const idle = await open({ atOnce: 0 });
    const { id } = await idle.jobs.begin(ORDER);
    const [row] = await file.list(undefined, 0, 1);
    const altered = Uint8Array.from(row?.value ?? []);
    altered[80] = (altered[80] ?? 0) ^ 1;
    await file.replace({ ...(row as JobRow), value: altered }, 1);
    expect(await find(idle, id)).toBeUndefined();
    const jobs = await open({ atOnce: 1 });
    await end(jobs, (await jobs.jobs.begin(ORDER)).id);
    expect(await file.read(row?.id ?? "", 0)).toBeUndefined();
  });
});
