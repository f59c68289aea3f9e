import { afterEach, describe, expect, test } from "@jest/globals";
import { randomUUID } from "node:crypto";
import { askedByProgram } from "../../../src/core/asked.ts";
import { AppError } from "../../../src/core/errors.ts";
import { DEFAULT_READ_LIMITS } from "../../../src/core/fhir/reading/read-limits.ts";
import { DEFAULT_POLICY, type Policy } from "../../../src/pipeline/validate/policy.ts";
import { createInlineWork } from "../../../src/pipeline/work/inline-work.ts";
import type { Questions } from "../../../src/pipeline/work/messages.ts";
import { createWorkerWork, type WorkerWorkOptions } from "../../../src/pipeline/work/worker-work.ts";
import type { TaskTools } from "../../../src/pipeline/work/tasks.ts";
import type { Input, Work } from "../../../src/pipeline/work/work.ts";
import { INDEX_TOOLS, answerHere, VALIDATOR } from "../../r4.ts";

const TASKS = new URL("../../../src/main/task-worker.ts", import.meta.url);
/** Of the worker and of the event loop. */
const POLICY: Policy = { ...DEFAULT_POLICY, severities: new Map([["bdl-10", "warning"]]) };
const NO_PAGES: TaskTools = {
  validator: VALIDATOR.under(POLICY),
  pages: () => Promise.reject(new Error("no pages here")),
  answerSignatures: answerHere,
  trust: undefined,
  sealCertificates: () => [],
  earlierDeposit: () => Promise.resolve(undefined),
  ...INDEX_TOOLS,
  describe: () => {
    throw new Error("nothing is described here");
  },
};
const QUESTIONS: Questions = {
  verdict: () => undefined,
  keepVerdict: () => undefined,
  judge: () => Promise.resolve({ kind: "clean" }),
  signature: () => Promise.resolve({ limit: "failed", seconds: 0 }),
  plain: () => undefined,
  revocations: () => Promise.resolve([]),
  earlier: () => Promise.resolve(undefined),
  seals: () => [],
};
const FAILING = new URL("./failing-worker.ts", import.meta.url);

let work: Work | undefined;
afterEach(() => work?.close());

function workers(options: Partial<WorkerWorkOptions> = {}): Work {
  work = createWorkerWork({
    tools: NO_PAGES,
    facts: {
      policy: POLICY,
      judge: "none",
      isOpen: true,
      depositAddress: "",
      systems: new Set<string>(),
      hasFullText: true,
      trust: undefined,
      sheets: [],
    },
    module: TASKS,
    questions: QUESTIONS,
    processors: 2,
    ...options,
    limits: { inlineBytes: -1, ...options.limits },
  });
  return work;
}

/** Work of the failing worker: the id of what is to be opened says what goes wrong. */
const opening = (id: string): Input<"open"> => ({ id, encryptedContent: new Uint8Array(), documentKey: new Uint8Array(), digest: "" });
const textOf = async (answer: Promise<{ readonly bytes: Uint8Array }>): Promise<string> => Buffer.from((await answer).bytes).toString("utf8");

const examination = (text: string): Input<"examine"> => ({
  bytes: new TextEncoder().encode(text),
  mediaType: "application/fhir+json",
  limits: DEFAULT_READ_LIMITS,
});
const FAULTY = '{\n"resourceType": "Bundle", "type": "document",\n"identifier": {"system": "urn:a", "value": "b"}, "total": "x" }';

test("a worker says what the event loop says, places and identity included", async () => {
  const inline = await createInlineWork(NO_PAGES).do("examine", examination(FAULTY), { bytes: 1 });
  const elsewhere = await workers().do("examine", examination(FAULTY), { bytes: 1 });
  expect(elsewhere).toEqual(inline);
  expect(inline.kind).toBe("refused");
  expect(inline.issues.length).toBeGreaterThan(2);
  expect(inline).toHaveProperty("identity.identifier", { system: "urn:a", value: "b" });
});

test("AppErrors come back with their code and message", async () => {
  const nothing = {
    sent: undefined,
    stored: undefined,
    type: undefined,
    query: new Map<string, string>(),
    limits: DEFAULT_READ_LIMITS,
  };
  await expect(workers().do("validate", nothing, { bytes: 1 })).rejects.toMatchObject({ name: "AppError", code: "malformed" });
});

test("what is handed over is moved, everything else stays as it was", async () => {
  const text = `{"resourceType":"Basic","language":"${"x".repeat(70_000)}"}`;
  const kept = examination(text);
  await workers().do("examine", kept, { bytes: 1 });
  expect(kept.bytes.length).toBe(text.length);
  await work?.do("examine", kept, { bytes: 1, handOver: [kept.bytes] });
  expect(kept.bytes.length).toBe(0);
});

test("small work stays where it is asked for", async () => {
  const here = workers({ module: FAILING, limits: { inlineBytes: 10 } });
  expect((await here.do("examine", examination(FAULTY), { bytes: 10 })).kind).toBe("refused");
  expect(await textOf(here.do("open", opening("hello"), { bytes: 11 }))).toBe("hello");
});

test("what is not quite small is done by a thread that has started, while the event loop is busy", async () => {
  let isBusy = true;
  const here = workers({ module: FAILING, limits: { inlineBytes: 1_000, sharedBytes: 10 }, isBusy: () => isBusy });
  // Here it is opened, and is nothing that can be; the thread gives its id.
  const isDoneHere = (bytes: number): Promise<boolean> =>
    textOf(here.do("open", opening("there"), { bytes })).then(
      () => false,
      () => true,
    );
  expect(await isDoneHere(10)).toBe(true);
  expect(await isDoneHere(1_001)).toBe(false);
  expect(await isDoneHere(10)).toBe(false);
  expect(await isDoneHere(9)).toBe(true);
  isBusy = false;
  expect(await isDoneHere(10)).toBe(true);
});

describe("what goes wrong costs the work at hand an error, and nothing else", () => {
  test.each([
    ["exit", { code: "unavailable", message: expect.stringContaining("stopped") }],
    ["throw", { code: "unavailable", message: expect.not.stringContaining("secret") }],
    ["fill", { code: "unavailable", message: expect.stringMatching(/MB of memory/) }],
    ["stuck", { code: "unavailable", message: expect.stringMatching(/more than the 2 s/) }],
    ["spin", { code: "unavailable", message: expect.stringMatching(/more than the 2 s/) }],
  ])("%s", async (what, error) => {
    // A cold thread takes its time on a busy machine.
    const limits = { time: 2_000, timePerByte: 0, memory: 40_000_000, memoryPerByte: 0 };
    const here = workers({ module: FAILING, processors: 1, limits: what === "spin" || what === "stuck" ? limits : { ...limits, time: 100_000 } });
    const failing = here.do("open", opening(what), { bytes: 1 });
    const others = [1, 2, 3].map((number) => textOf(here.do("open", opening(`a${number}`), { bytes: 1 })));
    await expect(failing).rejects.toMatchObject(error);
    expect(await Promise.all(others)).toEqual(["a1", "a2", "a3"]);
    expect(await textOf(here.do("open", opening("after"), { bytes: 1 }))).toBe("after");
  });

  test("a sender is told that the content costs too much, and the limit", async () => {
    const here = workers({ module: FAILING, limits: { time: 200, timePerByte: 0 } });
    const spinning = { ...examination(FAULTY), id: "spin" };
    await expect(here.do("examine", spinning, { bytes: 1 })).rejects.toMatchObject({ code: "too-costly", message: expect.stringMatching(/1 s/) });
  });
});

test("time in which the event loop is asked for something does not count", async () => {
  const slow = async (): Promise<string> => {
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    return "answered";
  };
  const here = workers({ module: FAILING, questions: { ...QUESTIONS, verdict: slow }, limits: { time: 1_200, timePerByte: 0 } });
  // Its thread is warm, so that no start counts either.
  await here.do("open", opening("warm"), { bytes: 1 });
  expect(await textOf(here.do("open", opening("ask"), { bytes: 1 }))).toBe("answered");
});

test("a question that cannot be answered costs the work its own error, and not the process its life", async () => {
  const away = (): Promise<never> => Promise.reject(new AppError("unavailable", "the database is away"));
  const here = workers({ questions: { ...QUESTIONS, earlier: away } });
  const request: Input<"admit"> = {
    submission: { ...examination(FAULTY), receivedAt: new Date(), asked: askedByProgram("test") },
    ...{ limits: DEFAULT_READ_LIMITS, id: randomUUID(), documentKey: new Uint8Array(32), sealHeader: "", software: "" },
  };
  await expect(here.do("admit", request, { bytes: 1 })).rejects.toMatchObject({ code: "unavailable", message: "the database is away" });
  expect((await here.do("examine", examination(FAULTY), { bytes: 1 })).kind).toBe("refused");
});

test("more than may wait is refused at once", async () => {
  const here = workers({ module: FAILING, processors: 1, limits: { waitingJobs: 3 } });
  const asked = Array.from({ length: 8 }, (_, number) =>
    textOf(here.do("open", opening(`n${number}`), { bytes: 1 })).catch((error: unknown) => error),
  );
  const answers = await Promise.all(asked);
  expect(answers.slice(0, 5)).toEqual(["n0", "n1", "n2", "n3", "n4"]);
  for (const refused of answers.slice(5)) expect(refused).toMatchObject({ code: "unavailable", message: expect.stringContaining("waiting") });
});

test("large work leaves a worker to small work", async () => {
  const here = workers({ module: FAILING, processors: 2, limits: { bigBytes: 100, time: 100_000 } });
  const large = [1, 2, 3].map(() => here.do("open", opening("spin"), { bytes: 200 }).catch((error: unknown) => error));
  expect(await textOf(here.do("open", opening("small"), { bytes: 50 }))).toBe("small");
  await here.close();
  for (const one of await Promise.all(large)) expect(one).toMatchObject({ code: "unavailable", message: expect.stringContaining("stopping") });
});

test("after the end nothing is begun", async () => {
  const here = workers({ module: FAILING });
  await here.close();
  await expect(here.do("open", opening("late"), { bytes: 1 })).rejects.toMatchObject({ code: "unavailable" });
});
