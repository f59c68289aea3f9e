/** What it costs to have the heavy part of a deposit done in a worker: from which size on it pays. */
import { randomUUID } from "node:crypto";
import { askedByProgram } from "../src/core/asked.ts";
import { newDocumentKey } from "../src/core/envelope.ts";
import { DEFAULT_READ_LIMITS } from "../src/core/fhir/reading/read-limits.ts";
import type { AdmissionRequest } from "../src/pipeline/admission.ts";
import { createInlineWork } from "../src/pipeline/work/inline-work.ts";
import { WORK_LIMITS } from "../src/pipeline/work/limits.ts";
import type { TaskTools } from "../src/pipeline/work/tasks.ts";
import type { Work } from "../src/pipeline/work/work.ts";
import { documentMaker } from "./documents.ts";
import { spread } from "./measure.ts";
import type { Table } from "./report.ts";

const SIZES = [5_000, 32_000, 64_000, 120_000, 250_000, 500_000];
const ROUNDS = 60;
const WARM_UP = 20;

/** @param workers has everything done in a worker. Processor time of the event loop's thread counts, which is the same on a busy machine. */
export async function measureHandOver(
  { workers, tools }: { readonly workers: Work; readonly tools: TaskTools },
  figures: Record<string, number>,
): Promise<Table> {
  const inline = createInlineWork(tools);
  const rows: number[][] = [];
  for (const size of SIZES) {
    const make = documentMaker(size);
    const here = await timesOf(inline, make);
    const there = await timesOf(workers, make);
    rows.push([make().length, here.loop, there.loop, here.answer, there.answer]);
    figures[`inline_${size / 1000}k_loop_Ms`] = here.loop;
    figures[`worker_${size / 1000}k_loop_Ms`] = there.loop;
  }
  figures["inlineThreshold_Bytes"] = WORK_LIMITS.inlineBytes;
  return {
    title: `The heavy part of a deposit: at once, or in a worker (above ${WORK_LIMITS.inlineBytes} bytes)`,
    columns: ["bytes", "loop ms, at once", "loop ms, worker", "answer p50 ms, at once", "answer p50 ms, worker"],
    rows,
  };
}

async function timesOf(work: Work, make: () => Uint8Array): Promise<{ readonly loop: number; readonly answer: number }> {
  const requests = Array.from({ length: WARM_UP + ROUNDS }, () => requestFor(make()));
  const answers: number[] = [];
  let used = process.threadCpuUsage();
  for (const [round, request] of requests.entries()) {
    if (round === WARM_UP) used = process.threadCpuUsage();
    const begun = performance.now();
    const { bytes } = request.submission;
    const { kind } = await work.do("admit", request, { bytes: bytes.length, handOver: [bytes] });
    if (kind !== "admitted") throw new Error(`the benchmark's document is ${kind}`);
    if (round >= WARM_UP) answers.push(performance.now() - begun);
  }
  const { user, system } = process.threadCpuUsage(used);
  return { loop: (user + system) / 1000 / ROUNDS, answer: spread(answers).median };
}

function requestFor(bytes: Uint8Array): AdmissionRequest {
  const submission = { bytes, mediaType: "application/fhir+json", receivedAt: new Date(), asked: askedByProgram("bench") } as const;
  const ours = {
    id: randomUUID(),
    documentKey: newDocumentKey(),
    sealHeader: "x".repeat(1_000),
    software: "bench",
  };
  return { submission, limits: DEFAULT_READ_LIMITS, ...ours };
}
