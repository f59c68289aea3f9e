/** An export whose process ends anywhere: what was saved stays, and what was not is written anew, each line once. */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import type { Caller, Noted } from "../../../src/core/asked.ts";
import type { SavedExport } from "../../../src/interactions/fhir/bulk/export-files.ts";
import type { JobFile, JobFiles } from "../../../src/jobs/job-files.ts";
import type { Job, JobWorker } from "../../../src/jobs/job.ts";
import { bulkCallers, openBulkHouse, type BulkHouse, type Manifest } from "./bulk-house.ts";

const DOCUMENTS = 7;
const LIMIT = 120_000;
let bulk: BulkHouse;
let worker: JobWorker;
let job: Job;

beforeAll(async () => {
  bulk = await openBulkHouse({ partLimits: { bytes: 1e9, lines: 2 } });
  for (let number = 0; number < DOCUMENTS; number++) await bulk.deposit({ name: `n${number}`, house: "A", person: String(number) });
  worker = bulk.house.served.registry.jobWorkers.find(({ kind }) => kind === "export") as JobWorker;
  // As it is while it is done: what it was to do is gone with its end.
  const runs = jest.spyOn(worker, "run");
  await bulk.exported("all", "/fhir/$export?_type=Bundle,DocumentReference,Patient&_elements=Patient.name");
  job = runs.mock.calls[0]?.[0].job as Job;
  runs.mockRestore();
}, LIMIT);
afterAll(() => bulk.house.close());

/** Files in memory: what was finished, by its place. */
class MemoryFiles implements JobFiles {
  readonly kept = new Map<string, Buffer>();
  #count = 0;

  write(name: string): ReturnType<JobFiles["write"]> {
    const pieces: Uint8Array[] = [];
    const place = String(this.#count++);
    return {
      append: (bytes) => Promise.resolve(void pieces.push(Uint8Array.from(bytes))),
      finish: (): Promise<JobFile> => {
        const all = Buffer.concat(pieces);
        this.kept.set(place, all);
        return Promise.resolve({
          name,
          place,
          parts: [0],
          length: all.length,
          crc32: crc32(all),
          sha256: createHash("sha256").update(all).digest("hex"),
        });
      },
    };
  }

  async *read({ place }: JobFile): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(this.kept.get(place) ?? new Uint8Array());
  }

  readPacked(): AsyncGenerator<Uint8Array> {
    throw new Error("nothing is fetched here");
  }

  remove({ place }: Pick<JobFile, "place">): Promise<void> {
    this.kept.delete(place);
    return Promise.resolve();
  }
}

/** Does the job until it has saved so many times more, or is done. */
async function run(
  files: MemoryFiles,
  saved: string | undefined,
  saves: number,
): Promise<{ readonly saved: string | undefined; readonly result?: string }> {
  const { saved: _, ...order } = job;
  let [last, left] = [saved, saves];
  const running = {
    ...{ job: { ...order, ...(saved !== undefined && { saved }) }, files, signal: new AbortController().signal },
    asked: () => Promise.resolve({ caller: bulkCallers().get("all") as Caller, channel: "program", requestId: "a test" } as const),
    save: (text: string) => {
      // Killed before it was saved.
      if (left-- === 0) return Promise.reject(new Error("killed"));
      last = text;
      return Promise.resolve();
    },
  };
  const result = await worker.run(running).catch((error: unknown) => {
    if (error instanceof Error && error.message === "killed") return undefined;
    throw error;
  });
  return { saved: last, ...(result !== undefined && { result }) };
}

function linesOf(files: MemoryFiles, saved: string | undefined): string[] {
  const { files: all } = JSON.parse(saved ?? "") as SavedExport;
  return all
    .filter(({ role }) => role === "output")
    .flatMap(({ file }) => String(files.kept.get(file.place)).trimEnd().split("\n"))
    .sort();
}

test("to begin one shows nobody anything, so that the audit trail is told of no document", async () => {
  const decided: string[] = [];
  const noted: Noted = { decided: (deed) => void decided.push(deed), provided: () => undefined, consent: () => undefined, resource: () => undefined };
  const operation = bulk.house.served.registry.fhir.operations.find(({ name }) => name === "export");
  const begun = await operation?.handle(
    { caller: bulkCallers().get("all") as Caller, channel: "rest", requestId: "a test", noted },
    { query: new Map(), parameters: [], handling: "strict", isAsynchronous: true, address: "https://documents.example.org/fhir/$export" },
  );
  expect([begun?.kind, decided]).toEqual(["accepted", []]);
});

test(
  "is written in parts of the log, each with a file for each type",
  async () => {
    const files = new MemoryFiles();
    const { saved, result } = await run(files, undefined, Infinity);
    const { output } = JSON.parse(result ?? "") as Manifest;
    expect(output.filter(({ type }) => type === "Bundle").length).toBeGreaterThan(1);
    expect(output.filter(({ type }) => type === "Bundle").reduce((sum, { count }) => sum + count, 0)).toBe(DOCUMENTS);
    const lines = linesOf(files, saved);
    expect(lines).toHaveLength(output.reduce((sum, { count }) => sum + count, 0));
    expect(new Set(lines).size).toBe(lines.length);
  },
  LIMIT,
);

test(
  "goes on behind what was saved, wherever it was ended",
  async () => {
    const whole = new MemoryFiles();
    const expected = linesOf(whole, (await run(whole, undefined, Infinity)).saved);
    for (let saves = 0; saves < 5; saves++) {
      const files = new MemoryFiles();
      let { saved, result } = await run(files, undefined, saves);
      expect(result).toBeUndefined();
      // Killed again and again, it comes one part further each time.
      for (let attempt = 0; result === undefined && attempt < 20; attempt++) ({ saved, result } = await run(files, saved, 1));
      expect(result).toBeDefined();
      expect(linesOf(files, saved)).toEqual(expected);
    }
  },
  LIMIT,
);
