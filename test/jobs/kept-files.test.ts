import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createHash } from "node:crypto";
import { gunzipSync, inflateRawSync } from "node:zlib";
import { KeptFiles } from "../../src/jobs/kept-files.ts";
import type { JobFile } from "../../src/jobs/job-files.ts";
import type { JobRows } from "../../src/jobs/job-rows.ts";
import { openJobRows } from "../../src/adapters/sqlite/job-rows.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nameOf } from "../contracts/job-rows.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, at) => at);

describe("files of a job", () => {
  let folder: string;
  let rows: JobRows;
  let files: KeptFiles;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "chartulary-files-"));
    rows = await openJobRows(join(folder, "jobs.db"));
    files = filesOf("a");
  });
  afterEach(async () => {
    await rows.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const filesOf = (job: string, key: () => Promise<Uint8Array> = () => Promise.resolve(KEY)): KeptFiles =>
    new KeptFiles({ rows, job: nameOf(job), key });
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => `line ${at}\n`).join(""));
  const write = async (content: Uint8Array, piece = 70_001): Promise<JobFile> => {
    const writer = files.write("lines.ndjson");
    for (let at = 0; at < content.length; at += piece) await writer.append(content.subarray(at, at + piece));
    return writer.finish();
  };
  const all = async (pieces: AsyncIterable<Uint8Array>): Promise<Buffer> => {
    const found: Uint8Array[] = [];
    for await (const piece of pieces) found.push(piece);
    return Buffer.concat(found);
  };

  test("what was written is read from any place to any other, its digest told, and all of it one gzip file", async () => {
    const file = await write(bytes);
    expect(file).toMatchObject({ name: "lines.ndjson", length: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") });
    expect(file.parts.length).toBeGreaterThan(3);
    expect((await all(files.read(file))).equals(bytes)).toBe(true);
    const second = file.parts[1] ?? 0;
    for (const [from, to] of [
      ...[0, 1, second - 1, second, second + 1, bytes.length - 1].map((at) => [at, at + 1] as const),
      ...([[second - 5, second + 5], [10, bytes.length - 10], [second, second], [bytes.length, bytes.length + 9]] as const), // prettier-ignore
    ])
      expect((await all(files.read(file, from, to))).equals(bytes.subarray(from, to))).toBe(true);
    const packed = await all(files.readPacked(file));
    expect(gunzipSync(packed).equals(bytes)).toBe(true);
    // Of one member: browsers and others read no further than the first, and say nothing.
    expect(inflateRawSync(packed.subarray(10)).equals(bytes)).toBe(true);
  });

  test("an empty file is one, and whoever gave bytes may use them again", async () => {
    const file = await write(new Uint8Array());
    expect([file.length, file.parts]).toEqual([0, []]);
    expect(await all(files.read(file))).toHaveLength(0);
    expect(gunzipSync(await all(files.readPacked(file)))).toHaveLength(0);
    const writer = files.write("a");
    const given = Buffer.from("abc");
    await writer.append(given);
    given.fill(0);
    expect((await all(files.read(await writer.finish()))).toString()).toBe("abc");
  });

  test("a part of another job, file or number, or one that was altered, is damaged; what was removed is gone", async () => {
    const [file, other] = [await write(bytes), await write(Buffer.from("another"))];
    const chunk = async (number: number): Promise<Uint8Array> =>
      (await rows.readChunk({ job: nameOf("a"), file: file.place, number })) ?? new Uint8Array();
    await rows.putChunk({ job: nameOf("a"), file: other.place, number: 0, bytes: await chunk(0) });
    await expect(all(files.read(other))).rejects.toMatchObject({ code: "damaged" });
    await rows.putChunk({ job: nameOf("b"), file: file.place, number: 0, bytes: await chunk(0) });
    await expect(all(filesOf("b").read(file))).rejects.toMatchObject({ code: "damaged" });
    await rows.putChunk({ job: nameOf("a"), file: file.place, number: 1, bytes: await chunk(0) });
    await expect(all(files.read(file, file.parts[1]))).rejects.toMatchObject({ code: "damaged" });
    const altered = Uint8Array.from(await chunk(0));
    altered[100] = (altered[100] ?? 0) ^ 1;
    await rows.putChunk({ job: nameOf("a"), file: file.place, number: 0, bytes: altered });
    await expect(all(files.readPacked(file))).rejects.toMatchObject({ code: "damaged" });
    await files.remove(file);
    await expect(all(files.read(file))).rejects.toMatchObject({ code: "gone" });
  });

  test("what is on the disk tells nothing of what it was", async () => {
    const file = await write(Buffer.from("Peter Patient was here"));
    const kept = Buffer.from((await rows.readChunk({ job: nameOf("a"), file: file.place, number: 0 })) ?? []);
    expect(kept.includes("Patient")).toBe(false);
    expect(kept.length).toBeGreaterThan(0);
  });

  test("whoever writes waits while the store is behind", async () => {
    let letGo: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    const slow = new KeptFiles({
      rows: { ...openRows(rows), putChunk: (chunk) => held.then(() => rows.putChunk(chunk)) },
      ...{ job: nameOf("a"), key: () => Promise.resolve(KEY) },
    });
    const writer = slow.write("x");
    let appended = 0;
    const writing = (async () => {
      for (; appended < 6; appended++) await writer.append(new Uint8Array(1_048_576));
      return writer.finish();
    })();
    await new Promise((resolve) => setImmediate(resolve));
    expect(appended).toBeLessThan(6);
    letGo();
    expect((await writing).length).toBe(6 * 1_048_576);
  });

  test("a store that fails is told to whoever writes", async () => {
    const failing = filesOf("a", () => Promise.reject(new Error("no key")));
    const writer = failing.write("x");
    await writer.append(new Uint8Array(10));
    await expect(writer.finish()).rejects.toThrow("no key");
  });
});

function openRows(rows: JobRows): Pick<JobRows, "readChunk" | "removeChunks"> {
  return { readChunk: (chunk) => rows.readChunk(chunk), removeChunks: (job, file, from) => rows.removeChunks(job, file, from) };
}
