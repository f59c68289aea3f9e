/**
 * `npm run fuzz [-- --inputs N --seed S --seconds T --workers W --max-bytes B --cases FOLDER --only INDEX]`: mutated inputs through reader, rules, gate and writers. Whatever is not a
 * described refusal or a verdict is a fault: an exception, more than two seconds of the processor for one input, a heap that grows, a promise that does not hold (fuzz/oracle.ts). Prints a table, what was
 * found and one line of JSON; faults are saved in `.cache/fuzz`, and the exit code is 1. `--only` judges one input of a run again.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatTable, rounded } from "../bench/report.ts";
import { readCorpus, type CorpusOptions } from "./corpus.ts";
import { FAMILIES, InputMaker } from "./input.ts";
import { oracle } from "./oracle.ts";
import { minimise } from "./minimise.ts";
import { runPool, type RunOptions, type RunResult } from "./pool.ts";
import { inputsOf } from "./tally.ts";
import { faultOf, type FoundFault } from "./try-input.ts";

const PROJECT = join(import.meta.dirname, "..");
const FAULTS = join(PROJECT, ".cache/fuzz");
const HEAP_GROWTH_ALLOWED = 16 * 1024 * 1024;
/** Of faults that look alike, one is as good as many. */
const SAVED_OF_EACH = 2;

const { values } = parseArgs({
  options: {
    inputs: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(Date.now() % 2 ** 31) },
    seconds: { type: "string", default: "900" },
    workers: { type: "string", default: String(availableParallelism()) },
    "max-bytes": { type: "string", default: "8000" },
    cases: { type: "string", default: join(PROJECT, "../shared/cases") },
    only: { type: "string" },
  },
});

const options: RunOptions = {
  seed: whole("seed"),
  inputs: whole("inputs"),
  seconds: whole("seconds"),
  workers: Math.max(1, whole("workers")),
  corpus: { cases: values.cases, maxBytes: whole("max-bytes") },
};

if (values.only === undefined) await runAll();
else runOne(whole("only"));

function whole(name: "seed" | "inputs" | "seconds" | "workers" | "max-bytes" | "only"): number {
  const text = values[name] ?? "";
  if (!/^\d{1,12}$/.test(text)) {
    process.stderr.write(`--${name} takes a whole number, not '${text}'.\n`);
    process.exit(2);
  }
  return Number(text);
}

async function runAll(): Promise<void> {
  const started = performance.now();
  const result = await runPool(options);
  const seconds = (performance.now() - started) / 1000;
  report(result, seconds);
  const growsTooMuch = result.heapGrowthBytes > HEAP_GROWTH_ALLOWED;
  if (result.faults.length > 0 || growsTooMuch) process.exitCode = 1;
}

function report({ tally, faults, heapGrowthBytes }: RunResult, seconds: number): void {
  const rows = FAMILIES.map((family) => {
    const { verdicts, faults: found, milliseconds, slowest } = tally[family];
    const inputs = inputsOf(tally[family]);
    return [family, inputs, verdicts.unreadable, verdicts.refused, verdicts.valid, found, inputs === 0 ? 0 : milliseconds / inputs, slowest] as const;
  });
  const columns = ["mutation", "inputs", "unreadable", "refused", "valid", "faults", "ms each", "slowest ms"];
  process.stdout.write(`${formatTable({ title: `Fuzzing, seed ${options.seed}`, columns, rows })}\n`);
  saveFaults(faults, options.corpus);
  const inputs = rows.reduce((sum, [, count]) => sum + count, 0);
  const figures = {
    inputs,
    faults: faults.length,
    heapGrowthBytes,
    seconds: rounded(seconds),
    perSecond: rounded(inputs / seconds),
    workers: options.workers,
  };
  process.stdout.write(`${JSON.stringify({ fuzz: "documents", seed: options.seed, ...figures })}\n`);
}

function saveFaults(faults: readonly FoundFault[], corpus: CorpusOptions): void {
  if (faults.length === 0) return;
  mkdirSync(FAULTS, { recursive: true });
  const maker = new InputMaker(options.seed, readCorpus(corpus));
  for (const [signature, alike] of Map.groupBy(faults, (fault) => fault.signature)) {
    process.stdout.write(`${alike.length} x ${signature}\n`);
    for (const { index, detail } of alike.slice(0, SAVED_OF_EACH)) {
      const { bytes, mediaType, sample, family } = maker.input(index);
      const name = join(FAULTS, `${options.seed}-${index}`);
      const extension = mediaType === "application/fhir+xml" ? "xml" : "json";
      writeFileSync(`${name}.${extension}`, bytes);
      // What hangs, or ends its thread, is not tried in this one.
      if (!signature.startsWith("took") && !signature.startsWith("ended")) {
        const smallest = minimise(bytes, (smaller) => faultOf(() => oracle(smaller, mediaType))?.signature === signature);
        writeFileSync(`${name}.smallest.${extension}`, smallest);
      }
      writeFileSync(`${name}.txt`, `${detail}\n\nseed ${options.seed}, input ${index}: ${family} of ${sample}\n`);
      process.stdout.write(`    ${name}.${extension} (${family} of ${sample})\n`);
    }
  }
  process.stdout.write("\n");
}

function runOne(index: number): void {
  const { bytes, mediaType, sample, family } = new InputMaker(options.seed, readCorpus(options.corpus)).input(index);
  process.stdout.write(`${family} of ${sample}, ${bytes.length} bytes of ${mediaType}\n`);
  const started = performance.now();
  const fault = faultOf(() => process.stdout.write(`${oracle(bytes, mediaType)}\n`));
  process.stdout.write(`${rounded(performance.now() - started)} ms\n`);
  if (fault) {
    process.stdout.write(`${fault.detail}\n`);
    process.exitCode = 1;
  }
}
