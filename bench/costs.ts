/**
 * What a deposit, a page and a search cost, by stage: the table of docs/costs.md. Medians of one at a time, so that a change of one stage shows; how many a second the service takes is the
 * benchmark `deposit`'s to say.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { STORED_READ_LIMITS } from "../src/core/fhir/reading/read-limits.ts";
import { deposit, type DepositContext } from "../src/pipeline/deposit.ts";
import { fetchOriginal } from "../src/pipeline/fetch.ts";
import { readKept } from "../src/pipeline/opening.ts";
import { present } from "../src/pipeline/present.ts";
import { createPages } from "../src/pipeline/render/pages/pages.ts";
import type { RecordStore } from "../src/pipeline/store/record-store.ts";
import { KNOWLEDGE, measureStages, openContext, submissionOf } from "./deposit.ts";
import { documentMaker } from "./documents.ts";
import { get, post, startService } from "./load.ts";
import { spread, Stopwatch } from "./measure.ts";
import type { Report } from "./report.ts";

/** A letter, and a patient summary of some hundred resources. */
const SIZES = [
  { name: "5 KB", bytes: 5_000 },
  { name: "120 KB", bytes: 120_000 },
] as const;
const ROUNDS = 200;
const PDF_ROUNDS = 10;
const WARM_UP = 50;
const DOCUMENTS = 200;

type Cells = Map<string, Map<string, number>>;

export async function run(): Promise<Report> {
  const cells: Cells = new Map();
  for (const { name, bytes } of SIZES) {
    await inFolder(async (folder) => {
      const { context, close } = await openContext(folder);
      try {
        const make = documentMaker(bytes);
        for (const { step, median } of await measureStages(make, context)) put(cells, `deposit: ${step}`, name, median);
        await measurePage(context, make, (step, median) => put(cells, `page: ${step}`, name, median));
      } finally {
        await close();
      }
    });
    await inFolder((folder) => measureAnswers(folder, documentMaker(bytes), (step, median) => put(cells, `over HTTP: ${step}`, name, median)));
  }
  const figures: Record<string, number> = {};
  for (const [stage, bySize] of cells) for (const [size, median] of bySize) figures[`${stage}_${size}_Ms`.replaceAll(/[ :,]+/g, "_")] = median;
  const rows = [...cells].map(([stage, bySize]) => [stage, ...SIZES.map(({ name }) => bySize.get(name) ?? "")]);
  return { tables: [{ title: "Milliseconds (median), one at a time", columns: ["stage", ...SIZES.map(({ name }) => name)], rows }], figures };
}

type Told = (step: string, median: number) => void;

/** The way out on this thread: what is kept is opened, read, presented and written as a page. */
async function measurePage(context: DepositContext, make: () => Uint8Array, told: Told): Promise<void> {
  const { keys, documentKeys } = context;
  // All of the record's port is there: the deposit's context names the part that it needs.
  const store = context.store as RecordStore;
  const created = await deposit(submissionOf(make()), context);
  if (created.kind !== "created") throw new Error(`the benchmark's document is ${created.kind}`);
  const pages = createPages({
    definitions: KNOWLEDGE.definitions,
    isOpen: true,
    depositAddress: "",
    now: () => new Date(),
    onPlain: () => undefined,
    // As of a page that was made before: its narratives were judged then.
    judge: { rules: "bench", judge: () => Promise.resolve({ kind: "clean" }), close: () => Promise.resolve() },
    verdicts: { get: () => "clean", put: () => undefined },
  });
  const watch = new Stopwatch();
  for (let round = 0; round < ROUNDS; round++) {
    const original = await watch.time("open", () => fetchOriginal(created.entry.id, { store, documentKeys }));
    const resource = await watch.time("read", () => readKept(original, STORED_READ_LIMITS, KNOWLEDGE.definitions));
    const known = { relations: [], isComplete: true };
    const presented = await watch.time("present, seal checked", () => present({ ...original, resource }, { known, keys, baseUrl: "" }));
    await watch.time("write", () => pages.document(presented, { locale: "en", medium: "screen" }));
  }
  for (const { step, median } of watch.medians()) told(step, median);
}

/** Whole answers of a service of its own that holds some documents. */
async function measureAnswers(folder: string, make: () => Uint8Array, told: Told): Promise<void> {
  const { port, stop } = await startService(folder);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    for (let number = 0; number < DOCUMENTS; number++) await post(port, agent, make());
    const list = (await get(port, agent, "/")).toString("utf8");
    const id = /\/documents\/([0-9a-f-]{36})/.exec(list)?.[1];
    if (id === undefined) throw new Error("the start page names no document");
    const answers: readonly (readonly [string, string, number])[] = [
      ["health", "/healthz", ROUNDS],
      ["document as JSON", `/fhir/Bundle/${id}?_format=json`, ROUNDS],
      ["document as XML", `/fhir/Bundle/${id}?_format=xml`, ROUNDS],
      ["submitted bytes", `/fhir/Binary/${id}`, ROUNDS],
      ["receipt", `/documents/${id}/receipt`, ROUNDS],
      ["page", `/documents/${id}`, ROUNDS],
      ["PDF", `/documents/${id}.pdf`, PDF_ROUNDS],
      ["PDF, kept", `/documents/${id}.pdf`, ROUNDS],
      ["list of 25", "/", ROUNDS],
      ["search by name", "/?q=brandt", ROUNDS],
    ];
    for (const [step, path, rounds] of answers) {
      // Of a language of its own each is made anew.
      const language = (round: number): string => (step === "PDF" ? `en-r${round}` : "en");
      for (let round = 0; round < Math.min(WARM_UP, rounds / 2); round++) await get(port, agent, path, language(rounds + round));
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const begun = performance.now();
        await get(port, agent, path, language(round));
        times.push(performance.now() - begun);
      }
      told(step, spread(times).median);
    }
  } finally {
    agent.destroy();
    await stop();
  }
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "chartulary-costs-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function put(cells: Cells, stage: string, size: string, median: number): void {
  const bySize = cells.get(stage) ?? new Map<string, number>();
  cells.set(stage, bySize.set(size, median));
}
