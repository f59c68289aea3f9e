/** Deposits through the real pipeline, with SQLite and keys in a temporary folder on this machine's disk: how many a second, how long one waits, what each stage costs. */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { askedByProgram } from "../src/core/asked.ts";
import { openKeyFolder } from "../src/adapters/keys/key-folder.ts";
import { watermarkFile } from "../src/adapters/keys/watermark-file.ts";
import { openIndexThread } from "../src/adapters/sqlite/thread/index-thread.ts";
import { openSqliteThread } from "../src/adapters/sqlite/thread/sqlite-thread.ts";
import { openDerived } from "../src/main/derived.ts";
import { describedBy } from "../src/main/index-work.ts";
import { newDocumentKey } from "../src/core/envelope.ts";
import { sealHeader } from "../src/core/signatures/seal.ts";
import { openR4, openR4SearchParameters } from "../src/core/fhir/r4/open-r4.ts";
import { DEFAULT_READ_LIMITS } from "../src/core/fhir/reading/read-limits.ts";
import { deposit, type DepositContext } from "../src/pipeline/deposit.ts";
import { earlierDeposit } from "../src/pipeline/earlier-deposit.ts";
import { depositEntry } from "../src/pipeline/deposit-entry.ts";
import { DepositGate } from "../src/pipeline/gate.ts";
import { receive } from "../src/pipeline/intake/receive.ts";
import { Ledger } from "../src/pipeline/log/ledger.ts";
import type { Submission } from "../src/pipeline/document-forms.ts";
import { answerHere } from "../src/core/signatures/document-signature.ts";
import { createDocumentKeys } from "../src/pipeline/store/document-keys.ts";
import { prepareDocument, recognise, sealDocument } from "../src/pipeline/sign/seal.ts";
import { admit } from "../src/pipeline/validate/admit.ts";
import { DEFAULT_POLICY } from "../src/pipeline/validate/policy.ts";
import { createWorkerWork } from "../src/pipeline/work/worker-work.ts";
import type { Questions } from "../src/pipeline/work/messages.ts";
import type { Work } from "../src/pipeline/work/work.ts";
import type { WorkLimits } from "../src/pipeline/work/limits.ts";
import type { TaskTools } from "../src/pipeline/work/tasks.ts";
import { createValidator } from "../src/pipeline/validate/validate.ts";
import { indexTools, type IndexTools } from "../src/search/index-tools.ts";
import { personIds } from "../src/search/person-ids.ts";
import { documentMaker } from "./documents.ts";
import { measureHandOver } from "./hand-over.ts";
import { measureLoad } from "./load.ts";
import { measure, Stopwatch, type Measured } from "./measure.ts";
import type { Report } from "./report.ts";

/** About what a letter is and what a patient summary of 50 resources is. */
const SIZES = [
  { name: "5 KB", bytes: 5_000 },
  { name: "120 KB", bytes: 120_000 },
];
const WIDTHS = [1, 8];
const DEPOSITS = { count: 1_000, longest: 5_000 };
/** Deposits before any is measured, so that the compiler has seen the code. */
const WARM_UP = 100;
const STAGE_ROUNDS = 200;

export async function run(): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "chartulary-bench-"));
  try {
    const { context, close } = await openContext(folder);
    try {
      return await measureDeposits(context);
    } finally {
      await close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureDeposits(context: DepositContext): Promise<Report> {
  const figures: Record<string, number> = {};
  const throughput: (string | number)[][] = [];
  const stages: (string | number)[][] = [];
  for (const { name, bytes } of SIZES) {
    const make = documentMaker(bytes);
    const size = make().length;
    await measure(() => depositOne(make(), context), { count: WARM_UP, width: 4, longest: 10_000 });
    for (const width of WIDTHS) {
      const documents = Array.from({ length: DEPOSITS.count }, make);
      const found = await measure((number) => depositOne(documents[number] ?? make(), context), { ...DEPOSITS, width });
      throughput.push([name, size, width, found.count, found.perSecond, found.median, found.p99, found.slowest]);
      Object.assign(figures, figuresOf(`${bytes / 1000}k_${width}`, found));
    }
    for (const { step, median, share } of await measureStages(make, context)) {
      stages.push([name, step, median, `${Math.round(share * 100)} %`]);
      figures[`${bytes / 1000}k_${step.replaceAll(" ", "_")}_Ms`] = median;
    }
  }
  const everywhere = workHere({ inlineBytes: 0 }, TOOLS.earlierDeposit);
  const handOver = await measureHandOver({ workers: everywhere, tools: TOOLS }, figures);
  await everywhere.close();
  const load = await measureLoad(figures);
  return {
    tables: [
      {
        title: "Deposits, in one process, to the disk",
        columns: ["document", "bytes", "at a time", "deposits", "per second", "p50 ms", "p99 ms", "slowest ms"],
        rows: throughput,
      },
      { title: "What each stage of one deposit costs, one at a time", columns: ["document", "stage", "p50 ms", "share"], rows: stages },
      handOver,
      load,
    ],
    figures,
  };
}

function figuresOf(prefix: string, { perSecond, median, p99 }: Measured): Record<string, number> {
  return { [`${prefix}_perSecond`]: perSecond, [`${prefix}_p50_Ms`]: median, [`${prefix}_p99_Ms`]: p99 };
}

async function depositOne(bytes: Uint8Array, context: DepositContext): Promise<void> {
  const result = await deposit(submissionOf(bytes), context);
  if (result.kind === "created") return;
  const issues = "issues" in result ? result.issues.map((issue) => `${issue.severity}: ${issue.text}`) : [];
  throw new Error(`the benchmark's document was not created but ${result.kind}\n${issues.join("\n")}`);
}

/**
 * The steps of pipeline/deposit.ts and admission.ts, one by one, all on this thread.
 *
 * @param describe what the index takes from a document when it comes
 */
export async function measureStages(
  make: () => Uint8Array,
  context: DepositContext,
  describe: IndexTools["describe"] = TOOLS.describe,
): Promise<{ readonly step: string; readonly median: number; readonly share: number }[]> {
  const watch = new Stopwatch();
  for (let round = 0; round < STAGE_ROUNDS; round++) {
    const submission = submissionOf(make());
    const intake = await watch.time("read", () => receive(submission, context.limits, TOOLS.validator.definitions));
    if (intake.kind === "unreadable") throw new Error("the benchmark's document is unreadable");
    const { received } = intake;
    const { keys, documentKeys, software } = context;
    await watch.time("look for earlier", () => earlierDeposit({ system: "urn:ietf:rfc:3986", value: submission.asked.requestId }, context));
    const admission = await watch.time("validate", () => admit(received, TOOLS.validator));
    if (admission.kind === "refused") throw new Error("the benchmark's document is refused");
    const { validated } = admission;
    const { receivedAt } = submission;
    const { policy } = TOOLS.validator;
    const checks = await watch.time("check signature", () =>
      TOOLS.answerSignatures({ bundle: validated.resource, bytes: validated.bytes, isXml: false, trust: undefined, receivedAt }),
    );
    const id = context.newId();
    const description = await watch.time("describe", () =>
      describe(validated.document, { id, receivedAt: receivedAt.toISOString(), mediaType: submission.mediaType }),
    );
    const documentKey = newDocumentKey();
    const prepared = await watch.time("canonicalise and encrypt", () => {
      const about = { submission, checks, id, documentKey, sealHeader: sealHeader(keys.seal, receivedAt), description, software, policy };
      return prepareDocument(validated, recognise(validated.resource), about);
    });
    const sealed = await watch.time("seal", () => sealDocument(prepared, documentKey, { keys, documentKeys }));
    const entered = await watch.time("commit", () => context.ledger.append([depositEntry(sealed)]));
    if (entered.kind === "stored") await watch.time("index", () => context.takeIn(entered.entries[0], description));
  }
  const medians = watch.medians();
  const total = medians.reduce((sum, { median }) => sum + median, 0);
  return [...medians, { step: "all", median: total }].map((stage) => ({ ...stage, share: stage.median / total }));
}

export function submissionOf(bytes: Uint8Array): Submission {
  return { bytes, mediaType: "application/fhir+json", receivedAt: new Date(), asked: askedByProgram("bench", randomUUID()) };
}

const none = (): never => {
  throw new Error("the benchmark makes no pages");
};

export const KNOWLEDGE = openR4();

const INDEX_TOOLS = indexTools(KNOWLEDGE, openR4SearchParameters(), { systems: new Set(), hasFullText: true });

const TOOLS: TaskTools & IndexTools = {
  validator: createValidator({ ...KNOWLEDGE, policy: DEFAULT_POLICY }),
  pages: () => Promise.reject(new Error("the benchmark makes no pages")),
  answerSignatures: answerHere(KNOWLEDGE.definitions),
  trust: undefined,
  sealCertificates: () => [],
  earlierDeposit: () => Promise.resolve(undefined),
  ...INDEX_TOOLS,
};

/** Work as the service has it; no page is made here. */
function workHere(limits: Partial<WorkLimits>, earlier: Questions["earlier"]): Work {
  return createWorkerWork({
    tools: { ...TOOLS, earlierDeposit: earlier },
    facts: {
      policy: DEFAULT_POLICY,
      judge: "",
      isOpen: true,
      depositAddress: "",
      systems: new Set(),
      hasFullText: true,
      trust: undefined,
      sheets: [],
    },
    questions: { verdict: none, keepVerdict: none, judge: none, signature: none, plain: none, revocations: none, earlier, seals: () => [] },
    module: new URL("../src/main/task-worker.ts", import.meta.url),
    processors: availableParallelism(),
    limits,
  });
}

export async function openContext(folder: string): Promise<{ readonly context: DepositContext; close(): Promise<void> }> {
  const keys = await openKeyFolder(join(folder, "keys"));
  const { store, wrappedKeys, positions } = await openSqliteThread(join(folder, "chartulary.db"));
  const documentKeys = createDocumentKeys(keys, wrappedKeys);
  const openedIndex = await openIndexThread(join(folder, "index.db"), { tag: "bench" });
  const onFault = (error: unknown): void => {
    throw error;
  };
  const work = workHere({}, (identifier) => earlierDeposit(identifier, { keys, store }));
  const derived = await openDerived({
    ...{
      openedIndex,
      store,
      documentKeys,
      positions,
      describe: INDEX_TOOLS.describe,
      personIdOf: personIds(keys, new Set()),
      definitions: KNOWLEDGE.definitions,
      onFault,
    },
    parameters: openR4SearchParameters(),
    describeFeed: () => Promise.reject(new Error("there are no messages of identity feeds in the benchmark")),
    describeResources: (original) => describedBy(work, original),
  });
  const ledger = await Ledger.open(store, keys.log, { watermark: watermarkFile(join(folder, "keys", "watermark")) });
  return {
    context: {
      limits: DEFAULT_READ_LIMITS,
      work,
      keys,
      documentKeys,
      takeIn: derived.takeIn,
      ledger,
      gate: await DepositGate.open({ ledger, store, keys, maxSkew: 10_000 }),
      store,
      software: "chartulary/bench",
      fhirBase: "http://127.0.0.1:8080/fhir",
      newId: () => randomUUID(),
    },
    close: async () => {
      derived.stopTakingIn();
      await work.close();
      await ledger.close();
      await derived.close();
      await store.close();
    },
  };
}
