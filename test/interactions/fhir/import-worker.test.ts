/** Imports, held by a job of the test's own: what is deposited, told, saved, and gone on with. */
import { expect, test } from "@jest/globals";
import { gzipSync } from "node:zlib";
import { AppError } from "../../../src/core/errors.ts";
import { askedByProgram } from "../../../src/core/asked.ts";
import type { CreateOutcome, Sent } from "../../../src/interactions/interaction.ts";
import { Turns } from "../../../src/interactions/turns.ts";
import { IMPORT_LIMITS } from "../../../src/interactions/fhir/bulk/import-lines.ts";
import { type ImportOrder, type ImportState, type LineCounts, type OutcomeFile } from "../../../src/interactions/fhir/bulk/import-state.ts";
import { importWorker, type ImportNeeds } from "../../../src/interactions/fhir/bulk/import-worker.ts";
import type { FetchedFile, FileFetcher, FileToFetch } from "../../../src/jobs/fetched-files.ts";
import type { JobFile, JobFiles } from "../../../src/jobs/job-files.ts";
import type { RunningJob } from "../../../src/jobs/job.ts";

/** Files in memory. */
class Files {
  readonly contents = new Map<string, Buffer>();

  put(name: string, content: string | Buffer): JobFile {
    this.contents.set(name, Buffer.from(content));
    return { name, length: Buffer.byteLength(content) } as JobFile;
  }

  linesOf({ name }: JobFile): { id: string; issue: { details: { text: string } }[] }[] {
    const text = this.contents.get(name)?.toString("utf8") ?? "";
    return text.split("\n").filter(Boolean).map((line) => JSON.parse(line) as ReturnType<Files["linesOf"]>[number]); // prettier-ignore
  }

  write(name: string): ReturnType<JobFiles["write"]> {
    let content = Buffer.alloc(0);
    return {
      append: (bytes) => Promise.resolve(void (content = Buffer.concat([content, bytes]))),
      finish: () => Promise.resolve(this.put(name, content.toString("utf8"))),
    };
  }

  async *read({ name }: JobFile, from = 0): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve((this.contents.get(name) ?? Buffer.alloc(0)).subarray(from));
  }
}

interface ImportResult {
  readonly inputs: readonly (LineCounts & { readonly url?: string })[];
  readonly files: readonly OutcomeFile[];
}

interface House {
  readonly files: Files;
  readonly kept: Set<string>;
  /** Lines as they were sent. */
  readonly sent: string[];
  readonly stop: AbortController;
  saved: string | undefined;
  isOut?: boolean;
  upload?: JobFile;
}

const house = (): House => ({ files: new Files(), kept: new Set(), sent: [], stop: new AbortController(), saved: undefined });

/** What a repository does with a line. */
function handle({ kept, sent }: House, { bytes }: Sent): Promise<CreateOutcome> {
  const text = Buffer.from(bytes).toString("utf8");
  sent.push(text);
  const issue = (rule: string) => ({ severity: "error", code: "invalid", rule, text: rule }) as const;
  if (text.includes("gone")) return Promise.reject(new AppError("gone", "It was erased."));
  if (text.includes("boom")) return Promise.reject(new TypeError("a secret of ours"));
  if (!text.startsWith("{")) return Promise.resolve({ kind: "unreadable", issues: [issue("json")] });
  if (text.includes("bad")) return Promise.resolve({ kind: "invalid", issues: [issue("bad")] });
  const kind = kept.has(text) ? "repeated" : "created";
  kept.add(text);
  return Promise.resolve({ kind, id: text, issues: [{ ...issue(kind), severity: "information" }] });
}

async function doImport(
  at: House,
  order: Partial<ImportOrder>,
  using: Partial<ImportNeeds> = {},
  saves: (state: ImportState) => void = () => undefined,
): Promise<ImportResult> {
  const worker = importWorker({
    deposit: { handle: (_asked, sent) => handle(at, sent) },
    ...{
      turns: new Turns(),
      fetcher: NOTHING,
      maxDocumentBytes: 40,
      maxImportBytes: 10_000,
      isOpen: true,
      jobAddress: (id) => `https://here/${id}`,
      onFault: () => undefined,
    },
    ...using,
  });
  const running = {
    job: {
      id: "job",
      order: JSON.stringify({ inputs: [], ...(at.upload && { upload: at.upload }), ...order }),
      ...(at.saved !== undefined && { saved: at.saved }),
    },
    signal: at.stop.signal,
    files: at.files as unknown as JobFiles,
    asked: () => (at.isOut === true ? Promise.reject(new AppError("forbidden", "out")) : Promise.resolve(askedByProgram("import"))),
    save: (saved: string) => {
      at.stop.signal.throwIfAborted();
      at.saved = saved;
      saves(JSON.parse(saved) as ImportState);
      return Promise.resolve();
    },
  } as unknown as RunningJob;
  const { extension, output, error } = JSON.parse(await worker.run(running)) as Manifest;
  const { files } = JSON.parse(at.saved ?? "") as ImportState;
  const shown = (isError: boolean): string[] => files.filter((one) => one.isError === isError).map(({ file }) => `https://here/job/${file.name}`);
  expect([output, error].map((all) => all.map(({ url }) => url))).toEqual([shown(false), shown(true)]);
  return { files, inputs: extension.inputs.map(({ inputUrl: url, ...counts }) => ({ ...(url !== undefined && { url }), ...counts })) };
}

interface Manifest {
  readonly output: readonly { readonly url: string }[];
  readonly error: readonly { readonly url: string }[];
  readonly extension: { readonly inputs: readonly (LineCounts & { readonly inputUrl?: string })[] };
}

const NOTHING: FileFetcher = { fault: () => "no", fetch: () => Promise.reject(new AppError("not-found", "it is nowhere")) };

/** A server whose files are these, and which breaks off behind so many bytes. */
function server(
  contents: Readonly<Record<string, string | Buffer>>,
  { breaksOff = Infinity, etag = "one" } = {},
): FileFetcher & { asked: FileToFetch[] } {
  const asked: FileToFetch[] = [];
  async function* bytesOf(all: Buffer): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(all.subarray(0, breaksOff));
    if (all.length > breaksOff) throw new AppError("unavailable", "it broke off");
  }
  return {
    asked,
    fault: () => undefined,
    fetch: (file) => {
      asked.push(file);
      const content = contents[file.url];
      if (content === undefined) return Promise.reject(new AppError("not-found", "it answered 404"));
      const from = file.etag === undefined || file.etag === etag ? file.from : 0;
      return Promise.resolve<FetchedFile>({ from, etag, bytes: bytesOf(Buffer.from(content).subarray(from)) });
    },
  };
}

const uploaded = (at: House, text: string | Buffer): void => {
  at.saved = undefined;
  at.upload = at.files.put("upload", text);
};

test("each line has an outcome of its own, in the order of the lines, by its number", async () => {
  const at = house();
  uploaded(at, `{"n":1}\n\nnot json\n{"n":1}\n{"bad":5}\n{"long":"${"x".repeat(40)}"}\n{"gone":7}\n{"boom":8}\n{"n":9}`);
  const faults: unknown[] = [];
  const { inputs, files } = await doImport(at, {}, { onFault: (error) => faults.push(error) });
  expect(inputs).toEqual([{ deposited: 2, repeated: 1, refused: 5 }]);
  const [taken, refused] = [false, true].map((isError) =>
    files.filter((one) => one.isError === isError).flatMap(({ file }) => at.files.linesOf(file)),
  );
  expect(taken?.map(({ id }) => id)).toEqual(["line-1", "line-4", "line-9"]);
  expect(refused?.map(({ id, issue }) => [id, issue.map(({ details }) => details.text).join(" ")])).toEqual([
    ["line-3", expect.stringContaining("answered 400")],
    ["line-5", expect.stringMatching(/^Line 5 was not taken.*answered 422.* bad$/)],
    ["line-6", expect.stringMatching(/answered 413.*more than 40 bytes/)],
    ["line-7", expect.stringMatching(/answered 410.*It was erased\./)],
    ["line-8", expect.stringMatching(/answered 500.*not the document's fault/)],
  ]);
  expect(JSON.stringify(refused)).not.toContain("secret");
  expect(faults).toEqual([new TypeError("a secret of ours")]);
});

test("whoever goes on after an end in the middle begins where it was saved, and sends no more than that again", async () => {
  const at = house();
  const lines = Array.from({ length: 100 }, (_, n) => `{"n":${n}}\n`).join("");
  uploaded(at, lines);
  const limits = { ...IMPORT_LIMITS, lines: 10 };
  let saves = 0;
  const dies = (): void => {
    if (++saves === 3) at.stop.abort(new Error("killed"));
  };
  await expect(doImport(at, {}, { limits }, dies)).rejects.toThrow("killed");
  const before = at.sent.length;
  const again: House = { ...at, stop: new AbortController() };
  const { inputs, files } = await doImport(again, {}, { limits });
  const { deposited = 0, repeated = 0, refused } = inputs[0] ?? {};
  expect([deposited + repeated, refused, at.kept.size]).toEqual([100, 0, 100]);
  expect(again.sent.length).toBe(before + 70);
  const told = files.flatMap(({ file }) => at.files.linesOf(file));
  expect(told.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, n) => `line-${n + 1}`));
});

test("several lines are under way at once, and no more than may", async () => {
  const at = house();
  uploaded(at, Array.from({ length: 60 }, (_, n) => `{"n":${n}}\n`).join(""));
  let [underWay, most] = [0, 0];
  const deposit: ImportNeeds["deposit"] = {
    handle: async (_asked, sent) => {
      most = Math.max(most, ++underWay);
      for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      underWay--;
      return handle(at, sent);
    },
  };
  await doImport(at, {}, { deposit });
  expect(most).toBe(IMPORT_LIMITS.atOnce);
  most = 0;
  uploaded(at, Array.from({ length: 20 }, (_, n) => `{"m":${n}}\n`).join(""));
  await doImport(at, {}, { deposit, limits: { ...IMPORT_LIMITS, bytesAtOnce: 20 } });
  expect(most).toBe(2);
});

test("while the repository has no room the same line is tried again; for longer, all of it by and by", async () => {
  const at = house();
  uploaded(at, '{"n":1}\n{"n":2}\n');
  let refusals = 3;
  const deposit: ImportNeeds["deposit"] = {
    handle: (_asked, sent) => (refusals-- > 0 ? Promise.reject(new AppError("unavailable", "Full.")) : handle(at, sent)),
  };
  const limits = { ...IMPORT_LIMITS, pause: 1 };
  expect((await doImport(at, {}, { deposit, limits })).inputs).toEqual([{ deposited: 2, repeated: 0, refused: 0 }]);
  refusals = 1_000;
  uploaded(at, '{"n":1}\n');
  await expect(doImport(at, {}, { deposit, limits })).rejects.toMatchObject({ code: "unavailable" });
});

test("files are fetched one after the other; one that will not be had is told, and the next is read", async () => {
  const at = house();
  const inputs = [{ url: "a" }, { url: "nowhere" }, { url: "cut" }, { url: "b", etag: '"other"' }, { url: "a", etag: "one" }];
  const fetcher = server({ a: '{"n":1}\n', b: '{"n":2}\n', cut: gzipSync('{"n":3}\n'.repeat(900)).subarray(0, 30) });
  const result = await doImport(at, { inputs, authorization: "Basic x" }, { fetcher });
  expect(result.inputs.map(({ url, deposited, repeated }) => [url, deposited + repeated])).toEqual([["a", 1], ["nowhere", 0], ["cut", 0], ["b", 0], ["a", 1]]); // prettier-ignore
  expect(result.files.filter(({ isError }) => isError).map(({ input, file }) => [input, at.files.linesOf(file)[0]?.issue[0]?.details.text])).toEqual([
    [1, expect.stringContaining("nowhere was read no further: it answered 404")],
    [2, expect.stringContaining("it is no whole gzip file")],
    [3, expect.stringContaining("it is another file by now")],
  ]);
  expect(new Set(fetcher.asked.map(({ authorization }) => authorization))).toEqual(new Set(["Basic x"]));
});

test.each([
  ["plain", (text: string) => Buffer.from(text)],
  ["packed", (text: string) => gzipSync(text, { level: 0 })],
])("a %s file that breaks off is asked for again from where its lines were taken, until nothing comes of it any more", async (_form, pack) => {
  const at = house();
  const text = Array.from({ length: 40 }, (_, n) => `{"n":${n}}\n`).join("");
  const run = (fetcher: FileFetcher): Promise<ImportResult> => doImport(at, { inputs: [{ url: "a" }] }, { fetcher });
  await expect(run(server({ a: pack(text) }, { breaksOff: 101 }))).rejects.toMatchObject({ code: "unavailable" });
  const { place, counts } = JSON.parse(at.saved ?? "") as ImportState;
  expect(place.start).toBe(text.split("\n").slice(0, place.number - 1).join("\n").length + 1); // prettier-ignore
  expect([counts[0]?.deposited, place.number > 5]).toEqual([place.number - 1, true]);
  expect((await run(server({ a: pack(text) }))).inputs).toEqual([{ url: "a", deposited: 40, repeated: 0, refused: 0 }]);
  expect(at.sent).toHaveLength(40);
  // One that never gives a line is given up.
  at.saved = undefined;
  for (let time = 1; time < 8; time++) await expect(run(server({ a: pack(text) }, { breaksOff: 3 }))).rejects.toMatchObject({ code: "unavailable" });
  const { files } = await run(server({ a: pack(text) }, { breaksOff: 3 }));
  expect(files.flatMap(({ file }) => at.files.linesOf(file))[0]?.issue[0]?.details.text).toContain("it broke off");
});

test("an upload may be packed, and is gone on with all the same; one that never came whole is told", async () => {
  const at = house();
  uploaded(at, gzipSync(Array.from({ length: 30 }, (_, n) => `{"n":${n}}\n`).join("")));
  const limits = { ...IMPORT_LIMITS, lines: 10 };
  const dies = (): void => at.stop.abort(new Error("killed"));
  await expect(doImport(at, {}, { limits }, dies)).rejects.toThrow("killed");
  expect((await doImport({ ...at, stop: new AbortController() }, {}, { limits })).inputs).toEqual([{ deposited: 30, repeated: 0, refused: 0 }]);
  expect(at.sent).toHaveLength(30);
  const never = importWorker({} as never).run({ job: { order: "" } } as unknown as RunningJob);
  await expect(never).rejects.toMatchObject({ code: "gone", message: expect.stringContaining("not sent to its end") as unknown });
});

test("another file than was begun with is read from its beginning", async () => {
  const at = house();
  const run = (fetcher: FileFetcher): Promise<ImportResult> => doImport(at, { inputs: [{ url: "a" }] }, { fetcher });
  await expect(run(server({ a: '{"n":1}\n{"n":2}\n{"n":3}\n' }, { breaksOff: 17 }))).rejects.toMatchObject({ code: "unavailable" });
  const { files } = await run(server({ a: '{"n":0}\n{"n":1}\n' }, { etag: "two" }));
  expect(new Set(files.map(({ file }) => file.name)).size).toBe(files.length);
  expect([...at.kept].sort()).toEqual(['{"n":0}', '{"n":1}', '{"n":2}']);
});

test("that its owner is not let in any more ends it, and is told of no line", async () => {
  const at = { ...house(), isOut: true };
  await expect(doImport({ ...at, upload: at.files.put("up", '{"n":1}\n') }, {})).rejects.toMatchObject({ code: "forbidden" });
  expect([at.sent, at.saved]).toEqual([[], undefined]);
});

test("a small file that unpacks to any number of bytes is read no further than may be", async () => {
  const at = house();
  const fetcher = server({ bomb: gzipSync(Buffer.alloc(50_000_000, "x")), lines: gzipSync('{"n":1}\n'.repeat(500_000)) });
  const { files, inputs } = await doImport(at, { inputs: [{ url: "bomb" }, { url: "lines" }] }, { fetcher });
  expect(inputs[0]).toMatchObject({ deposited: 0 });
  expect(at.sent.length).toBeLessThan(1_300);
  const told = files.filter(({ isError }) => isError).flatMap(({ file }) => at.files.linesOf(file));
  expect(told.map(({ id, issue }) => [id, issue[0]?.details.text])).toEqual([
    ["file", expect.stringContaining("more than 10000 bytes")],
    ["file", expect.stringContaining("more than 10000 bytes")],
  ]);
});
