/** What is asked again when an answer is fetched that tells of what is kept beside documents. */
import { expect, test } from "@jest/globals";
import { Readable } from "node:stream";
import type { IncomingMessage } from "node:http";
import { AppError } from "../../../../src/core/errors.ts";
import type { InsideRequests } from "../../../../src/http/jobs/inside-requests.ts";
import { requestWorker } from "../../../../src/http/jobs/request-worker.ts";
import { askAgain, type KeptBeside } from "../../../../src/interactions/fhir/jobs/answered-documents.ts";
import type { AnsweredRequest } from "../../../../src/interactions/fhir/jobs/answered-request.ts";
import type { JobFile, JobFiles } from "../../../../src/jobs/job-files.ts";
import type { Job, RunningJob } from "../../../../src/jobs/job.ts";
import { askedByProgram, type Asked } from "../../../../src/core/asked.ts";

const ASKED: Asked = askedByProgram("test");

/** Files in memory, by their names. */
function memoryFiles(): JobFiles {
  const kept = new Map<string, Uint8Array[]>();
  return {
    write: (name: string) => {
      const pieces: Uint8Array[] = [];
      kept.set(name, pieces);
      return {
        append: (bytes: Uint8Array) => Promise.resolve(void pieces.push(bytes)),
        finish: () => Promise.resolve({ name, length: pieces.reduce((sum, one) => sum + one.length, 0) } as unknown as JobFile),
      };
    },
    async *read(file: JobFile) {
      yield* await Promise.resolve(kept.get((file as unknown as { readonly name: string }).name) ?? []);
    },
  } as unknown as JobFiles;
}

/** What comes of a request that meets a Consent and a Subscription. */
async function answered(method: string, path: string): Promise<{ readonly request: AnsweredRequest; readonly files: JobFiles }> {
  const files = memoryFiles();
  const inside = {
    ask: (_order: unknown, { noted }: { readonly noted: NonNullable<Asked["noted"]> }) => {
      noted.consent({ id: "c", version: 1 }, { keys: [], documents: [] });
      noted.resource("Subscription/s/_history/2");
      return Promise.resolve(Object.assign(Readable.from([Buffer.from("{}")]), { statusCode: 200, headers: {} }) as unknown as IncomingMessage);
    },
  } as unknown as InsideRequests;
  const order = JSON.stringify({ method, path, headers: [], address: "", requestId: "" });
  const running = {
    job: { order } as unknown as Job,
    files,
    signal: new AbortController().signal,
    asked: () => Promise.resolve(ASKED),
  } as unknown as RunningJob;
  return { request: JSON.parse(await requestWorker(inside).run(running)) as AnsweredRequest, files };
}

const reader = { standing: () => Promise.resolve([]) };
/** @param asked again: references that are read */
const keeping = (withheld: string | undefined, asked: string[] = []): KeptBeside =>
  (["Consent", "Subscription"] as const).map((type) => ({
    type,
    versions: (_: Asked, id: string) => {
      asked.push(`${type}/${id}`);
      return `${type}/${id}` === withheld ? Promise.reject(new AppError("not-found", "there is none")) : Promise.resolve([]);
    },
  }));

test.each([
  ["GET", "/fhir/Consent?status=active"],
  ["POST", "/fhir/Consent/_search"],
])("%s %s: what was found is asked about again, and one that may not be read any more withholds all of it", async (method, path) => {
  const { request, files } = await answered(method, path);
  const asked: string[] = [];
  await askAgain(ASKED, request, files, { reader, kept: keeping(undefined, asked) });
  expect(asked).toEqual(["Consent/c", "Subscription/s"]);
  for (const withheld of asked)
    await expect(askAgain(ASKED, request, files, { reader, kept: keeping(withheld) })).rejects.toMatchObject({ code: "forbidden" });
});

test("what a batch entered is told to its sender, who may not read it", async () => {
  const { request, files } = await answered("POST", "/fhir");
  await expect(askAgain(ASKED, request, files, { reader, kept: keeping("Consent/c") })).resolves.toBeUndefined();
});

test("a store that is away withholds nothing: it is asked again later", async () => {
  const { request, files } = await answered("GET", "/fhir/Consent");
  const away: KeptBeside = [{ type: "Consent", versions: () => Promise.reject(new AppError("unavailable", "away")) }];
  await expect(askAgain(ASKED, request, files, { reader, kept: away })).rejects.toMatchObject({ code: "unavailable" });
});
